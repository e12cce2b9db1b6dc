"""Tables of usage. Usage events and receipts are only ever added."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from exchange_market.persistence.base import Row
from exchange_market.persistence.columns import Big, Blob, Code, Id, Name, OpaqueJson, UtcDateTime


class QuotaRow(Row, table=True):
    """How much of one meter a contract allows, used and holds in reserve."""

    __tablename__: ClassVar[str] = "quota"
    __table_args__ = (
        CheckConstraint("used >= 0 AND reserved >= 0", name="quota_not_negative"),
        CheckConstraint("used + reserved <= limit_units", name="quota_not_exceeded"),
    )

    contract_id: str = Field(primary_key=True, sa_type=Id)
    meter: str = Field(primary_key=True, sa_type=Code)
    limit_units: int = Field(sa_type=Big)
    used: int = Field(default=0, sa_type=Big)
    reserved: int = Field(default=0, sa_type=Big)


class ReservationRow(Row, table=True):
    """Units set aside for one running delivery."""

    __tablename__: ClassVar[str] = "reservation"
    __table_args__ = (Index("ix_reservation_expires_at", "state", "expires_at"),)

    id: str = Field(primary_key=True, sa_type=Id)
    contract_id: str = Field(sa_type=Id)
    rows: int = Field(sa_type=Big)
    body_bytes: int = Field(sa_type=Big)
    calls: int = Field(sa_type=Big)
    state: str = Field(sa_type=Code)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class UsageEventRow(Row, table=True):
    """One delivery: what was sent under which contract, and the receipt that says so."""

    __tablename__: ClassVar[str] = "usage_event"
    __table_args__ = (
        UniqueConstraint("contract_id", "sequence"),
        UniqueConstraint("reservation_id"),
        Index("ix_usage_event_unsigned", "batch_id", "id"),
        Index("ix_usage_event_finished_at", "finished_at"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    reservation_id: str = Field(sa_type=Id)
    contract_id: str = Field(sa_type=Id)
    sequence: int = Field(sa_type=Big)
    key_id: str = Field(sa_type=Id)
    product_id: str = Field(sa_type=Id)
    operation: str = Field(sa_type=Code)
    rows: int = Field(sa_type=Big)
    body_bytes: int = Field(sa_type=Big)
    calls: int = Field(sa_type=Big)
    finished_at: datetime = Field(sa_type=UtcDateTime)
    receipt: bytes = Field(sa_type=Blob)
    receipt_hash: str = Field(sa_type=Name)
    batch_id: str | None = Field(default=None, sa_type=Id, foreign_key="receipt_batch.id")
    signed_receipt: dict[str, Any] | None = Field(default=None, sa_type=OpaqueJson)


class ReceiptCounterRow(Row, table=True):
    """The last receipt of each contract: the next one names its hash."""

    __tablename__: ClassVar[str] = "receipt_counter"

    contract_id: str = Field(primary_key=True, sa_type=Id)
    last_sequence: int = Field(sa_type=Big)
    last_hash: str = Field(sa_type=Name)


class ReceiptBatchRow(Row, table=True):
    """Receipts signed together: one signature over the root of their Merkle tree."""

    __tablename__: ClassVar[str] = "receipt_batch"

    id: str = Field(primary_key=True, sa_type=Id)
    receipts: int = Field(sa_type=Big)
    signed_at: datetime = Field(sa_type=UtcDateTime)
