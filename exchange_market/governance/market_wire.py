"""Transactions, figures and the audit trail on the wire."""

from datetime import datetime
from typing import Any

import msgspec

from exchange_market.governance.transactions import MarketTransaction
from exchange_market.governance.volume import PETABYTE, MarketFigures, YearVolume
from exchange_market.trust.audit import AuditLeaf
from exchange_market.trust.extracts import ChainVerdict


class TransactionOut(msgspec.Struct, kw_only=True, frozen=True):
    """A contract with its money and its usage."""

    contract_id: str
    state: str
    product_id: str
    product_title_zh: str
    product_title_en: str
    provider_id: str
    provider_name_zh: str
    provider_name_en: str
    buyer_id: str
    buyer_name_zh: str
    buyer_name_en: str
    currency: str
    max_charge_micro: int
    is_paid: bool
    billed_micro: int
    settled_micro: int
    deliveries: int
    delivered_rows: int
    delivered_bytes: int
    last_delivery_at: datetime | None
    created_at: datetime
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, found: MarketTransaction) -> "TransactionOut":
        """The transaction as the API shows it."""
        contract, product = found.contract, found.product
        provider, buyer = found.provider, found.buyer
        return cls(
            contract_id=contract.id,
            state=contract.state.value,
            product_id=contract.product_id,
            product_title_zh=product.title_zh if product else "",
            product_title_en=product.title_en if product else "",
            provider_id=contract.provider_id,
            provider_name_zh=provider.name_zh if provider else "",
            provider_name_en=provider.name_en if provider else "",
            buyer_id=contract.buyer_id,
            buyer_name_zh=buyer.name_zh if buyer else "",
            buyer_name_en=buyer.name_en if buyer else "",
            currency=contract.currency,
            max_charge_micro=contract.max_charge_micro,
            is_paid=contract.is_paid,
            billed_micro=found.billing.billed_micro,
            settled_micro=found.billing.settled_micro,
            deliveries=found.delivered.deliveries,
            delivered_rows=found.delivered.rows,
            delivered_bytes=found.delivered.body_bytes,
            last_delivery_at=found.delivered.last_finished_at,
            created_at=contract.created_at,
            starts_at=contract.starts_at,
            ends_at=contract.ends_at,
        )


class AuditLeafOut(msgspec.Struct, kw_only=True, frozen=True):
    """Who did what to what, when; `chain_hash` binds it to all before it."""

    sequence: int | None
    id: str
    recorded_at: datetime
    actor_id: str
    organisation_id: str | None
    action: str
    object_kind: str
    object_id: str
    details: dict[str, Any]
    chain_hash: str | None

    @classmethod
    def of(cls, leaf: AuditLeaf) -> "AuditLeafOut":
        """The leaf as the API shows it."""
        return cls(
            sequence=leaf.sequence,
            id=leaf.id,
            recorded_at=leaf.recorded_at,
            actor_id=leaf.actor_id,
            organisation_id=leaf.organisation_id,
            action=leaf.action,
            object_kind=leaf.object_kind,
            object_id=leaf.object_id,
            details=dict(leaf.details),
            chain_hash=leaf.chain_hash,
        )


class ChainVerdictOut(msgspec.Struct, kw_only=True, frozen=True):
    """What a recomputation found. When not `complete`, go on with `first` = `first` + `leaves`."""

    first: int
    leaves: int
    head: str
    ok: bool
    first_bad_sequence: int | None
    complete: bool

    @classmethod
    def of(cls, verdict: ChainVerdict) -> "ChainVerdictOut":
        """The verdict as the API shows it."""
        return cls(
            first=verdict.first,
            leaves=verdict.leaves,
            head=verdict.head,
            ok=verdict.ok,
            first_bad_sequence=verdict.first_bad_sequence,
            complete=verdict.is_complete,
        )


class MonthVolumeOut(msgspec.Struct, kw_only=True, frozen=True):
    """One month."""

    month: str
    delivered_bytes: int
    deliveries: int


class YearVolumeOut(msgspec.Struct, kw_only=True, frozen=True):
    """A year against its target. A PB is 10^15 bytes; shares are parts of the target."""

    year: int
    delivered_bytes: int
    delivered_pb: float
    target_bytes: int
    target_pb: float
    achieved_share: float
    planned_share: float
    deliveries: int
    months: list[MonthVolumeOut]

    @classmethod
    def of(cls, volume: YearVolume) -> "YearVolumeOut":
        """The year as the API shows it."""
        return cls(
            year=volume.year,
            delivered_bytes=volume.delivered_bytes,
            delivered_pb=volume.delivered_bytes / PETABYTE,
            target_bytes=volume.target_bytes,
            target_pb=volume.target_bytes / PETABYTE,
            achieved_share=volume.achieved_share,
            planned_share=volume.planned_share,
            deliveries=volume.deliveries,
            months=[
                MonthVolumeOut(
                    month=month.month,
                    delivered_bytes=month.delivered_bytes,
                    deliveries=month.deliveries,
                )
                for month in volume.months
            ],
        )


class SettledOut(msgspec.Struct, kw_only=True, frozen=True):
    """Settled invoices in one currency."""

    currency: str
    invoices: int
    total_micro: int
    provider_share_micro: int
    commission_micro: int


class MarketFiguresOut(msgspec.Struct, kw_only=True, frozen=True):
    """The market now. `ledger_sums_micro` must be zero and `wrong_balances` empty."""

    organisations: dict[str, int]
    listings: dict[str, int]
    contracts: dict[str, int]
    settled: list[SettledOut]
    ledger_sums_micro: dict[str, int]
    wrong_balances: list[str]

    @classmethod
    def of(cls, figures: MarketFigures) -> "MarketFiguresOut":
        """The figures as the API shows them."""
        return cls(
            organisations={state.value: n for state, n in figures.organisations.items()},
            listings={state.value: n for state, n in figures.listings.items()},
            contracts={state.value: n for state, n in figures.contracts.items()},
            settled=[
                SettledOut(
                    currency=amounts.total.currency,
                    invoices=amounts.invoices,
                    total_micro=amounts.total.amount_micro,
                    provider_share_micro=amounts.provider_share.amount_micro,
                    commission_micro=amounts.commission.amount_micro,
                )
                for amounts in figures.settled
            ],
            ledger_sums_micro=figures.ledger_sums,
            wrong_balances=list(figures.wrong_balances),
        )
