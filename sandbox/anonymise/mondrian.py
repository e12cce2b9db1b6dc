"""Mondrian multidimensional partitioning in which one histogram per attribute cuts a whole round.

LeFevre, DeWitt, Ramakrishnan, "Mondrian Multidimensional K-Anonymity" (ICDE 2006), section 4,
partitions recursively. Here all partitions of a depth are handled together: the non-empty cells
(partition, code) of one attribute, with running weights, give every legal cut at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sandbox.anonymise.axes import Kind
from sandbox.anonymise.diversity import diverse_window

# Beyond this many cells per tuple a dense histogram costs more than sorting the tuples.
_DENSE_CELLS_PER_TUPLE = 4


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """One quasi-identifier of the tuples: int32 codes, their positions and how loss is counted."""

    codes: NDArray[np.int32]
    positions: NDArray[np.float64]
    is_categorical: bool

    @staticmethod
    def of(codes: NDArray[np.int32], positions: NDArray[np.float64], kind: Kind) -> "Attribute":
        """Build the attribute of an axis, or of its collapsed codes."""
        return Attribute(codes, positions, kind is Kind.CATEGORICAL)


@dataclass(frozen=True, slots=True, eq=False)
class Diversity:
    """Every class must keep at least `least` distinct codes of each of `columns` (int32)."""

    columns: tuple[NDArray[np.int32], ...] = ()
    least: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    """The tuples that can still be cut: their partition number 0..count-1 and weight."""

    tuples: NDArray[np.int64]
    partition: NDArray[np.int32]
    count: int


def partition(
    attributes: Sequence[Attribute],
    weights: NDArray[np.int64],
    *,
    k: int,
    diversity: Diversity,
) -> NDArray[np.int32]:
    """Return the class number of each weighted tuple; no legal cut is left in any class.

    The caller has checked that the whole table holds `k` rows and the asked diversity, and that
    there are at most 5,000,000 rows, for which the packed sort keys stay below 2**63.
    """
    classes = np.zeros(len(weights), np.int32)
    current = _Round(np.arange(len(weights)), np.zeros(len(weights), np.int32), 1)
    finished = 0
    if int(weights.sum()) < 2 * k:
        return classes
    while current.count:
        chosen, cut = _best_cuts(current, attributes, weights, k, diversity)
        child = current.partition * 2 + _sides(current, attributes, chosen, cut)
        size = np.bincount(child, weights[current.tuples], minlength=2 * current.count)
        is_open = (size >= 2 * k) & np.repeat(chosen >= 0, 2)
        is_done = (size > 0) & ~is_open
        done, opened = int(np.count_nonzero(is_done)), int(np.count_nonzero(is_open))
        number = np.zeros(2 * current.count, np.int32)
        number[is_done] = finished + np.arange(done)
        number[is_open] = np.arange(opened)
        keep = is_open[child]
        classes[current.tuples[~keep]] = number[child[~keep]]
        current = _Round(current.tuples[keep], number[child[keep]], opened)
        finished += done
    return classes


def _sides(
    current: _Round,
    attributes: Sequence[Attribute],
    chosen: NDArray[np.int32],
    cut: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Return 1 for the tuples right of the cut of their partition, 0 for all others."""
    side = np.zeros(len(current.tuples), np.int32)
    for index, attribute in enumerate(attributes):
        mine = np.flatnonzero(chosen[current.partition] == index)
        codes = attribute.codes[current.tuples[mine]]
        side[mine] = codes > cut[current.partition[mine]]
    return side


def _best_cuts(
    current: _Round,
    attributes: Sequence[Attribute],
    weights: NDArray[np.int64],
    k: int,
    diversity: Diversity,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return per partition the attribute of greatest gain (-1: none) and its last left code."""
    chosen = np.full(current.count, -1, np.int32)
    cut = np.zeros(current.count, np.int32)
    greatest = np.zeros(current.count)
    weight = weights[current.tuples]
    sensitive = tuple(column[current.tuples] for column in diversity.columns)
    for index, attribute in enumerate(attributes):
        codes = attribute.codes[current.tuples]
        cells = _cells(current.partition, codes, weight, current.count, len(attribute.positions))
        gain = _gains(cells, attribute, k)
        for column in sensitive:
            low, high = diverse_window(
                current.partition, codes, column, current.count, diversity.least
            )
            inside = (cells.code >= low[cells.partition]) & (cells.code < high[cells.partition])
            gain[~inside] = 0.0
        best = np.maximum.reduceat(gain, cells.starts)
        better = best > greatest
        at = np.flatnonzero((gain == best[cells.partition]) & better[cells.partition])[::-1]
        # Written from the right, so the leftmost of equal cuts stays.
        cut[cells.partition[at]] = cells.code[at]
        chosen[better] = index
        greatest[better] = best[better]
    return chosen, cut


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Non-empty (partition, code) cells in that order; `starts` is each partition's first cell."""

    partition: NDArray[np.int64]
    code: NDArray[np.int64]
    weight: NDArray[np.float64]
    starts: NDArray[np.int64]


def _cells(
    partition_of: NDArray[np.int32],
    codes: NDArray[np.int32],
    weight: NDArray[np.int64],
    count: int,
    domain: int,
) -> _Cells:
    keys = partition_of.astype(np.int64) * domain + codes
    if count * domain <= _DENSE_CELLS_PER_TUPLE * len(codes):
        histogram = np.bincount(keys, weight, minlength=count * domain)
        cell = np.flatnonzero(histogram)
        total = histogram[cell].astype(np.float64)
    else:
        # Key and weight travel in one integer, because sorting values is far cheaper than argsort.
        bits = int(weight.max()).bit_length()
        packed = np.sort((keys << bits) | weight)
        sorted_keys = packed >> bits
        first = np.flatnonzero(np.diff(sorted_keys, prepend=-1))
        cell = sorted_keys[first]
        total = np.add.reduceat(packed & ((1 << bits) - 1), first).astype(np.float64)
    number, code = np.divmod(cell, domain)
    return _Cells(number, code, total, np.flatnonzero(np.diff(number, prepend=-1)))


def _gains(cells: _Cells, attribute: Attribute, k: int) -> NDArray[np.float64]:
    """Return the loss saved by cutting after each cell, 0 where a side would hold under k rows.

    Loss is the normalised certainty penalty: Xu et al., "Utility-Based Anonymization Using Local
    Recoding" (KDD 2006), section 3: rows times covered share of the domain.
    """
    ends = np.append(cells.starts[1:], len(cells.code))
    running = np.cumsum(cells.weight)
    before = np.where(cells.starts > 0, running[cells.starts - 1], 0.0)
    left = running - before[cells.partition]
    size = (running[ends - 1] - before)[cells.partition]
    right = size - left
    if attribute.is_categorical:
        index = np.arange(len(cells.code), dtype=np.float64)
        place = index / max(len(attribute.positions) - 1, 1)
    else:
        place = attribute.positions[cells.code]
    first = place[cells.starts][cells.partition]
    last = place[ends - 1][cells.partition]
    following = np.append(place[1:], 0.0)
    kept = left * np.minimum(place - first, 1.0) + right * np.minimum(last - following, 1.0)
    gain = size * np.minimum(last - first, 1.0) - kept
    gain[(left < k) | (right < k)] = 0.0
    return gain
