"""The two aggregates behind suggestions: lengths of all texts, then a closer look at candidates."""

from collections.abc import Sequence
from typing import Any

import ibis.expr.types as ir

from pricing.quality.checksums import is_valid
from pricing.quality.columns import ColumnSpec
from pricing.quality.rules import ChecksumScheme
from pricing.quality.suggest import Candidates, length_bounds

Expression = Any
"""An Ibis value; its published classes lack most of the methods that columns really have."""


def length_aggregate(table: ir.Table, columns: Sequence[ColumnSpec]) -> ir.Table:
    """Return one row: of each text column, how many values have the length of each scheme."""
    measures: dict[str, Expression] = {"rows": table.count()}
    for position, column in enumerate(columns):
        if column.name in table.columns and table[column.name].type().is_string():
            values: Expression = table[column.name]
            measures[f"present_{position}"] = values.count()
            for scheme in ChecksumScheme:
                fits = values.length().between(*length_bounds(scheme))
                measures[f"{scheme}_{position}"] = values.count(where=fits)
    return table.aggregate(**measures)


def evidence_aggregate(table: ir.Table, candidates: Candidates) -> ir.Table:
    """Return one row: valid numbers, the different values of coded columns, ordered pairs."""
    measures: dict[str, Expression] = {"rows": table.count()}
    for position, (name, scheme) in enumerate(candidates.checksums):
        numbers: Expression = table[name]
        measures[f"valid_{position}"] = numbers.count(where=is_valid(numbers, scheme))
        measures[f"present_{position}"] = numbers.count()
    for position, name in enumerate(candidates.coded):
        codes: Expression = table[name]
        measures[f"codes_{position}"] = codes.collect(distinct=True)
    for position, (first, second) in enumerate(candidates.pairs):
        earlier: Expression = table[first]
        later: Expression = table[second]
        measures[f"ordered_{position}"] = table.count(where=earlier <= later)
        measures[f"both_{position}"] = table.count(where=earlier.notnull() & later.notnull())
    return table.aggregate(**measures)
