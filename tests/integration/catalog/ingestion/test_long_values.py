"""Files of long values are ingested within the memory of any other, or told what would be."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange_market.catalog.ingestion import limits
from exchange_market.catalog.ingestion.messages import SourceFormat
from tests.support.ingestion import Ingestion

pytestmark = pytest.mark.anyio
ROWS = 240
MIB = 1024 * 1024
MEMORY = 1536 * MIB
"""The values alone are about as much as DuckDB is given of this."""


def values() -> Iterator[str]:
    """Texts of a mebibyte, the most there may be, each another one."""
    for number in range(ROWS):
        yield f"{number:08d}" + "long " * ((MIB - 8) // 5)


def write(path: Path, file_format: SourceFormat) -> Path:
    if file_format == "parquet":
        schema = pa.schema([("text", pa.string())])
        with pq.ParquetWriter(path, schema) as writer:
            for value in values():
                writer.write_table(pa.table({"text": [value]}), row_group_size=1)
        return path
    line = '{{"text": "{}"}}\n' if file_format == "ndjson" else "{}\n"
    with path.open("w") as file:
        file.write("text\n" if file_format == "csv" else "")
        for value in values():
            file.write(line.format(value))
    return path


@pytest.mark.parametrize("file_format", ["csv", "ndjson", "parquet"])
async def test_many_values_of_a_mebibyte_are_ingested(
    ingestion: Ingestion, file_format: SourceFormat
) -> None:
    path = write(ingestion.folder / "original", file_format)

    finished = await ingestion.finished(path, file_format, memory_bytes_max=MEMORY)

    assert finished.rows == ROWS
    file = pq.ParquetFile(finished.parquet)
    assert max(file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)) < 100
    found = hashlib.sha256()
    for batch in file.iter_batches(batch_size=8):
        for value in batch.column(0).to_pylist():
            found.update(value.encode())
    assert found.digest() == hashlib.sha256("".join(values()).encode()).digest()


async def test_parquet_in_one_huge_row_group_is_told_how_to_be_written(
    ingestion: Ingestion,
) -> None:
    path = ingestion.folder / "original"
    pq.write_table(pa.table({"text": list(values())}), path)

    refused = await ingestion.run(path, "parquet", memory_bytes_max=512 * MIB)

    assert getattr(refused, "code", refused) == "ingestion.memory_exhausted"
    assert "row groups of at most 32 MiB" in getattr(refused, "en", "")


@pytest.mark.parametrize(
    ("columns", "rows", "row_bytes_max", "expected"),
    [
        (1, 5_000_000, 0, 122_880),
        (20, 5_000_000, 2_000, 122_880),
        (2_000, 100_000, 20_000, 4_000),
        (1, 600, MIB, 16),
        (8, 200, 8 * MIB, 2),
        (1, 20_000, 32 * 1024, 512),
        # One long value among many short ones.
        (1, 100_000_000, MIB, 24_414),
        (2_000, 3, 2_000 * MIB, 1),
    ],
)
def test_row_groups_are_cut_by_bytes_only_where_values_are_long(
    columns: int, rows: int, row_bytes_max: int, expected: int
) -> None:
    assert limits.row_group_rows(columns, rows, row_bytes_max) == expected
