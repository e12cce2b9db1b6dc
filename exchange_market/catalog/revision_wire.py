"""Revisions and column dictionaries as the HTTP API reads and writes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from exchange_market.catalog.dictionary import ColumnEntry
from exchange_market.catalog.revision import (
    Column,
    ColumnRole,
    Revision,
    RevisionFailure,
    RevisionState,
)
from exchange_market.catalog.vocabulary import FileFormat
from exchange_market.kernel.text import paragraphs

Meaning = Annotated[str, Meta(max_length=1_000)]
ColumnName = Annotated[str, Meta(min_length=1, max_length=1_000)]


class ColumnIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What to say about one column; what is left out stays."""

    name: ColumnName
    meaning_zh: Meaning | None = None
    meaning_en: Meaning | None = None
    role: ColumnRole | None = None

    def to_entry(self) -> ColumnEntry:
        """The entry, its texts free of invisible characters."""
        return ColumnEntry(
            name=self.name,
            meaning_zh=_meaning(self.meaning_zh, "meaning_zh"),
            meaning_en=_meaning(self.meaning_en, "meaning_en"),
            role=self.role,
        )


class ColumnsIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Entries for columns of the latest ready revision."""

    columns: Annotated[list[ColumnIn], Meta(min_length=1, max_length=2_000)]


class ColumnOut(msgspec.Struct, kw_only=True, frozen=True):
    """A column. `role` is null until it was scanned; the column is withheld until then."""

    name: str
    position: int
    type: str
    meaning_zh: str
    meaning_en: str
    role: ColumnRole | None
    is_key: bool
    is_restricted: bool

    @classmethod
    def of(cls, column: Column) -> "ColumnOut":
        """The column as shown."""
        return cls(
            name=column.name,
            position=column.position,
            type=column.type,
            meaning_zh=column.meaning_zh,
            meaning_en=column.meaning_en,
            role=column.role,
            is_key=column.is_key,
            is_restricted=column.is_restricted,
        )


class ColumnsOut(msgspec.Struct, kw_only=True, frozen=True):
    """The dictionary of a revision, by position."""

    columns: Sequence[ColumnOut]

    @classmethod
    def of(cls, columns: Sequence[Column]) -> "ColumnsOut":
        """The dictionary as shown."""
        return cls(columns=[ColumnOut.of(column) for column in columns])


class FailureOut(msgspec.Struct, kw_only=True, frozen=True):
    """Why a revision failed."""

    code: str
    en: str
    zh: str
    details: Mapping[str, Any]

    @classmethod
    def of(cls, failure: RevisionFailure) -> "FailureOut":
        """The failure as shown."""
        return cls(code=failure.code, en=failure.en, zh=failure.zh, details=failure.details)


class RevisionOut(msgspec.Struct, kw_only=True, frozen=True):
    """A revision and how far it is: `received_bytes` of `declared_bytes`, then `rows` so far."""

    id: str
    product_id: str
    number: int
    state: RevisionState
    file_format: FileFormat
    file_name: str
    created_at: datetime
    updated_at: datetime
    ready_at: datetime | None
    received_bytes: int
    declared_bytes: int | None
    sha256: str | None
    rows: int | None
    parquet_bytes: int | None
    parquet_sha256: str | None
    root: str | None
    failure: FailureOut | None

    @classmethod
    def of(cls, revision: Revision) -> "RevisionOut":
        """The revision as shown."""
        members = {name: getattr(revision, name) for name in _MEMBERS}
        failure = None if revision.failure is None else FailureOut.of(revision.failure)
        return cls(**members, failure=failure)


_MEMBERS = tuple(name for name in RevisionOut.__struct_fields__ if name != "failure")


def _meaning(text: str | None, field: str) -> str | None:
    if text is None or not text.strip():
        return text and ""
    return paragraphs(text, field)
