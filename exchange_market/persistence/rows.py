"""Tables of the persistence layer itself."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index
from sqlmodel import Field

from exchange_market.persistence.base import Row
from exchange_market.persistence.columns import Code, Id, Name, OpaqueJson, UtcDateTime


class OutboxRow(Row, table=True):
    """An event waiting for, or already handed to, its subscribers."""

    __tablename__: ClassVar[str] = "outbox"
    __table_args__ = (Index("ix_outbox_undispatched", "dispatched_at", "id"),)

    id: str = Field(primary_key=True, sa_type=Id)
    topic: str = Field(sa_type=Code)
    payload: dict[str, Any] = Field(sa_type=OpaqueJson)
    created_at: datetime = Field(sa_type=UtcDateTime)
    dispatched_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class IdempotencyRow(Row, table=True):
    """What a command answered, so that sending it again gives the same answer and no second
    effect."""

    __tablename__: ClassVar[str] = "idempotency"

    actor_id: str = Field(primary_key=True, sa_type=Id)
    route: str = Field(primary_key=True, sa_type=Name)
    key: str = Field(primary_key=True, sa_type=Name)
    body_hash: str = Field(sa_type=Code)
    status: int
    body: bytes
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
