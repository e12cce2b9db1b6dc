"""Values of a DuckDB result as JSON values that every client reads the same way."""

import base64
import datetime
import decimal
import math
import uuid
from collections.abc import Sequence
from typing import Any, cast

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]

_NOT_FINITE = {math.inf: "Infinity", -math.inf: "-Infinity"}
_EXACT_INTEGER_MAX = 2**53
"""Largest integer that a JSON reader with binary64 numbers keeps exact (RFC 8259 section 6)."""


def json_row(row: Sequence[object]) -> list[JsonValue]:
    """Return one result row as JSON values."""
    return [json_value(value) for value in row]


def json_value(value: object) -> JsonValue:  # noqa: C901  one branch per kind of value
    """Return one cell as a JSON value.

    Integers beyond 2^53, decimals, NaN and infinities become text, so that nothing is rounded;
    dates and times become ISO 8601 text; binary values become base64.
    """
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= _EXACT_INTEGER_MAX else str(value)
        case float():
            return value if math.isfinite(value) else _NOT_FINITE.get(value, "NaN")
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case decimal.Decimal() | datetime.timedelta() | uuid.UUID():
            return str(value)
        case bytes() | bytearray():
            return base64.b64encode(value).decode("ascii")
        case list() | tuple():
            return json_row(cast("Sequence[object]", value))
        case dict():
            return {
                str(key): json_value(item) for key, item in cast("dict[Any, Any]", value).items()
            }
        case _:
            return str(value)
