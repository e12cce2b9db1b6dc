"""Distinct tuples with weights: rows that agree everywhere are partitioned once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LARGEST_KEY = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class Tuples:
    """`first` row of each distinct tuple, its `weight` in rows, and the tuple `of_row` each row."""

    first: NDArray[np.int64]
    weight: NDArray[np.int64]
    of_row: NDArray[np.int64]


def collapse(columns: Sequence[NDArray[np.int32]], rows: int) -> Tuples:
    """Collapse rows by their codes, packed into one mixed-radix integer per row."""
    keys = np.zeros(rows, np.int64)
    span = 1
    for codes in columns:
        width = int(codes.max()) + 1 if rows else 1
        if span * width > _LARGEST_KEY:
            keys = np.unique(keys, return_inverse=True)[1].astype(np.int64)
            span = int(keys.max()) + 1
        keys = keys * width + codes
        span *= width
    _, first, of_row, weight = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    return Tuples(first.astype(np.int64), weight.astype(np.int64), of_row.astype(np.int64))
