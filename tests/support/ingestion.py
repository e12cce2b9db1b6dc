"""Real files through the real ingestion child."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from exchange_market.catalog.ingestion.messages import (
    Finished,
    IngestJob,
    Progress,
    Refused,
    SourceFormat,
)
from exchange_market.catalog.ingestion.process import run_child

SECRET = bytes(range(32))


@dataclass
class Ingestion:
    """A folder of its own, in which files are ingested."""

    folder: Path
    progress: list[Progress] = field(default_factory=list[Progress])

    async def run(
        self,
        content: bytes | Path,
        file_format: SourceFormat,
        *,
        keys: tuple[str, ...] = (),
        **limits: int,
    ) -> Finished | Refused:
        """Ingest bytes, or a file that lies somewhere, in a child process."""
        original = content if isinstance(content, Path) else self.folder / "original"
        if isinstance(content, bytes):
            original.write_bytes(content)
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        for leftover in scratch.iterdir():
            leftover.unlink()
        job = IngestJob(
            original=str(original),
            file_format=file_format,
            scratch=str(scratch),
            secret=SECRET,
            key_columns=keys,
            parent_pid=os.getpid(),
            memory_bytes_max=limits.get("memory_bytes_max", 2 * 1024**3),
            seconds_max=limits.get("seconds_max", 300),
        )
        return await run_child(job, self._note)

    async def finished(
        self, content: bytes | Path, file_format: SourceFormat, **more: Any
    ) -> Finished:
        """Like `run`, for a file that must be accepted."""
        outcome = await self.run(content, file_format, **more)
        assert isinstance(outcome, Finished), outcome
        return outcome

    async def refused(
        self, content: bytes | Path, file_format: SourceFormat, **more: Any
    ) -> Refused:
        """Like `run`, for a file that must be refused, in both languages and without artefacts."""
        outcome = await self.run(content, file_format, **more)
        assert isinstance(outcome, Refused), outcome
        assert outcome.en
        assert outcome.zh
        assert "{" not in outcome.en + outcome.zh
        assert not (self.folder / "scratch" / "pages.sqlite").exists()
        return outcome

    async def _note(self, progress: Progress) -> None:
        self.progress.append(progress)


def types_of(finished: Finished) -> dict[str, str]:
    """Column name -> DuckDB type."""
    return {column.name: column.type for column in finished.columns}


def rows_of(finished: Finished) -> list[tuple[Any, ...]]:
    """All rows of the Parquet file in file order, by a reader that is not DuckDB."""
    table = pq.read_table(finished.parquet)
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def write_parquet(path: Path, query: str) -> Path:
    """A Parquet file with the rows of a DuckDB query."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path
