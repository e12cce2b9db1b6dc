"""The support of query prices: neighbours of a table, each different from it in one small way.

A query is worth the neighbours it tells apart from the table. Source: Deep and Koutris, "QIRANA: A
Framework for Scalable Query Pricing" (support sets and weighted coverage).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pricing.errors import InvalidInput

SUPPORT_SIZE: Final = 1_000
SIGN: Final = "sign"
NEIGHBOUR: Final = "neighbour"


def support_column(position: int) -> str:
    """Return the name in the support of a table's column by its position.

    Not the table's own: that may be `sign`, or differ from another only in case, which SQL ignores.
    """
    return f"column_{position}"


class NeighbourKind(StrEnum):
    """What is different in a neighbour."""

    CELL = "cell"
    CELLS = "cells"
    INSERTED = "inserted"
    DELETED = "deleted"


# Cells make up most of it, so that a column costs about its share of all columns; without inserted
# and deleted rows a count would be free.
_CYCLE: Final = (
    *(NeighbourKind.CELL,) * 7,
    NeighbourKind.CELLS,
    NeighbourKind.INSERTED,
    NeighbourKind.DELETED,
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A table that differs in row `row`, where `columns` take the values of the row `donor`.

    An inserted row is a copy of `row` with the donor's values in `columns`; a deleted one has
    neither.
    """

    kind: NeighbourKind
    row: int
    donor: int
    columns: tuple[int, ...]


def plan_support(
    rows: int, columns: int, *, seed: int, size: int = SUPPORT_SIZE
) -> tuple[Neighbour, ...]:
    """Choose the neighbours of a table of some rows and columns: the same seed, the same choice."""
    if rows < 1 or columns < 1 or size < 1:
        raise InvalidInput("support", "needs a table with rows and columns")
    random = np.random.default_rng(seed)
    chosen = random.integers(rows, size=(size, 2))
    starts = random.permutation(size)
    return tuple(
        _neighbour(
            _CYCLE[i % len(_CYCLE)], (int(row), int(donor)), int(starts[i]) % columns, columns
        )
        for i, (row, donor) in enumerate(chosen)
    )


def support_table(plan: Sequence[Neighbour], table: pa.Table) -> pa.Table:
    """The signed rows of all neighbours of a table: columns NEIGHBOUR, SIGN and those of the table,
    named by `support_column`.

    The row that the table has and the neighbour lacks carries -1, the one it has instead +1. Where
    the donor's value is no different, a missing value stands for the change; where that is missing
    too, nothing changes: no query tells such a neighbour apart. Numbers that are not finite count
    as missing, so that differences cancel out exactly.
    """
    numbers = np.arange(len(plan))
    has_old = np.array([each.kind is not NeighbourKind.INSERTED for each in plan])
    has_new = np.array([each.kind is not NeighbourKind.DELETED for each in plan])
    rows = np.array([each.row for each in plan])
    donors = np.array([each.donor for each in plan])
    columns: dict[str, pa.Array] = {
        NEIGHBOUR: pa.array(np.concatenate([numbers[has_old], numbers[has_new]])),
        SIGN: pa.array(np.repeat([-1, 1], [has_old.sum(), has_new.sum()])),
    }
    for position in range(table.num_columns):
        values = _finite(table.column(position).combine_chunks())
        old, given = values.take(pa.array(rows)), values.take(pa.array(donors))
        replaced = pa.array([position in each.columns for each in plan])
        is_same = _is_same(old, given)
        other = _chosen(is_same, pa.scalar(None, values.type), given)
        new = _chosen(replaced, other, old)
        columns[support_column(position)] = pa.concat_arrays(
            [old.filter(has_old), new.filter(has_new)]
        )
    return pa.table(columns)


def _neighbour(kind: NeighbourKind, rows: tuple[int, int], start: int, columns: int) -> Neighbour:
    count = {NeighbourKind.CELL: 1, NeighbourKind.CELLS: 2, NeighbourKind.INSERTED: 1}.get(kind, 0)
    changed = tuple((start + step) % columns for step in range(min(count, columns)))
    return Neighbour(kind, *rows, changed)


def _is_same(one: pa.Array, other: pa.Array) -> pa.Array:
    equal = pc.call_function("equal", [one, other]).fill_null(False)
    return pc.call_function(
        "or", [equal, pc.call_function("and", [one.is_null(), other.is_null()])]
    )


def _chosen(where: pa.Array, one: pa.Array | pa.Scalar, other: pa.Array) -> pa.Array:
    return pc.call_function("if_else", [where, one, other])


def _finite(values: pa.Array) -> pa.Array:
    if not pa.types.is_floating(values.type):
        return values
    return _chosen(pc.call_function("is_finite", [values]), values, pa.scalar(None, values.type))
