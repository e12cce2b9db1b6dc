"""What parent and child say to each other: one job on standard input, JSON lines on standard
output."""

from typing import Any, Literal

import msgspec

from exchange_market.kernel.errors import ExchangeError

SourceFormat = Literal["csv", "parquet", "ndjson", "xlsx"]


class IngestJob(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file to ingest. `secret` is the revision's commitment secret; it travels on the pipe
    only."""

    original: str
    file_format: SourceFormat
    scratch: str
    secret: bytes
    key_columns: tuple[str, ...]
    parent_pid: int
    memory_bytes_max: int
    seconds_max: int

    def __repr__(self) -> str:
        return f"IngestJob({self.file_format}, ***)"


class FoundColumn(msgspec.Struct, frozen=True):
    """A column of the finished Parquet file with its DuckDB type."""

    name: str
    type: str


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How far the child is. Rows count those that are hashed and stored."""

    stage: str
    rows: int


class Finished(msgspec.Struct, frozen=True, kw_only=True, tag="finished"):
    """Everything went well; both files lie in the scratch folder. `rss_bytes_max` is the child's
    peak."""

    rows: int
    columns: tuple[FoundColumn, ...]
    root: str
    parquet: str
    parquet_bytes: int
    parquet_sha256: str
    pages: str
    seconds: dict[str, float]
    rss_bytes_max: int
    is_offline: bool


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The file is at fault."""

    code: str
    en: str
    zh: str
    params: dict[str, Any]


Message = Progress | Finished | Refused


def as_message(refusal: ExchangeError) -> Refused:
    """A refusal as it crosses the process boundary."""
    return Refused(refusal.code, refusal.text("en"), refusal.text("zh"), {**refusal.params})
