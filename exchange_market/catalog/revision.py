"""One uploaded state of a dataset: immutable once ready, numbered from 1 without gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from contracts.commitment import Commitment
from exchange_market.catalog.vocabulary import FileFormat
from sandbox.roles import Role as ColumnRole


class RevisionState(StrEnum):
    """Where an upload stands."""

    RECEIVING = "receiving"
    INGESTING = "ingesting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RevisionFailure:
    """Why a revision failed: a stable code, both texts, and particulars such as row numbers."""

    code: str
    en: str
    zh: str
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One uploaded state of a dataset.

    `rows` counts the rows read so far while ingesting and all rows once ready. `sha256` (hex) is
    that of the uploaded bytes. `root` (hex) commits to the rows; see `contracts.commitment`. The
    keys name objects in the object store; `pages_key` is the page store of the declared key
    columns.
    """

    id: str
    product_id: str
    number: int
    state: RevisionState
    file_format: FileFormat
    file_name: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    ready_at: datetime | None = None
    received_bytes: int = 0
    declared_bytes: int | None = None
    sha256: str | None = None
    rows: int | None = None
    parquet_bytes: int | None = None
    parquet_sha256: str | None = None
    root: str | None = None
    failure: RevisionFailure | None = None
    original_key: str | None = None
    parquet_key: str | None = None
    pages_key: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether its rows can be read."""
        return self.state is RevisionState.READY


def commitment_digest(revision: Revision, columns: Sequence[str]) -> str:
    """`sha256:…` that names a ready revision in contracts and receipts.

    `columns` are all its columns in order; see `contracts.commitment`.
    """
    root = bytes.fromhex(revision.root or "")
    return Commitment(tuple(columns), revision.rows or 0, root).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of one revision. `role` is None until the column was scanned: treat that as
    withheld.

    `type` is the DuckDB type name of the column in the revision's Parquet file.
    """

    name: str
    position: int
    type: str
    meaning_zh: str = ""
    meaning_en: str = ""
    role: ColumnRole | None = None
    is_key: bool = False

    @property
    def is_restricted(self) -> bool:
        """Whether the column leaves only with a matching grant."""
        return self.role is None or self.role in _RESTRICTED


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestedColumn:
    """Name and DuckDB type of a column as the ingestion found it."""

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestResult:
    """What a finished ingestion hands over; the objects are already in the object store.

    `sealed_commitment_secret` is the random secret of the salted commitment, encrypted for the
    revision's row. Nothing else leads to it: whoever erases it makes the root tell nothing of the
    rows.
    """

    rows: int
    columns: tuple[IngestedColumn, ...]
    parquet_key: str
    parquet_bytes: int
    parquet_sha256: str
    root: str
    sealed_commitment_secret: bytes
    pages_key: str | None = None


# A sensitive column may be delivered in full under a contract; these two identify somebody
# outright.
_RESTRICTED = frozenset({ColumnRole.DIRECT_IDENTIFIER, ColumnRole.FREE_TEXT})
