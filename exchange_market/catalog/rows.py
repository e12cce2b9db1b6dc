"""Tables of products, revisions, column dictionaries, facts, listing history and the search
index.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, Integer, SmallInteger, UniqueConstraint
from sqlmodel import Field

from exchange_market.persistence.base import Row
from exchange_market.persistence.columns import (
    Big,
    Blob,
    Code,
    Id,
    LongText,
    Name,
    OpaqueJson,
    UtcDateTime,
)


class ProductRow(Row, table=True):
    """A dataset product and where its listing stands."""

    __tablename__: ClassVar[str] = "product"
    __table_args__ = (
        Index("ix_product_state_id", "state", "id"),
        Index("ix_product_organisation_id_id", "organisation_id", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    organisation_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    state: str = Field(sa_type=Code)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    title_zh: str = Field(sa_type=Name)
    title_en: str = Field(sa_type=Name)
    description_zh: str = Field(sa_type=LongText)
    description_en: str = Field(sa_type=LongText)
    subject: str = Field(sa_type=Code)
    keywords: list[str] = Field(sa_type=OpaqueJson)
    spatial: str = Field(sa_type=Name)
    temporal_start: date | None = None
    temporal_end: date | None = None
    granularity: str = Field(sa_type=Name)
    update_frequency: str | None = Field(default=None, sa_type=Code)
    language: str = Field(sa_type=Code)
    licence_terms: str = Field(sa_type=LongText)
    source_statement: str = Field(sa_type=LongText)
    lawful_basis: str = Field(sa_type=LongText)
    responsible_person: str = Field(sa_type=Name)
    grade: str = Field(sa_type=Code)
    openness: str = Field(sa_type=Code)
    holds_persons: bool | None = None
    security_assessment: str = Field(sa_type=LongText)
    impact_assessment: str = Field(sa_type=LongText)
    key_columns: list[str] = Field(sa_type=OpaqueJson)
    time_column: str | None = Field(default=None, sa_type=Name)


class ListingEventRow(Row, table=True):
    """One step in the life of a listing."""

    __tablename__: ClassVar[str] = "listing_event"
    __table_args__ = (Index("ix_listing_event_product_id_id", "product_id", "id"),)

    id: str = Field(primary_key=True, sa_type=Id)
    product_id: str = Field(sa_type=Id, foreign_key="product.id")
    action: str = Field(sa_type=Code)
    from_state: str | None = Field(default=None, sa_type=Code)
    to_state: str = Field(sa_type=Code)
    actor_id: str = Field(sa_type=Code)
    reason: str = Field(sa_type=LongText)
    happened_at: datetime = Field(sa_type=UtcDateTime)


class ListingFactRow(Row, table=True):
    """What another part of the exchange says about a listing; fit to be shown to strangers."""

    __tablename__: ClassVar[str] = "listing_fact"

    product_id: str = Field(primary_key=True, sa_type=Id, foreign_key="product.id")
    revision_id: str = Field(primary_key=True, sa_type=Id, foreign_key="revision.id")
    kind: str = Field(primary_key=True, sa_type=Code)
    fact: dict[str, Any] = Field(sa_type=OpaqueJson)
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class RevisionRow(Row, table=True):
    """One uploaded state of a dataset. `upload_key` is the sender's idempotency key."""

    __tablename__: ClassVar[str] = "revision"
    __table_args__ = (
        UniqueConstraint("product_id", "number"),
        UniqueConstraint("product_id", "created_by", "upload_key"),
        Index("ix_revision_state_updated_at", "state", "updated_at"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    product_id: str = Field(sa_type=Id, foreign_key="product.id")
    number: int = Field(sa_type=Big)
    state: str = Field(sa_type=Code)
    file_format: str = Field(sa_type=Code)
    file_name: str = Field(sa_type=Name)
    created_by: str = Field(sa_type=Code)
    upload_key: str | None = Field(default=None, sa_type=Name)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    ready_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    received_bytes: int = Field(default=0, sa_type=Big)
    declared_bytes: int | None = Field(default=None, sa_type=Big)
    sha256: str | None = Field(default=None, sa_type=Code)
    rows: int | None = Field(default=None, sa_type=Big)
    parquet_bytes: int | None = Field(default=None, sa_type=Big)
    parquet_sha256: str | None = Field(default=None, sa_type=Code)
    root: str | None = Field(default=None, sa_type=Code)
    sealed_commitment_secret: bytes | None = Field(default=None, sa_type=Blob)
    failure: dict[str, Any] | None = Field(default=None, sa_type=OpaqueJson)
    original_key: str | None = Field(default=None, sa_type=Name)
    parquet_key: str | None = Field(default=None, sa_type=Name)
    pages_key: str | None = Field(default=None, sa_type=Name)


class ColumnRow(Row, table=True):
    """A column of one revision. Names are as found in the file, hence of any length up to the
    cap.
    """

    __tablename__: ClassVar[str] = "revision_column"

    revision_id: str = Field(primary_key=True, sa_type=Id, foreign_key="revision.id")
    position: int = Field(primary_key=True, sa_type=Integer)
    name: str = Field(sa_type=LongText)
    type: str = Field(sa_type=LongText)
    meaning_zh: str = Field(sa_type=LongText)
    meaning_en: str = Field(sa_type=LongText)
    role: str | None = Field(default=None, sa_type=Code)
    is_key: bool = False


class IndexedListingRow(Row, table=True):
    """A published listing as the search sees it: a small number for the token index, and its
    facets.
    """

    __tablename__: ClassVar[str] = "indexed_listing"
    __table_args__ = (UniqueConstraint("product_id"),)

    number: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    product_id: str = Field(sa_type=Id, foreign_key="product.id")
    organisation_id: str = Field(sa_type=Id)
    subject: str = Field(sa_type=Code)
    grade: str = Field(sa_type=Code)
    openness: str = Field(sa_type=Code)
    price_mode: str = Field(sa_type=Code)
    published_at: datetime = Field(sa_type=UtcDateTime, index=True)


class ListingTokenRow(Row, table=True):
    """The inverted index: which listing holds which token, and how much that counts."""

    __tablename__: ClassVar[str] = "listing_token"
    # The primary key is all there is to look up, so on SQLite it is the table itself.
    __table_args__ = (Index("ix_listing_token_listing", "listing"), {"sqlite_with_rowid": False})

    token: str = Field(primary_key=True, sa_type=Code)
    listing: int = Field(primary_key=True, sa_type=Integer, foreign_key="indexed_listing.number")
    weight: int = Field(sa_type=SmallInteger)
