import json
import time
from decimal import Decimal
from fractions import Fraction

import pytest

from pricing.plans import (
    Charge,
    Flat,
    Free,
    Graduated,
    Meter,
    Package,
    PerUnit,
    Plan,
    Proved,
    Rejected,
    Repaired,
    Tier,
    TieredPackage,
    Volume,
    certificate_to_json,
    certify,
    explain,
)
from pricing.plans.certificate import Counterexample, PriceChange
from pricing.plans.explain import exact_text
from pricing.plans.rules import REASONS, RULES

FALLING = (Tier(5, Decimal(7)), Tier(10, Decimal("6.5")), Tier(None, Decimal(6)))
RISING = (Tier(1, Decimal(1)), Tier(None, Decimal(2)))
SPEC = (Tier(100, Decimal(2), Decimal(10)), Tier(None, Decimal(1)))


def plan(*charges: Charge, minimum: Decimal | None = None, maximum: Decimal | None = None) -> Plan:
    return Plan("CNY", charges, minimum, maximum)


@pytest.mark.parametrize(
    ("charge", "rule"),
    [
        (Free(), "free"),
        (Flat(Decimal(5)), "flat"),
        (PerUnit(Meter.ROWS, Decimal("0.05")), "per_unit.proportional"),
        (Package(Meter.ROWS, 100, Decimal(5)), "package.whole_packages"),
        (Graduated(Meter.ROWS, FALLING), "graduated.tier_ends"),
        (Graduated(Meter.ROWS, (Tier(None, Decimal(1), Decimal(9)),)), "graduated.tier_ends"),
        (Volume(Meter.ROWS, (Tier(None, Decimal(1)),)), "volume.tier_ends"),
    ],
)
def test_a_safe_charge_is_proved_by_its_rule(charge: Charge, rule: str) -> None:
    assert certify(plan(charge)) == Proved((rule,))


def test_sums_minimum_and_maximum_keep_a_plan_safe() -> None:
    certificate = certify(
        plan(
            Flat(Decimal(1)),
            PerUnit(Meter.ROWS, Decimal(1)),
            PerUnit(Meter.BYTES, Decimal(1)),
            minimum=Decimal(5),
            maximum=Decimal(50),
        )
    )

    assert certificate == Proved(("flat", "per_unit.proportional", "sum", "minimum", "maximum"))


@pytest.mark.parametrize(
    ("charge", "first", "second", "apart", "together", "reason"),
    [
        (Graduated(Meter.ROWS, RISING), 1, 1, 2, 3, "unproved"),
        (Volume(Meter.ROWS, RISING), 1, 1, 2, 4, "unproved"),
        (
            Graduated(Meter.ROWS, (Tier(2, Decimal(1)), Tier(None, Decimal(1), Decimal(5)))),
            1,
            2,
            3,
            8,
            "unproved",
        ),
        (PerUnit(Meter.ROWS, Decimal(3), free_units=1), 1, 1, 0, 3, "allowance.unbound"),
        (Package(Meter.ROWS, 10, Decimal(3), free_units=7), 7, 7, 0, 3, "allowance.unbound"),
    ],
)
def test_a_plan_that_is_cheaper_in_parts_is_rejected_with_the_smallest_case(
    charge: Charge, first: int, second: int, apart: int, together: int, reason: str
) -> None:
    expected = Counterexample(Meter.ROWS, first, second, Fraction(apart), Fraction(together))

    assert certify(plan(charge)) == Rejected(expected, reason)


@pytest.mark.parametrize(
    "charge",
    [
        PerUnit(Meter.ROWS, Decimal(3), free_units=10),
        Package(Meter.ROWS, 10, Decimal(3), free_units=10),
    ],
)
def test_an_allowance_is_safe_when_bound_to_the_legal_entity(charge: Charge) -> None:
    bound = Plan("CNY", (charge,), one_allowance_per_legal_entity=True)

    certificate = certify(bound)

    assert isinstance(certificate, Proved)
    assert certificate.rules[0] == "allowance.one_per_legal_entity"
    assert isinstance(certify(plan(charge)), Rejected)


def test_an_allowance_of_something_that_costs_nothing_is_safe() -> None:
    assert isinstance(certify(plan(Package(Meter.ROWS, 10, Decimal(0), free_units=7))), Proved)


def test_a_bound_entity_does_not_excuse_rising_tiers() -> None:
    rising = Plan("CNY", (Graduated(Meter.ROWS, RISING),), one_allowance_per_legal_entity=True)

    assert isinstance(certify(rising), Rejected)


def test_volume_tiers_that_fall_are_repaired_to_the_price_of_the_larger_order() -> None:
    certificate = certify(plan(Volume(Meter.ROWS, SPEC)))

    assert isinstance(certificate, Repaired)
    assert certificate.plan.charges == (Volume(Meter.ROWS, SPEC, never_above_larger=True),)
    assert certificate.changes == (
        PriceChange(0, Meter.ROWS, 100, Fraction(210), 101, Fraction(101)),
    )
    assert certify(certificate.plan) == Proved(certificate.rules)


def test_a_repair_names_every_tier_end_that_fell() -> None:
    tiers = (*(Tier(5 * i, Decimal(6 - i)) for i in range(1, 5)), Tier(None, Decimal(1)))

    certificate = certify(plan(Volume(Meter.ROWS, tiers), Flat(Decimal(1))))

    assert isinstance(certificate, Repaired)
    assert [
        (change.quantity, change.list_price, change.cheaper_quantity, change.repaired_price)
        for change in certificate.changes
    ] == [(5, 25, 21, 21), (10, 40, 21, 21), (15, 45, 21, 21), (20, 40, 21, 21)]


def test_a_volume_plan_that_falls_and_is_cheaper_in_parts_shows_a_real_case() -> None:
    tiers = (Tier(10, Decimal(2)), Tier(20, Decimal(1)), Tier(None, Decimal(5)))
    mixed = plan(Volume(Meter.ROWS, tiers))

    certificate = certify(mixed)

    assert isinstance(certificate, Rejected)
    assert certificate.counterexample is not None
    assert certificate.counterexample.price_apart < certificate.counterexample.price_together


def test_a_flat_fee_that_outweighs_a_rising_tier_proves_the_whole_plan() -> None:
    tiers = (Tier(2, Decimal(1)), Tier(None, Decimal(1), Decimal(5)))
    charge = Graduated(Meter.ROWS, tiers)

    assert isinstance(certify(plan(charge, Flat(Decimal(4)))), Rejected)
    assert certify(plan(charge, Flat(Decimal(5)))) == Proved(("whole_plan.tier_ends",))


def test_a_minimum_or_maximum_can_prove_the_whole_plan() -> None:
    rising = Graduated(Meter.ROWS, (Tier(10, Decimal(1)), Tier(None, Decimal(2))))

    assert isinstance(certify(plan(rising, maximum=Decimal(12))), Rejected)
    assert isinstance(certify(plan(rising, maximum=Decimal(10))), Proved)
    assert isinstance(certify(plan(rising, minimum=Decimal(8), maximum=Decimal(16))), Proved)


def test_with_two_meters_the_case_is_shown_on_one_of_them() -> None:
    certificate = certify(plan(Graduated(Meter.ROWS, RISING), Package(Meter.CALLS, 10, Decimal(1))))

    assert isinstance(certificate, Rejected)
    assert certificate.counterexample == Counterexample(Meter.ROWS, 1, 1, Fraction(2), Fraction(3))


def test_what_no_rule_proves_is_rejected_even_without_a_case() -> None:
    rising = TieredPackage(Meter.ROWS, 10, RISING)
    certificate = certify(plan(rising, PerUnit(Meter.ROWS, Decimal(1)), Flat(Decimal(100))))

    assert certificate == Rejected(None, "unproved")
    assert certificate_to_json(certificate, "CNY")["counterexample"] is None
    assert "No rule proves" in explain(certificate, "CNY")[0].en


def test_the_counterexample_is_one_sentence_in_both_languages() -> None:
    (same,) = explain(certify(plan(Graduated(Meter.ROWS, RISING))), "CNY")
    assert same.en == "Two purchases of 1 rows cost 2 CNY, less than one of 2 at 3 CNY."
    assert same.zh == "分两次各买 1 行共 2 CNY, 低于一次购买 2 行的 3 CNY。"

    tiers = (Tier(2, Decimal(1)), Tier(None, Decimal(1), Decimal(5)))
    (different,) = explain(certify(plan(Graduated(Meter.CALLS, tiers))), "CNY")
    assert different.en == (
        "Two purchases, of 1 and 2 calls, cost 3 CNY, less than one of 3 at 8 CNY."
    )
    assert different.zh == "分别购买 1 和 2 次调用共 3 CNY, 低于一次购买 3 次调用的 8 CNY。"


def test_the_json_forms_are_plain_and_complete() -> None:
    proved = certificate_to_json(certify(plan(Free())), "CNY")
    repaired = certificate_to_json(certify(plan(Volume(Meter.ROWS, SPEC))), "CNY")
    rejected = certificate_to_json(certify(plan(Volume(Meter.ROWS, RISING))), "CNY")

    assert json.loads(json.dumps([proved, repaired, rejected])) == [proved, repaired, rejected]
    assert (proved["outcome"], proved["rules"]) == ("proved", ["free"])
    assert repaired["changes"] == [
        {
            "charge": 0,
            "meter": "rows",
            "quantity": 100,
            "list_price": "210",
            "cheaper_quantity": 101,
            "repaired_price": "101",
        }
    ]
    assert rejected["counterexample"] == {
        "meter": "rows",
        "first": 1,
        "second": 1,
        "price_apart": "2",
        "price_together": "4",
    }


def test_every_rule_has_a_sentence_in_both_languages() -> None:
    said = [*RULES.values(), *REASONS.values()]

    assert all(sentence.zh and sentence.en for sentence in said)


@pytest.mark.parametrize(
    ("value", "text"),
    [("1/3", "1/3"), ("-1/4", "-0.25"), ("12", "12"), ("1/1000", "0.001"), ("-7", "-7")],
)
def test_exact_amounts_are_written_without_loss(value: str, text: str) -> None:
    assert exact_text(Fraction(value)) == text


def test_fifty_tiers_are_certified_without_sampling_in_a_moment() -> None:
    tiers = tuple(Tier(1_000 * i, Decimal(100 - i) / 100) for i in range(1, 50))
    fifty = plan(Graduated(Meter.ROWS, (*tiers, Tier(None, Decimal("0.3")))))
    started = time.perf_counter()

    certificate = certify(fifty)

    assert certificate == Proved(("graduated.tier_ends",))
    assert time.perf_counter() - started < 1
