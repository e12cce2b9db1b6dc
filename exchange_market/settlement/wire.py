"""Money on the wire: amounts are integers of micro-units beside their currency."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from exchange_market.agreements.contract import Contract
from exchange_market.kernel.text import single_line
from exchange_market.settlement.errors import CurrencyUnknown
from exchange_market.settlement.invoices import Invoice
from exchange_market.settlement.ledger import Balance, RecordedPosting
from exchange_market.settlement.top_ups import TopUp
from pricing.errors import PricingError
from pricing.money import Money

_AMOUNT_MICRO_MAX = 10**15

Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", examples=["CNY"])]
Reason = Annotated[str, Meta(min_length=1, max_length=200)]


class TopUpIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A bank transfer that arrived for a buyer."""

    organisation_id: Annotated[str, Meta(min_length=1, max_length=40)]
    amount_micro: Annotated[int, Meta(ge=1, le=_AMOUNT_MICRO_MAX)]
    currency: Currency
    bank_reference: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{4,64}$", examples=["20261123-0001"])]

    def amount(self) -> Money:
        """The amount as money; raises CurrencyUnknown."""
        try:
            return Money(self.amount_micro, self.currency)
        except PricingError:
            raise CurrencyUnknown(field="currency", currency=self.currency) from None


class TopUpDecisionIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What the second administrator found at the bank."""

    decision: Literal["confirm", "refuse"]
    reason: Reason | None = None

    def text(self) -> str | None:
        """The reason as plain text."""
        return None if self.reason is None else single_line(self.reason, "reason")


class TopUpOut(msgspec.Struct, kw_only=True, frozen=True):
    """A top-up."""

    id: str
    organisation_id: str
    amount_micro: int
    currency: str
    bank_reference: str
    state: str
    recorded_by: str
    recorded_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None

    @classmethod
    def of(cls, top_up: TopUp) -> "TopUpOut":
        """The top-up as the API shows it."""
        return cls(
            id=top_up.id,
            organisation_id=top_up.organisation_id,
            amount_micro=top_up.amount.amount_micro,
            currency=top_up.amount.currency,
            bank_reference=top_up.bank_reference,
            state=top_up.state.value,
            recorded_by=top_up.recorded_by,
            recorded_at=top_up.recorded_at,
            decided_by=top_up.decided_by,
            decided_at=top_up.decided_at,
            reason=top_up.reason,
        )


class BalanceOut(msgspec.Struct, kw_only=True, frozen=True):
    """What one account holds."""

    kind: str
    currency: str
    balance_micro: int

    @classmethod
    def of(cls, balance: Balance) -> "BalanceOut":
        """The balance as the API shows it."""
        return cls(
            kind=balance.account.kind.value,
            currency=balance.account.currency,
            balance_micro=balance.balance_micro,
        )


class BalancesOut(msgspec.Struct, kw_only=True, frozen=True):
    """All accounts of the caller's organisation."""

    organisation_id: str
    balances: list[BalanceOut]


class EntryOut(msgspec.Struct, kw_only=True, frozen=True):
    """One signed amount; debits are positive."""

    account: str
    amount_micro: int
    currency: str


class PostingOut(msgspec.Struct, kw_only=True, frozen=True):
    """A posting with its entries, which add up to zero per currency."""

    id: str
    kind: str
    reference: str
    recorded_at: datetime
    entries: list[EntryOut]

    @classmethod
    def of(cls, posting: RecordedPosting) -> "PostingOut":
        """The posting as the API shows it."""
        return cls(
            id=posting.id,
            kind=posting.kind,
            reference=posting.reference,
            recorded_at=posting.recorded_at,
            entries=[
                EntryOut(
                    account=entry.account.code,
                    amount_micro=entry.amount_micro,
                    currency=entry.account.currency,
                )
                for entry in posting.entries
            ],
        )


class PaymentOut(msgspec.Struct, kw_only=True, frozen=True):
    """The contract after its payment."""

    contract_id: str
    state: str
    is_paid: bool
    paid_micro: int
    currency: str

    @classmethod
    def of(cls, contract: Contract) -> "PaymentOut":
        """The payment as the API shows it."""
        return cls(
            contract_id=contract.id,
            state=contract.state.value,
            is_paid=contract.is_paid,
            paid_micro=contract.max_charge_micro,
            currency=contract.currency,
        )


class InvoiceOut(msgspec.Struct, kw_only=True, frozen=True):
    """An invoice. `usage` and `rating` are what it was computed from; recompute it with
    `python -m pricing rate`."""

    id: str
    number: int
    contract_id: str
    contract_sequence: int
    provider_id: str
    buyer_id: str
    currency: str
    usage: dict[str, Any]
    rating: dict[str, Any]
    total_micro: int
    provider_share_micro: int
    commission_micro: int
    issued_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, invoice: Invoice) -> "InvoiceOut":
        """The invoice as the API shows it."""
        return cls(
            id=invoice.id,
            number=invoice.number,
            contract_id=invoice.contract_id,
            contract_sequence=invoice.contract_sequence,
            provider_id=invoice.provider_id,
            buyer_id=invoice.buyer_id,
            currency=invoice.total.currency,
            usage=invoice.usage,
            rating=invoice.rating,
            total_micro=invoice.total.amount_micro,
            provider_share_micro=invoice.shares.provider.amount_micro,
            commission_micro=invoice.shares.commission.amount_micro,
            issued_at=invoice.issued_at,
            settled_at=invoice.settled_at,
        )
