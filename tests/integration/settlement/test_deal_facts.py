"""Settled contracts become deals that valuations can compare with."""

import pytest

from exchange_market.agreements.contract import Contract
from exchange_market.agreements.service import expire_contracts
from exchange_market.appraisals.deals import DealFact, deal_of
from exchange_market.appraisals.store import latest_deals
from exchange_market.persistence.outbox import waiting_events
from exchange_market.settlement.deal_facts import tell_deal
from exchange_market.settlement.invoices import INVOICE_SETTLED
from tests.support.market import BUYER, PROVIDER, Market

YEARLY = {"currency": "CNY", "charges": [{"kind": "flat", "amount": "900"}]}

pytestmark = pytest.mark.anyio


async def delivered(market: Market, contract: Contract, rows: int) -> None:
    await market.deliver(contract, await market.key(contract), rows=rows, size=10_000)
    await market.sign_receipts()


async def told(market: Market) -> list[DealFact]:
    """What the job worker would do with all events so far, done twice as it may."""
    async with market.database.read() as reading:
        events = await waiting_events(reading, 1_000)
    payloads = [event.payload for event in events if event.topic == INVOICE_SETTLED]
    for payload in (*payloads, *payloads):
        await tell_deal(market.database, market.secrets, payload)
    async with market.database.read() as reading:
        return list(await latest_deals(reading, 10))


async def test_a_running_contract_is_no_settled_deal_and_an_ended_one_is(market: Market) -> None:
    product_id = await market.published()
    contract = await market.paid_contract(product_id)
    await delivered(market, contract, 100)
    await market.settled_invoice(contract)

    (running,) = await told(market)
    market.clock.forward(seconds=400 * 86_400)
    async with market.database.write() as tx:
        assert await expire_contracts(tx) == 1
    last = await market.settled_invoice(await market.contract(contract.id))
    (ended,) = await told(market)

    assert (running.price_micro, running.rows, running.settled_at) == (50_000_000, 100, None)
    assert (ended.price_micro, ended.settled_at) == (50_000_000, last.settled_at)
    assert (ended.provider_id, ended.buyer_id) == (
        PROVIDER.organisation_id,
        BUYER.organisation_id,
    )
    assert (ended.product_id, ended.subject, ended.licence) == (product_id, "transport", "file")
    assert ended.term_days == 365
    deal = deal_of(ended)
    assert (str(deal.price), deal.currency, deal.is_confidential) == ("50", "CNY", True)
    assert float(deal.term_months or 0) == pytest.approx(12, abs=0.01)


async def test_a_contract_whose_whole_charge_is_settled_needs_no_end(market: Market) -> None:
    product_id = await market.published()
    contract = await market.paid_contract(product_id, plan=YEARLY)
    await delivered(market, contract, 100)
    invoice = await market.settled_invoice(contract)

    (found,) = await told(market)

    assert found.price_micro == contract.max_charge_micro == 900_000_000
    assert found.settled_at == invoice.settled_at


async def test_parties_are_told_apart_without_being_told(market: Market) -> None:
    product_id = await market.published()
    contract_ids: list[str] = []
    for _ in range(2):
        contract = await market.paid_contract(product_id)
        await delivered(market, contract, 10)
        await market.settled_invoice(contract)
        market.clock.forward(minutes=1)
        contract_ids.append(contract.id)

    one, other = await told(market)

    assert one.deal_id != other.deal_id
    assert (one.provider_digest, one.buyer_digest) == (other.provider_digest, other.buyer_digest)
    assert one.provider_digest != one.buyer_digest
    for secret in (PROVIDER.organisation_id, "91110000", *contract_ids):
        assert secret not in f"{one.deal_id} {one.provider_digest} {one.buyer_digest}"
