"""Deriving quality rules from what the provider declared; nothing is assumed beyond it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pricing.errors import InvalidInput
from pricing.quality.columns import COLUMNS_MAX, ColumnSpec, UpdateFrequency
from pricing.quality.rules import (
    Check,
    Compared,
    DeclaredType,
    Decodable,
    Dimension,
    NotNull,
    Origin,
    PeriodsCovered,
    Rule,
    Unique,
    columns_of,
    kind_of,
)
from pricing.quality.standard import load_standard


@dataclass(frozen=True, slots=True)
class UpdateSchedule:
    """Which column says when a record came, how often one is due, and as of which instant."""

    time_column: str
    frequency: UpdateFrequency
    reference_at: datetime

    def __post_init__(self) -> None:
        if self.reference_at.tzinfo is None:
            raise InvalidInput("reference_at", "must be an instant with a time zone")


def profile_rules(
    columns: Sequence[ColumnSpec],
    *,
    keys: Sequence[str] = (),
    schedule: UpdateSchedule | None = None,
    further: Sequence[Rule] = (),
) -> tuple[Rule, ...]:
    """Return the rules that a column dictionary implies and `further` ones, in a stable order.

    `keys` together identify a row. Timeliness is derived only under an update schedule. Of
    `further`, those that are derived anyway are left out. Raises InvalidInput for unknown or
    repeated columns.
    """
    _check_columns(columns)
    checks: list[Check] = []
    for column in columns:
        checks += [
            DeclaredType(column.name, column.type),
            NotNull(column.name),
            Decodable(column.name, column.type),
        ]
    checks += [Unique(tuple(keys))] if keys else []
    if schedule is not None:
        instant = schedule.reference_at.astimezone(UTC)
        checks.append(PeriodsCovered(schedule.time_column, schedule.frequency, instant))
    derived = [rule_of(check) for check in checks]
    _check_known(derived, {column.name: column for column in columns})
    ids = {rule.id for rule in derived}
    return sorted_rules([*derived, *(rule for rule in further if rule.id not in ids)])


def rule_of(check: Check, origin: Origin = Origin.DECLARED) -> Rule:
    """Return a check as a rule under the dimension that the standard gives its kind."""
    kind = kind_of(check)
    dimension = Dimension(load_standard("gbt36344").criterion_of(kind).group)
    return Rule(f"{dimension}.{kind}({_subject(check)})", dimension, check, origin)


def sorted_rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return rules by dimension, otherwise in the order they came."""
    order = {dimension: position for position, dimension in enumerate(Dimension)}
    return tuple(sorted(rules, key=lambda rule: order[rule.dimension]))


def _subject(check: Check) -> str:
    if isinstance(check, Compared):
        return f"{check.first}{check.comparison}{check.second}"
    return ",".join(columns_of(check))


def _check_columns(columns: Sequence[ColumnSpec]) -> None:
    if not 1 <= len(columns) <= COLUMNS_MAX:
        raise InvalidInput("columns", f"must have 1 to {COLUMNS_MAX} elements")
    if len({column.name for column in columns}) < len(columns):
        raise InvalidInput("columns", "must have different names")


def _check_known(rules: Iterable[Rule], columns: dict[str, ColumnSpec]) -> None:
    for rule in rules:
        for name in columns_of(rule.check):
            if name not in columns:
                raise InvalidInput(rule.id, f"{name!r} is not a declared column")
        check = rule.check
        if isinstance(check, PeriodsCovered) and not columns[check.column].type.is_temporal:
            raise InvalidInput("time_column", "must be declared as a date or a timestamp")
