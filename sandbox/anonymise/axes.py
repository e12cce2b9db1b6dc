"""Columns of a Parquet file as ordered integer codes, read one column at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sandbox.anonymise.errors import CannotAnonymise

# A missing number lies one domain width beyond the greatest value: a class that mixes it with
# values has lost everything about the column, so separating the two is always worth a cut.
_MISSING_POSITION = 2.0


class Kind(StrEnum):
    """How the values of a quasi-identifier relate: by distance, by order or only by equality."""

    NUMERIC = "numeric"
    ORDERED = "ordered"
    CATEGORICAL = "categorical"


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """A quasi-identifier as codes 0..D-1 in the order of its values, missing last.

    `codes` is int32 per row; `values` has D entries, the last null if the column has missing
    values; `positions` is float64 per code, scaled so that the domain has width 1.
    """

    name: str
    kind: Kind
    codes: NDArray[np.int32]
    values: pa.Array
    positions: NDArray[np.float64]

    @property
    def domain(self) -> int:
        """The number of codes, the missing one included."""
        return len(self.positions)


def read_column(file: pq.ParquetFile, name: str, rows: NDArray[np.int64] | None) -> pa.Array:
    """Read a column, or only the rows at the ascending ordinals `rows`, one row group at a time."""
    parts: list[pa.Array] = []
    start = 0
    for group in range(file.num_row_groups):
        stop = start + file.metadata.row_group(group).num_rows
        if rows is None:
            parts.extend(file.read_row_group(group, columns=[name]).column(0).chunks)
        else:
            first, last = np.searchsorted(rows, (start, stop))
            if last > first:
                column = file.read_row_group(group, columns=[name]).column(0)
                parts.append(pc.take(column, pa.array(rows[first:last] - start)).combine_chunks())
        start = stop
    column_type = file.schema_arrow.field(name).type
    whole = pa.chunked_array(parts, column_type).combine_chunks()
    if pa.types.is_null(column_type):
        return whole.cast(pa.string())
    if pa.types.is_dictionary(column_type):
        return pc.cast(whole, column_type.value_type)
    return whole


def axis_of(name: str, column: pa.Array, order: Sequence[str] | None) -> Axis:
    """Code a quasi-identifier; `order` lists the words of an ordered text column, least first.

    Raises `CannotAnonymise` for nested or binary columns and for words missing from `order`.
    """
    if order is not None:
        return _ordered_axis(name, column, order)
    if _is_numeric(column.type):
        return _numeric_axis(name, column)
    if not (_is_text(column.type) or pa.types.is_boolean(column.type)):
        raise CannotAnonymise(
            "unsupported_type", f"column {name!r} of type {column.type} cannot be generalised"
        )
    codes, values = codes_of(column)
    return Axis(name, Kind.CATEGORICAL, codes, values, _even_positions(len(values)))


def codes_of(column: pa.Array) -> tuple[NDArray[np.int32], pa.Array]:
    """Return int32 codes in ascending order of the values, missing last, and the values by code.

    Raises `CannotAnonymise` for nested columns, whose values have no order.
    """
    if pa.types.is_nested(column.type):
        raise CannotAnonymise("unsupported_type", f"a column of type {column.type} has no order")
    encoded = column.dictionary_encode(null_encoding="mask")
    words = encoded.dictionary
    ranks = np.empty(len(words) + 1, np.int32)
    ascending = pc.call_function("sort_indices", [words])
    ranks[np.asarray(ascending)] = np.arange(len(words), dtype=np.int32)
    ranks[-1] = len(words)
    indices = np.asarray(encoded.indices.fill_null(len(words)))
    values = words.take(ascending)
    if encoded.null_count:
        values = pa.concat_arrays([values, pa.nulls(1, values.type)])
    return ranks[indices], values


def numbers_of(values: pa.Array) -> NDArray[np.float64]:
    """Return values as float64 (dates and times in their own integer unit), missing as NaN."""
    if pa.types.is_temporal(values.type):
        width = pa.int32() if values.type.bit_width == 32 else pa.int64()  # noqa: PLR2004
        values = values.view(width)
    return np.asarray(pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False))


def _numeric_axis(name: str, column: pa.Array) -> Axis:
    if pa.types.is_floating(column.type):
        finite = pc.call_function("is_finite", [column])
        column = pc.call_function("if_else", [finite, column, pa.scalar(None, column.type)])
    codes, values = codes_of(column)
    numbers = numbers_of(values)
    # Halves, because the width of the widest floating-point domain would overflow.
    halves = numbers / 2
    known = halves[~np.isnan(halves)]
    width = float(known[-1] - known[0]) if len(known) else 0.0
    positions = (halves - known[0]) / width if width > 0 else np.zeros(len(numbers))
    positions = np.where(np.isnan(numbers), _MISSING_POSITION, positions)
    return Axis(name, Kind.NUMERIC, codes, values, positions)


def _ordered_axis(name: str, column: pa.Array, order: Sequence[str]) -> Axis:
    words = pa.array(order, column.type)
    indices = pc.index_in(column, words)  # pyright: ignore[reportAttributeAccessIssue]  (registered at import)
    if indices.null_count != column.null_count or len(set(order)) != len(order):
        raise CannotAnonymise(
            "incomplete_order", f"the order of column {name!r} must list each of its words once"
        )
    codes = np.asarray(indices.fill_null(len(order))).astype(np.int32)
    positions = _even_positions(len(order))
    if column.null_count:
        words = pa.concat_arrays([words, pa.nulls(1, words.type)])
        positions = np.append(positions, _MISSING_POSITION)
    return Axis(name, Kind.ORDERED, codes, words, positions)


def _even_positions(count: int) -> NDArray[np.float64]:
    return np.arange(count) / max(count - 1, 1)


def _is_numeric(kind: pa.DataType) -> bool:
    return (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or (pa.types.is_temporal(kind) and not pa.types.is_interval(kind))
    )


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)
