"""Whether a rule can be measured on the columns of a revision, and if not, why."""

from collections.abc import Mapping
from dataclasses import dataclass

from pricing.quality.columns import ColumnType
from pricing.quality.rules import (
    Check,
    Checksum,
    CleanText,
    Compared,
    Determines,
    ExistsIn,
    Fresh,
    InCodes,
    InRange,
    Pattern,
    PeriodsCovered,
    Unique,
    columns_of,
)


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a rule cannot be measured: a field of its document, and what is wrong with it."""

    field: str
    problem: str


def misfit_of(check: Check, types: Mapping[str, ColumnType]) -> Misfit | None:
    """Return why a check cannot be measured on columns of these types; None when it can."""
    for position, name in enumerate(columns_of(check)):
        if name not in types:
            return Misfit(_field(check, position), f"{name!r} is not a column that rules can read")
    match check:
        case Compared(first, _, second) | ExistsIn(first, second):
            return _misfit_of_pair(check, types[first], types[second])
        case Pattern() | InCodes() | Checksum() if not types[check.column].has_one_spelling:
            return Misfit("column", "must hold text or whole numbers for this kind of rule")
        case CleanText() if types[check.column] is not ColumnType.STRING:
            return Misfit("column", "must hold text for this kind of rule")
        case InRange() if not types[check.column].is_numeric:
            return Misfit("column", "must hold numbers for this kind of rule")
        case PeriodsCovered() | Fresh() if not types[check.column].is_temporal:
            return Misfit("column", "must hold dates or instants for this kind of rule")
        case _:
            return None


def _misfit_of_pair(
    check: Compared | ExistsIn, first: ColumnType, second: ColumnType
) -> Misfit | None:
    if first.is_comparable_to(second):
        return None
    problem = f"is of type {second}, which cannot be compared with {first}"
    return Misfit(_field(check, 1), problem)


def _field(check: Check, position: int) -> str:
    match check:
        case Compared():
            return ("first", "second")[position]
        case Determines():
            return ("determinant", "dependent")[position]
        case ExistsIn():
            return ("column", "referenced")[position]
        case Unique():
            return f"columns[{position}]"
        case _:
            return "column"
