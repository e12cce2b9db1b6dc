"""Tables of contracts, offers, free allowances and API keys."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint
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


class ContractRow(Row, table=True):
    """A contract from request to end. `terms` are those of the latest offer."""

    __tablename__: ClassVar[str] = "contract"
    __table_args__ = (
        Index("ix_contract_buyer_id", "buyer_id", "id"),
        Index("ix_contract_provider_id", "provider_id", "id"),
        Index("ix_contract_ends_at", "state", "ends_at"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    product_id: str = Field(sa_type=Id, foreign_key="product.id")
    provider_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    buyer_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    state: str = Field(sa_type=Code)
    offer_number: int
    terms: dict[str, Any] = Field(sa_type=OpaqueJson)
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    deadline_at: datetime = Field(sa_type=UtcDateTime)
    currency: str = Field(sa_type=Code)
    max_charge_micro: int = Field(sa_type=Big)
    document: bytes | None = Field(default=None, sa_type=Blob)
    document_digest: str | None = Field(default=None, sa_type=Name)
    signatures: dict[str, Any] | None = Field(default=None, sa_type=OpaqueJson)
    is_paid: bool = False
    reason: str | None = Field(default=None, sa_type=LongText)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class OfferRow(Row, table=True):
    """One step of a negotiation: full terms, by one side."""

    __tablename__: ClassVar[str] = "offer"
    __table_args__ = (UniqueConstraint("contract_id", "number"),)

    id: str = Field(primary_key=True, sa_type=Id)
    contract_id: str = Field(sa_type=Id, foreign_key="contract.id")
    number: int
    side: str = Field(sa_type=Code)
    terms: dict[str, Any] = Field(sa_type=OpaqueJson)
    max_charge_micro: int = Field(sa_type=Big)
    note: str = Field(sa_type=LongText)
    made_by: str = Field(sa_type=Id)
    made_at: datetime = Field(sa_type=UtcDateTime)


class AllowanceGrantRow(Row, table=True):
    """A legal entity has had the free allowance of a product; it gets no second one.

    The entity is named by its registered identifier, not by an account.
    """

    __tablename__: ClassVar[str] = "allowance_grant"

    product_id: str = Field(primary_key=True, sa_type=Id, foreign_key="product.id")
    identifier_scheme: str = Field(primary_key=True, sa_type=Code)
    country: str = Field(primary_key=True, sa_type=Code)
    identifier: str = Field(primary_key=True, sa_type=Code)
    contract_id: str = Field(sa_type=Id, foreign_key="contract.id")
    granted_at: datetime = Field(sa_type=UtcDateTime)


class ApiKeyRow(Row, table=True):
    """An API key as its keyed hash; the key itself was shown once and is nowhere."""

    __tablename__: ClassVar[str] = "api_key"
    __table_args__ = (
        UniqueConstraint("fingerprint"),
        Index("ix_api_key_contract_id", "contract_id", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    contract_id: str = Field(sa_type=Id, foreign_key="contract.id")
    fingerprint: str = Field(sa_type=Code)
    prefix: str = Field(sa_type=Code)
    hint: str = Field(sa_type=Code)
    label: str = Field(sa_type=Name)
    created_by: str = Field(sa_type=Id)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AccessEpochRow(Row, table=True):
    """A counter that grows whenever something that was allowed stops being so."""

    __tablename__: ClassVar[str] = "access_epoch"

    id: int = Field(primary_key=True)
    epoch: int = Field(sa_type=Big)
