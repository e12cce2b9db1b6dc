"""A page of rows in the four formats of the row API.

Instants and dates are ISO 8601, decimals are strings in JSON (no number is rounded), bytes are
base64. The next cursor is in the JSON body and, for every format, in the header `X-Next-Cursor`.
"""

import base64
import csv
import io
from collections.abc import Sequence
from enum import StrEnum
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


def encode_rows(wanted: RowFormat, schema: pa.Schema, rows: Rows, next_cursor: str | None) -> bytes:
    """The bytes of a page; `schema` holds the delivered columns in order."""
    match wanted:
        case RowFormat.JSON:
            body = {"columns": schema.names, "rows": rows, "next_cursor": next_cursor}
            return msgspec.json.encode(body)
        case RowFormat.NDJSON:
            names = schema.names
            return msgspec.json.Encoder().encode_lines(
                [dict(zip(names, row, strict=True)) for row in rows]
            )
        case RowFormat.CSV:
            return _csv(schema.names, rows)
        case RowFormat.ARROW:
            return _arrow(schema, rows)


def _csv(names: Sequence[str], rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180, section 2
    writer.writerow(names)
    writer.writerows([_csv_value(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _csv_value(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else value


def _arrow(schema: pa.Schema, rows: Rows) -> bytes:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return sink.getvalue().to_pybytes()
