"""Tracing a product: its source, its revisions, who approved it, and where its data went.

Answers the four words of the plan: queryable, traceable to the source, trackable to the
whereabouts, with a responsible party at every step. Bounded: one page of contracts, and the newest
of the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from exchange_market.agreements.contract import Contract
from exchange_market.agreements.overview import KeyLife, keys_of_contracts
from exchange_market.agreements.service import find_contract, list_contracts
from exchange_market.catalog.product import ListingEvent, Product, Revision
from exchange_market.catalog.service import find_product, listing_history, revisions_for
from exchange_market.governance.errors import TraceNotFound
from exchange_market.kernel.principal import Principal
from exchange_market.metering.overview import NOTHING, Delivered, delivered_under
from exchange_market.persistence.transaction import Reading
from exchange_market.settlement.invoices import Invoice, invoices_of_contracts

REVISIONS_MAX = 50
KEYS_MAX = 500
INVOICES_MAX = 500


@dataclass(frozen=True, slots=True)
class ContractTrace:
    """What became of one contract: keys, deliveries under signed receipts, invoices."""

    contract: Contract
    keys: tuple[KeyLife, ...]
    delivered: Delivered
    invoices: tuple[Invoice, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """A product from its source to its whereabouts, as far as the viewer may know."""

    product: Product
    revisions: Sequence[Revision]
    steps: Sequence[ListingEvent]
    contracts: Sequence[ContractTrace]


async def trace_product(
    reading: Reading, viewer: Principal, product_id: str, *, before: str | None, limit: int
) -> Trace:
    """Everything for its provider and administrators; for a buyer, the own contracts only.

    Raises TraceNotFound for everybody else: a listing that is merely published is not traced.
    """
    product = await find_product(reading, product_id)
    if product is None:
        raise TraceNotFound(object_id=product_id)
    is_insider = viewer.is_administrator or viewer.organisation_id == product.organisation_id
    contracts = await list_contracts(
        reading,
        None if is_insider else viewer.organisation_id,
        product_id=product_id,
        before=before,
        limit=limit,
    )
    if not (is_insider or contracts or before):
        raise TraceNotFound(object_id=product_id)
    return await _trace(reading, viewer, product, contracts, is_insider=is_insider)


async def trace_contract(reading: Reading, viewer: Principal, contract_id: str) -> Trace:
    """One contract with its product, for its parties and administrators; raises TraceNotFound."""
    contract = await find_contract(reading, contract_id)
    if contract is None or not (
        viewer.is_administrator or contract.is_party(viewer.organisation_id)
    ):
        raise TraceNotFound(object_id=contract_id)
    product = await find_product(reading, contract.product_id)
    if product is None:
        raise TraceNotFound(object_id=contract_id)
    is_insider = viewer.is_administrator or viewer.organisation_id == product.organisation_id
    return await _trace(reading, viewer, product, [contract], is_insider=is_insider)


async def _trace(
    reading: Reading,
    viewer: Principal,
    product: Product,
    contracts: Sequence[Contract],
    *,
    is_insider: bool,
) -> Trace:
    ids = [contract.id for contract in contracts]
    keys = await keys_of_contracts(reading, ids, limit=KEYS_MAX)
    delivered = await delivered_under(reading, ids)
    invoices = await invoices_of_contracts(reading, ids, limit=INVOICES_MAX)
    revisions: Sequence[Revision] = ()
    steps: Sequence[ListingEvent] = ()
    if is_insider or product.is_published:
        revisions = await revisions_for(
            reading, viewer, product.id, before=None, limit=REVISIONS_MAX
        )
    if is_insider:
        steps = await listing_history(reading, viewer, product.id)
    return Trace(
        product=product,
        revisions=revisions,
        steps=steps,
        contracts=[
            ContractTrace(
                contract=contract,
                keys=tuple(key for key in keys if key.contract_id == contract.id),
                delivered=delivered.get(contract.id, NOTHING),
                invoices=tuple(i for i in invoices if i.contract_id == contract.id),
            )
            for contract in contracts
        ],
    )
