"""A and B of one check as Ibis expressions over a table: one function per kind of rule.

Session time zone UTC. A column stored as declared is read as it is; text that has to be decoded
needs an engine with `try_cast` (DuckDB, Spark; not PostgreSQL).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from pricing.quality.checksums import is_valid
from pricing.quality.clean_text import UNCLEAN
from pricing.quality.columns import ColumnType, UpdateFrequency
from pricing.quality.rules import (
    Check,
    Checksum,
    CleanText,
    Compared,
    Comparison,
    DeclaredType,
    Decodable,
    Determines,
    ExistsIn,
    Fresh,
    InCodes,
    InRange,
    NoDuplicateRows,
    NotNull,
    Pattern,
    PeriodsCovered,
    Unique,
    columns_of,
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
_COMPARE: Final[Mapping[Comparison, Callable[[Expression, Expression], Expression]]] = {
    Comparison.LESS: lambda first, second: first < second,
    Comparison.AT_MOST: lambda first, second: first <= second,
    Comparison.EQUAL: lambda first, second: first == second,
    Comparison.DIFFERENT: lambda first, second: first != second,
    Comparison.AT_LEAST: lambda first, second: first >= second,
    Comparison.GREATER: lambda first, second: first > second,
}


def rule_counts(table: ir.Table, check: Check) -> Counts:
    """Return A and B of one check over a table.

    A column that is declared but missing in the table conforms nowhere; it never stops the other
    measures.
    """
    if any(name not in table.columns for name in columns_of(check)):
        return _missing_counts(table, check)
    return _COUNTS[type(check)](table, check)


def _missing_counts(table: ir.Table, check: Check) -> Counts:
    nothing = ibis.literal(0)
    match check:
        case DeclaredType():
            return nothing, ibis.literal(1)
        case NotNull() | Unique() | Decodable():
            return nothing, table.count()
        case _:
            return nothing, nothing


def _declared_type(table: ir.Table, check: DeclaredType) -> Counts:
    return ibis.literal(int(_is_stored_as(table[check.column], check.type))), ibis.literal(1)


def _not_null(table: ir.Table, check: NotNull) -> Counts:
    return table[check.column].count(), table.count()


def _pattern(table: ir.Table, check: Pattern) -> Counts:
    values = table[check.column]
    return _of_present(values, _text(values).re_search(f"^(?:{check.pattern})$"))


def _in_codes(table: ir.Table, check: InCodes) -> Counts:
    values = table[check.column]
    return _of_present(values, _text(values).isin(check.codes))


def _in_range(table: ir.Table, check: InRange) -> Counts:
    values: Expression = table[check.column]
    number = values if values.type().is_numeric() else values.try_cast("float64")
    limits: list[Expression] = []
    if check.minimum is not None:
        limits.append(number >= _limit(number, check.minimum))
    if check.maximum is not None:
        limits.append(number <= _limit(number, check.maximum))
    return _of_present(values, ibis.and_(*limits))


def _limit(number: Expression, limit: Any) -> Expression:
    # A whole number is compared with a whole number: exact, and no cast of every value.
    is_whole = number.type().is_integer() and limit == limit.to_integral_value()
    return ibis.literal(int(limit) if is_whole else float(limit))


def _decodable(table: ir.Table, check: Decodable) -> Counts:
    values: Expression = table[check.column]
    if _is_stored_as(values, check.type):
        return values.count(), values.count()
    return values.try_cast(_DECODED_AS[check.type]).count(), values.count()


def _checksum(table: ir.Table, check: Checksum) -> Counts:
    values = table[check.column]
    return _of_present(values, is_valid(_text(values), check.scheme))


def _clean_text(table: ir.Table, check: CleanText) -> Counts:
    values = table[check.column]
    return _of_present(values, ~_text(values).re_search(UNCLEAN))


def _compared(table: ir.Table, check: Compared) -> Counts:
    first: Expression = table[check.first]
    second: Expression = table[check.second]
    holds = _COMPARE[check.comparison](first, second)
    both = first.notnull() & second.notnull()
    return _count(table, holds), _count(table, both)


def _exists_in(table: ir.Table, check: ExistsIn) -> Counts:
    # A second scan inside the same statement, as a scalar: engines build the set of values once,
    # and Spark takes no subquery in the condition of an aggregate.
    values: Expression = table[check.column]
    found = table.filter(values.isin(_column(table, check.referenced)))
    return found.count().as_scalar(), values.count()


def _unique(table: ir.Table, check: Unique) -> Counts:
    return _distinct(table, check.columns), table.count()


def _no_duplicate_rows(table: ir.Table, _: NoDuplicateRows) -> Counts:
    # Rows are compared in full, as records, in the same scan; a hash of them would not be exact.
    return _row_of(table, table.columns).nunique(), table.count()


def _determines(table: ir.Table, check: Determines) -> Counts:
    is_said = _column(table, check.dependent).notnull()
    determinants = _column(table, check.determinant).nunique(where=is_said)
    return determinants, _distinct(table, (check.determinant, check.dependent))


def _periods_covered(table: ir.Table, check: PeriodsCovered) -> Counts:
    truncation, unit = _PERIOD_UNITS[check.frequency]
    reference = ibis.timestamp(check.reference_at.replace(tzinfo=None))
    instants = _instants(table[check.column])
    is_due = instants <= reference
    first = instants.min(where=is_due).truncate(truncation)
    due: Expression = reference.truncate(truncation).delta(first, unit=unit) + 1
    return instants.truncate(truncation).nunique(where=is_due), ibis.coalesce(due, 0)


def _fresh(table: ir.Table, check: Fresh) -> Counts:
    reference_at = check.reference_at.replace(tzinfo=None)
    oldest = ibis.timestamp(reference_at - timedelta(hours=check.max_age_hours))
    instants = _instants(table[check.column])
    # Records dated later than the reference do not make old data fresh.
    newest: Expression = instants.max(where=instants <= ibis.timestamp(reference_at))
    is_fresh: Expression = ibis.coalesce(newest >= oldest, False)
    return is_fresh.ifelse(1, 0), (instants.count() > 0).ifelse(1, 0)


def _of_present(values: Expression, conforms: Expression) -> Counts:
    # NULL conforms to nothing: a condition that is not true is not counted.
    return values.count(where=conforms), values.count()


def _count(table: ir.Table, where: Expression) -> Expression:
    return table.count(where=where)


def _text(values: Expression) -> Expression:
    return values if values.type().is_string() else values.cast("string")


def _instants(values: Expression) -> Expression:
    if values.type().is_timestamp() and values.type().timezone is None:
        return values
    if values.type().is_temporal():
        return values.cast("timestamp")
    # Unreadable instants are NULL here and counted by accessibility, so they cover no period.
    return values.try_cast("timestamp")


def _is_stored_as(values: Expression, declared: ColumnType) -> bool:
    return any(getattr(values.type(), question)() for question in _STORED_QUESTIONS[declared])


def _distinct(table: ir.Table, columns: Sequence[str]) -> Expression:
    if len(columns) == 1:
        return _column(table, columns[0]).nunique()
    return _row_of(table, columns).nunique(where=_is_complete(table, columns))


def _column(table: ir.Table, name: str) -> Expression:
    return table[name]


def _is_complete(table: ir.Table, columns: Sequence[str]) -> Expression:
    return ibis.and_(*(table[name].notnull() for name in columns))


def _row_of(table: ir.Table, columns: Sequence[str]) -> Expression:
    return ibis.struct([(name, table[name]) for name in columns])


_COUNTS: Final[Mapping[type[Check], Callable[[ir.Table, Any], Counts]]] = {
    DeclaredType: _declared_type,
    Pattern: _pattern,
    InCodes: _in_codes,
    NotNull: _not_null,
    InRange: _in_range,
    Unique: _unique,
    NoDuplicateRows: _no_duplicate_rows,
    Checksum: _checksum,
    CleanText: _clean_text,
    Compared: _compared,
    Determines: _determines,
    ExistsIn: _exists_in,
    PeriodsCovered: _periods_covered,
    Fresh: _fresh,
    Decodable: _decodable,
}
