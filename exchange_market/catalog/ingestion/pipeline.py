"""One ingestion from file to artefacts, in the confined child."""

import resource
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from exchange_market.catalog.ingestion.artefacts import (
    CommitmentPlan,
    commit_and_page,
    sha256_of,
    write_parquet,
)
from exchange_market.catalog.ingestion.delimited import read_csv
from exchange_market.catalog.ingestion.messages import Finished, IngestJob, SourceFormat
from exchange_market.catalog.ingestion.ndjson import read_ndjson
from exchange_market.catalog.ingestion.parquet import read_parquet
from exchange_market.catalog.ingestion.refusals import KeyColumnsMissing
from exchange_market.catalog.ingestion.spreadsheet import read_spreadsheet
from exchange_market.catalog.ingestion.table import Table, open_duckdb

Reader = Callable[[duckdb.DuckDBPyConnection, Path, Path], Table]

_READERS: dict[SourceFormat, Reader] = {
    "csv": read_csv,
    "parquet": read_parquet,
    "ndjson": read_ndjson,
    "xlsx": read_spreadsheet,
}


def ingest(
    job: IngestJob, on_progress: Callable[[str, int], None], *, is_offline: bool
) -> Finished:
    """Read, check, write, commit and page one file; raises a refusal if the file is at fault."""
    scratch = Path(job.scratch)
    original = Path(job.original)
    parquet, pages = scratch / "data.parquet", scratch / "pages.sqlite"
    watch = _StopWatch()
    with open_duckdb(scratch, job.memory_bytes_max, original) as connection:
        on_progress("checking", 0)
        table = _READERS[job.file_format](connection, original, scratch)
        _check_keys(job, table)
        watch.lap("checking")
        on_progress("writing", 0)
        write_parquet(connection, table, parquet)
        watch.lap("writing")
        made = commit_and_page(
            connection,
            parquet,
            pages,
            CommitmentPlan(job.secret, job.key_columns),
            lambda rows: on_progress("committing", rows),
        )
    watch.lap("committing")
    return Finished(
        rows=made.rows,
        columns=made.columns,
        root=made.root.hex(),
        parquet=str(parquet),
        parquet_bytes=parquet.stat().st_size,
        parquet_sha256=sha256_of(parquet),
        pages=str(pages),
        seconds=watch.laps,
        # Linux counts in KiB.
        rss_bytes_max=_peak_rss_bytes(),
        is_offline=is_offline,
    )


def _check_keys(job: IngestJob, table: Table) -> None:
    names = {column.name for column in table.columns}
    if missing := [key for key in job.key_columns if key not in names]:
        raise KeyColumnsMissing(columns=", ".join(missing))


class _StopWatch:
    """Seconds spent in each stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        """End a stage."""
        now = time.perf_counter()
        self.laps[stage] = round(now - self._since, 3)
        self._since = now


def _peak_rss_bytes() -> int:
    # Of this program only: `ru_maxrss` would count what the process that started us had in memory.
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except FileNotFoundError:  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024
