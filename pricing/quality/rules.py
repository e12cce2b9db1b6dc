"""Quality rules: what is checked, and which dimension of GB/T 36344-2018 it measures.

Every rule counts A of B: B what was examined, A what conforms, so its indicator is the ratio A / B.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pricing.quality.columns import ColumnType, UpdateFrequency


class Dimension(StrEnum):
    """The six groups of data quality indicators of GB/T 36344-2018, in its order."""

    NORMATIVITY = "normativity"
    COMPLETENESS = "completeness"
    ACCURACY = "accuracy"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    ACCESSIBILITY = "accessibility"


@dataclass(frozen=True, slots=True)
class DeclaredType:
    """The column exists and is stored with its declared type (B is 1)."""

    column: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Pattern:
    """Of the values present, those that match the declared format as a whole."""

    column: str
    pattern: str


@dataclass(frozen=True, slots=True)
class InCodes:
    """Of the values present, those in the declared code list."""

    column: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotNull:
    """Of all rows, those with a value."""

    column: str


@dataclass(frozen=True, slots=True)
class InRange:
    """Of the values present, those within the declared inclusive range."""

    column: str
    minimum: Decimal | None
    maximum: Decimal | None


@dataclass(frozen=True, slots=True)
class Unique:
    """Of all rows, the number of different complete keys: 1 when no key is repeated or missing."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """Of the rows with both values, those where the first is not after the second."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Determines:
    """Different determinants per different pair: 1 when each has one dependent value."""

    determinant: str
    dependent: str


@dataclass(frozen=True, slots=True)
class PeriodsCovered:
    """Of the periods from the first record to the reference instant, those with a record."""

    column: str
    frequency: UpdateFrequency
    reference_at: datetime


@dataclass(frozen=True, slots=True)
class Decodable:
    """Of the values present, those that can be read as their declared type."""

    column: str
    type: ColumnType


Check = (
    DeclaredType
    | Pattern
    | InCodes
    | NotNull
    | InRange
    | Unique
    | Ordered
    | Determines
    | PeriodsCovered
    | Decodable
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A check under a dimension; `id` is stable for the same declaration."""

    id: str
    dimension: Dimension
    check: Check

    @property
    def measures(self) -> str:
        """What A and B count, in one sentence."""
        return (type(self.check).__doc__ or "").strip()


def columns_of(check: Check) -> tuple[str, ...]:
    """Return the columns that a check reads."""
    match check:
        case Unique(columns):
            return columns
        case Ordered(first, second) | Determines(first, second):
            return (first, second)
        case _:
            return (check.column,)


def count_names(position: int) -> tuple[str, str]:
    """Return the names of A and B of the rule at a position, as columns of the aggregate."""
    return f"conforming_{position}", f"examined_{position}"
