"""A page of rows in the four formats of the row API.

Instants and dates are ISO 8601, decimals are strings in JSON (no number is rounded), bytes are
base64. Doubles that JSON has no number for are the strings "NaN", "Infinity" and "-Infinity", as in
the JSON mapping of Protocol Buffers. In CSV a missing value is an empty field and an empty text is
`""`. The next cursor is in the JSON body and, for every format, in the header `X-Next-Cursor`.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import isfinite, isnan
from typing import Any

import msgspec
import pyarrow as pa


class RowFormat(StrEnum):
    """How a page of rows is written."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    ARROW = "arrow"


MEDIA_TYPES = {
    RowFormat.JSON: "application/json",
    RowFormat.NDJSON: "application/x-ndjson",
    RowFormat.CSV: "text/csv; charset=utf-8; header=present",
    RowFormat.ARROW: "application/vnd.apache.arrow.stream",
}

Rows = Sequence[tuple[Any, ...]]
_CSV_SPECIAL = re.compile('[",\r\n]')


def encode_rows(wanted: RowFormat, schema: pa.Schema, rows: Rows, next_cursor: str | None) -> bytes:
    """The bytes of a page; `schema` holds the delivered columns in order."""
    match wanted:
        case RowFormat.JSON:
            shown = _json_rows(schema, rows)
            body = {"columns": schema.names, "rows": shown, "next_cursor": next_cursor}
            return msgspec.json.encode(body)
        case RowFormat.NDJSON:
            names = schema.names
            return msgspec.json.Encoder().encode_lines(
                [dict(zip(names, row, strict=True)) for row in _json_rows(schema, rows)]
            )
        case RowFormat.CSV:
            return _csv(schema.names, rows)
        case RowFormat.ARROW:
            return _arrow(schema, rows)


def _json_rows(schema: pa.Schema, rows: Rows) -> Rows:
    if not any(pa.types.is_floating(field.type) for field in schema):
        return rows
    return [tuple(_json_value(value) for value in row) for row in rows]


def _json_value(value: Any) -> Any:
    if not isinstance(value, float) or isfinite(value):
        return value
    return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _csv(names: Sequence[str], rows: Rows) -> bytes:
    # RFC 4180, section 2. Not the csv module: it writes a missing value and an empty text alike.
    lines = [_csv_line(names), *(_csv_line(row) for row in rows)]
    return "".join(lines).encode()


def _csv_line(values: Iterable[Any]) -> str:
    # A line of nothing is a blank line to most readers: of one column, a missing value is quoted.
    return (",".join(map(_csv_field, values)) or '""') + "\r\n"


def _csv_field(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            if value and not _CSV_SPECIAL.search(value):
                return value
            return '"' + value.replace('"', '""') + '"'
        case bool():
            return "true" if value else "false"
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _arrow(schema: pa.Schema, rows: Rows) -> bytes:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return sink.getvalue().to_pybytes()
