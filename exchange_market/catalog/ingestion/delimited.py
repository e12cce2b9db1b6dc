"""CSV (RFC 4180, with any of four delimiters) as a table.

DuckDB reads the rows, twice: once to decide the types, once to write them. When it refuses, the
file is read again row by row to say which rows are wrong; that is slower and happens to bad files
only.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOBase
from pathlib import Path
from typing import NoReturn

import duckdb

from exchange_market.catalog.ingestion import limits
from exchange_market.catalog.ingestion.decoding import as_utf8
from exchange_market.catalog.ingestion.inference import TextColumn, infer_types
from exchange_market.catalog.ingestion.refusals import (
    FieldTooLong,
    FileEmpty,
    HeaderMissing,
    LineTooLong,
    QuotesUnbalanced,
    RowsRagged,
    TextMalformed,
)
from exchange_market.catalog.ingestion.table import Table, checked_names, literal

_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class _Header:
    names: tuple[str, ...]
    delimiter: str


def read_csv(connection: duckdb.DuckDBPyConnection, original: Path, scratch: Path) -> Table:
    """The table in a CSV file; raises one of the refusals."""
    path = as_utf8(original, scratch)
    header = _read_header(path)
    relation = _relation(path, header)
    columns = [TextColumn(name, f"c{i}") for i, name in enumerate(header.names)]
    try:
        return infer_types(connection, relation, columns)
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise
    except duckdb.Error:
        _explain(path, header)


def _relation(path: Path, header: _Header) -> str:
    columns = ", ".join(f"c{i}: 'VARCHAR'" for i in range(len(header.names)))
    return (
        f"read_csv({literal(path)}, columns = {{{columns}}}, header = true, auto_detect = false, "
        f"delim = {literal(header.delimiter)}, quote = '\"', escape = '\"', strict_mode = true, "
        "null_padding = false, allow_quoted_nulls = false, encoding = 'utf-8', "
        f"max_line_size = {limits.LINE_BYTES_MAX}, buffer_size = {2 * limits.LINE_BYTES_MAX})"
    )


def _read_header(path: Path) -> _Header:
    with path.open(encoding="utf-8", newline="") as file:
        lines = _bounded_lines(file)
        first = next(lines, None)
        if first is None:
            raise FileEmpty
        if not first.strip():
            raise HeaderMissing
        delimiter = _delimiter(first)
    with path.open(encoding="utf-8", newline="") as file:
        try:
            names = next(_records(file, delimiter))
        except csv.Error:
            raise QuotesUnbalanced(row=0) from None
    return _Header(checked_names(names), delimiter)


def _delimiter(line: str) -> str:
    outside_quotes = "".join(line.split('"')[0::2])
    return max(_DELIMITERS, key=outside_quotes.count)


def _explain(path: Path, header: _Header) -> NoReturn:
    expected = len(header.names)
    ragged: list[int] = []
    count = row = 0
    with path.open(encoding="utf-8", newline="") as file:
        records = _records(file, header.delimiter)
        try:
            next(records)
            for fields in records:
                # A blank line is no row, except where a row is a single value.
                if not fields and expected > 1:
                    continue
                row += 1
                if len(fields) != expected and (fields or expected > 1):
                    count += 1
                    ragged += [row] if count <= limits.ROWS_NAMED_MAX else []
                _check_fields(row, fields, header.names)
        except csv.Error:
            raise QuotesUnbalanced(row=row + 1) from None
    if count:
        raise RowsRagged(count=count, expected=expected, rows=", ".join(map(str, ragged)))
    raise TextMalformed(format="CSV")


def _check_fields(row: int, fields: list[str], names: tuple[str, ...]) -> None:
    for name, field in zip(names, fields, strict=False):
        # A character has at most four bytes: short fields, almost all, need no encoding.
        if len(field) * 4 > limits.FIELD_BYTES_MAX < len(field.encode()):
            raise FieldTooLong(row=row, column=name, bytes_max=limits.FIELD_BYTES_MAX)


def _records(file: TextIOBase, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(limits.LINE_BYTES_MAX)
    return csv.reader(_bounded_lines(file), delimiter=delimiter, strict=True)


def _bounded_lines(file: TextIOBase) -> Iterator[str]:
    number = 0
    while line := file.readline(limits.LINE_BYTES_MAX + 1):
        number += 1
        if len(line) > limits.LINE_BYTES_MAX:
            raise LineTooLong(line=number, bytes_max=limits.LINE_BYTES_MAX)
        yield line
