"""One contract takes only its share of a web process."""

import asyncio
import itertools
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Semaphore
from typing import Any

from exchange_market.catalog.pages import PageStore, RowsPage
from exchange_market.delivery.turns import RUNNING_MAX
from tests.support.exchange import Trade


class SlowStore(PageStore):
    """A store whose searches end when the test says so."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.may_end = Event()
        self.has_begun = Semaphore(0)
        self.searches = 0

    def page(self, columns: Sequence[str], **search: Any) -> RowsPage:
        """The page, once it may end."""
        self.searches += 1
        self.has_begun.release()
        assert self.may_end.wait(30)
        return super().page(columns, **search)


async def slow_store(trade: Trade, key: str) -> SlowStore:
    """The pages of the key's product, from now on slow."""
    exchange = trade.exchange
    source = await exchange.sources.revision_for(await exchange.credentials.grant(key), None)
    path = await exchange.objects.as_file(source.revision.pages_key or "")
    store = SlowStore(path)
    exchange.sources._pages[source.revision.id] = store  # pyright: ignore[reportPrivateUsage]
    return store


async def test_slow_pages_of_one_contract_do_not_keep_another_waiting(trade: Trade) -> None:
    slow, fast = await trade.product(), await trade.product()
    contract, other = await trade.paid(slow), await trade.paid(fast)
    key, other_key = await trade.key(contract), await trade.key(other)
    store = await slow_store(trade, key)
    trade.exchange.turns._wait_seconds = 0.3  # pyright: ignore[reportPrivateUsage]

    pages = [asyncio.create_task(trade.fetch(key, f"{slow}/rows?limit=1")) for _ in range(6)]
    for _ in range(2):
        assert await asyncio.to_thread(store.has_begun.acquire, timeout=20)
    async with asyncio.timeout(20):
        answer = await trade.fetch(other_key, f"{fast}/rows?limit=3")
        refused = [await page for page in itertools.islice(asyncio.as_completed(pages), 4)]

    assert (answer.status_code, answer.headers["x-row-count"]) == (200, "3")
    assert store.searches == 2
    for page in refused:
        assert (page.status_code, page.headers["retry-after"]) == (429, "2")
        assert page.json()["code"] == "delivery.pages_busy"
    store.may_end.set()
    assert sorted([page.status_code for page in await asyncio.gather(*pages)]) == [
        *[200] * 2,
        *[429] * 4,
    ]
    usage = await trade.usage(contract)
    assert (usage["deliveries"], usage["rows"]) == (2, 2)
    assert [quota["reserved"] for quota in usage["quotas"]] == [0]


async def test_deliveries_beyond_the_places_of_a_contract_are_told_to_come_back(
    trade: Trade,
) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id, max_bytes=1_000)
    key = await trade.key(contract)
    for _ in range(RUNNING_MAX + 1):  # whoever is refused leaves no place behind
        assert (await trade.fetch(key, f"{product_id}/file")).status_code == 403
    places = [trade.exchange.turns.enter(contract["id"]) for _ in range(RUNNING_MAX)]
    before = await trade.usage(contract)

    for path in ("file", "rows?limit=1"):
        answer = await trade.fetch(key, f"{product_id}/{path}")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
        assert answer.json()["code"] == "delivery.too_many_at_once"
        assert answer.json()["params"]["running"] == RUNNING_MAX
    assert (await trade.fetch(key, f"{product_id}/file", method="HEAD")).status_code == 200

    assert await trade.usage(contract) == before
    places[0].leave()
    part = {"Range": "bytes=0-9"}
    for _ in range(3):
        answer = await trade.fetch(key, f"{product_id}/file", headers=part)
        assert answer.status_code == 206
