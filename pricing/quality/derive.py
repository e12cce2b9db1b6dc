"""Deriving quality rules from what the provider declared; nothing is assumed beyond it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pricing.errors import InvalidInput
from pricing.quality.columns import COLUMNS_MAX, ColumnSpec, UpdateFrequency
from pricing.quality.rules import (
    Check,
    DeclaredType,
    Decodable,
    Determines,
    Dimension,
    InCodes,
    InRange,
    NotNull,
    Ordered,
    Pattern,
    PeriodsCovered,
    Rule,
    Unique,
    columns_of,
)


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
    relations: Sequence[Ordered | Determines] = (),
    schedule: UpdateSchedule | None = None,
) -> tuple[Rule, ...]:
    """Return the rules that a column dictionary implies, in a stable order.

    `keys` together identify a row. Timeliness is measured only under an update schedule, and
    consistency only from `relations`. Raises InvalidInput for unknown or repeated columns.
    """
    _check_columns(columns)
    rules = [rule for column in columns for rule in _column_rules(column)]
    rules += [_rule(Dimension.ACCURACY, Unique(tuple(keys)))] if keys else []
    rules += [_rule(Dimension.CONSISTENCY, relation) for relation in relations]
    if schedule is not None:
        instant = schedule.reference_at.astimezone(UTC)
        check = PeriodsCovered(schedule.time_column, schedule.frequency, instant)
        rules.append(_rule(Dimension.TIMELINESS, check))
    _check_known(rules, {column.name: column for column in columns})
    order = {dimension: position for position, dimension in enumerate(Dimension)}
    return tuple(sorted(rules, key=lambda rule: order[rule.dimension]))


def _column_rules(column: ColumnSpec) -> Iterator[Rule]:
    yield _rule(Dimension.NORMATIVITY, DeclaredType(column.name, column.type))
    if column.pattern is not None:
        yield _rule(Dimension.NORMATIVITY, Pattern(column.name, column.pattern))
    if column.codes is not None:
        yield _rule(Dimension.NORMATIVITY, InCodes(column.name, column.codes))
    if column.is_required:
        yield _rule(Dimension.COMPLETENESS, NotNull(column.name))
    if column.minimum is not None or column.maximum is not None:
        yield _rule(Dimension.ACCURACY, InRange(column.name, column.minimum, column.maximum))
    yield _rule(Dimension.ACCESSIBILITY, Decodable(column.name, column.type))


_NAMES: dict[type[Check], str] = {
    DeclaredType: "declared_type",
    Pattern: "pattern",
    InCodes: "in_codes",
    NotNull: "not_null",
    InRange: "in_range",
    Unique: "unique",
    Ordered: "ordered",
    Determines: "determines",
    PeriodsCovered: "periods_covered",
    Decodable: "decodable",
}


def _rule(dimension: Dimension, check: Check) -> Rule:
    subject = ",".join(columns_of(check))
    return Rule(f"{dimension}.{_NAMES[type(check)]}({subject})", dimension, check)


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
