"""Price plans over HTTP: certified or refused, versioned, quoted as they are billed."""

from typing import Any

import pytest

from exchange_market.appraisals.service import price_plan_of
from pricing.plans import plan_from_json, rate, rating_to_json, usage_from_json
from tests.support.appraisals import CASE, PER_ROW, Appraisals
from tests.support.catalogue import PROVIDER, STRANGER

pytestmark = pytest.mark.anyio

GAMEABLE: dict[str, Any] = {
    "currency": "CNY",
    "charges": [
        {
            "kind": "graduated",
            "meter": "rows",
            "tiers": [{"up_to": 1, "unit_price": "1"}, {"up_to": None, "unit_price": "2"}],
        }
    ],
}
FALLING: dict[str, Any] = {
    "currency": "CNY",
    "charges": [
        {
            "kind": "volume",
            "meter": "rows",
            "tiers": [{"up_to": 10, "unit_price": "2"}, {"up_to": None, "unit_price": "1"}],
        }
    ],
}
MANY_TIERS: dict[str, Any] = {
    "kind": "graduated",
    "meter": "rows",
    "tiers": [{"up_to": end, "unit_price": "1"} for end in range(1, 100)]
    + [{"up_to": None, "unit_price": "1"}],
}


async def test_a_certified_plan_becomes_the_price(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}/price-plan"

    status, price = await appraisals.call(PROVIDER, "PUT", path, json={"plan": PER_ROW})
    fact = (await appraisals.facts(product_id))["price"]

    assert status == 200
    assert price["certificate"]["outcome"] == "proved"
    assert (price["version"], price["price_mode"], price["currency"]) == (1, "per_row", "CNY")
    assert fact["price_mode"] == "per_row"
    assert {"zh", "en"} == set(fact["explanation"][0])
    assert (await appraisals.call(PROVIDER, "GET", path))[1] == price
    async with appraisals.database.read() as reading:
        stored = await price_plan_of(reading, product_id)
    assert stored is not None
    assert plan_from_json(stored.plan) == plan_from_json(PER_ROW)


async def test_a_gameable_plan_is_refused_with_numbers(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}/price-plan"

    for language, words in (
        ("en", "Two purchases of 1 rows cost 2 CNY"),
        ("zh", "分两次各买 1 行"),
    ):
        status, problem = await appraisals.call(
            PROVIDER,
            "PUT",
            path,
            json={"plan": GAMEABLE, "accept_repair": True},
            headers={"Accept-Language": language},
        )
        assert (status, problem["code"]) == (409, "appraisals.price_plan_rejected")
        assert words in problem["detail"]
        assert problem["params"]["certificate"]["counterexample"]["price_together"] == "3"

    assert (await appraisals.call(PROVIDER, "GET", path))[0] == 404
    assert "price" not in await appraisals.facts(product_id)


async def test_a_repair_is_stored_only_when_it_is_accepted(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}/price-plan"

    refused = await appraisals.call(PROVIDER, "PUT", path, json={"plan": FALLING})
    missing = await appraisals.call(PROVIDER, "GET", path)
    accepted = await appraisals.call(
        PROVIDER, "PUT", path, json={"plan": FALLING, "accept_repair": True}
    )

    assert (refused[0], refused[1]["code"]) == (409, "appraisals.price_plan_needs_repair")
    assert refused[1]["params"]["certificate"]["changes"][0]["quantity"] == 10
    assert missing[0] == 404
    assert accepted[0] == 200
    assert accepted[1]["plan"]["charges"][0]["never_above_larger"] is True
    assert accepted[1]["certificate"]["outcome"] == "repaired"


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"currency": "CNY", "charges": []}, "plan.charges"),
        ({"currency": "CNY", "charges": [{"kind": "flat", "amount": 1}]}, "plan.charges[0].amount"),
        ({"currency": "XYZ", "charges": [{"kind": "free"}]}, "plan.currency"),
        ({"currency": "CNY", "charges": [{"kind": "gift"}]}, "plan.charges[0].kind"),
        ({"currency": "CNY", "charges": [MANY_TIERS] * 3}, "plan.charges"),
    ],
)
async def test_a_bad_plan_names_its_field(
    appraisals: Appraisals, plan: dict[str, Any], field: str
) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}/price-plan"

    status, problem = await appraisals.call(PROVIDER, "PUT", path, json={"plan": plan})

    assert status == 400
    assert problem["errors"][0]["field"] == field
    assert (await appraisals.call(PROVIDER, "GET", path))[0] == 404


async def test_a_quote_is_what_the_invoice_would_say(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}"
    await appraisals.call(PROVIDER, "PUT", f"{path}/price-plan", json={"plan": PER_ROW})
    usage = {"usage": {"rows": 1201, "calls": 3}}
    hidden = await appraisals.call(None, "POST", f"{path}/price-quote", json=usage)
    await appraisals.call(PROVIDER, "POST", f"{path}/valuations", json=CASE)
    await appraisals.publish(product_id, PROVIDER)

    status, quoted = await appraisals.call(None, "POST", f"{path}/price-quote", json=usage)
    negative = await appraisals.call(
        None, "POST", f"{path}/price-quote", json={"usage": {"rows": -1}}
    )
    enormous = await appraisals.call(
        None, "POST", f"{path}/price-quote", json={"usage": {"rows": 10**18}}
    )

    assert hidden[0] == 404
    assert status == 200
    expected = rate(plan_from_json(PER_ROW), usage_from_json(usage["usage"]))
    assert quoted["rating"] == rating_to_json(expected)
    assert quoted["rating"]["total"] == "600.50"
    assert (negative[0], negative[1]["errors"][0]["field"]) == (400, "usage.rows")
    assert enormous[0] == 400


def one_charge(**charge: Any) -> dict[str, Any]:
    return {"currency": "CNY", "charges": [charge]}


@pytest.mark.parametrize(
    ("charge", "mode"),
    [
        ({"kind": "subscription", "amount": "30", "days": 30}, "subscription"),
        ({"kind": "one_off", "amount": "600"}, "one_off"),
        ({"kind": "per_unit", "meter": "days", "unit_price": "1"}, "subscription"),
        (
            {
                "kind": "tiered_package",
                "meter": "calls",
                "size": 10,
                "tiers": [{"unit_price": "1"}],
            },
            "package",
        ),
        (
            {
                "kind": "commitment",
                "meter": "rows",
                "amount": "10",
                "included": 100,
                "overage_price": "0.05",
            },
            "commitment",
        ),
        (
            {
                "kind": "usage_discount",
                "charge": {"kind": "per_unit", "meter": "bytes", "unit_price": "1"},
                "above": 10,
                "off": "0.2",
            },
            "per_byte",
        ),
    ],
)
async def test_every_model_that_can_be_billed_has_a_mode_to_search_by(
    appraisals: Appraisals, charge: dict[str, Any], mode: str
) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}/price-plan"

    status, price = await appraisals.call(
        PROVIDER, "PUT", path, json={"plan": one_charge(**charge)}
    )

    assert (status, price["price_mode"]) == (200, mode)
    assert (await appraisals.facts(product_id))["price"]["price_mode"] == mode


@pytest.mark.parametrize(
    ("charge", "meter"),
    [
        ({"kind": "per_unit", "meter": "seats", "unit_price": "12"}, "seats"),
        ({"kind": "percentage", "rate": "0.02"}, "amount_micro"),
        ({"kind": "cost_plus", "multiplier": "1.2"}, "cost_micro"),
        (
            {
                "kind": "usage_discount",
                "charge": {"kind": "per_unit", "meter": "events", "unit_price": "1"},
            },
            "events",
        ),
    ],
)
async def test_a_meter_that_the_exchange_cannot_count_is_refused_not_billed_as_nothing(
    appraisals: Appraisals, charge: dict[str, Any], meter: str
) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}/price-plan"
    plan = {"currency": "CNY", "charges": [{"kind": "flat", "amount": "1"}, charge]}

    status, problem = await appraisals.call(PROVIDER, "PUT", path, json={"plan": plan})

    assert (status, problem["code"]) == (400, "appraisals.meter_not_counted")
    assert problem["errors"][0]["field"] == "plan.charges[1]"
    assert meter in problem["detail"]
    assert (await appraisals.call(PROVIDER, "GET", path))[0] == 404


async def test_a_curve_gives_the_total_of_every_quantity_asked_for(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}"
    plan = {
        "currency": "JPY",
        "charges": [
            {"kind": "subscription", "amount": "1000", "days": 30},
            {
                "kind": "graduated",
                "meter": "rows",
                "unit_size": 10,
                "tiers": [{"up_to": 100, "unit_price": "15"}, {"unit_price": "7"}],
            },
        ],
        "maximum": "2600",
    }
    await appraisals.call(PROVIDER, "PUT", f"{path}/price-plan", json={"plan": plan})
    quantities = [0, 1, 100, 101, 10**6]
    body = {"usage": {"days": 31}, "curve": {"meter": "rows", "quantities": quantities}}

    status, quoted = await appraisals.call(PROVIDER, "POST", f"{path}/price-quote", json=body)
    by_hand = [
        rate(plan_from_json(plan), usage_from_json({"days": 31, "rows": rows})).total
        for rows in quantities
    ]

    assert status == 200
    assert quoted["curve"] == [
        {"quantity": rows, "total": total.format(), "total_micro": total.amount_micro}
        for rows, total in zip(quantities, by_hand, strict=True)
    ]
    # 1.5 yen for one row is rounded away from zero, to whole yen.
    assert [point["total"] for point in quoted["curve"]] == ["2000", "2002", "2150", "2151", "2600"]
    assert quoted["rating"]["total"] == "2000"


@pytest.mark.parametrize(
    "curve",
    [
        {"meter": "rows", "quantities": []},
        {"meter": "rows", "quantities": [1] * 201},
        {"meter": "rows", "quantities": [-1]},
        {"meter": "chairs", "quantities": [1]},
        {"meter": "rows", "quantities": [1], "step": 2},
    ],
)
async def test_a_curve_that_cannot_be_drawn_is_refused(
    appraisals: Appraisals, curve: dict[str, Any]
) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}"
    await appraisals.call(PROVIDER, "PUT", f"{path}/price-plan", json={"plan": PER_ROW})

    status, _ = await appraisals.call(
        PROVIDER, "POST", f"{path}/price-quote", json={"usage": {}, "curve": curve}
    )

    assert status == 400


async def test_prices_are_versions_of_the_provider_alone(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}/price-plan"
    await appraisals.call(PROVIDER, "PUT", path, json={"plan": PER_ROW})

    stranger = await appraisals.call(STRANGER, "PUT", path, json={"plan": PER_ROW})
    nobody = await appraisals.call(None, "PUT", path, json={"plan": PER_ROW})
    free = {"plan": {"currency": "CNY", "charges": [{"kind": "free"}]}}
    _, second = await appraisals.call(PROVIDER, "PUT", path, json=free)

    assert (stranger[0], nobody[0]) == (404, 401)
    assert (second["version"], second["price_mode"]) == (2, "free")


async def test_a_listing_under_review_keeps_its_price(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}/price-plan"
    await appraisals.call(PROVIDER, "PUT", path, json={"plan": PER_ROW})
    await appraisals.call(PROVIDER, "POST", f"/products/{product_id}/valuations", json=CASE)
    await appraisals.publish(product_id, PROVIDER)
    await appraisals.catalogue.call(
        PROVIDER, "POST", f"/products/{product_id}/withdrawal", json={"reason": "over"}
    )

    status, problem = await appraisals.call(PROVIDER, "PUT", path, json={"plan": PER_ROW})

    assert (status, problem["code"]) == (409, "appraisals.price_plan_fixed")
    _, price = await appraisals.call(PROVIDER, "GET", path)
    assert price["version"] == 1
