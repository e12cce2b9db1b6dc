"""Reading a few raw rows of a revision's Parquet file, with identifying columns masked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from exchange_market.catalog.product import Column

COLUMNS_MAX = 200
MASK = "***"
_TEXT_MAX = 500
_SAFE_INTEGER = 2**53 - 1

Cell = str | int | bool | None


@dataclass(frozen=True, slots=True)
class RawRows:
    """Some rows as text-like values. Masked columns show `***` in every row, missing values too."""

    columns: tuple[str, ...]
    masked: tuple[str, ...]
    first_row: int
    rows: tuple[tuple[Cell, ...], ...]


def read_raw_rows(
    path: Path, columns: Sequence[Column], *, first_row: int, limit: int, unmask: bool
) -> RawRows:
    """Up to `limit` rows from ordinal `first_row` on; masked columns are not read. Blocking."""
    shown = columns[:COLUMNS_MAX]
    masked = () if unmask else tuple(column.name for column in shown if column.is_restricted)
    open_names = [column.name for column in shown if column.name not in masked]
    with pq.ParquetFile(path) as file:
        cells = {name: list[Cell]() for name in open_names}
        count = 0
        for batch in _slices(file, open_names, first_row, limit):
            count += batch.num_rows
            for name in open_names:
                cells[name] += [_cell(value) for value in batch.column(name).to_pylist()]
    hidden: list[Cell] = [MASK] * count
    by_column = [cells.get(column.name, hidden) for column in shown]
    return RawRows(
        columns=tuple(column.name for column in shown),
        masked=masked,
        first_row=first_row,
        rows=tuple(zip(*by_column, strict=True)),
    )


def _slices(
    file: pq.ParquetFile, names: list[str], first_row: int, limit: int
) -> Iterator[pa.RecordBatch]:
    skipped = first_row
    for group in range(file.num_row_groups):
        group_rows = file.metadata.row_group(group).num_rows
        if skipped >= group_rows:
            skipped -= group_rows
            continue
        for batch in file.iter_batches(row_groups=[group], columns=names):
            part = batch.slice(skipped, limit)
            skipped = max(0, skipped - batch.num_rows)
            if part.num_rows:
                limit -= part.num_rows
                yield part
            if limit <= 0:
                return


def _cell(value: object) -> Cell:
    match value:
        case None | bool():
            return value
        case int() if abs(value) <= _SAFE_INTEGER:
            return value
        case bytes():
            return value[: _TEXT_MAX // 2].hex()
        case _:
            return str(value)[:_TEXT_MAX]
