"""Strict reading of JSON documents: every field is checked, and none is ignored."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from pricing.errors import InvalidInput

ITEMS_MAX: Final = 1_000
TEXT_MAX: Final = 2_000
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?", re.ASCII)
_MISSING: Final = object()


class Document:
    """One JSON object being read; `finish` refuses the fields that nobody asked for."""

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, Mapping):
            raise InvalidInput(path or "document", "must be a JSON object")
        self._fields: dict[str, object] = {str(name): item for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        self._path = path
        self._read: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def at(self, name: str) -> str:
        """Return the full path of a field, for errors."""
        return f"{self._path}.{name}" if self._path else name

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields, sorted; for objects whose keys are data."""
        for name in self._fields:
            _check_unicode(name, self._path or "document")
        return tuple(sorted(self._fields))

    def value(self, name: str) -> object:
        """Return a required field as it is."""
        self._read.add(name)
        value = self._fields.get(name, _MISSING)
        if value is _MISSING or value is None:
            raise InvalidInput(self.at(name), "is required")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """Return a non-empty text of at most 2,000 characters."""
        if default is not None and name not in self:
            self._read.add(name)
            return default
        value = self.value(name)
        if not isinstance(value, str) or not value.strip() or len(value) > TEXT_MAX:
            raise InvalidInput(self.at(name), f"must be a text of 1 to {TEXT_MAX} characters")
        _check_unicode(value, self.at(name))
        return value

    def integer(self, name: str, *, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number within bounds."""
        if default is not None and name not in self:
            self._read.add(name)
            return default
        return check_integer(self.value(name), self.at(name), low=low, high=high)

    def decimal(self, name: str, default: Decimal | None = None) -> Decimal:
        """Return an exact decimal written as text, such as "0.05" (at most 12 decimals)."""
        if default is not None and name not in self:
            self._read.add(name)
            return default
        return check_decimal(self.value(name), self.at(name))

    def optional_integer(self, name: str, *, low: int, high: int) -> int | None:
        """Return a whole number within bounds, or None when the field is missing or null."""
        self._read.add(name)
        return self.integer(name, low=low, high=high) if name in self else None

    def optional_decimal(self, name: str) -> Decimal | None:
        """Return a decimal, or None when the field is missing or null."""
        self._read.add(name)
        return self.decimal(name) if name in self else None

    def optional_text(self, name: str) -> str | None:
        """Return a text, or None when the field is missing or null."""
        self._read.add(name)
        return self.text(name) if name in self else None

    def flag(self, name: str) -> bool:
        """Return true or false; a missing flag is false."""
        self._read.add(name)
        value = self._fields.get(name, False)
        if not isinstance(value, bool):
            raise InvalidInput(self.at(name), "must be true or false")
        return value

    def optional_flag(self, name: str) -> bool | None:
        """Return true or false, or None when the field is missing or null."""
        self._read.add(name)
        return self.flag(name) if name in self else None

    def items(self, name: str, *, at_most: int = ITEMS_MAX) -> tuple[tuple[str, object], ...]:
        """Return the elements of an array, each with its path; a missing array is empty."""
        self._read.add(name)
        value: object = self._fields.get(name, ())
        if isinstance(value, str) or not isinstance(value, Sequence) or len(value) > at_most:  # pyright: ignore[reportUnknownArgumentType]
            raise InvalidInput(self.at(name), f"must be an array of at most {at_most} elements")
        return tuple((f"{self.at(name)}[{i}]", item) for i, item in enumerate(value))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]

    def child(self, name: str) -> "Document":
        """Return a required object field for reading."""
        return Document(self.value(name), self.at(name))

    def optional_child(self, name: str) -> "Document | None":
        """Return an object field for reading, or None when it is missing or null."""
        self._read.add(name)
        return self.child(name) if name in self else None

    def finish(self) -> None:
        """Refuse the document if it has a field that was not read."""
        unknown = sorted(set(self._fields) - self._read)
        if unknown:
            raise InvalidInput(self.at(unknown[0]), "is not a known field")


def _check_unicode(text: str, path: str) -> None:
    # JSON can escape half a surrogate pair, which is no character and cannot be written again.
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput(path, "must not contain half a surrogate pair")


def check_integer(value: object, path: str, *, low: int, high: int) -> int:
    """Return a JSON value as a whole number within bounds, or raise InvalidInput."""
    if type(value) is not int or not low <= value <= high:
        raise InvalidInput(path, f"must be a whole number from {low} to {high}")
    return value


def check_decimal(value: object, path: str) -> Decimal:
    """Return a JSON text as an exact decimal, or raise InvalidInput."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value) is None:
        raise InvalidInput(path, 'must be a decimal written as text, such as "0.05"')
    return Decimal(value)
