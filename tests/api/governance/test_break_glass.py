"""Raw rows for administrators: never without a reason and a trace that was there before."""

from typing import Any

from exchange_market.catalog.service import get_revision
from exchange_market.persistence.outbox import waiting_events
from exchange_market.trust.audit import AuditFilter, AuditLeaf, list_leaves
from tests.support.market import (
    ADMINISTRATOR,
    BUYER,
    PASSENGERS,
    PROVIDER,
    PROVIDERS_ADMINISTRATOR,
    SECOND_ADMINISTRATOR,
    STRANGER,
    Market,
)

REASON = "A buyer reports shifted columns; compare with the source."


async def ask(market: Market, who: Any, product_id: str, **more: Any) -> tuple[int, Any]:
    """Ask for five rows in the middle of the second row group."""
    wish = {"product_id": product_id, "revision_number": 1, "reason": REASON}
    body = wish | {"first_row": 198, "limit": 5} | more
    return await market.call(who, "POST", "/admin/break-glass", json=body)


async def read(market: Market, who: Any, request_id: str) -> tuple[int, Any]:
    """Read what was granted."""
    return await market.call(who, "POST", f"/admin/break-glass/{request_id}/reading")


async def leaves(market: Market) -> list[AuditLeaf]:
    """What the trail says about raw rows."""
    await market.place_leaves()
    async with market.database.read() as reading:
        found = await list_leaves(
            reading, AuditFilter(object_kind="break_glass"), after=0, limit=100
        )
    return list(found)


async def test_masked_rows_are_read_after_their_trace(market: Market) -> None:
    product_id = await market.published()
    status, request = await ask(market, ADMINISTRATOR, product_id)
    assert (status, request["state"]) == (201, "granted")

    status, answer = await read(market, ADMINISTRATOR, request["id"])

    assert status == 200
    assert answer["masked"] == ["passenger"]
    assert [row[:2] for row in answer["rows"]] == [[n, "***"] for n in range(198, 203)]
    assert answer["rows"][0][2] == "2013-01-09 06:00:00"
    trail = await leaves(market)
    assert [leaf.action for leaf in trail] == [
        "governance.break_glass_requested",
        "governance.break_glass_read",
    ]
    assert trail[1].actor_id == ADMINISTRATOR.user_id
    assert trail[1].details["readings"] == 1
    assert "buyer" not in str(trail[1].details)
    async with market.database.read() as reading:
        topics = [event.topic for event in await waiting_events(reading, 200)]
    assert topics.count("governance.break_glass_read") == 1


async def test_a_reading_that_fails_has_left_its_trace(market: Market) -> None:
    product_id = await market.published()
    _, request = await ask(market, ADMINISTRATOR, product_id)
    async with market.database.read() as reading:
        revision = await get_revision(reading, product_id, 1)
    await market.objects.delete(revision.parquet_key or "")

    status, problem = await read(market, ADMINISTRATOR, request["id"])

    assert (status, problem["code"]) == (409, "governance.revision_not_readable")
    assert [leaf.action for leaf in await leaves(market)][-1] == "governance.break_glass_read"


async def test_identifying_values_take_a_second_administrator(market: Market) -> None:
    product_id = await market.published()
    _, request = await ask(market, ADMINISTRATOR, product_id, unmask=True, columns=["passenger"])
    assert request["state"] == "awaiting_approval"
    path = f"/admin/break-glass/{request['id']}/decision"
    approval = {"decision": "approve", "reason": "the complaint is real"}

    assert (await read(market, ADMINISTRATOR, request["id"]))[0] == 409
    status, problem = await market.call(ADMINISTRATOR, "POST", path, json=approval)
    assert (status, problem["code"]) == (403, "governance.second_person_required")
    status, problem = await market.call(PROVIDERS_ADMINISTRATOR, "POST", path, json=approval)
    assert (status, problem["code"]) == (403, "governance.affected_organisation_excluded")
    assert (await read(market, ADMINISTRATOR, request["id"]))[0] == 409
    status, granted = await market.call(SECOND_ADMINISTRATOR, "POST", path, json=approval)
    assert (status, granted["state"]) == (200, "granted")
    status, answer = await read(market, ADMINISTRATOR, request["id"])

    assert (status, answer["masked"]) == (200, [])
    assert answer["rows"] == [[name] for name in PASSENGERS[198:203]]
    assert (await read(market, SECOND_ADMINISTRATOR, request["id"]))[0] == 404


async def test_a_refused_or_expired_request_opens_nothing(market: Market) -> None:
    product_id = await market.published()
    _, refused = await ask(market, ADMINISTRATOR, product_id, unmask=True)
    _, expired = await ask(market, ADMINISTRATOR, product_id)
    await market.call(
        SECOND_ADMINISTRATOR,
        "POST",
        f"/admin/break-glass/{refused['id']}/decision",
        json={"decision": "refuse", "reason": "masked rows are enough"},
    )
    market.clock.forward(hours=1)

    for request in (refused, expired):
        status, problem = await read(market, ADMINISTRATOR, request["id"])
        assert (status, problem["code"]) == (409, "governance.break_glass_move_refused")
    assert [leaf.action for leaf in await leaves(market)].count("governance.break_glass_read") == 0


async def test_the_provider_sees_who_looked_and_why_and_others_do_not(market: Market) -> None:
    product_id = await market.published()
    _, request = await ask(market, ADMINISTRATOR, product_id)
    await read(market, ADMINISTRATOR, request["id"])
    path = f"/products/{product_id}/break-glass"

    status, page = await market.call(PROVIDER, "GET", path)

    assert status == 200
    [seen] = page["items"]
    assert (seen["requested_by"], seen["reason"], seen["readings"]) == (
        ADMINISTRATOR.user_id,
        REASON,
        1,
    )
    assert [(await market.call(who, "GET", path))[0] for who in (BUYER, STRANGER)] == [404, 404]
    assert (await market.call(None, "GET", path))[0] == 401


async def test_requests_are_bounded_and_explained(market: Market) -> None:
    product_id = await market.published()

    for wrong in (
        {"reason": "too short"},
        {"limit": 101},
        {"limit": 0},
        {"first_row": -1},
        {"columns": ["no_such_column"]},
        {"surprise": 1},
    ):
        assert (await ask(market, ADMINISTRATOR, product_id, **wrong))[0] == 400, wrong
    assert (await ask(market, ADMINISTRATOR, product_id, revision_number=9))[0] == 404
    assert (await ask(market, BUYER, product_id))[0] == 403
    assert (await ask(market, PROVIDERS_ADMINISTRATOR, product_id))[0] == 403
    assert await leaves(market) == []
