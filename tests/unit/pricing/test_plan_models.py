"""Models that go beyond units and tiers: how each is rated, proved and refused."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from pricing.errors import InvalidInput
from pricing.plans import (
    Charge,
    Commitment,
    CostPlus,
    Flat,
    Graduated,
    GraduatedPercentage,
    Meter,
    OneOff,
    Package,
    Percentage,
    PerUnit,
    Plan,
    Proved,
    RateTier,
    Rejected,
    Repaired,
    Rounding,
    Subscription,
    Tier,
    TieredPackage,
    Usage,
    UsageDiscount,
    Volume,
    certify,
    explain,
    plan_from_json,
    plan_to_json,
    rate,
)
from pricing.plans.certificate import Counterexample, PriceChange

FALLING = (Tier(2, Decimal(5)), Tier(None, Decimal(3)))
RISING = (Tier(2, Decimal(1)), Tier(None, Decimal(2)))
SHARES = (RateTier(Decimal(1000), Decimal("0.02")), RateTier(None, Decimal("0.01")))
PER_ROW = PerUnit(Meter.ROWS, Decimal(1))


def one(charge: Charge, **members: Any) -> Plan:
    return Plan("CNY", (charge,), **members)


def total(charge: Charge, **usage: int) -> str:
    return rate(one(charge), Usage({Meter(m): q for m, q in usage.items()})).total.format()


@pytest.mark.parametrize(
    ("days", "whole", "by_days"),
    [(0, "0.00", "0.00"), (30, "60.00", "60.00"), (45, "120.00", "90.00")],
)
def test_a_subscription_is_charged_by_spans_or_by_days(days: int, whole: str, by_days: str) -> None:
    assert total(Subscription(Decimal(60), 30), days=days) == whole
    assert total(Subscription(Decimal(60), 30, prorated=True), days=days) == by_days


def test_a_purchase_is_paid_for_each_revision_whatever_is_used() -> None:
    assert total(OneOff(Decimal(600)), revisions=0, rows=9) == "0.00"
    assert total(OneOff(Decimal(600)), revisions=2, rows=9) == "1200.00"


@pytest.mark.parametrize(
    ("calls", "each", "on_total"), [(20, "10.00", "10.00"), (21, "13.00", "9.00")]
)
def test_packages_are_priced_in_their_tier_or_on_their_total(
    calls: int, each: str, on_total: str
) -> None:
    assert total(TieredPackage(Meter.CALLS, 10, FALLING), calls=calls) == each
    assert total(TieredPackage(Meter.CALLS, 10, FALLING, on_total=True), calls=calls) == on_total


def test_a_percentage_has_a_free_amount_a_fee_and_free_events() -> None:
    charge = Percentage(Decimal("0.02"), Decimal(100), Decimal("0.50"), 2)

    assert total(charge, amount_micro=90_000_000, events=2) == "0.00"
    assert total(charge, amount_micro=150_000_000, events=5) == "2.50"


def test_a_discount_drops_units_and_takes_a_share_off_what_is_above() -> None:
    charge = UsageDiscount(Graduated(Meter.ROWS, FALLING), 1, 2, Decimal("0.5"))

    # Six units, one is dropped: two at 5, and three at half of 3.
    rating = rate(one(charge), Usage({Meter.ROWS: 6}))

    assert [(part.units, part.amount) for part in rating.lines[0].parts] == [
        (2, 10),
        (3, 9),
        (3, Fraction(-9, 2)),
    ]
    assert rating.total.format() == "14.50"


def test_a_commitment_is_owed_in_full_and_then_by_the_unit() -> None:
    charge = Commitment(Meter.CALLS, Decimal(10), 100, Decimal(5), 100)

    assert [total(charge, calls=calls) for calls in (0, 100, 130)] == ["10.00", "10.00", "11.50"]


@pytest.mark.parametrize(
    ("charge", "rule"),
    [
        (Subscription(Decimal(60), 30), "subscription.whole_spans"),
        (Subscription(Decimal(60), 30, prorated=True), "subscription.by_days"),
        (OneOff(Decimal(600)), "one_off"),
        (PerUnit(Meter.SEATS, Decimal(12)), "per_unit.proportional"),
        (TieredPackage(Meter.CALLS, 10, FALLING), "tiered_package.tier_ends"),
        (Percentage(Decimal("0.02"), fee=Decimal(1)), "percentage.proportional"),
        (GraduatedPercentage(SHARES), "graduated_percentage.tier_ends"),
        (CostPlus(Decimal("1.33333")), "cost_plus.proportional"),
        (UsageDiscount(PER_ROW, 0, 10, Decimal("0.2")), "usage_discount.tier_ends"),
        (Commitment(Meter.CALLS, Decimal(10), 100, Decimal("0.1")), "commitment.tier_ends"),
    ],
)
def test_a_safe_model_is_proved_by_its_rule(charge: Charge, rule: str) -> None:
    assert certify(one(charge)) == Proved((rule,))


@pytest.mark.parametrize(
    ("charge", "sentence"),
    [
        (
            TieredPackage(Meter.CALLS, 10, RISING),
            "Two purchases, of 10 and 20 calls, cost 3 CNY, less than one of 30 at 4 CNY.",
        ),
        (
            GraduatedPercentage(
                (RateTier(Decimal(1000), Decimal("0.01")), RateTier(None, Decimal("0.02")))
            ),
            "Two purchases of 1000 CNY declared amount cost 20 CNY, less than one of 2000 CNY at"
            " 30 CNY.",
        ),
        (
            Commitment(Meter.CALLS, Decimal(10), 100, Decimal("0.2")),
            "Two purchases of 99 calls cost 20 CNY, less than one of 198 at 29.6 CNY.",
        ),
        (
            UsageDiscount(Graduated(Meter.ROWS, RISING), 0, 2, Decimal("0.1")),
            "Two purchases, of 1 and 2 rows, cost 3 CNY, less than one of 3 at 3.8 CNY.",
        ),
    ],
)
def test_an_unsafe_model_is_refused_with_numbers(charge: Charge, sentence: str) -> None:
    certificate = certify(one(charge))

    assert isinstance(certificate, Rejected)
    assert [said.en for said in explain(certificate, "CNY")] == [sentence]


@pytest.mark.parametrize(
    ("charge", "meter", "free"),
    [
        (UsageDiscount(PER_ROW, 10), Meter.ROWS, 10),
        (UsageDiscount(Package(Meter.ROWS, 5, Decimal(1)), 10), Meter.ROWS, 10),
        (Percentage(Decimal("0.1"), Decimal(5)), Meter.AMOUNT, 5_000_000),
        (Percentage(Decimal("0.1"), fee=Decimal(1), free_events=3), Meter.EVENTS, 3),
    ],
)
def test_any_allowance_must_be_bound_to_the_legal_entity(
    charge: Charge, meter: Meter, free: int
) -> None:
    certificate = certify(one(charge))

    assert isinstance(certificate, Rejected)
    assert certificate.reason == "allowance.unbound"
    assert certificate.counterexample is not None
    assert (certificate.counterexample.meter, certificate.counterexample.first) == (meter, free)
    assert "one_allowance_per_legal_entity" in explain(certificate, "CNY")[1].en
    assert isinstance(certify(one(charge, one_allowance_per_legal_entity=True)), Proved)


def test_packages_on_their_total_are_repaired_like_volume_tiers() -> None:
    listed = TieredPackage(Meter.CALLS, 10, FALLING, on_total=True)

    certificate = certify(one(listed))

    assert isinstance(certificate, Repaired)
    assert certificate.changes == (PriceChange(0, Meter.CALLS, 20, Fraction(10), 21, Fraction(9)),)
    assert certificate.rules == ("tiered_package.tier_ends",)
    assert certify(certificate.plan) == Proved(certificate.rules)


def test_rounding_each_purchase_is_refused_with_a_quantity_that_gains_by_it() -> None:
    per_row = PerUnit(Meter.ROWS, Decimal("0.0104"))

    certificate = certify(one(per_row, rounding=Rounding.PER_PURCHASE))

    assert certificate == Rejected(
        Counterexample(Meter.ROWS, 7, 7, Fraction("0.14"), Fraction("0.15")),
        "rounding.per_purchase",
    )
    assert isinstance(certify(one(per_row)), Proved)


@pytest.mark.parametrize(
    "plan",
    [
        one(Graduated(Meter.ROWS, (Tier(10**18, Decimal(1)), Tier(None, Decimal(2))))),
        one(
            PerUnit(Meter.BYTES, Decimal("0.000000000001"), 10**18 - 1),
            rounding=Rounding.PER_PURCHASE,
        ),
    ],
)
def test_quantities_beyond_any_usage_are_judged_too(plan: Plan) -> None:
    assert isinstance(certify(plan), Rejected)


def test_rounding_each_purchase_is_harmless_where_nothing_is_rounded() -> None:
    certificate = certify(one(PerUnit(Meter.ROWS, Decimal("0.02")), rounding=Rounding.PER_PURCHASE))

    assert certificate == Proved(("rounding.whole_prices", "per_unit.proportional"))


def test_rounding_of_half_units_is_refused_in_words_where_no_case_is_known() -> None:
    certificate = certify(
        one(PerUnit(Meter.ROWS, Decimal("0.005")), rounding=Rounding.PER_PURCHASE)
    )

    assert certificate == Rejected(None, "rounding.per_purchase")
    assert "once per period" in explain(certificate, "CNY")[0].en


@pytest.mark.parametrize(
    "plan",
    [
        one(Subscription(Decimal(60), 30, prorated=True), rounding=Rounding.PER_PURCHASE),
        one(OneOff(Decimal(600))),
        one(TieredPackage(Meter.CALLS, 10, FALLING, on_total=True, never_above_larger=True)),
        one(Percentage(Decimal("0.02"), Decimal("99.5"), Decimal("0.5"), 2)),
        one(GraduatedPercentage(SHARES)),
        one(CostPlus(Decimal("1.33333"))),
        one(UsageDiscount(Package(Meter.SEATS, 10, Decimal(3)), 5, 20, Decimal("0.2"))),
        one(Commitment(Meter.CALLS, Decimal(10), 100, Decimal("0.1"), 10)),
    ],
)
def test_every_model_survives_its_json_form(plan: Plan) -> None:
    assert plan_from_json(plan_to_json(plan)) == plan


def test_the_json_of_a_plan_from_before_the_new_models_is_written_as_it_was() -> None:
    written = plan_to_json(Plan("CNY", (Flat(Decimal(1)), PER_ROW)))

    assert written == {
        "currency": "CNY",
        "charges": [
            {"kind": "flat", "amount": "1"},
            {
                "kind": "per_unit",
                "meter": "rows",
                "unit_price": "1",
                "unit_size": 1,
                "free_units": 0,
            },
        ],
        "minimum": None,
        "maximum": None,
        "one_allowance_per_legal_entity": False,
    }


ROWS_CHARGE: dict[str, Any] = {"kind": "per_unit", "meter": "rows", "unit_price": "1"}
PACKAGES: dict[str, Any] = {
    "kind": "tiered_package",
    "meter": "rows",
    "size": 10,
    "tiers": [{"unit_price": "1"}],
}


@pytest.mark.parametrize(
    ("charge", "field"),
    [
        ({"kind": "subscription", "amount": "1", "days": 0}, "days"),
        ({"kind": "one_off", "amount": "-1"}, "amount"),
        ({"kind": "per_unit", "meter": "amount_micro", "unit_price": "1"}, "meter"),
        ({"kind": "percentage", "rate": "1.2"}, "rate"),
        ({"kind": "percentage", "rate": "0.1", "free_amount": "0.0000001"}, "free_amount"),
        ({"kind": "percentage", "rate": "0.1", "fee": "-1"}, "fee"),
        ({"kind": "graduated_percentage", "tiers": []}, "tiers"),
        ({"kind": "graduated_percentage", "tiers": [{"rate": "2"}]}, "tiers[0].rate"),
        (
            {
                "kind": "graduated_percentage",
                "tiers": [
                    {"up_to": "10", "rate": "0.2"},
                    {"up_to": "9.5", "rate": "0.1"},
                    {"rate": "0"},
                ],
            },
            "tiers[1].up_to",
        ),
        ({"kind": "cost_plus", "multiplier": "-1"}, "multiplier"),
        ({**PACKAGES, "never_above_larger": True}, "never_above_larger"),
        ({"kind": "usage_discount", "charge": {"kind": "flat", "amount": "1"}}, "charge.kind"),
        ({"kind": "usage_discount", "charge": {**ROWS_CHARGE, "x": 1}}, "charge.x"),
        (
            {"kind": "usage_discount", "charge": {**ROWS_CHARGE, "free_units": 1}},
            "charge.free_units",
        ),
        ({"kind": "usage_discount", "charge": {**PACKAGES, "on_total": True}}, "charge.on_total"),
        ({"kind": "usage_discount", "charge": PACKAGES, "above": 5}, "above"),
        ({"kind": "usage_discount", "charge": ROWS_CHARGE, "off": "1.1"}, "off"),
        (
            {
                "kind": "commitment",
                "meter": "rows",
                "amount": "1",
                "included": -1,
                "overage_price": "1",
            },
            "included",
        ),
    ],
)
def test_a_wrong_model_is_refused_with_the_field_named(charge: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        plan_from_json({"currency": "CNY", "charges": [charge]})

    assert refused.value.field == f"charges[0].{field}"


def test_an_unknown_rounding_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        plan_from_json({"currency": "CNY", "charges": [ROWS_CHARGE], "rounding": "up"})

    assert refused.value.field == "rounding"


def test_a_volume_charge_and_a_commitment_are_judged_together_on_one_meter() -> None:
    volume = Volume(Meter.ROWS, (Tier(None, Decimal(1)),))
    dear = Commitment(Meter.ROWS, Decimal(1), 10, Decimal(2))

    assert isinstance(certify(Plan("CNY", (volume, dear))), Rejected)
    assert certify(Plan("CNY", (volume, dear, Flat(Decimal(19))))) == Proved(
        ("whole_plan.tier_ends",)
    )
