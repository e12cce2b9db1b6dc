"""Hard quotas: never overshot, whatever runs at the same time, and a refusal changes nothing."""

import asyncio
from typing import Any

from tests.support.exchange import ROW_PLAN, Trade


async def test_sixteen_at_once_never_overshoot(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id, max_rows=50, max_calls=15)
    key = await trade.key(contract)
    trade.exchange.turns._wait_seconds = 60  # pyright: ignore[reportPrivateUsage] - however slow

    answers = await asyncio.gather(
        *(trade.fetch(key, f"{product_id}/rows?limit=7") for _ in range(16))
    )

    rows = sum(int(a.headers["x-row-count"]) for a in answers if a.status_code == 200)
    assert {a.status_code for a in answers} <= {200, 403}
    assert {a.json()["code"] for a in answers if a.status_code == 403} == {
        "metering.quota_exhausted"
    }
    usage = await trade.usage(contract)
    receipts = [entry["receipt"] for entry in await trade.receipts(contract)]
    assert usage["rows"] == rows == sum(receipt["rows"] for receipt in receipts) <= 50
    assert [receipt["sequence"] for receipt in receipts] == list(range(1, len(receipts) + 1))
    by_meter = {quota["meter"]: quota for quota in usage["quotas"]}
    assert by_meter["rows"]["used"] == rows
    assert by_meter["calls"]["used"] == len(receipts) == usage["deliveries"]
    assert all(quota["reserved"] == 0 for quota in usage["quotas"])


async def test_a_used_up_quota_refuses_and_tells_nothing_about_the_data(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id, max_rows=10)
    key = await trade.key(contract)

    page = await trade.fetch(key, f"{product_id}/rows?limit=1000")
    assert page.headers["x-row-count"] == "10"
    assert page.json()["next_cursor"] is not None
    before = await trade.usage(contract)
    problems: list[Any] = []
    for query in ("rows?limit=1", "rows?filter=id:gt:5", "rows?filter=id:eq:-1", "file"):
        answer = await trade.fetch(key, f"{product_id}/{query}")
        assert (answer.status_code, answer.json()["code"]) == (403, "metering.quota_exhausted")
        problems.append(answer.json()["params"])

    assert all(params == {"meter": "rows", "remaining": 0, "limit": 10} for params in problems)
    assert await trade.usage(contract) == before


async def test_a_file_beyond_the_byte_quota_is_refused_whole(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id, max_bytes=1_000)
    key = await trade.key(contract)
    refused = await trade.fetch(key, f"{product_id}/file")
    assert (refused.status_code, refused.json()["params"]["meter"]) == (403, "bytes")
    part = await trade.fetch(key, f"{product_id}/file", headers={"Range": "bytes=0-999"})
    assert (part.status_code, len(part.content)) == (206, 1_000)
    assert (await trade.usage(contract))["bytes"] == 1_000
    assert ROW_PLAN["currency"] == contract["currency"]
