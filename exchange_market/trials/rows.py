"""Tables of samples and of the queries on them."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from exchange_market.persistence.base import Row
from exchange_market.persistence.columns import (
    Big,
    Code,
    Id,
    LongText,
    Name,
    OpaqueJson,
    UtcDateTime,
)


class SampleRow(Row, table=True):
    """The sample of a revision; the file itself lies in the object store."""

    __tablename__: ClassVar[str] = "sample"
    __table_args__ = (
        UniqueConstraint("revision_id"),
        Index("ix_sample_product_id", "product_id", "state", "revision_number"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    product_id: str = Field(sa_type=Id, foreign_key="product.id")
    revision_id: str = Field(sa_type=Id, foreign_key="revision.id")
    revision_number: int = Field(sa_type=Big)
    state: str = Field(sa_type=Code)
    basis: str = Field(sa_type=Code)
    roles: dict[str, Any] = Field(sa_type=OpaqueJson)
    holds_persons: bool
    scan: dict[str, Any] | None = Field(default=None, sa_type=OpaqueJson)
    built: dict[str, Any] | None = Field(default=None, sa_type=OpaqueJson)
    refusal: dict[str, Any] | None = Field(default=None, sa_type=OpaqueJson)
    engine: str = Field(sa_type=Code)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, sa_type=Id)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = Field(default=None, sa_type=LongText)


class SandboxQueryRow(Row, table=True):
    """A query that somebody sent. Its text lies here alone, so that erasing the row erases it."""

    __tablename__: ClassVar[str] = "sandbox_query"
    __table_args__ = (
        Index("ix_sandbox_query_organisation_id_asked_at", "organisation_id", "asked_at"),
        Index("ix_sandbox_query_product_id", "product_id", "organisation_id", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    product_id: str = Field(sa_type=Id, foreign_key="product.id")
    revision_id: str = Field(sa_type=Id, foreign_key="revision.id")
    organisation_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    user_id: str = Field(sa_type=Id)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    statement: str = Field(sa_type=LongText)
    outcome: str = Field(sa_type=Name)
    answered_rows: int | None = Field(default=None, sa_type=Big)
    elapsed_ms: float | None = None
