"""How fast files become revisions, and in how much memory.

Run `python -m tests.benchmarks.bench_ingest`. It ingests generated CSV of some rows by ten columns
through the real child process, and has plain DuckDB copy the same file to Parquet in the same run.
What the ingestion does beyond that copy: checks of encoding and of types over the whole file, a
SHA-256 for each cell, a Merkle root, and an indexed page store.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import anyio

from exchange_market.catalog.ingestion.messages import Finished, IngestJob, Progress
from exchange_market.catalog.ingestion.process import run_child

_COPY = """
import resource, sys, duckdb
duckdb.execute("SET enable_progress_bar = false")
duckdb.execute("COPY (FROM read_csv(?)) TO '" + sys.argv[2] + "' (FORMAT parquet)", [sys.argv[1]])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""
_BLOCK_ROWS = 20_000


def write_csv(path: Path, rows: int) -> None:
    """Ten columns: whole numbers, codes, fractions, dates, instants, words, a flag and gaps."""
    with path.open("w", encoding="utf-8") as file:
        file.write("id,code,city,amount,ratio,on_day,at,flag,note,gap\n")
        for start in range(0, rows, _BLOCK_ROWS):
            file.write(
                "".join(
                    f"{i},{i % 1000:05d},城市{i % 97},{i * 7 % 100_000}.{i % 100:02d},"
                    f"{1 / (i + 1):.6f},20{i % 24:02d}-{i % 12 + 1:02d}-{i % 28 + 1:02d},"
                    f"2024-01-01T{i % 24:02d}:{i % 60:02d}:00Z,{'true' if i % 3 else 'false'},"
                    f"note {i % 5000},{i if i % 4 else ''}\n"
                    for i in range(start, min(rows, start + _BLOCK_ROWS))
                )
            )


async def measure(path: Path, folder: Path) -> tuple[Finished, float]:
    """Ingest one CSV file; what came out, and the seconds it took."""
    job = IngestJob(
        original=str(path),
        file_format="csv",
        scratch=str(folder),
        secret=bytes(32),
        key_columns=("id",),
        parent_pid=os.getpid(),
        memory_bytes_max=2 * 1024**3,
        seconds_max=3_600,
    )
    began = time.perf_counter()
    outcome = await run_child(job, _ignore)
    if not isinstance(outcome, Finished):
        raise SystemExit(outcome.en)
    return outcome, time.perf_counter() - began


async def _ignore(progress: Progress) -> None:
    del progress


def main() -> None:
    """Print rows per second, processor time and peak memory of both, and their ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=5_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        path, folder = Path(name) / "rows.csv", Path(name) / "scratch"
        folder.mkdir()
        write_csv(path, rows)
        print(f"{rows} rows, {path.stat().st_size / 2**20:.0f} MiB")
        command = [sys.executable, "-c", _COPY, str(path), str(Path(name) / "copy.parquet")]
        used, began = _processor_seconds(), time.perf_counter()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        copying, copying_used = time.perf_counter() - began, _processor_seconds() - used
        _show("plain copy", rows, copying, copying_used, int(done.stdout))
        used = _processor_seconds()
        finished, seconds = anyio.run(measure, path, folder)
        used = _processor_seconds() - used
        _show("ingestion", rows, seconds, used, finished.rss_bytes_max)
        print(f"stages: {finished.seconds}, offline: {finished.is_offline}")
        print(
            f"ratio to the copy: {seconds / copying:.1f} of the clock, "
            f"{used / copying_used:.1f} of processor time"
        )


def _processor_seconds() -> float:
    # Of children that ended. On a shared machine it says more than the clock.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _show(what: str, rows: int, seconds: float, used: float, peak_bytes: int) -> None:
    print(
        f"{what}: {seconds:.1f} s ({used:.1f} s of processor time), {rows / seconds:.0f} rows/s, "
        f"peak {peak_bytes / 2**20:.0f} MiB"
    )


if __name__ == "__main__":
    main()
