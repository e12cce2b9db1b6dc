"""Tables of keys and audit leaves."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from exchange_market.persistence.base import Row
from exchange_market.persistence.columns import Big, Code, Id, Name, OpaqueJson, UtcDateTime


class KeyRow(Row, table=True):
    """A signing key: its public half in the open, its private half wrapped under the master key."""

    __tablename__: ClassVar[str] = "signing_key"
    __table_args__ = (Index("ix_signing_key_purpose_state", "purpose", "state"),)

    kid: str = Field(primary_key=True, sa_type=Code)
    purpose: str = Field(sa_type=Name)
    public_jwk: dict[str, Any] = Field(sa_type=OpaqueJson)
    wrapped_private_key: bytes
    state: str = Field(sa_type=Code)
    created_at: datetime = Field(sa_type=UtcDateTime)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ActiveKeyRow(Row, table=True):
    """Which key signs for a purpose now: one row per purpose, so two makers cannot both win."""

    __tablename__: ClassVar[str] = "active_key"

    purpose: str = Field(primary_key=True, sa_type=Name)
    kid: str = Field(sa_type=Code, foreign_key="signing_key.kid")


class AuditLeafRow(Row, table=True):
    """One recorded fact. `sequence` and `chain_hash` are filled by the sequencer, once."""

    __tablename__: ClassVar[str] = "audit_leaf"
    __table_args__ = (
        UniqueConstraint("sequence"),
        Index("ix_audit_leaf_object", "object_kind", "object_id", "sequence"),
        Index("ix_audit_leaf_actor", "actor_id", "sequence"),
        Index("ix_audit_leaf_organisation", "organisation_id", "sequence"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    actor_id: str = Field(sa_type=Code)
    organisation_id: str | None = Field(default=None, sa_type=Id)
    action: str = Field(sa_type=Code)
    object_kind: str = Field(sa_type=Code)
    object_id: str = Field(sa_type=Code)
    details: dict[str, Any] = Field(sa_type=OpaqueJson)
    sequence: int | None = Field(default=None, sa_type=Big)
    leaf_hash: str | None = Field(default=None, sa_type=Code)
    chain_hash: str | None = Field(default=None, sa_type=Code)
