"""Column profiles that may be published: counts for all, extremes and means only where allowed.

Of a column whose values must not be shown (an identifier, a quasi-identifier, a sensitive value)
the profile has no value, no extreme, no mean, no distinct count, and no null count so small or so
large that it points at few rows.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from pricing.quality.columns import ColumnSpec

RARE_ROWS: Final = 10
"""Fewer rows than this are rare: their count is not shown for a hidden column."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What is known about a column; None is not shown, not applicable or not measurable."""

    name: str
    type: str
    is_hidden: bool
    nulls: int | None
    distinct: int | None
    minimum: object
    maximum: object
    mean: float | None


def read_profile(
    columns: Sequence[ColumnSpec], hidden: Set[str], row: Mapping[str, object]
) -> tuple[ColumnProfile, ...]:
    """Turn the one row of `profile_aggregate` into profiles, in the order of the columns."""
    return tuple(_read(column, position, hidden, row) for position, column in enumerate(columns))


def _read(
    column: ColumnSpec, position: int, hidden: Set[str], row: Mapping[str, object]
) -> ColumnProfile:
    nulls, distinct = row.get(f"nulls_{position}"), row.get(f"distinct_{position}")
    mean = row.get(f"mean_{position}")
    return ColumnProfile(
        name=column.name,
        type=column.type.value,
        is_hidden=column.name in hidden,
        nulls=nulls if isinstance(nulls, int) else None,
        distinct=distinct if isinstance(distinct, int) else None,
        minimum=row.get(f"minimum_{position}"),
        maximum=row.get(f"maximum_{position}"),
        mean=mean if isinstance(mean, float) else None,
    )
