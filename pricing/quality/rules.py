"""Quality rules: what is checked, and which dimension of GB/T 36344-2018 it measures.

Every rule counts A of B: B what was examined, A what conforms, so its indicator is the ratio A / B.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from pricing.errors import InvalidInput
from pricing.quality.columns import ColumnType, UpdateFrequency
from pricing.quality.patterns import check_pattern

CODES_MAX: Final = 1_000
CODE_CHARACTERS_MAX: Final = 200
UNIQUE_COLUMNS_MAX: Final = 32
AGE_HOURS_MAX: Final = 24 * 366 * 100


class Dimension(StrEnum):
    """The six groups of data quality indicators of GB/T 36344-2018, in its order."""

    NORMATIVITY = "normativity"
    COMPLETENESS = "completeness"
    ACCURACY = "accuracy"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    ACCESSIBILITY = "accessibility"


class Comparison(StrEnum):
    """How the first of two columns must stand to the second."""

    LESS = "<"
    AT_MOST = "<="
    EQUAL = "="
    DIFFERENT = "!="
    AT_LEAST = ">="
    GREATER = ">"


class ChecksumScheme(StrEnum):
    """Numbers with a check character; see `pricing.quality.checksums`."""

    USCC = "uscc"
    RESIDENT_ID = "resident_id"
    LUHN = "luhn"


class Origin(StrEnum):
    """Who asked for a rule: the exchange, from what was declared, or the provider."""

    DECLARED = "declared"
    PROVIDER = "provider"


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

    def __post_init__(self) -> None:
        check_pattern(self.pattern)


@dataclass(frozen=True, slots=True)
class InCodes:
    """Of the values present, those in the declared code list."""

    column: str
    codes: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.codes) <= CODES_MAX:
            raise InvalidInput("codes", f"must have 1 to {CODES_MAX} values")
        if len(set(self.codes)) < len(self.codes):
            raise InvalidInput("codes", "must have different values")
        if any(len(code) > CODE_CHARACTERS_MAX or "\0" in code for code in self.codes):
            problem = f"must have values of at most {CODE_CHARACTERS_MAX} characters without NUL"
            raise InvalidInput("codes", problem)


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

    def __post_init__(self) -> None:
        if self.minimum is None and self.maximum is None:
            raise InvalidInput("minimum", "is required when there is no maximum")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise InvalidInput("maximum", "must not be below the minimum")


@dataclass(frozen=True, slots=True)
class Unique:
    """Of all rows, the number of different complete keys: 1 when no key is repeated or missing."""

    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.columns) <= UNIQUE_COLUMNS_MAX:
            raise InvalidInput("columns", f"must have 1 to {UNIQUE_COLUMNS_MAX} names")
        if len(set(self.columns)) < len(self.columns):
            raise InvalidInput("columns", "must have different names")


@dataclass(frozen=True, slots=True)
class NoDuplicateRows:
    """Of all rows, the number of different ones: 1 when no row is repeated in full."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """Of the values present, those with the shape and the check character of the scheme."""

    column: str
    scheme: ChecksumScheme


@dataclass(frozen=True, slots=True)
class CleanText:
    """Of the texts present, those without replacement, control or wrongly decoded characters."""

    column: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Of the rows with both values, those where the first stands to the second as declared."""

    first: str
    comparison: Comparison
    second: str

    def __post_init__(self) -> None:
        _check_two(self.first, self.second, "second")


@dataclass(frozen=True, slots=True)
class Determines:
    """Different determinants per different pair: 1 when each has one dependent value."""

    determinant: str
    dependent: str

    def __post_init__(self) -> None:
        _check_two(self.determinant, self.dependent, "dependent")


@dataclass(frozen=True, slots=True)
class ExistsIn:
    """Of the values present, those that are also a value of the referenced column."""

    column: str
    referenced: str

    def __post_init__(self) -> None:
        _check_two(self.column, self.referenced, "referenced")


@dataclass(frozen=True, slots=True)
class PeriodsCovered:
    """Of the periods from the first record to the reference instant, those with a record."""

    column: str
    frequency: UpdateFrequency
    reference_at: datetime

    def __post_init__(self) -> None:
        _check_instant(self.reference_at)


@dataclass(frozen=True, slots=True)
class Fresh:
    """The newest record up to the reference instant is not older than declared (B is 1)."""

    column: str
    max_age_hours: int
    reference_at: datetime

    def __post_init__(self) -> None:
        _check_instant(self.reference_at)
        if not 1 <= self.max_age_hours <= AGE_HOURS_MAX:
            raise InvalidInput("max_age_hours", f"must be a whole number from 1 to {AGE_HOURS_MAX}")


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
    | NoDuplicateRows
    | Checksum
    | CleanText
    | Compared
    | Determines
    | ExistsIn
    | PeriodsCovered
    | Fresh
    | Decodable
)

KINDS: Final[dict[str, type[Check]]] = {
    "declared_type": DeclaredType,
    "pattern": Pattern,
    "in_codes": InCodes,
    "not_null": NotNull,
    "in_range": InRange,
    "unique": Unique,
    "no_duplicate_rows": NoDuplicateRows,
    "checksum": Checksum,
    "clean_text": CleanText,
    "compared": Compared,
    "determines": Determines,
    "exists_in": ExistsIn,
    "periods_covered": PeriodsCovered,
    "fresh": Fresh,
    "decodable": Decodable,
}
"""Every kind of rule by the name it has in documents."""

_KIND_NAMES: Final = {check: name for name, check in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Rule:
    """A check under a dimension; `id` is stable for the same declaration."""

    id: str
    dimension: Dimension
    check: Check
    origin: Origin = Origin.DECLARED

    @property
    def kind(self) -> str:
        """The name of the kind in documents."""
        return kind_of(self.check)

    @property
    def measures(self) -> str:
        """What A and B count, in one sentence."""
        return (type(self.check).__doc__ or "").strip()


def kind_of(check: Check) -> str:
    """Return the name that the kind of a check has in documents."""
    return _KIND_NAMES[type(check)]


def columns_of(check: Check) -> tuple[str, ...]:
    """Return the columns that a check names; duplicate rows read all columns and name none."""
    match check:
        case NoDuplicateRows():
            return ()
        case Unique(columns):
            return columns
        case Compared(first, _, second):
            return (first, second)
        case Determines(first, second) | ExistsIn(first, second):
            return (first, second)
        case _:
            return (check.column,)


def count_names(position: int) -> tuple[str, str]:
    """Return the names of A and B of the rule at a position, as columns of the aggregate."""
    return f"conforming_{position}", f"examined_{position}"


def _check_two(first: str, second: str, field: str) -> None:
    if first == second:
        raise InvalidInput(field, "must be another column")


def _check_instant(instant: datetime) -> None:
    if instant.utcoffset() != timedelta(0):
        raise InvalidInput("reference_at", "must be an instant in UTC")
