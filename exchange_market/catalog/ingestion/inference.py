"""The type of each text column, decided over the whole file and only where nothing is lost.

Every value falls into one class; a column's classes, as a bit mask, decide its type. A value is an
integer only if writing the integer gives the same text again, so codes with leading zeros,
telephone numbers and identifiers too long for 64 bits stay text; a number with a fraction may have
up to 17 significant digits, which a double holds. In typed columns the words of `MISSING` mean a
missing value; in text columns only an absent value does, since "NA" may be Namibia and "" may be
meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from exchange_market.catalog.ingestion import limits
from exchange_market.catalog.ingestion.refusals import FieldTooLong, NoRows, RowsTooMany
from exchange_market.catalog.ingestion.table import Table, TypedColumn

MISSING = ("", "NA", "NULL", r"\N")

_INTEGER, _WIDE, _REAL, _NOT_FINITE, _BOOLEAN, _DATE, _TIMESTAMP, _INSTANT, _TEXT = (
    1 << bit for bit in range(9)
)
_COLUMNS_PER_PASS = 200
_MISSING_SQL = "('', 'NA', 'NULL', '\\N')"
_REAL_PATTERN = r"-?(0|[1-9][0-9]*|(0|[1-9][0-9]*)?\.[0-9]*)([eE][+-][0-9]{1,3})?"
_DATE_PATTERN = r"[0-9]{4}(-[0-9]{2}-[0-9]{2}|/[0-9]{1,2}/[0-9]{1,2})"
_TIME_PATTERN = r"[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_ZONE_PATTERN = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column still in text form.

    `text` is an SQL expression; `is_string`, if given, tells for each value whether its source
    marked it as a string (JSON), so that "007" in quotes is never taken for a number.
    """

    name: str
    text: str
    is_string: str | None = None


def infer_types(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[TextColumn]
) -> Table:
    """Read all rows once, decide each column's type, and refuse what is over a limit."""
    typed: list[TypedColumn] = []
    rows = row_bytes_max = 0
    for start in range(0, len(columns), _COLUMNS_PER_PASS):
        some = columns[start : start + _COLUMNS_PER_PASS]
        rows, facts = _measure(connection, relation, some)
        for column, (mask, bytes_longest) in zip(some, facts, strict=True):
            if bytes_longest > limits.FIELD_BYTES_MAX:
                raise too_long(connection, relation, column.name, f"strlen({column.text})")
            typed.append(_typed(column, mask))
            row_bytes_max += bytes_longest
    if rows == 0:
        raise NoRows
    return Table(relation, tuple(typed), rows, row_bytes_max)


def too_long(
    connection: duckdb.DuckDBPyConnection, relation: str, name: str, size_sql: str
) -> FieldTooLong:
    """The refusal of a column with an overlong value, naming the first row that has one."""
    found = connection.execute(
        f"SELECT row FROM (SELECT row_number() OVER () AS row, {size_sql} AS size FROM {relation}) "  # noqa: S608
        f"WHERE size > {limits.FIELD_BYTES_MAX} ORDER BY row LIMIT 1"
    ).fetchone()
    return FieldTooLong(row=found[0] if found else 0, column=name, bytes_max=limits.FIELD_BYTES_MAX)


def check_rows(rows: int) -> None:
    """Refuse too many rows."""
    if rows > limits.ROWS_MAX:
        raise RowsTooMany(rows_max=limits.ROWS_MAX)


def _measure(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[TextColumn]
) -> tuple[int, list[tuple[int, int]]]:
    figures = ", ".join(
        f"bit_or({_class_sql(column)}), max(strlen({column.text}))" for column in columns
    )
    answer = connection.execute(f"SELECT count(*), {figures} FROM {relation}").fetchone()  # noqa: S608
    if answer is None:
        raise LookupError("an aggregate answered with no row")
    rows, *pairs = answer
    check_rows(rows)
    return rows, [
        (mask or 0, size or 0) for mask, size in zip(pairs[0::2], pairs[1::2], strict=True)
    ]


def _class_sql(column: TextColumn) -> str:
    text = column.text
    temporal = _temporal_sql(text)
    if column.is_string is not None:
        return (
            f"(CASE WHEN {text} IS NULL THEN 0 WHEN {column.is_string} THEN {temporal} "
            f"ELSE {_number_sql(text, str(_TEXT))} END)::INTEGER"
        )
    # Two tests spare ordinary values the patterns: of the first character (digits, minus, point,
    # slash), and of the fifth, since no number has a digit before a dash or slash.
    return (
        f"(CASE WHEN {text} IS NULL OR {text} IN {_MISSING_SQL} THEN 0 "
        f"WHEN ascii({text}) BETWEEN 45 AND 57 THEN "
        f"CASE WHEN {text}[5] IN ('-', '/') AND {text}[4] BETWEEN '0' AND '9' THEN {temporal} "
        f"ELSE {_number_sql(text, temporal)} END "
        f"WHEN length({text}) > 5 THEN {_TEXT} "
        f"WHEN lower({text}) IN ('true', 'false') THEN {_BOOLEAN} "
        f"WHEN lower({text}) IN ('nan', 'inf') THEN {_NOT_FINITE} "
        f"ELSE {_TEXT} END)::INTEGER"
    )


def _number_sql(text: str, otherwise: str) -> str:
    digits = f"ltrim(translate(regexp_replace({text}, '[eE].*', ''), '-.', ''), '0')"
    return (
        f"(CASE WHEN TRY_CAST({text} AS BIGINT)::VARCHAR = {text} THEN "
        f"CASE WHEN length({text}) > 15 THEN {_WIDE} ELSE {_INTEGER} END "
        # A fraction that is written back the same needs no pattern.
        f"WHEN TRY_CAST({text} AS DOUBLE)::VARCHAR = {text} "
        f"AND isfinite(TRY_CAST({text} AS DOUBLE)) THEN {_REAL} "
        f"WHEN lower({text}) = '-inf' THEN {_NOT_FINITE} "
        f"WHEN {text} IN ('true', 'false') THEN {_BOOLEAN} "
        f"WHEN regexp_full_match({text}, '{_REAL_PATTERN}') AND length({digits}) <= 17 "
        f"AND isfinite(TRY_CAST({text} AS DOUBLE)) THEN {_REAL} "
        f"ELSE {otherwise} END)"
    )


def _temporal_sql(text: str) -> str:
    timestamp = _DATE_PATTERN + _TIME_PATTERN
    return (
        f"(CASE WHEN length({text}) NOT BETWEEN 8 AND 33 THEN {_TEXT} "
        f"WHEN length({text}) <= 10 AND regexp_full_match({text}, '{_DATE_PATTERN}') THEN "
        f"CASE WHEN year(TRY_CAST({text} AS DATE)) BETWEEN 1 AND 9999 "
        f"THEN {_DATE} ELSE {_TEXT} END "
        f"WHEN regexp_full_match({text}, '{timestamp}') THEN "
        f"CASE WHEN year(TRY_CAST({text} AS TIMESTAMP)) BETWEEN 1 AND 9999 "
        f"THEN {_TIMESTAMP} ELSE {_TEXT} END "
        f"WHEN regexp_full_match({text}, '{timestamp}{_ZONE_PATTERN}') THEN "
        f"CASE WHEN year(TRY_CAST({text} AS TIMESTAMPTZ)) BETWEEN 1 AND 9999 "
        f"THEN {_INSTANT} ELSE {_TEXT} END "
        f"ELSE {_TEXT} END)"
    )


def _typed(column: TextColumn, mask: int) -> TypedColumn:
    found = _type_of(mask)
    if found == "VARCHAR":
        return TypedColumn(column.name, found, column.text)
    # All values but those that mean a missing one are known to convert.
    return TypedColumn(column.name, found, f"TRY_CAST({column.text} AS {found})")


def _type_of(mask: int) -> str:
    if mask == 0 or mask & _TEXT:
        return "VARCHAR"
    if not mask & ~(_INTEGER | _WIDE):
        return "BIGINT"
    # Beyond 15 digits an integer could lose its last digit in a double.
    if not mask & ~(_INTEGER | _REAL | _NOT_FINITE) and mask & (_INTEGER | _REAL):
        return "DOUBLE"
    if not mask & ~(_DATE | _TIMESTAMP):
        return "TIMESTAMP" if mask & _TIMESTAMP else "DATE"
    return {_BOOLEAN: "BOOLEAN", _INSTANT: "TIMESTAMP WITH TIME ZONE"}.get(mask, "VARCHAR")
