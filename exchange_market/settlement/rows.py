"""Tables of money. Entries and transactions are only ever added; triggers refuse anything else."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from exchange_market.persistence.base import Row
from exchange_market.persistence.columns import Big, Code, Id, Name, OpaqueJson, UtcDateTime


class AccountRow(Row, table=True):
    """An account and its balance in the sense of its kind, never negative."""

    __tablename__: ClassVar[str] = "ledger_account"
    __table_args__ = (
        CheckConstraint("balance_micro >= 0", name="balance_not_negative"),
        Index("ix_ledger_account_owner_id", "owner_id"),
    )

    code: str = Field(primary_key=True, sa_type=Name)
    kind: str = Field(sa_type=Code)
    owner_id: str = Field(sa_type=Id)
    currency: str = Field(sa_type=Code)
    balance_micro: int = Field(default=0, sa_type=Big)


class TransactionRow(Row, table=True):
    """A posting; kind and reference together are unique, so nothing is booked twice."""

    __tablename__: ClassVar[str] = "ledger_transaction"
    __table_args__ = (UniqueConstraint("kind", "reference"),)

    id: str = Field(primary_key=True, sa_type=Id)
    kind: str = Field(sa_type=Code)
    reference: str = Field(sa_type=Name)
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class EntryRow(Row, table=True):
    """One signed amount of a posting on one account."""

    __tablename__: ClassVar[str] = "ledger_entry"
    __table_args__ = (Index("ix_ledger_entry_account_code", "account_code", "transaction_id"),)

    transaction_id: str = Field(primary_key=True, sa_type=Id, foreign_key="ledger_transaction.id")
    position: int = Field(primary_key=True)
    account_code: str = Field(sa_type=Name, foreign_key="ledger_account.code")
    amount_micro: int = Field(sa_type=Big)


class TopUpRow(Row, table=True):
    """A bank transfer from a buyer, recorded by one administrator and confirmed by another."""

    __tablename__: ClassVar[str] = "top_up"
    __table_args__ = (
        # A transfer that was mistyped and refused may be recorded again.
        Index(
            "uq_top_up_bank_reference",
            "bank_reference",
            unique=True,
            sqlite_where=text("state <> 'refused'"),
            postgresql_where=text("state <> 'refused'"),
        ),
        Index("ix_top_up_organisation_id", "organisation_id", "id"),
        Index("ix_top_up_state", "state", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    organisation_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    amount_micro: int = Field(sa_type=Big)
    currency: str = Field(sa_type=Code)
    bank_reference: str = Field(sa_type=Name)
    state: str = Field(sa_type=Code)
    recorded_by: str = Field(sa_type=Id)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, sa_type=Id)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = Field(default=None, sa_type=Name)


class InvoiceRow(Row, table=True):
    """An issued invoice; nothing but its settlement is ever added to it."""

    __tablename__: ClassVar[str] = "invoice"
    __table_args__ = (
        UniqueConstraint("provider_id", "number"),
        UniqueConstraint("contract_id", "contract_sequence"),
        Index("ix_invoice_buyer_id", "buyer_id", "id"),
        Index("ix_invoice_settled_at", "settled_at", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    provider_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    number: int = Field(sa_type=Big)
    buyer_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    contract_id: str = Field(sa_type=Id)
    contract_sequence: int = Field(sa_type=Big)
    currency: str = Field(sa_type=Code)
    usage: dict[str, Any] = Field(sa_type=OpaqueJson)
    rating: dict[str, Any] = Field(sa_type=OpaqueJson)
    total_micro: int = Field(sa_type=Big)
    commission_micro: int = Field(sa_type=Big)
    provider_share_micro: int = Field(sa_type=Big)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    issued_by: str = Field(sa_type=Id)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by: str | None = Field(default=None, sa_type=Id)


class InvoiceCounterRow(Row, table=True):
    """The last invoice number of each provider: numbers have no gaps."""

    __tablename__: ClassVar[str] = "invoice_counter"

    provider_id: str = Field(primary_key=True, sa_type=Id)
    last_number: int = Field(sa_type=Big)
