"""Traces on the wire."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from exchange_market.agreements.overview import KeyLife
from exchange_market.catalog.product import ListingEvent, Revision
from exchange_market.governance.tracing import ContractTrace, Trace
from exchange_market.settlement.invoices import Invoice


class RevisionTraceOut(msgspec.Struct, kw_only=True, frozen=True):
    """One upload: by whom, from which bytes, with which commitment to its rows."""

    number: int
    state: str
    uploaded_by: str | None
    uploaded_at: datetime
    rows: int | None
    sha256: str | None
    root: str | None

    @classmethod
    def of(cls, revision: Revision, *, with_people: bool) -> "RevisionTraceOut":
        """The revision as the API shows it; people of the provider only to insiders."""
        return cls(
            number=revision.number,
            state=revision.state.value,
            uploaded_by=revision.created_by if with_people else None,
            uploaded_at=revision.created_at,
            rows=revision.rows,
            sha256=revision.sha256,
            root=revision.root,
        )


class StepOut(msgspec.Struct, kw_only=True, frozen=True):
    """One step of the listing and who took it."""

    action: str
    to_state: str
    actor_id: str
    reason: str
    happened_at: datetime

    @classmethod
    def of(cls, event: ListingEvent) -> "StepOut":
        """The step as the API shows it."""
        return cls(
            action=event.action,
            to_state=event.to_state.value,
            actor_id=event.actor_id,
            reason=event.reason,
            happened_at=event.happened_at,
        )


class KeyTraceOut(msgspec.Struct, kw_only=True, frozen=True):
    """Who made a key and how long it opened the contract."""

    id: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: KeyLife) -> "KeyTraceOut":
        """The key as the API shows it."""
        return cls(
            id=key.id,
            created_by=key.created_by,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
        )


class InvoiceTraceOut(msgspec.Struct, kw_only=True, frozen=True):
    """Who issued and who settled an invoice."""

    id: str
    number: int
    total_micro: int
    currency: str
    issued_by: str
    issued_at: datetime
    settled_by: str | None
    settled_at: datetime | None

    @classmethod
    def of(cls, invoice: Invoice) -> "InvoiceTraceOut":
        """The invoice as the API shows it."""
        return cls(
            id=invoice.id,
            number=invoice.number,
            total_micro=invoice.total.amount_micro,
            currency=invoice.total.currency,
            issued_by=invoice.issued_by,
            issued_at=invoice.issued_at,
            settled_by=invoice.settled_by,
            settled_at=invoice.settled_at,
        )


class ContractTraceOut(msgspec.Struct, kw_only=True, frozen=True):
    """A contract, its keys, what was delivered under receipts, and its invoices."""

    id: str
    state: str
    provider_id: str
    buyer_id: str
    document_digest: str | None
    keys: list[KeyTraceOut]
    receipts: int
    receipts_link: str
    delivered_rows: int
    delivered_bytes: int
    last_delivery_at: datetime | None
    invoices: list[InvoiceTraceOut]

    @classmethod
    def of(cls, trace: ContractTrace) -> "ContractTraceOut":
        """The contract as the API shows it."""
        contract = trace.contract
        return cls(
            id=contract.id,
            state=contract.state.value,
            provider_id=contract.provider_id,
            buyer_id=contract.buyer_id,
            document_digest=contract.document_digest,
            keys=[KeyTraceOut.of(key) for key in trace.keys],
            receipts=trace.delivered.deliveries,
            receipts_link=f"/v1/contracts/{contract.id}/receipts",
            delivered_rows=trace.delivered.rows,
            delivered_bytes=trace.delivered.body_bytes,
            last_delivery_at=trace.delivered.last_finished_at,
            invoices=[InvoiceTraceOut.of(invoice) for invoice in trace.invoices],
        )


class TraceOut(msgspec.Struct, kw_only=True, frozen=True):
    """A product from its source to its whereabouts. `next_cursor` leads to older contracts."""

    product_id: str
    provider_id: str
    state: str
    source_statement: str
    lawful_basis: str
    responsible_person: str
    revisions: list[RevisionTraceOut]
    steps: list[StepOut]
    contracts: list[ContractTraceOut]
    next_cursor: str | None

    @classmethod
    def of(
        cls,
        trace: Trace,
        contracts: Sequence[ContractTrace] | None = None,
        *,
        next_cursor: str | None = None,
    ) -> "TraceOut":
        """The trace as the API shows it, with all its contracts or a page of them."""
        product = trace.product
        is_insider = bool(trace.steps)
        return cls(
            product_id=product.id,
            provider_id=product.organisation_id,
            state=product.state.value,
            source_statement=product.source_statement,
            lawful_basis=product.lawful_basis,
            responsible_person=product.responsible_person,
            revisions=[
                RevisionTraceOut.of(revision, with_people=is_insider)
                for revision in trace.revisions
            ],
            steps=[StepOut.of(event) for event in trace.steps],
            contracts=[ContractTraceOut.of(each) for each in contracts or trace.contracts],
            next_cursor=next_cursor,
        )
