"""Transactions: contracts with parties, money and usage, in a fixed number of queries a page."""

from collections.abc import Sequence
from dataclasses import dataclass

from exchange_market.accounts.organisation import Organisation
from exchange_market.accounts.service import find_organisations
from exchange_market.agreements.contract import Contract
from exchange_market.agreements.service import list_contracts
from exchange_market.catalog.product import Product
from exchange_market.catalog.service import find_products
from exchange_market.metering.overview import NOTHING, Delivered, delivered_under
from exchange_market.persistence.transaction import Reading
from exchange_market.settlement.overview import Billing, billing_of_contracts

_NOT_BILLED = Billing(0, 0)


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """Which contracts to list; all given members must match. The organisation is either party."""

    state: str | None = None
    product_id: str | None = None
    organisation_id: str | None = None


@dataclass(frozen=True, slots=True)
class MarketTransaction:
    """A contract and everything that came of it."""

    contract: Contract
    product: Product | None
    provider: Organisation | None
    buyer: Organisation | None
    delivered: Delivered
    billing: Billing


async def list_transactions(
    reading: Reading, wanted: TransactionFilter, *, before: str | None, limit: int
) -> Sequence[MarketTransaction]:
    """Contracts, newest first, from behind the id `before`: five queries however many there are."""
    contracts = await list_contracts(
        reading,
        wanted.organisation_id,
        product_id=wanted.product_id,
        state=wanted.state,
        before=before,
        limit=limit,
    )
    ids = [contract.id for contract in contracts]
    parties = {party for c in contracts for party in (c.provider_id, c.buyer_id)}
    products = await find_products(reading, sorted({c.product_id for c in contracts}))
    organisations = await find_organisations(reading, sorted(parties))
    delivered = await delivered_under(reading, ids)
    billing = await billing_of_contracts(reading, ids)
    return [
        MarketTransaction(
            contract=contract,
            product=products.get(contract.product_id),
            provider=organisations.get(contract.provider_id),
            buyer=organisations.get(contract.buyer_id),
            delivered=delivered.get(contract.id, NOTHING),
            billing=billing.get(contract.id, _NOT_BILLED),
        )
        for contract in contracts
    ]
