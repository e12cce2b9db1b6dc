"""All rules of a table as ONE Ibis aggregate: a single scan gives A and B of every rule.

Expressions are built here and executed elsewhere (session time zone UTC), on any Ibis engine that
has `try_cast`. Distinct counts are exact. A column that is declared but missing in the table
conforms nowhere; it never stops the other measures.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from pricing.quality.columns import ColumnType, UpdateFrequency
from pricing.quality.rules import (
    Check,
    DeclaredType,
    Decodable,
    Determines,
    InCodes,
    InRange,
    NotNull,
    Ordered,
    Pattern,
    PeriodsCovered,
    Rule,
    Unique,
    columns_of,
    count_names,
)

Expression = Any
"""An Ibis value; its published classes lack most of the methods that columns really have."""
Counts = tuple[Expression, Expression]

_DECODED_AS: Final[Mapping[ColumnType, str]] = {
    ColumnType.STRING: "string",
    ColumnType.INTEGER: "int64",
    ColumnType.DECIMAL: "decimal(38, 9)",
    ColumnType.FLOAT: "float64",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    ColumnType.TIMESTAMP: "timestamp",
    ColumnType.BINARY: "binary",
}
_STORED_QUESTIONS: Final[Mapping[ColumnType, tuple[str, ...]]] = {
    # A stored type is as declared when Ibis says yes to one of these questions about it.
    ColumnType.STRING: ("is_string",),
    ColumnType.INTEGER: ("is_integer",),
    ColumnType.DECIMAL: ("is_decimal", "is_integer"),
    ColumnType.FLOAT: ("is_numeric",),
    ColumnType.BOOLEAN: ("is_boolean",),
    ColumnType.DATE: ("is_date",),
    ColumnType.TIMESTAMP: ("is_timestamp",),
    ColumnType.BINARY: ("is_binary",),
}
_PERIOD_UNITS: Final[Mapping[UpdateFrequency, tuple[Any, Any]]] = {
    # Frequency: the unit to truncate an instant to, and the unit to count differences in.
    UpdateFrequency.HOURLY: ("h", "hour"),
    UpdateFrequency.DAILY: ("D", "day"),
    UpdateFrequency.WEEKLY: ("W", "week"),
    UpdateFrequency.MONTHLY: ("M", "month"),
    UpdateFrequency.QUARTERLY: ("Q", "quarter"),
    UpdateFrequency.YEARLY: ("Y", "year"),
}


def build_aggregate(table: ir.Table, rules: Sequence[Rule]) -> ir.Table:
    """Return one row with two whole numbers per rule, named by `count_names`."""
    measures: dict[str, Expression] = {}
    for position, rule in enumerate(rules):
        names = count_names(position)
        measures |= dict(zip(names, rule_counts(table, rule.check), strict=True))
    return table.aggregate(**measures)


def rule_sql(table: ir.Table, rules: Sequence[Rule], dialect: str = "duckdb") -> dict[str, str]:
    """Return the SQL text that measures each rule alone, by rule id, for the report."""
    texts: dict[str, str] = {}
    for rule in rules:
        conforming, examined = rule_counts(table, rule.check)
        alone = table.aggregate(conforming=conforming, examined=examined)
        texts[rule.id] = str(ibis.to_sql(alone, dialect=dialect))
    return texts


def rule_counts(table: ir.Table, check: Check) -> Counts:
    """Return A and B of one check over a table."""
    if any(name not in table.columns for name in columns_of(check)):
        return _missing_counts(table, check)
    match check:
        case DeclaredType(column, declared):
            return ibis.literal(int(_is_stored_as(table[column], declared))), ibis.literal(1)
        case NotNull(column):
            return table[column].count(), table.count()
        case Pattern() | InCodes() | InRange() | Decodable():
            present = table[check.column].notnull()
            return _of_present(_conforms(table[check.column], check), present)
        case PeriodsCovered():
            return _periods(table, check)
        case Unique() | Ordered() | Determines():
            return _relation_counts(table, check)


def _missing_counts(table: ir.Table, check: Check) -> Counts:
    nothing = ibis.literal(0)
    match check:
        case DeclaredType():
            return nothing, ibis.literal(1)
        case NotNull() | Unique() | Decodable():
            return nothing, table.count()
        case _:
            return nothing, nothing


def _relation_counts(table: ir.Table, check: Unique | Ordered | Determines) -> Counts:
    match check:
        case Unique(columns):
            return _distinct(table, columns), table.count()
        case Determines(determinant, dependent):
            return _determined(table, determinant, dependent)
        case Ordered(first, second):
            earlier, later = table[first], table[second]
            return _of_present(earlier <= later, earlier.notnull() & later.notnull())


def _conforms(values: Expression, check: Pattern | InCodes | InRange | Decodable) -> Expression:
    match check:
        case Pattern(_, pattern):
            return values.cast("string").re_search(f"^(?:{pattern})$")
        case InCodes(_, codes):
            return values.cast("string").isin(codes)
        case InRange(_, minimum, maximum):
            number = values.try_cast("float64")
            is_inside = number.notnull()
            if minimum is not None:
                is_inside = is_inside & (number >= float(minimum))
            return is_inside if maximum is None else is_inside & (number <= float(maximum))
        case Decodable(_, declared):
            return _decoded(values, declared).notnull()


def _decoded(values: Expression, declared: ColumnType) -> Expression:
    """Return the values read as their declared type, NULL where they cannot be."""
    return values if _is_stored_as(values, declared) else values.try_cast(_DECODED_AS[declared])


def _is_stored_as(values: Expression, declared: ColumnType) -> bool:
    return any(getattr(values.type(), question)() for question in _STORED_QUESTIONS[declared])


def _of_present(conforms: Expression, present: Expression) -> Counts:
    return (present & conforms).fill_null(False).sum().fill_null(0), present.sum().fill_null(0)


def _distinct(table: ir.Table, columns: Sequence[str]) -> Expression:
    key = _column(table, columns[0])
    if len(columns) > 1:
        key = _row_of(table, columns)
    return key.nunique(where=_is_complete(table, columns))


def _determined(table: ir.Table, determinant: str, dependent: str) -> Counts:
    pair = (determinant, dependent)
    determinants = _column(table, determinant).nunique(where=_is_complete(table, pair))
    return determinants, _distinct(table, pair)


def _periods(table: ir.Table, check: PeriodsCovered) -> Counts:
    truncation, unit = _PERIOD_UNITS[check.frequency]
    reference = ibis.timestamp(check.reference_at.replace(tzinfo=None)).truncate(truncation)
    # Unreadable instants are NULL here and counted by accessibility, so they cover no period.
    instants = _column(table, check.column).try_cast("timestamp").truncate(truncation)
    is_due = instants <= reference
    due: Expression = reference.delta(instants.min(where=is_due), unit=unit) + 1
    return instants.nunique(where=is_due), ibis.coalesce(due, 0)


def _column(table: ir.Table, name: str) -> Expression:
    return table[name]


def _is_complete(table: ir.Table, columns: Sequence[str]) -> Expression:
    return ibis.and_(*(table[name].notnull() for name in columns))


def _row_of(table: ir.Table, columns: Sequence[str]) -> Expression:
    return ibis.struct([(name, table[name]) for name in columns])
