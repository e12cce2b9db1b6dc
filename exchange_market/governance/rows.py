"""Tables of governance: first approvals of important data, and requests for raw rows."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field

from exchange_market.persistence.base import Row
from exchange_market.persistence.columns import Big, Code, Id, LongText, OpaqueJson, UtcDateTime


class ReviewVoteRow(Row, table=True):
    """The first of two approvals. It counts only for exactly what was looked at: `basis`."""

    __tablename__: ClassVar[str] = "review_vote"

    product_id: str = Field(primary_key=True, sa_type=Id, foreign_key="product.id")
    basis: str = Field(primary_key=True, sa_type=Code)
    administrator_id: str = Field(sa_type=Id, foreign_key="account.id")
    reason: str = Field(sa_type=LongText)
    voted_at: datetime = Field(sa_type=UtcDateTime)


class BreakGlassRow(Row, table=True):
    """A request of an administrator to see raw rows, and what became of it."""

    __tablename__: ClassVar[str] = "break_glass"
    __table_args__ = (Index("ix_break_glass_product_id", "product_id", "id"),)

    id: str = Field(primary_key=True, sa_type=Id)
    product_id: str = Field(sa_type=Id, foreign_key="product.id")
    organisation_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    revision_id: str = Field(sa_type=Id, foreign_key="revision.id")
    revision_number: int = Field(sa_type=Big)
    first_row: int = Field(sa_type=Big)
    rows: int = Field(sa_type=Big)
    columns: list[str] = Field(sa_type=OpaqueJson)
    unmask: bool
    reason: str = Field(sa_type=LongText)
    state: str = Field(sa_type=Code)
    requested_by: str = Field(sa_type=Id, foreign_key="account.id")
    requested_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, sa_type=Id)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision_reason: str | None = Field(default=None, sa_type=LongText)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    readings: int = Field(default=0, sa_type=Big)
    last_read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
