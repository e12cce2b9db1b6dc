"""The values a field may have, for the sentence that refuses another one."""

import re
from collections.abc import Sequence
from enum import Enum
from typing import Any

from msgspec import inspect

_STEP = re.compile(r"[^.\[\]]+|\[(?:\d+|\.\.\.)\]")
_VALUES_MAX = 30


def allowed_values(annotation: Any, path: str) -> tuple[str, ...]:
    """The values of the enumeration at `path` below a type; none where there is no short list."""
    found = [inspect.type_info(annotation)]
    for step in _STEP.findall(path):
        found = [inner for outer in found for inner in _inside(outer, step)]
    values = [value for kind in _flat(found) for value in _values(kind)]
    return tuple(values) if len(values) <= _VALUES_MAX else ()


def _inside(outer: inspect.Type, step: str) -> list[inspect.Type]:
    found: list[inspect.Type] = []
    for kind in _flat([outer]):
        match kind:
            case inspect.StructType(fields=fields):
                found += [field.type for field in fields if field.encode_name == step]
            case inspect.DictType(value_type=inner) if step == "[...]":
                found.append(inner)
            case inspect.CollectionType(item_type=inner) if step.startswith("["):
                found.append(inner)
            case _:
                pass
    return found


def _flat(kinds: Sequence[inspect.Type]) -> list[inspect.Type]:
    flat: list[inspect.Type] = []
    for kind in kinds:
        match kind:
            case inspect.UnionType(types=types):
                flat += _flat(types)
            case inspect.Metadata(type=inner):
                flat += _flat([inner])
            case _:
                flat.append(kind)
    return flat


def _values(kind: inspect.Type) -> list[str]:
    match kind:
        case inspect.EnumType(cls=enumeration):
            members: list[Enum] = list(enumeration)
            return [str(member.value) for member in members]
        case inspect.LiteralType(values=values):
            return [str(value) for value in values]
        case _:
            return []
