"""Memory does not grow with the file."""

from pathlib import Path

import pytest

from tests.benchmarks.bench_ingest import measure, write_csv

pytestmark = pytest.mark.anyio

ROWS = 600_000
MIB = 1024 * 1024


async def test_a_file_of_many_rows_is_streamed(tmp_path: Path) -> None:
    path, folder = tmp_path / "rows.csv", tmp_path / "scratch"
    folder.mkdir()
    write_csv(path, ROWS)

    finished, _ = await measure(path, folder)

    assert finished.rows == ROWS
    # The bound of 1 GiB for 5,000,000 rows, which the benchmark measures, leaves room here.
    assert finished.rss_bytes_max < 800 * MIB
