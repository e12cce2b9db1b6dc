"""The column dictionary as quality sees it: names, declared types, promised frequency."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

COLUMNS_MAX: Final = 2_000


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

    @property
    def has_one_spelling(self) -> bool:
        """Whether a value is written the same way by every engine: text and whole numbers."""
        return self in {ColumnType.STRING, ColumnType.INTEGER}

    def is_comparable_to(self, other: "ColumnType") -> bool:
        """Whether values of both types can be put in one order."""
        return (
            self is other
            or (self.is_numeric and other.is_numeric)
            or (self.is_temporal and other.is_temporal)
        )


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
    """One declared column."""

    name: str
    type: ColumnType
