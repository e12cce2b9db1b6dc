"""The quality rules that a provider asks for: one version of them, and reading them strictly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import duckdb

from exchange_market.appraisals.errors import DocumentRefused
from pricing.errors import InvalidInput
from pricing.quality import ColumnType, Misfit, Rule, misfit_of, rules_from_json
from pricing.quality.rules import NoDuplicateRows, Pattern

FIELD: Final = "rules"
_TRIAL_CONFIG: Final[dict[str, Any]] = {
    "memory_limit": "64MiB",
    "threads": 1,
    "enable_external_access": False,
}
# The instant belongs to the revision that is measured; no document holds one.
NO_INSTANT: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRules:
    """One version of a provider's rules, as documents of `pricing.quality`."""

    id: str
    product_id: str
    version: int
    rules: Sequence[Mapping[str, Any]]
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Types:
    """The columns of a revision: types of those that rules can name, names of those unread."""

    known: Mapping[str, ColumnType]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A rule in force that cannot be measured on a revision, and why."""

    rule_id: str
    problem: str


def read_rules(document: object) -> tuple[Rule, ...]:
    """Read the rules of a request and try their patterns on the engine that will measure them.

    Takes processor time: call it in a thread, outside a transaction. Raises DocumentRefused, which
    names the field.
    """
    try:
        rules = rules_from_json(document, FIELD, NO_INSTANT)
    except InvalidInput as error:
        raise DocumentRefused(field=error.field, problem=error.problem) from error
    _try_patterns(rules)
    return rules


def check_fit(rules: Sequence[Rule], declared: Sequence[Rule], types: Types) -> None:
    """Refuse rules that the columns do not have, or that are measured anyway: DocumentRefused."""
    derived = {rule.id for rule in declared}
    for position, rule in enumerate(rules):
        if rule.id in derived:
            problem = f"is measured anyway, as {rule.id}"
            raise DocumentRefused(field=f"{FIELD}[{position}]", problem=problem)
        misfit = misfit_on(rule, types)
        if misfit is not None:
            field = f"{FIELD}[{position}].{misfit.field}"
            raise DocumentRefused(field=field, problem=misfit.problem)


def divide_by_fit(
    rules: Sequence[Rule], types: Types
) -> tuple[tuple[Rule, ...], tuple[Unmeasured, ...]]:
    """Return the rules that can be measured on a revision, and the others with their reason."""
    fitting: list[Rule] = []
    unmeasured: list[Unmeasured] = []
    for rule in rules:
        misfit = misfit_on(rule, types)
        if misfit is None:
            fitting.append(rule)
        else:
            unmeasured.append(Unmeasured(rule.id, f"{misfit.field} {misfit.problem}"))
    return tuple(fitting), tuple(unmeasured)


def misfit_on(rule: Rule, types: Types) -> Misfit | None:
    """Return why a rule cannot be measured on a revision; None when it can."""
    if isinstance(rule.check, NoDuplicateRows) and types.unread:
        return Misfit("kind", f"needs all columns, and no rule reads {types.unread[0]!r}")
    return misfit_of(rule.check, types.known)


def _try_patterns(rules: Sequence[Rule]) -> None:
    with duckdb.connect(":memory:", config=_TRIAL_CONFIG) as engine:
        for position, rule in enumerate(rules):
            if isinstance(rule.check, Pattern):
                try:
                    engine.execute(
                        "SELECT regexp_matches('', ?)", [f"^(?:{rule.check.pattern})$"]
                    ).fetchall()
                except duckdb.Error:
                    field = f"{FIELD}[{position}].pattern"
                    problem = "must be a regular expression of RE2 of moderate size"
                    raise DocumentRefused(field=field, problem=problem) from None
