"""A listing from draft to withdrawal over HTTP, and what is refused on the way."""

import pytest

from exchange_market.catalog import service
from exchange_market.catalog.errors import (
    CoreDataRefused,
    ListingIncomplete,
    OwnListing,
    SecondReviewerRequired,
)
from exchange_market.catalog.listing import ListingState
from exchange_market.catalog.product import FactKind, Grade
from exchange_market.trust import audit
from exchange_market.trust.audit import AuditFilter
from tests.support.catalogue import (
    ADMINISTRATOR,
    COLLEAGUE,
    FACTS,
    OPERATOR_ORG,
    PROVIDER,
    SECOND_ADMINISTRATOR,
    STRANGER,
    Catalogue,
    person,
)

pytestmark = pytest.mark.anyio


async def test_an_approved_listing_is_found_by_everybody(catalogue: Catalogue) -> None:
    product_id = await catalogue.published()

    status, listing = await catalogue.call(None, "GET", f"/products/{product_id}")

    assert status == 200
    assert listing["state"] == "published"
    assert listing["subject"] == {"code": "transport", "zh": "交通", "en": "Transport"}
    assert listing["facts"]["price"]["price_mode"] == "per_row"
    assert set(listing["facts"]) == {"quality", "valuation", "sample", "price"}
    assert "security_assessment" not in listing


async def test_a_draft_is_nothing_to_strangers(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()

    answers = [
        await catalogue.call(who, "GET", f"/products/{product_id}{path}")
        for who in (None, STRANGER)
        for path in ("", "/columns", "/revisions", "/revisions/1")
    ]

    assert {status for status, _ in answers} == {404}
    assert {body["code"] for _, body in answers} == {"catalog.product_not_found"}
    assert (await catalogue.call(COLLEAGUE, "GET", f"/products/{product_id}"))[0] == 200
    assert (await catalogue.call(ADMINISTRATOR, "GET", f"/products/{product_id}"))[0] == 200


async def test_strangers_cannot_touch_a_product(catalogue: Catalogue) -> None:
    product_id = await catalogue.published()
    before = await catalogue.call(PROVIDER, "GET", f"/my/products/{product_id}")

    answers = [
        await catalogue.call(STRANGER, method, f"/products/{product_id}{path}", **request)
        for method, path, request in (
            ("PATCH", "", {"json": {"title_en": "Mine"}}),
            ("POST", "/submission", {}),
            ("POST", "/publication", {}),
            ("POST", "/withdrawal", {"json": {"reason": "no"}}),
            ("POST", "/reopening", {}),
            ("PUT", "/columns", {"json": {"columns": [{"name": "flight", "meaning_en": "x"}]}}),
            ("PUT", "/personal-data", {"json": {"holds_persons": True}}),
            ("POST", "/revisions?format=csv", {"content": b"a\n1\n"}),
            ("GET", "/history", {}),
        )
    ]

    assert [status for status, _ in answers] == [404] * 9
    assert await catalogue.call(PROVIDER, "GET", f"/my/products/{product_id}") == before


async def test_a_submission_lists_everything_that_is_missing(catalogue: Catalogue) -> None:
    status, body = await catalogue.call(
        PROVIDER, "POST", "/products", json={"title_zh": "气象", "subject": "meteorology"}
    )
    product_id = body["listing"]["id"]

    status, problem = await catalogue.call(PROVIDER, "POST", f"/products/{product_id}/submission")

    assert status == 409
    assert problem["code"] == "catalog.listing_incomplete"
    assert [item["item"] for item in problem["params"]["missing"]] == [
        "title_en",
        "description_zh",
        "description_en",
        "spatial",
        "granularity",
        "update_frequency",
        "language",
        "licence_terms",
        "source_statement",
        "lawful_basis",
        "responsible_person",
        "temporal_start",
        "temporal_end",
        "holds_persons",
        "revision",
        "quality",
        "valuation",
        "price",
        "sample",
    ]
    assert all(item["zh"] and item["en"] for item in problem["params"]["missing"])
    _, after = await catalogue.call(PROVIDER, "GET", f"/my/products/{product_id}")
    assert after["listing"]["state"] == "draft"


async def test_each_missing_part_of_the_data_is_named(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft(key_columns=["carrier"], time_column="time")
    await catalogue.ready_revision(product_id)

    missing = [item.item for item in await catalogue.missing(product_id)]

    assert missing == [
        "columns.flight.meaning",
        "columns.flight.role",
        "columns.delay.meaning",
        "columns.delay.role",
        "key_columns.carrier",
        "time_column",
        "quality",
        "valuation",
        "price",
        "sample",
    ]


async def test_a_sample_that_only_waits_does_not_count(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    revision = await catalogue.complete(product_id)
    async with catalogue.database.write() as tx:
        waiting = {"state": "awaiting_approval"}
        await service.put_fact(tx, product_id, revision.id, FactKind.SAMPLE, waiting)

    assert [item.item for item in await catalogue.missing(product_id)] == ["sample"]


async def test_core_data_cannot_be_listed(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft(grade="core")
    await catalogue.complete(product_id)

    status, problem = await catalogue.call(PROVIDER, "POST", f"/products/{product_id}/submission")

    assert (status, problem["code"]) == (409, CoreDataRefused.code)
    _, after = await catalogue.call(PROVIDER, "GET", f"/my/products/{product_id}")
    assert after["listing"]["state"] == "draft"


async def test_important_and_personal_data_need_their_assessments(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft(grade="important", holds_persons=True)
    await catalogue.complete(product_id)
    assert [item.item for item in await catalogue.missing(product_id)] == [
        "security_assessment",
        "impact_assessment",
    ]

    assessed = {"security_assessment": "passed", "impact_assessment": "low risk"}
    status, _ = await catalogue.call(PROVIDER, "PATCH", f"/products/{product_id}", json=assessed)

    assert status == 200
    assert await catalogue.missing(product_id) == ()


async def test_important_data_takes_two_different_reviewers(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft(grade="important", security_assessment="passed")
    await catalogue.complete(product_id)
    await catalogue.call(PROVIDER, "POST", f"/products/{product_id}/submission")

    for first in (None, ADMINISTRATOR.user_id):
        with pytest.raises(SecondReviewerRequired):
            async with catalogue.database.write() as tx:
                await service.decide_listing(
                    tx, ADMINISTRATOR, product_id, "approve", "fine", first_reviewer_id=first
                )
    async with catalogue.database.read() as reading:
        still = await service.own_product(reading, PROVIDER, product_id)
    assert still.state is ListingState.SUBMITTED

    async with catalogue.database.write() as tx:
        approved = await service.decide_listing(
            tx,
            SECOND_ADMINISTRATOR,
            product_id,
            "approve",
            "fine",
            first_reviewer_id=ADMINISTRATOR.user_id,
        )
    assert (approved.state, approved.grade) == (ListingState.APPROVED, Grade.IMPORTANT)


async def test_nobody_reviews_the_own_organisation(catalogue: Catalogue) -> None:
    insider = person("insider", PROVIDER.organisation_id, administrator=True)
    product_id = await catalogue.draft()
    await catalogue.complete(product_id)
    await catalogue.call(PROVIDER, "POST", f"/products/{product_id}/submission")

    with pytest.raises(OwnListing):
        async with catalogue.database.write() as tx:
            await service.decide_listing(tx, insider, product_id, "approve", "fine")

    assert insider.organisation_id != OPERATOR_ORG
    _, after = await catalogue.call(PROVIDER, "GET", f"/my/products/{product_id}")
    assert after["listing"]["state"] == "submitted"


async def test_an_approval_looks_again_at_what_may_have_changed(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    revision = await catalogue.complete(product_id)
    await catalogue.call(PROVIDER, "POST", f"/products/{product_id}/submission")
    async with catalogue.database.write() as tx:
        await service.withdraw_fact(tx, product_id, revision.id, FactKind.SAMPLE)

    with pytest.raises(ListingIncomplete):
        async with catalogue.database.write() as tx:
            await service.decide_listing(tx, ADMINISTRATOR, product_id, "approve", "fine")


async def test_the_history_keeps_every_step_with_its_reason(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    await catalogue.complete(product_id)
    await catalogue.call(PROVIDER, "POST", f"/products/{product_id}/submission")
    async with catalogue.database.write() as tx:
        await service.decide_listing(tx, ADMINISTRATOR, product_id, "return", "title unclear")
    await catalogue.call(PROVIDER, "PATCH", f"/products/{product_id}", json={"title_en": "Flights"})
    await catalogue.call(PROVIDER, "POST", f"/products/{product_id}/submission")

    _, history = await catalogue.call(ADMINISTRATOR, "GET", f"/products/{product_id}/history")

    assert [(e["action"], e["to_state"], e["reason"]) for e in history["events"]] == [
        ("create", "draft", ""),
        ("submit", "submitted", ""),
        ("return", "returned", "title unclear"),
        ("submit", "submitted", ""),
    ]
    assert (await catalogue.call(STRANGER, "GET", f"/products/{product_id}/history"))[0] == 404


async def test_a_published_listing_is_edited_only_after_withdrawal(catalogue: Catalogue) -> None:
    product_id = await catalogue.published()

    status, problem = await catalogue.call(
        PROVIDER, "PATCH", f"/products/{product_id}", json={"title_en": "Other"}
    )
    assert (status, problem["code"]) == (409, "catalog.listing_not_editable")
    status, problem = await catalogue.call(
        PROVIDER, "POST", f"/products/{product_id}/withdrawal", json={}
    )
    assert (status, problem["code"]) == (400, "catalog.reason_required")

    reason = {"reason": "licence changed"}
    status, _ = await catalogue.call(
        PROVIDER, "POST", f"/products/{product_id}/withdrawal", json=reason
    )
    assert status == 200
    assert (await catalogue.call(None, "GET", f"/products/{product_id}"))[0] == 404
    assert (await catalogue.call(None, "GET", "/products?q=航班"))[1]["total"] == 0
    _, reopened = await catalogue.call(PROVIDER, "POST", f"/products/{product_id}/reopening")
    assert reopened["listing"]["state"] == "draft"


async def test_a_suspended_listing_disappears_and_comes_back(catalogue: Catalogue) -> None:
    product_id = await catalogue.published()

    async with catalogue.database.write() as tx:
        await service.decide_listing(tx, ADMINISTRATOR, product_id, "suspend", "complaint")
    hidden = await catalogue.call(None, "GET", f"/products/{product_id}")
    async with catalogue.database.write() as tx:
        await service.decide_listing(tx, ADMINISTRATOR, product_id, "reinstate", "resolved")

    assert hidden[0] == 404
    assert (await catalogue.call(None, "GET", f"/products/{product_id}"))[0] == 200
    assert (await catalogue.call(None, "GET", "/products?q=航班"))[1]["total"] == 1


async def test_every_step_leaves_an_audit_leaf(catalogue: Catalogue) -> None:
    product_id = await catalogue.published()

    async with catalogue.database.write() as tx:
        await audit.sequence_leaves(tx)
    async with catalogue.database.read() as reading:
        leaves = await audit.list_leaves(
            reading, AuditFilter(object_kind="product", object_id=product_id), after=0, limit=50
        )

    assert [(leaf.action, leaf.actor_id) for leaf in leaves] == [
        ("catalog.product_created", PROVIDER.user_id),
        ("catalog.listing_submitted", PROVIDER.user_id),
        ("catalog.listing_approved", ADMINISTRATOR.user_id),
        ("catalog.listing_published", ADMINISTRATOR.user_id),
    ]


async def test_bad_descriptions_are_refused(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    before = await catalogue.call(PROVIDER, "GET", f"/my/products/{product_id}")

    answers = [
        await catalogue.call(PROVIDER, "PATCH", f"/products/{product_id}", json=body)
        for body in (
            {"title_en": "evil\u202etitle"},
            {"description_en": "nul\u0000"},
            {"temporal_end": "2012-01-01"},
            {"subject": "astrology"},
            {"unknown": 1},
            {"title_en": "x" * 201},
            {"language": "not a tag!"},
            {"key_columns": ["a\u0000"]},
        )
    ]

    assert [status for status, _ in answers] == [400] * 8
    assert answers[2][1]["errors"][0]["field"] == "temporal_end"
    assert await catalogue.call(PROVIDER, "GET", f"/my/products/{product_id}") == before


async def test_the_same_creation_sent_twice_makes_one_product(catalogue: Catalogue) -> None:
    command = {"json": {"title_zh": "海洋", "subject": "oceans"}}
    headers = {"Idempotency-Key": "k1"}

    first = await catalogue.call(PROVIDER, "POST", "/products", headers=headers, **command)
    second = await catalogue.call(PROVIDER, "POST", "/products", headers=headers, **command)

    assert first == second
    _, mine = await catalogue.call(PROVIDER, "GET", "/my/products")
    assert [item["id"] for item in mine["items"]] == [first[1]["listing"]["id"]]


async def test_own_products_are_paged(catalogue: Catalogue) -> None:
    made = [await catalogue.draft() for _ in range(5)]

    seen: list[str] = []
    cursor, page = "", {}
    for _ in range(3):
        _, page = await catalogue.call(PROVIDER, "GET", f"/my/products?limit=2{cursor}")
        seen += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"

    assert seen == sorted(made)
    assert page["next_cursor"] is None
    assert FACTS[FactKind.SAMPLE]["state"] == "approved"


async def test_the_subjects_are_the_twenty_domains(catalogue: Catalogue) -> None:
    status, subjects = await catalogue.call(None, "GET", "/subjects")

    assert status == 200
    assert len({subject["zh"] for subject in subjects}) == 20


@pytest.mark.parametrize("path", ["/products/a%00b", "/products/a%00b/columns", "/products?q=a%00"])
async def test_a_nul_in_an_address_is_no_fault_of_ours(catalogue: Catalogue, path: str) -> None:
    status, _ = await catalogue.call(None, "GET", path)

    assert status == (200 if "?" in path else 400)


async def test_an_unknown_product_is_not_found(catalogue: Catalogue) -> None:
    for product_id in ("prd_00000000000000000000000000", "nonsense"):
        status, problem = await catalogue.call(None, "GET", f"/products/{product_id}")
        assert (status, problem["code"]) == (404, "catalog.product_not_found")
