"""Near the end of a quota: pages shrink, and no question is answered free of charge."""

import asyncio
import io
import json
from typing import Any

import pyarrow as pa
from httpx import Response

from exchange_market.agreements.service import find_contract
from exchange_market.delivery.row_pages import PAGE_BYTES_MAX
from exchange_market.metering.quota import Amounts, Reservation, release, reserve
from tests.support.exchange import ROWS, Trade

FILTERS = ("id:eq:5", "id:eq:-1")
"""A filter that finds a row and one that finds none."""


async def test_pages_shrink_into_what_is_left_and_come_to_an_end(trade: Trade) -> None:
    product_id = await trade.product()
    for form in ("json", "ndjson", "csv", "arrow"):
        contract = await trade.paid(product_id, max_bytes=4_000)
        key = await trade.key(contract)
        path = f"{product_id}/rows?columns=id,at,wide,huge&format={form}"
        seen, sizes, cursor = list[int](), list[int](), ""

        while (answer := await trade.fetch(key, f"{path}{cursor}")).status_code == 200:
            sizes.append(len(answer.content))
            seen += ids(form, answer)
            assert int(answer.headers["x-row-count"]) == len(ids(form, answer))
            cursor = f"&cursor={answer.headers['x-next-cursor']}"

        assert (answer.status_code, answer.json()["params"]["meter"]) == (403, "bytes")
        assert seen == list(range(len(seen)))
        assert 20 < len(seen) < ROWS
        usage = await trade.usage(contract)
        assert (usage["bytes"], usage["rows"]) == (sum(sizes), len(seen))
        assert usage["calls"] == len(sizes) < 10
        assert [quota["reserved"] for quota in usage["quotas"]] == [0, 0]


def ids(form: str, answer: Response) -> list[int]:
    """The first column of a page."""
    match form:
        case "json":
            return [row[0] for row in answer.json()["rows"]]
        case "ndjson":
            return [json.loads(line)["id"] for line in answer.text.splitlines()]
        case "csv":
            return [int(line.split(",")[0]) for line in answer.text.splitlines()[1:]]
        case _:
            with pa.ipc.open_stream(io.BytesIO(answer.content)) as stream:
                return stream.read_all()["id"].to_pylist()


async def test_a_row_that_does_not_fit_costs_what_no_row_costs(trade: Trade) -> None:
    product_id = await trade.product()
    answers: list[Any] = []
    for condition in FILTERS:
        contract = await trade.paid(product_id, max_bytes=200)
        key = await trade.key(contract)
        path = f"{product_id}/rows?filter={condition}"
        answer = await trade.fetch(key, path)
        usage = await trade.usage(contract)
        assert (answer.status_code, answer.json()["rows"]) == (200, [])
        assert (usage["rows"], usage["calls"], usage["deliveries"]) == (0, 1, 1)
        assert usage["bytes"] == len(answer.content) <= 200
        answers.append((path, key, contract, answer.json()["next_cursor"]))

    path, key, contract, cursor = answers[0]
    assert answers[1][3] is None
    before = await trade.usage(contract)
    followed = await trade.fetch(key, f"{path}&cursor={cursor}")
    assert (followed.status_code, followed.json()["code"]) == (403, "metering.quota_exhausted")
    assert await trade.usage(contract) == before


async def test_a_client_that_follows_is_not_charged_again_for_a_row_that_does_not_fit(
    trade: Trade,
) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id, max_bytes=150)
    key = await trade.key(contract)
    path = f"{product_id}/rows?format=ndjson"

    first = await trade.fetch(key, path)
    assert (first.status_code, first.content, first.headers["x-row-count"]) == (200, b"", "0")
    next_one = await trade.fetch(key, f"{path}&cursor={first.headers['x-next-cursor']}")

    assert next_one.status_code == 403
    assert (await trade.usage(contract))["calls"] == 1


async def test_where_not_even_an_empty_page_fits_every_question_is_refused(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id, max_bytes=40)
    key = await trade.key(contract)

    for form in ("json", "csv", "arrow"):
        problems = [
            (await trade.fetch(key, f"{product_id}/rows?format={form}&filter={condition}")).json()
            for condition in FILTERS
        ]
        assert problems[0] == problems[1]
        assert problems[0]["code"] == "metering.quota_exhausted"
        assert problems[0]["params"] == {"meter": "bytes", "remaining": 40, "limit": 40}
    assert (await trade.usage(contract))["deliveries"] == 0


async def test_a_search_that_fails_gives_back_what_was_set_aside(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id, max_bytes=10_000, max_calls=2)
    key = await trade.key(contract)
    sources = trade.exchange.sources
    source = await sources.revision_for(await trade.exchange.credentials.grant(key), None)
    store = await sources.pages(source)
    hard = "&".join(["filter=name:ne:x"] * 50)

    object.__setattr__(store, "_seconds_max", -1.0)
    for _ in range(3):
        answer = await trade.fetch(key, f"{product_id}/rows?{hard}")
        assert (answer.status_code, answer.json()["code"]) == (503, "catalog.page_timed_out")
    for wrong in ("filter=id:eq:x", "columns=nothing", "cursor=AAAA"):
        assert (await trade.fetch(key, f"{product_id}/rows?{wrong}")).status_code in (400, 403)

    usage = await trade.usage(contract)
    assert (usage["deliveries"], usage["calls"]) == (0, 0)
    assert [quota["reserved"] for quota in usage["quotas"]] == [0, 0, 0]
    object.__setattr__(store, "_seconds_max", 5.0)
    assert (await trade.fetch(key, f"{product_id}/rows?{hard}")).status_code == 200


async def held(trade: Trade, contract: Any, amounts: Amounts) -> Reservation:
    """Units set aside for a delivery that runs."""
    async with trade.exchange.database.write() as tx:
        found = await find_contract(tx, contract["id"])
        assert found is not None
        return await reserve(tx, found, amounts)


async def test_a_page_waits_for_what_a_running_delivery_gives_back(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id, max_rows=50, max_bytes=100_000)
    key = await trade.key(contract)
    reservation = await held(trade, contract, Amounts(50, 100_000))

    async def end() -> None:
        await asyncio.sleep(0.2)
        async with trade.exchange.database.write() as tx:
            assert await release(tx, reservation)

    page, _ = await asyncio.gather(trade.fetch(key, f"{product_id}/rows?limit=20"), end())
    assert (page.status_code, page.headers["x-row-count"]) == (200, "20")

    await held(trade, contract, Amounts(25, 50_000))
    page = await trade.fetch(key, f"{product_id}/rows?limit=20")
    assert (page.status_code, page.headers["x-row-count"]) == (200, "5")
    refused = await trade.fetch(key, f"{product_id}/rows?limit=20")
    assert (refused.status_code, refused.json()["params"]["meter"]) == (403, "rows")
    assert (await trade.usage(contract))["rows"] == 25


async def test_pages_at_once_share_the_last_bytes_and_none_is_refused_too_early(
    trade: Trade,
) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id, max_bytes=60_000)
    key = await trade.key(contract)

    answers = await asyncio.gather(
        *(trade.fetch(key, f"{product_id}/rows?limit=5&filter=id:gte:{n}") for n in range(6))
    )

    assert [answer.status_code for answer in answers] == [200] * 6
    assert [answer.json()["rows"][0][0] for answer in answers] == list(range(6))
    usage = await trade.usage(contract)
    assert usage["bytes"] == sum(len(answer.content) for answer in answers) < PAGE_BYTES_MAX
    assert usage["rows"] == 30
