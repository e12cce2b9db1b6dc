"""Frozen dataclasses to JSON objects and back, strictly, with a JSON Schema of each.

One declaration of a record serves writing, reading and describing it, so the three cannot drift
apart. Understood are str, int, bool, date, aware datetime, StrEnum, ``tuple[X, ...]``, ``X |
None``, nested records, and opaque JSON objects (``JsonObject``). A member that is None is left out;
unknown members are refused.
"""

import re
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin

from contracts.canonical import JsonObject, JsonValue
from contracts.errors import InvalidValue
from contracts.instants import instant_text, parse_instant

MAX_TEXT = 4000
MAX_ITEMS = 2000

# Controls and line ends would let a name forge a line of the contract's text; bidirectional
# controls would let it be displayed in another order than it is signed (Unicode Standard Annex 9,
# section 2).
_UNSAFE_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

# Asked first, since most members are one of these and receipts are written by the thousand.
_PLAIN = frozenset({str, int, bool})
_Record = TypeVar("_Record")


def to_json(record: object) -> JsonObject:
    """Write a record as a JSON object, leaving out what is None."""
    values = ((name, getattr(record, name)) for name in _names(type(record)))
    return {name: _write(value) for name, value in values if value is not None}


def from_json(kind: type[_Record], value: JsonValue, path: str = "") -> _Record:
    """Read a record, or raise ``InvalidValue`` with the path of the member that does not fit."""
    if not isinstance(value, dict):
        raise InvalidValue(path or "(document)", "not an object")
    members = {field.name: field for field in fields(cast(Any, kind))}
    if unknown := sorted(value.keys() - members.keys()):
        raise InvalidValue(_join(path, unknown[0][:64]), "an unknown member")
    arguments: dict[str, object] = {}
    for name, field in members.items():
        if name in value:
            arguments[name] = _read(field.type, value[name], _join(path, name))
        elif not _is_optional(field):
            raise InvalidValue(_join(path, name), "missing")
    return kind(**arguments)


def json_schema(kind: type) -> JsonObject:
    """JSON Schema (draft 2020-12) of a record."""
    described = fields(cast(Any, kind))
    required: list[JsonValue] = [field.name for field in described if not _is_optional(field)]
    return {
        "type": "object",
        "title": kind.__name__,
        "properties": {field.name: _describe(field.type) for field in described},
        "required": required,
        "additionalProperties": False,
    }


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cast(Any, kind)))


def _is_optional(field: "Field[Any]") -> bool:
    return field.default is not MISSING or NoneType in get_args(field.type)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _write(value: object) -> JsonValue:
    if type(value) in _PLAIN:
        return cast(JsonValue, value)
    match value:
        case StrEnum():
            return value.value
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case tuple():
            return [_write(item) for item in cast(tuple[object, ...], value)]
        case _ if is_dataclass(value):
            return to_json(value)
        case _:
            return cast(JsonValue, value)


def _read(kind: Any, value: JsonValue, path: str) -> object:
    origin = get_origin(kind)
    if origin is UnionType:
        return _read(next(part for part in get_args(kind) if part is not NoneType), value, path)
    if origin is tuple:
        return _read_items(get_args(kind)[0], value, path)
    if origin is dict:
        return _read_object(value, path)
    if is_dataclass(kind):
        return from_json(cast("type[object]", kind), value, path)
    if kind is int:
        return _read_integer(value, path)
    if kind is bool:
        return _expect(bool, value, path, "true or false")
    return _read_text_form(kind, read_text(value, path), path)


def read_text(value: object, path: str) -> str:
    """A line of text without control and bidirectional characters, at most ``MAX_TEXT`` long."""
    text = _expect(str, value, path, "text")
    if len(text) > MAX_TEXT:
        raise InvalidValue(path, f"longer than {MAX_TEXT} characters")
    if unsafe := _UNSAFE_TEXT.search(text):
        raise InvalidValue(path, f"holds the control character U+{ord(unsafe[0]):04X}")
    return text


def _read_object(value: JsonValue, path: str) -> JsonObject:
    if not isinstance(value, dict):
        raise InvalidValue(path, "not an object")
    return value


def _read_items(kind: Any, value: JsonValue, path: str) -> tuple[object, ...]:
    items = cast(list[JsonValue], _expect(list, value, path, "a list"))
    if len(items) > MAX_ITEMS:
        raise InvalidValue(path, f"more than {MAX_ITEMS} items")
    return tuple(_read(kind, item, f"{path}[{index}]") for index, item in enumerate(items))


def _read_integer(value: JsonValue, path: str) -> int:
    if isinstance(value, bool):
        raise InvalidValue(path, "not an integer")
    return _expect(int, value, path, "an integer")


def _read_text_form(kind: Any, text: str, path: str) -> object:
    if kind is str:
        return text
    if kind is datetime:
        return parse_instant(text, path)
    try:
        return date.fromisoformat(text) if kind is date else kind(text)
    except ValueError as error:
        wanted = "a date like 2026-01-02"
        if issubclass(kind, StrEnum):
            wanted = "one of " + ", ".join(kind)
        raise InvalidValue(path, f"not {wanted}") from error


_Expected = TypeVar("_Expected")


def _expect(kind: type[_Expected], value: object, path: str, wanted: str) -> _Expected:
    if not isinstance(value, kind):
        raise InvalidValue(path, f"not {wanted}")
    return value


def _describe(kind: Any) -> JsonObject:
    origin = get_origin(kind)
    if origin is UnionType:
        return _describe(next(part for part in get_args(kind) if part is not NoneType))
    if origin is tuple:
        return {"type": "array", "maxItems": MAX_ITEMS, "items": _describe(get_args(kind)[0])}
    if origin is dict:
        return {"type": "object"}
    if is_dataclass(kind):
        return json_schema(cast(type, kind))
    if kind in (int, bool):
        return {"type": "integer" if kind is int else "boolean"}
    return {"type": "string", "maxLength": MAX_TEXT} | _text_form(kind)


def _text_form(kind: Any) -> JsonObject:
    if kind is datetime:
        return {"format": "date-time", "pattern": "Z$"}
    if kind is date:
        return {"format": "date"}
    return {} if kind is str else {"enum": [member.value for member in kind]}
