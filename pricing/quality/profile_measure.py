"""The one aggregate that measures the profiles of all columns of a table."""

from collections.abc import Sequence, Set
from typing import Any

import ibis
import ibis.expr.types as ir

from pricing.quality.columns import ColumnSpec
from pricing.quality.profile import RARE_ROWS

Expression = Any
"""An Ibis value; its published classes lack most of the methods that columns really have."""


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
