from decimal import Decimal
from typing import Any

import pytest

from pricing.errors import InvalidInput, UnknownCurrency
from pricing.plans import (
    Flat,
    Free,
    Graduated,
    Meter,
    Package,
    PerUnit,
    Plan,
    Tier,
    Volume,
    plan_from_json,
    plan_to_json,
    usage_from_json,
)

TIERS = (Tier(10, Decimal("0.50"), Decimal(1)), Tier(None, Decimal(0)))
ONE_TIER: list[dict[str, object]] = [{"up_to": None, "unit_price": "1"}]


@pytest.mark.parametrize(
    "plan",
    [
        Plan("CNY", (Free(),)),
        Plan("CNY", (Flat(Decimal("99.90")),), minimum=Decimal(1), maximum=Decimal(100)),
        Plan("KWD", (PerUnit(Meter.BYTES, Decimal("0.000000000001"), 1024, 5),)),
        Plan("JPY", (Package(Meter.CALLS, 1_000, Decimal(5), 100),)),
        Plan("CNY", (Graduated(Meter.ROWS, TIERS, 1_000), Volume(Meter.ROWS, TIERS))),
        Plan("CNY", (Volume(Meter.ROWS, TIERS, 10, never_above_larger=True),)),
        Plan("CNY", (Flat(Decimal(0)),), one_allowance_per_legal_entity=True),
    ],
)
def test_a_plan_survives_its_json_form(plan: Plan) -> None:
    assert plan_from_json(plan_to_json(plan)) == plan


def test_decimals_are_written_plainly() -> None:
    written = plan_to_json(Plan("CNY", (Flat(Decimal("1E+2")),), maximum=Decimal("100.50")))

    assert written["charges"] == [{"kind": "flat", "amount": "100"}]
    assert written["maximum"] == "100.5"
    assert written["minimum"] is None


def body(**changes: object) -> dict[str, Any]:
    return {"currency": "CNY", "charges": [{"kind": "flat", "amount": "1"}], **changes}


def charge(**fields: object) -> dict[str, Any]:
    return body(charges=[fields])


def graduated(*tiers: dict[str, object]) -> dict[str, Any]:
    return charge(kind="graduated", meter="rows", tiers=list(tiers))


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "document"),
        ({}, "currency"),
        (body(colour="red"), "colour"),
        (body(currency="RMB"), "currency"),
        (body(currency=""), "currency"),
        (body(charges=[]), "charges"),
        (body(charges="flat"), "charges"),
        (body(charges=[{"kind": "flat", "amount": "1"}] * 21), "charges"),
        (body(charges=["flat"]), "charges[0]"),
        (body(minimum="-1"), "minimum"),
        (body(minimum="0.001"), "minimum"),
        (body(minimum="2", maximum="1"), "maximum"),
        (body(one_allowance_per_legal_entity="yes"), "one_allowance_per_legal_entity"),
        (charge(), "charges[0].kind"),
        (charge(kind="auction"), "charges[0].kind"),
        (charge(kind="flat", amount=1), "charges[0].amount"),
        (charge(kind="flat", amount="1e3"), "charges[0].amount"),
        (charge(kind="flat", amount="-1"), "charges[0].amount"),
        (charge(kind="flat", amount="1000000000001"), "charges[0].amount"),
        (charge(kind="flat", amount="1", meter="rows"), "charges[0].meter"),
        (charge(kind="per_unit", meter="chairs", unit_price="1"), "charges[0].meter"),
        (
            charge(kind="per_unit", meter="rows", unit_price="1", unit_size=0),
            "charges[0].unit_size",
        ),
        (charge(kind="package", meter="rows", price="1", size=True), "charges[0].size"),
        (charge(kind="graduated", meter="rows", tiers=[]), "charges[0].tiers"),
        (graduated({"up_to": 5, "unit_price": "1"}), "charges[0].tiers[0].up_to"),
        (graduated(*ONE_TIER, *ONE_TIER), "charges[0].tiers[0].up_to"),
        (
            graduated({"up_to": 5, "unit_price": "1"}, {"up_to": 5, "unit_price": "1"}, *ONE_TIER),
            "charges[0].tiers[1].up_to",
        ),
        (graduated({"unit_price": "-1"}), "charges[0].tiers[0].unit_price"),
        (graduated({"unit_price": "1", "flat": "-1"}), "charges[0].tiers[0].flat"),
        (graduated({"unit_price": "1", "name": "x"}), "charges[0].tiers[0].name"),
        (body(charges=[{"kind": "free"}, {"kind": "free"}]), "charges"),
        (body(charges=[{"kind": "free"}], minimum="1"), "charges"),
    ],
)
def test_a_wrong_plan_is_refused_with_the_field_named(document: object, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        plan_from_json(document)

    assert refused.value.field == field


def test_a_nested_plan_names_the_field_from_the_top() -> None:
    with pytest.raises(InvalidInput) as refused:
        plan_from_json(body(minimum="2", maximum="1"), "plan")

    assert refused.value.field == "plan.maximum"


def test_an_unknown_currency_is_told_apart() -> None:
    with pytest.raises(UnknownCurrency):
        plan_from_json(body(currency="RMB"))


@pytest.mark.parametrize("price", [Decimal("NaN"), Decimal("Infinity"), Decimal("1E-13")])
def test_a_price_is_finite_and_has_at_most_twelve_decimals(price: Decimal) -> None:
    with pytest.raises(InvalidInput):
        Flat(price)


def test_usage_is_read_with_missing_meters_as_zero() -> None:
    usage = usage_from_json({"rows": 5, "calls": None})

    assert [usage.of(meter) for meter in (Meter.ROWS, Meter.BYTES, Meter.CALLS)] == [5, 0, 0]


@pytest.mark.parametrize(
    ("document", "field"),
    [({"rows": -1}, "usage.rows"), ({"rows": "1"}, "usage.rows"), ({"chairs": 1}, "usage.chairs")],
)
def test_wrong_usage_is_refused_with_the_field_named(document: object, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        usage_from_json(document)

    assert refused.value.field == field
