"""The review queue and its decisions, with four eyes on important data."""

from typing import Any

from exchange_market.accounts import store as accounts_store
from exchange_market.accounts.organisation import OrganisationState
from exchange_market.catalog import service as catalog
from exchange_market.catalog.product import Grade
from pricing.money import Money
from tests.support.market import (
    ADMINISTRATOR,
    BUYER,
    PROVIDER,
    PROVIDERS_ADMINISTRATOR,
    SECOND_ADMINISTRATOR,
    THIRD_ADMINISTRATOR,
    Market,
    organisation,
)

APPROVE = {"decision": "approve", "reason": "complete", "publish": True}


async def state_of(market: Market, product_id: str) -> str:
    """Where a listing stands."""
    async with market.database.read() as reading:
        product = await catalog.find_product(reading, product_id)
    assert product is not None
    return product.state.value


async def decide(market: Market, who: Any, product_id: str, **body: Any) -> tuple[int, Any]:
    """A decision about a product."""
    path = f"/admin/products/{product_id}/decision"
    return await market.call(who, "POST", path, json=APPROVE | body)


async def test_general_data_is_published_by_one_administrator(market: Market) -> None:
    product_id = await market.submitted()

    status, answer = await decide(market, ADMINISTRATOR, product_id)

    assert (status, answer["state"], answer["second_reviewer_wanted"]) == (200, "published", False)


async def test_important_data_is_published_by_two_different_administrators(market: Market) -> None:
    product_id = await market.submitted(grade=Grade.IMPORTANT)

    status, first = await decide(market, ADMINISTRATOR, product_id)
    assert (status, first) == (
        200,
        {
            "product_id": product_id,
            "state": "submitted",
            "second_reviewer_wanted": True,
            "first_reviewer_id": ADMINISTRATOR.user_id,
        },
    )
    status, problem = await decide(market, ADMINISTRATOR, product_id)
    assert (status, problem["code"]) == (403, "governance.already_reviewed")
    assert await state_of(market, product_id) == "submitted"

    status, second = await decide(market, SECOND_ADMINISTRATOR, product_id)
    assert (status, second["state"], second["second_reviewer_wanted"]) == (200, "published", False)


async def test_people_of_the_provider_count_for_neither_approval(market: Market) -> None:
    product_id = await market.submitted(grade=Grade.IMPORTANT)

    status, problem = await decide(market, PROVIDERS_ADMINISTRATOR, product_id)
    assert (status, problem["code"]) == (403, "catalog.own_listing")
    await decide(market, ADMINISTRATOR, product_id)
    status, problem = await decide(market, PROVIDERS_ADMINISTRATOR, product_id)

    assert (status, problem["code"]) == (403, "catalog.own_listing")
    assert await state_of(market, product_id) == "submitted"


async def test_an_approval_of_what_has_changed_since_counts_for_nothing(market: Market) -> None:
    product_id = await market.submitted(grade=Grade.IMPORTANT)
    await decide(market, ADMINISTRATOR, product_id)
    market.clock.forward(minutes=1)
    await decide(market, SECOND_ADMINISTRATOR, product_id, decision="return", reason="typo")
    async with market.database.write() as tx:
        await catalog.submit_listing(tx, PROVIDER, product_id)

    status, answer = await decide(market, THIRD_ADMINISTRATOR, product_id)

    assert (status, answer["second_reviewer_wanted"]) == (200, True)
    assert answer["first_reviewer_id"] == THIRD_ADMINISTRATOR.user_id
    assert await state_of(market, product_id) == "submitted"


async def test_a_listing_is_suspended_and_reinstated_with_reasons(market: Market) -> None:
    product_id = await market.published()

    for decision, state in (("suspend", "suspended"), ("reinstate", "published")):
        status, answer = await decide(
            market, ADMINISTRATOR, product_id, decision=decision, reason="complaint", publish=False
        )
        assert (status, answer["state"]) == (200, state)


async def test_only_administrators_decide_and_look(market: Market) -> None:
    product_id = await market.submitted()

    for who, expected in ((BUYER, 403), (PROVIDER, 403), (None, 401)):
        assert (await decide(market, who, product_id))[0] == expected
        for path in ("/admin/reviews?kind=listing", "/admin/reviews/summary"):
            assert (await market.call(who, "GET", path))[0] == expected
    assert await state_of(market, product_id) == "submitted"


async def test_the_queue_shows_the_longest_waiting_first_page_by_page(market: Market) -> None:
    waiting = []
    for grade in (Grade.GENERAL, Grade.IMPORTANT, Grade.GENERAL):
        waiting.append(await market.submitted(grade=grade))
        market.clock.forward(minutes=10)
    await decide(market, ADMINISTRATOR, waiting[1])

    path = "/admin/reviews?kind=listing&limit=2"
    status, first = await market.call(ADMINISTRATOR, "GET", path)
    _, rest = await market.call(ADMINISTRATOR, "GET", f"{path}&cursor={first['next_cursor']}")

    assert status == 200
    assert [item["id"] for item in first["items"] + rest["items"]] == waiting
    assert rest["next_cursor"] is None
    assert [item["waiting_seconds"] for item in first["items"]] == [1_800, 1_200]
    assert first["items"][1]["flags"] == [
        "important_data",
        "personal_data",
        "second_review",
        "not_for_you",
    ]
    _, others = await market.call(SECOND_ADMINISTRATOR, "GET", path)
    assert "not_for_you" not in others["items"][1]["flags"]
    status, _ = await market.call(
        SECOND_ADMINISTRATOR, "GET", f"{path}&cursor={first['next_cursor']}"
    )
    assert status == 400


async def test_every_kind_is_counted_and_listed(market: Market) -> None:
    await market.submitted()
    contract = await market.paid_contract(await market.published())
    await market.deliver(contract, await market.key(contract), rows=10, size=1_000)
    invoice = await market.issued_invoice(contract)
    top_up = await market.recorded_top_up(Money(5_000_000, "CNY"))
    async with market.database.write() as tx:
        pending = organisation("newcomer", 77, OrganisationState.PENDING)
        await accounts_store.insert_organisation(tx, pending)

    _, summary = await market.call(ADMINISTRATOR, "GET", "/admin/reviews/summary")

    assert summary == {"organisation": 1, "listing": 1, "valuation": 0, "top_up": 1, "invoice": 1}
    listed = {}
    for kind in summary:
        _, page = await market.call(ADMINISTRATOR, "GET", f"/admin/reviews?kind={kind}")
        listed[kind] = [(item["id"], item["flags"]) for item in page["items"]]
    assert listed["organisation"] == [(pending.id, [])]
    assert listed["top_up"] == [(top_up.id, ["not_for_you"])]
    assert listed["invoice"] == [(invoice.id, ["not_for_you"])]
    assert listed["valuation"] == []


async def test_repeating_a_decision_with_its_key_decides_once(market: Market) -> None:
    product_id = await market.submitted(grade=Grade.IMPORTANT)
    path, headers = f"/admin/products/{product_id}/decision", {"Idempotency-Key": "k1"}

    first = await market.call(ADMINISTRATOR, "POST", path, json=APPROVE, headers=headers)
    again = await market.call(ADMINISTRATOR, "POST", path, json=APPROVE, headers=headers)

    assert first == again
    assert first[0] == 200
    assert await state_of(market, product_id) == "submitted"
