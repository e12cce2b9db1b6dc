"""The exchange's own deals over HTTP: inserted into cases, signed, and shown without secrets."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.signing import verify_compact
from exchange_market.appraisals.deals import DealFact
from exchange_market.appraisals.service import (
    ReviewFlag,
    decide_valuation,
    list_valuations,
    record_deal,
)
from exchange_market.catalog.service import latest_ready_revision
from exchange_market.trust.keyring import published_keys
from pricing.valuation import case_from_json, result_bytes, value_case
from tests.support.appraisals import PER_ROW, Appraisals
from tests.support.catalogue import (
    ADMINISTRATOR,
    PROVIDER,
    PROVIDER_ORG,
    STRANGER,
    STRANGER_ORG,
)
from tests.support.deals import planted
from tests.support.market_cases import method

pytestmark = pytest.mark.anyio

CASE: dict[str, Any] = {
    "currency": "CNY",
    "purpose": "listing",
    "value_type": "market",
    "valued_on": "2026-11-23",
    "parameters": {},
    "methods": [{"name": "deals", "kind": "hedonic", "arguments": {}}],
    "comparables": "exchange",
    "points": 256,
}


async def traded(appraisals: Appraisals, count: int, **changes: Any) -> str:
    """The id of a measured product, after so many deals of others about it were settled."""
    product_id = await appraisals.measured()
    async with appraisals.database.write() as tx:
        revision = await latest_ready_revision(tx, product_id)
        for number, deal in enumerate(planted(count, 0.2, 1)):
            fact = DealFact(
                contract_id=f"con_{number:026}",
                deal_id=f"deal_{number:032x}",
                product_id=product_id,
                revision_id=revision.id,
                provider_id=PROVIDER_ORG,
                buyer_id=STRANGER_ORG,
                provider_digest=f"seller{number}",
                buyer_digest=f"buyer{number}",
                currency="CNY",
                price_micro=int(deal.price * 10**6),
                whole_micro=int(deal.price * 10**6),
                opened_at=datetime(2026, 5, 1, tzinfo=UTC),
                settled_at=datetime(2026, 6, 1, tzinfo=UTC) + timedelta(days=number),
                term_days=int(deal.term_months or 1) * 30,
                licence="file",
                subject="transport",
                rows=deal.rows,
                quality=str(deal.quality),
                age_days=int(deal.age_years * 365),
                recorded_at=tx.now(),
            )
            members = {name: getattr(fact, name) for name in DealFact.__slots__}
            await record_deal(tx, DealFact(**(members | changes)) if number == 0 else fact)
    return product_id


async def propose(appraisals: Appraisals, product_id: str, **changes: Any) -> tuple[int, Any]:
    return await appraisals.call(
        PROVIDER, "POST", f"/products/{product_id}/valuations", json=CASE | changes
    )


async def test_the_exchange_inserts_its_deals_and_signs_what_anybody_with_them_recomputes(
    appraisals: Appraisals,
) -> None:
    product_id = await traded(appraisals, 40)

    status, proposed = await propose(appraisals, product_id)
    path = f"/valuations/{proposed['id']}"
    _, seen_by_provider = await appraisals.call(PROVIDER, "GET", path)
    _, seen_by_administrator = await appraisals.call(ADMINISTRATOR, "GET", path)

    assert status == 201
    deals = seen_by_administrator["case"]["comparables"]["deals"]
    assert len(deals) == 40
    assert all({"price", "seller", "rows"} <= set(deal) for deal in deals)
    recomputed = result_bytes(value_case(case_from_json(seen_by_administrator["case"])))
    assert json.loads(recomputed) == seen_by_administrator["result"]
    async with appraisals.database.read() as reading:
        keys = await published_keys(reading)
    verified = verify_compact(proposed["signature"], keys, typ="dx-valuation+jws")
    assert verified.payload == recomputed
    for seen in (proposed, seen_by_provider):
        assert seen["case"]["comparables"]["deals"] == [{"id": deal["id"]} for deal in deals]
        assert "seller" not in json.dumps(seen["case"]["comparables"]["deals"])
        assert seen["result"]["market"]["used"] == [deal["id"] for deal in deals]


async def test_a_stranger_reads_only_on_how_many_deals_an_approved_value_rests(
    appraisals: Appraisals,
) -> None:
    product_id = await traded(appraisals, 40)
    _, proposed = await propose(appraisals, product_id)
    await appraisals.call(
        PROVIDER, "PUT", f"/products/{product_id}/price-plan", json={"plan": PER_ROW}
    )
    await appraisals.publish(product_id, PROVIDER)
    async with appraisals.database.write() as tx:
        await decide_valuation(tx, ADMINISTRATOR, proposed["id"], "approve", "")

    _, shown = await appraisals.call(None, "GET", f"/valuations/{proposed['id']}")

    market = shown["result"]["market"]
    assert set(market) == {"used", "rejected", "reasons", "statistics"}
    assert (market["used"], market["rejected"], market["statistics"]["deals"]) == (40, 0, 40)
    assert "deal_0" not in json.dumps(shown)


async def test_providers_see_figures_and_digests_administrators_the_papers(
    appraisals: Appraisals,
) -> None:
    product_id = await traded(appraisals, 6, provider_digest="same", buyer_digest="same")
    path = f"/products/{product_id}/comparables"

    status, provider = await appraisals.call(PROVIDER, "GET", path)
    _, administrator = await appraisals.call(ADMINISTRATOR, "GET", path)
    stranger = await appraisals.call(STRANGER, "GET", path)
    nobody = await appraisals.call(None, "GET", path)

    assert status == 200
    assert provider["deals"] is None
    assert provider["selection"]["reasons"] == {"related_parties": 1}
    assert provider["selection"]["statistics"]["deals"] == 5
    assert provider["target"]["rows"] == 48
    assert [deal["id"] for deal in administrator["deals"]] == [
        f"deal_{number:032x}" for number in range(6)
    ]
    assert (stranger[0], nobody[0]) == (404, 401)


async def test_four_deals_give_no_figure_and_no_value(appraisals: Appraisals) -> None:
    product_id = await traded(appraisals, 4)

    _, shown = await appraisals.call(PROVIDER, "GET", f"/products/{product_id}/comparables")
    status, problem = await propose(appraisals, product_id)

    assert len(shown["selection"]["used"]) == 4
    assert shown["selection"]["statistics"] is None
    assert (status, problem["errors"][0]["field"]) == (400, "comparables.deals")


async def test_a_case_that_could_single_out_a_deal_is_refused(appraisals: Appraisals) -> None:
    product_id = await traded(appraisals, 40)
    near = method("nearest_comparables", basis="row", neighbours=6)
    refusals: dict[str, dict[str, Any]] = {
        "valued_on": {"valued_on": "2026-11-22"},
        "comparables": {"comparables": "others"},
        "methods[0].neighbours": {"methods": [near]},
        "methods[0].kind": {"methods": [method("multiples", basis="row")]},
    }

    for field, changes in refusals.items():
        status, problem = await propose(appraisals, product_id, **changes)
        assert (status, problem["errors"][0]["field"]) == (400, field)

    _, listed = await appraisals.call(PROVIDER, "GET", f"/products/{product_id}/valuations")
    assert listed["items"] == []


async def test_a_reviewer_is_told_of_related_parties_and_of_few_deals(
    appraisals: Appraisals,
) -> None:
    product_id = await appraisals.measured()
    related = {"entity": "same", "owners": []}
    figures = {
        "price": "100",
        "currency": "CNY",
        "settled_on": "2026-06-01",
        "term_months": "12",
        "licence": "file",
        "subject": "transport",
        "rows": 100,
        "quality": "1",
        "age_years": "1",
    }
    deals = [
        figures | {"id": "a", "seller": related, "buyer": related},
        figures | {"id": "b", "seller": {"entity": "s"}, "buyer": {"entity": "t"}},
    ]
    target = {name: figures[name] for name in figures if name not in ("price", "currency")}
    del target["settled_on"]

    status, proposed = await propose(
        appraisals,
        product_id,
        methods=[method("adjusted_comparables", deals=["b"])],
        comparables={"target": target, "deals": deals},
    )

    assert (status, proposed["result"]["value"]["p50"]) == (201, "100.00")
    async with appraisals.database.read() as reading:
        (item,) = await list_valuations(reading, state="proposed", limit=10)
    assert set(item.flags) == {
        ReviewFlag.UNPROVEN_PLAN,
        ReviewFlag.FEW_COMPARABLES,
        ReviewFlag.RELATED_PARTY_DEALS,
    }


async def test_a_standard_is_taken_as_it_is_in_force(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    case: dict[str, Any] = {
        "comparables": None,
        "standard": "cas-2023",
        "parameters": {
            "price": {"value": "1000", "source": "offer"},
            "x1": {"coefficient": "quality"},
        },
        "methods": [
            {
                "name": "m",
                "kind": "adjusted_data_sets",
                "arguments": {"prices": ["price"], "quality": ["x1"]},
            }
        ],
    }

    status, proposed = await propose(appraisals, product_id, **case)
    forged = proposed["case"]
    again = await propose(appraisals, product_id, **forged)
    forged["standard"]["coefficients"]["x1"]["verified"] = True
    refused = await propose(appraisals, product_id, **forged)

    assert status == 201
    assert proposed["result"]["standard"]["coefficients"]["x1"]["verified"] is False
    assert again[0] == 201
    assert (refused[0], refused[1]["errors"][0]["field"]) == (400, "standard")
