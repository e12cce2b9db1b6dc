"""What is released is delivered: later revisions wait for review, suspended listings stop."""

import asyncio
from dataclasses import replace

import pytest

from exchange_market.catalog import service as catalog
from exchange_market.catalog import store
from exchange_market.catalog.product import FactKind, Grade
from exchange_market.catalog.revisions import INGESTION
from exchange_market.schedule import subscriptions
from tests.support.exchange import ROWS, TABLE, Trade, wishes

LATER_ROWS = 10


async def add_revision(trade: Trade, product_id: str) -> str:
    """The id of a second revision, ready after the listing was published."""
    trade.clock.forward(seconds=60)
    await trade.revision(product_id, TABLE.slice(0, LATER_ROWS))
    async with trade.exchange.database.read() as reading:
        return (await catalog.latest_ready_revision(reading, product_id)).id


async def approve_sample(trade: Trade, product_id: str, revision_id: str) -> None:
    """The provider's approval, as the trials slice tells it to the catalogue."""
    async with trade.exchange.database.write() as tx:
        fact = {"state": "approved", "rows": 5}
        await catalog.put_fact(tx, product_id, revision_id, FactKind.SAMPLE, fact)


async def delivered(trade: Trade, key: str, path: str) -> tuple[str, int]:
    """Revision and number of rows of a page."""
    answer = await trade.fetch(key, path)
    assert answer.status_code == 200, answer.text
    return answer.headers["x-revision"], len(answer.json()["rows"])


async def refuse_later(trade: Trade, key: str, product_id: str) -> None:
    """The second revision is neither contracted nor delivered, and the first one is."""
    rows = f"{product_id}/rows"
    assert await delivered(trade, key, rows) == ("1", ROWS)
    for path in (rows, f"{product_id}/file"):
        answer = await trade.fetch(key, f"{path}?revision=2")
        assert (answer.status_code, answer.json()["code"]) == (
            404,
            "delivery.revision_not_available",
        )
    body = {"product_id": product_id, "terms": wishes(revision=2), "note": ""}
    answer = await trade.send("buyer", "POST", "/contracts", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "agreements.terms_invalid")
    assert answer.json()["errors"][0]["field"] == "revision"


async def test_a_later_revision_waits_for_its_providers_approval(trade: Trade) -> None:
    product_id = await trade.product()
    key = await trade.key(await trade.paid(product_id))
    revision_id = await add_revision(trade, product_id)
    await refuse_later(trade, key, product_id)

    await approve_sample(trade, product_id, revision_id)

    assert await delivered(trade, key, f"{product_id}/rows") == ("2", LATER_ROWS)
    assert await delivered(trade, key, f"{product_id}/rows?revision=1") == ("1", ROWS)
    assert (await trade.requested(product_id, revision=2))["state"] == "requested"


@pytest.mark.parametrize("change", ["persons", "grade"])
async def test_a_later_revision_with_persons_or_of_a_higher_grade_waits_for_review(
    trade: Trade, change: str
) -> None:
    product_id = await trade.product()
    key = await trade.key(await trade.paid(product_id))
    await approve_sample(trade, product_id, await add_revision(trade, product_id))
    async with trade.exchange.database.write() as tx:
        if change == "persons":
            await catalog.set_holds_persons(tx, INGESTION, product_id, True)
        else:
            product = await store.lock_product(tx, product_id)
            assert product is not None
            await store.save_product(tx, replace(product, grade=Grade.IMPORTANT))

    await refuse_later(trade, key, product_id)


async def test_a_suspended_listing_is_delivered_no_more(trade: Trade) -> None:
    product_id, other_id = await trade.product(), await trade.product()
    contract, other = await trade.paid(product_id), await trade.paid(other_id)
    key, other_key = await trade.key(contract), await trade.key(other)
    assert await delivered(trade, key, f"{product_id}/rows") == ("1", ROWS)
    before = await trade.usage(contract)

    decision = {"decision": "suspend", "reason": "complaint"}
    path = f"/admin/products/{product_id}/decision"
    await trade.call("admin", "POST", path, json=decision)
    for job in subscriptions(trade.exchange):
        if job.topic == "catalog.listing_suspended":
            await job.run({"product_id": product_id})

    for what in ("rows", "file"):
        answer = await trade.fetch(key, f"{product_id}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (403, "delivery.contract_stopped")
    await asyncio.sleep(0.6)  # what reserves nothing hears of it with the next look at the epoch
    assert (await trade.fetch(key, f"{product_id}/file", method="HEAD")).status_code == 403
    body = {"product_id": product_id, "terms": wishes(), "note": ""}
    assert (await trade.send("buyer", "POST", "/contracts", json=body)).status_code in (404, 409)
    assert await trade.usage(contract) == before
    assert await delivered(trade, other_key, f"{other_id}/rows") == ("1", ROWS)
