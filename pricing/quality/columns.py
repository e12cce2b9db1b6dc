"""The column dictionary as quality sees it: declared types, limits, codes and formats."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from pricing.errors import InvalidInput

COLUMNS_MAX: Final = 2_000
CODES_MAX: Final = 10_000
PATTERN_MAX: Final = 500
REPEAT_MAX: Final = 1_000
# Engines match with RE2 in linear time; it knows no look-around, back-references or atomic groups.
_BEYOND_RE2: Final = re.compile(r"\(\?(?![:PimsU-])|\(\?P[=>]|\\[1-9Z]|[*+?}]\+")
_REPEATS: Final = re.compile(r"\{(\d*),?(\d*)\}", re.ASCII)


class ColumnType(StrEnum):
    """Declared type of a column; the stored type may be text that still has to be decoded."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    BINARY = "binary"

    @property
    def is_numeric(self) -> bool:
        """Whether values have an order, a mean and extremes as numbers."""
        return self in {ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT}

    @property
    def is_temporal(self) -> bool:
        """Whether values are dates or instants."""
        return self in {ColumnType.DATE, ColumnType.TIMESTAMP}


class UpdateFrequency(StrEnum):
    """How often the provider promises new records; each value is a calendar period."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One declared column: its type and what its values must satisfy.

    `pattern` is a regular expression that a whole text value must match, `codes` the permitted text
    values, `minimum` and `maximum` the inclusive range of a number; None declares nothing.
    """

    name: str
    type: ColumnType
    is_required: bool = True
    pattern: str | None = None
    codes: tuple[str, ...] | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def __post_init__(self) -> None:
        if self.pattern is not None:
            _check_pattern(self.name, self.pattern)
        if self.codes is not None and not 1 <= len(self.codes) <= CODES_MAX:
            raise InvalidInput(f"{self.name}.codes", f"must have 1 to {CODES_MAX} values")
        is_text = self.type is ColumnType.STRING
        if not is_text and (self.pattern is not None or self.codes is not None):
            raise InvalidInput(f"{self.name}.type", "only text columns have a pattern or codes")
        if not self.type.is_numeric and (self.minimum is not None or self.maximum is not None):
            raise InvalidInput(f"{self.name}.type", "only numeric columns have a range")
        if _is_empty_range(self.minimum, self.maximum):
            raise InvalidInput(f"{self.name}.maximum", "must not be below the minimum")


def _check_pattern(name: str, pattern: str) -> None:
    if not 1 <= len(pattern) <= PATTERN_MAX:
        raise InvalidInput(f"{name}.pattern", f"must have 1 to {PATTERN_MAX} characters")
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        raise InvalidInput(f"{name}.pattern", "must be a regular expression") from None
    repeats = [int(count) for pair in _REPEATS.findall(pattern) for count in pair if count]
    if _BEYOND_RE2.search(pattern) or max(repeats, default=0) > REPEAT_MAX:
        problem = f"must not use look-around, back-references or over {REPEAT_MAX} repeats"
        raise InvalidInput(f"{name}.pattern", problem)


def _is_empty_range(minimum: Decimal | None, maximum: Decimal | None) -> bool:
    return minimum is not None and maximum is not None and minimum > maximum
