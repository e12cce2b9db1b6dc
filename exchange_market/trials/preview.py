"""Rows of a sample file as JSON values, for people who look before they approve or ask."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sandbox.worker.cells import JsonValue, json_row

_BATCH_ROWS: Final = 256
_PAGE_BYTES_MAX: Final = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SampleRows:
    """Some rows of a sample in file order; `next_offset` is None at the end."""

    columns: tuple[str, ...]
    rows: tuple[list[JsonValue], ...]
    next_offset: int | None


def read_rows(path: Path, offset: int, limit: int) -> SampleRows:
    """The rows from `offset` on: at most `limit`, fewer where they are larger than 2 MiB together.

    At least one row is given if there is one, so that paging always comes to an end.
    """
    with pq.ParquetFile(path) as file:
        total = file.metadata.num_rows
        rows: list[list[JsonValue]] = []
        size = 0
        for row in _rows_from(file, offset):
            size += len(json.dumps(row, ensure_ascii=False).encode())
            if len(rows) == limit or (rows and size > _PAGE_BYTES_MAX):
                break
            rows.append(row)
        names = tuple(file.schema_arrow.names)
    reached = offset + len(rows)
    return SampleRows(names, tuple(rows), reached if rows and reached < total else None)


def _rows_from(file: pq.ParquetFile, offset: int) -> Iterator[list[JsonValue]]:
    passed = 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS):
        skipped = max(0, min(batch.num_rows, offset - passed))
        passed += batch.num_rows
        if skipped < batch.num_rows:
            columns = [_in_microseconds(column.slice(skipped)) for column in batch.columns]
            for row in zip(*(column.to_pylist() for column in columns), strict=True):
                yield json_row(row)


def _in_microseconds(column: pa.Array) -> pa.Array:
    """Round down what Python cannot hold: its times end at microseconds."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return pc.cast(column, pa.timestamp("us", kind.tz), safe=False)
    if pa.types.is_time64(kind) and kind.unit == "ns":
        return pc.cast(column, pa.time64("us"), safe=False)
    if pa.types.is_duration(kind) and kind.unit == "ns":
        return pc.cast(column, pa.duration("us"), safe=False)
    return column
