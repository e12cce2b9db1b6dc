"""Column profiles that may be published: counts for all, extremes and means only where allowed.

Of a column whose values must not be shown (an identifier, a quasi-identifier, a sensitive value)
the profile has no value, no extreme, no mean, no distinct count, and no null count so small or so
large that it points at few rows.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from pricing.quality.columns import ColumnSpec

Expression = Any
"""An Ibis value; its published classes lack most of the methods that columns really have."""
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


def profile_aggregate(table: ir.Table, columns: Sequence[ColumnSpec], hidden: Set[str]) -> ir.Table:
    """Return one row with `rows` and the measures of every column that the table has.

    The expression itself reads no extreme of a hidden column and drops its rare counts, so that
    they are nowhere in the result, whoever executes it.
    """
    measures: dict[str, Expression] = {"rows": table.count()}
    for position, column in enumerate(columns):
        if column.name in table.columns:
            measure = _hidden if column.name in hidden else _shown
            measures |= measure(table, column, position)
    return table.aggregate(**measures)


def read_profile(
    columns: Sequence[ColumnSpec], hidden: Set[str], row: Mapping[str, object]
) -> tuple[ColumnProfile, ...]:
    """Turn the one row of `profile_aggregate` into profiles, in the order of the columns."""
    return tuple(_read(column, position, hidden, row) for position, column in enumerate(columns))


def _shown(table: ir.Table, column: ColumnSpec, position: int) -> dict[str, Expression]:
    values: Expression = table[column.name]
    measures: dict[str, Expression] = {
        f"nulls_{position}": table.count() - values.count(),
        f"distinct_{position}": values.nunique(),
    }
    if values.type().is_numeric() or values.type().is_temporal():
        measures[f"minimum_{position}"] = values.min()
        measures[f"maximum_{position}"] = values.max()
    if values.type().is_numeric():
        measures[f"mean_{position}"] = values.cast("float64").mean()
    return measures


def _hidden(table: ir.Table, column: ColumnSpec, position: int) -> dict[str, Expression]:
    present = _count(table[column.name])
    nulls = _count(table) - present
    is_rare = nulls.between(1, RARE_ROWS - 1) | present.between(1, RARE_ROWS - 1)
    return {f"nulls_{position}": is_rare.ifelse(ibis.null("int64"), nulls)}


def _count(counted: Expression) -> Expression:
    return counted.count()


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
