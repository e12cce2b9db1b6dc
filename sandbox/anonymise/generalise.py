"""The released columns of a generalised quasi-identifier: one value per class, in range form."""

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sandbox.anonymise.axes import Axis, Kind, numbers_of


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """Rows sorted by class: `rows` ordinals, `starts` of the classes, `number` of each row's class.

    `number` counts the classes at hand from 0.
    """

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    number: NDArray[np.int64]

    @staticmethod
    def of(classes: NDArray[np.int32], rows: NDArray[np.int64]) -> "Members":
        """Group the drawn `rows` together with all other rows of their classes."""
        is_drawn = np.zeros(int(classes.max()) + 1, np.bool_)
        is_drawn[classes[rows]] = True
        members = np.flatnonzero(is_drawn[classes])
        members = members[np.argsort(classes[members], kind="stable")]
        starts = np.flatnonzero(np.diff(classes[members], prepend=-1))
        sizes = np.diff(np.append(starts, len(members)))
        return Members(members, starts, np.repeat(np.arange(len(starts)), sizes))

    def number_of(self, rows: NDArray[np.int64], population: int) -> NDArray[np.int64]:
        """Return the class number of each of `rows`, which must be members."""
        numbers = np.empty(population, np.int64)
        numbers[self.rows] = self.number
        return numbers[rows]


def generalised(axis: Axis, members: Members) -> dict[str, pa.Array]:
    """Return released columns by suffix ("" for the representative), one entry per class.

    A number or date is released as the mean of its class, in the type of the source, with "_min"
    and "_max"; an ordered word as the class median with the same bounds; a category as the most
    frequent one with "_set", the JSON array of the categories covered. Missing values in a mixed
    class take the class values; a class of missing values stays missing.
    """
    codes = axis.codes[members.rows]
    if axis.kind is Kind.CATEGORICAL:
        return _categories(axis, codes, members)
    has_missing = axis.values.null_count > 0
    top = axis.domain - 1 if has_missing else axis.domain
    low = np.minimum.reduceat(codes, members.starts)
    known = np.where(codes < top, codes, -1)
    high = np.maximum.reduceat(known, members.starts)
    high = np.where(high < 0, low, high)
    if axis.kind is Kind.NUMERIC:
        representative = _means(axis, codes, members, (low, high))
    else:
        representative = axis.values.take(pa.array(_medians(codes, known >= 0, members)))
    bounds = {"_min": axis.values.take(pa.array(low)), "_max": axis.values.take(pa.array(high))}
    return {"": representative, **bounds}


def _means(
    axis: Axis,
    codes: NDArray[np.int32],
    members: Members,
    bounds: tuple[NDArray[np.int32], NDArray[np.int32]],
) -> pa.Array:
    numbers = numbers_of(axis.values)
    # Offsets from the least value keep instants of 64 bits exact enough to stay within a second;
    # what rounding or overflow is left may not leave the published bounds.
    with np.errstate(over="ignore", invalid="ignore"):
        offsets = numbers[codes] - numbers[0]
        is_known = ~np.isnan(offsets)
        sums = np.add.reduceat(np.where(is_known, offsets, 0.0), members.starts)
        counts = np.add.reduceat(is_known.astype(np.int64), members.starts)
        means = numbers[0] + sums / np.maximum(counts, 1)
    means = np.clip(means, numbers[bounds[0]], numbers[bounds[1]])
    return _typed(np.where(counts > 0, means, 0.0), counts == 0, axis.values.type)


def _typed(
    means: NDArray[np.float64], is_missing: NDArray[np.bool_], kind: pa.DataType
) -> pa.Array:
    """Return the means in the type of the source, whole where the source is whole."""
    if pa.types.is_floating(kind):
        return pa.array(means, mask=is_missing).cast(kind)
    if pa.types.is_decimal(kind):
        texts = [
            None if gone else f"{mean:.{kind.scale}f}"
            for mean, gone in zip(means, is_missing, strict=True)
        ]
        return pa.array(texts, pa.string()).cast(kind)
    whole = pa.array(np.rint(means).astype(np.int64), mask=is_missing)
    if not pa.types.is_temporal(kind):
        return whole.cast(kind)
    return whole.cast(pa.int32()).view(kind) if kind.bit_width == 32 else whole.view(kind)  # noqa: PLR2004


def _medians(
    codes: NDArray[np.int32], is_known: NDArray[np.bool_], members: Members
) -> NDArray[np.int32]:
    """Return the lower median of the known codes of each class, the missing code where none is."""
    order = np.lexsort((codes, members.number))
    known = np.add.reduceat(is_known.astype(np.int64), members.starts)
    return codes[order[members.starts + np.maximum(known - 1, 0) // 2]]


def _categories(axis: Axis, codes: NDArray[np.int32], members: Members) -> dict[str, pa.Array]:
    cells, counts = np.unique(members.number * axis.domain + codes, return_counts=True)
    number, code = np.divmod(cells, axis.domain)
    by_frequency = np.lexsort((code, -counts, number))
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    representative = axis.values.take(pa.array(code[by_frequency][starts]))
    words = [
        json.dumps(word if word is None else str(word), ensure_ascii=False)
        for word in pc.cast(axis.values, pa.string()).to_pylist()
    ]
    texts = [
        "[" + ", ".join(words[entry] for entry in covered.tolist()) + "]"
        for covered in np.split(code, starts[1:])
    ]
    return {"": representative, "_set": pa.array(texts, pa.string())}
