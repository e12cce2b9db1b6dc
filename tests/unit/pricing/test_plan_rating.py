from decimal import Decimal
from fractions import Fraction

import pytest

from pricing.errors import AmountTooLarge, CurrencyMismatch, InvalidInput
from pricing.plans import (
    Charge,
    Flat,
    Free,
    Graduated,
    Meter,
    Package,
    PerUnit,
    Plan,
    Tier,
    Usage,
    Volume,
    increment,
    rate,
    rate_interim,
    rating_to_json,
)
from pricing.plans.rate import LineKind

FONTS = (
    Tier(5, Decimal(7)),
    Tier(10, Decimal("6.5")),
    Tier(None, Decimal(6)),
)


def total(charge: Charge, quantity: int, currency: str = "USD") -> str:
    return rate(Plan(currency, (charge,)), Usage({Meter.ROWS: quantity})).total.format()


def test_flat_is_charged_once_whatever_is_used() -> None:
    assert total(Flat(Decimal("99.00")), 0) == "99.00"
    assert total(Flat(Decimal("99.00")), 10**6) == "99.00"


def test_free_costs_nothing() -> None:
    rating = rate(Plan("CNY", (Free(),)), Usage({Meter.BYTES: 10**18}))

    assert rating.total.amount_micro == 0
    assert [line.kind for line in rating.lines] == [LineKind.FREE]


def test_per_unit_is_proportional() -> None:
    assert total(PerUnit(Meter.ROWS, Decimal("0.05")), 1_000) == "50.00"
    assert total(PerUnit(Meter.ROWS, Decimal("2.5"), unit_size=1_000), 1_500) == "3.75"


@pytest.mark.parametrize(("used", "billed"), [(0, "0.00"), (10, "0.00"), (11, "1.00")])
def test_free_units_are_taken_off_first(used: int, billed: str) -> None:
    assert total(PerUnit(Meter.ROWS, Decimal(1), free_units=10), used) == billed


@pytest.mark.parametrize(
    ("used", "billed"),
    [(0, "0.00"), (100, "0.00"), (101, "5.00"), (200, "5.00"), (201, "10.00")],
)
def test_a_started_package_is_charged_whole(used: int, billed: str) -> None:
    assert total(Package(Meter.ROWS, 100, Decimal(5), free_units=100), used) == billed


@pytest.mark.parametrize(
    ("used", "billed"),
    [(0, "0.00"), (5, "35.00"), (6, "41.50"), (20, "127.50"), (25, "157.50")],
)
def test_graduated_charges_each_unit_in_its_tier(used: int, billed: str) -> None:
    assert total(Graduated(Meter.ROWS, FONTS), used) == billed


@pytest.mark.parametrize(
    ("used", "billed"),
    [(0, "0.00"), (1, "7.00"), (5, "35.00"), (6, "39.00"), (20, "120.00"), (25, "150.00")],
)
def test_volume_charges_all_units_at_the_tier_of_the_total(used: int, billed: str) -> None:
    assert total(Volume(Meter.ROWS, FONTS), used) == billed


@pytest.mark.parametrize(
    ("used", "billed"), [(0, "0.00"), (1, "3.00"), (10, "12.00"), (11, "17.50")]
)
def test_graduated_adds_the_flat_fee_of_every_tier_entered(used: int, billed: str) -> None:
    tiers = (Tier(10, Decimal(1), Decimal(2)), Tier(None, Decimal("0.5"), Decimal(5)))

    assert total(Graduated(Meter.ROWS, tiers), used) == billed


@pytest.mark.parametrize(("used", "billed"), [(15, "21.00"), (5, "21.00"), (4, "20.00")])
def test_a_repaired_volume_price_is_the_lowest_of_any_larger_order(used: int, billed: str) -> None:
    tiers = (*(Tier(5 * i, Decimal(6 - i)) for i in range(1, 5)), Tier(None, Decimal(1)))
    repaired = Volume(Meter.ROWS, tiers, never_above_larger=True)

    assert total(Volume(Meter.ROWS, tiers), 15) == "45.00"
    assert total(repaired, used) == billed


def test_the_minimum_is_a_line_of_its_own() -> None:
    plan = Plan("USD", (PerUnit(Meter.ROWS, Decimal(1)),), minimum=Decimal(100))

    rating = rate(plan, Usage({Meter.ROWS: 50}))

    assert [(line.kind, line.amount.format()) for line in rating.lines] == [
        (LineKind.PER_UNIT, "50.00"),
        (LineKind.MINIMUM, "50.00"),
    ]
    assert rating.total.format() == "100.00"
    assert rate_interim(plan, Usage({Meter.ROWS: 50})).total.format() == "50.00"


def test_the_maximum_is_a_discount_line_even_between_two_bills() -> None:
    plan = Plan("USD", (PerUnit(Meter.ROWS, Decimal(10)),), maximum=Decimal(100))
    before, after = (rate_interim(plan, Usage({Meter.ROWS: used})) for used in (7, 12))

    bill = increment(before, after)

    assert before.total.format() == "70.00"
    assert [(line.kind, line.quantity, line.amount.format()) for line in bill.lines] == [
        (LineKind.PER_UNIT, 5, "50.00"),
        (LineKind.MAXIMUM, 1, "-20.00"),
    ]
    assert bill.total.format() == "30.00"


def test_a_limit_that_no_longer_applies_is_withdrawn() -> None:
    charge = Volume(Meter.ROWS, (Tier(10, Decimal(10)), Tier(None, Decimal(1))))
    plan = Plan("USD", (charge,), maximum=Decimal(50))

    bill = increment(
        rate(plan, Usage({Meter.ROWS: 10})),
        rate(plan, Usage({Meter.ROWS: 11})),
    )

    assert [line.amount.format() for line in bill.lines] == ["-89.00", "50.00"]
    assert bill.total.format() == "-39.00"


def test_bills_of_two_currencies_are_not_subtracted() -> None:
    dollars, yuan = (rate(Plan(code, (Free(),)), Usage()) for code in ("USD", "CNY"))

    with pytest.raises(CurrencyMismatch):
        increment(dollars, yuan)


def test_a_line_is_rounded_once_and_keeps_the_precise_amount() -> None:
    plan = Plan("CNY", (PerUnit(Meter.ROWS, Decimal("0.0104")),))

    line = rate(plan, Usage({Meter.ROWS: 13})).lines[0]

    assert line.precise == Fraction("0.1352")
    assert line.amount.format() == "0.14"


def test_several_meters_add_up_and_other_meters_cost_nothing() -> None:
    plan = Plan("CNY", (PerUnit(Meter.ROWS, Decimal(1)), Package(Meter.CALLS, 10, Decimal(3))))

    rating = rate(plan, Usage({Meter.ROWS: 2, Meter.CALLS: 11, Meter.BYTES: 999}))

    assert [line.amount.format() for line in rating.lines] == ["2.00", "6.00"]
    assert rating.total.format() == "8.00"


def test_the_json_form_of_a_rating() -> None:
    plan = Plan(
        "CNY", (Graduated(Meter.ROWS, (Tier(1, Decimal(1)), Tier(None, Decimal("0.0001")))),)
    )

    written = rating_to_json(rate(plan, Usage({Meter.ROWS: 3})))

    assert written == {
        "currency": "CNY",
        "lines": [
            {
                "kind": "graduated",
                "charge": 0,
                "meter": "rows",
                "quantity": 3,
                "parts": [
                    {"units": 1, "precise": "1.000000000000"},
                    {"units": 2, "precise": "0.000200000000"},
                ],
                "precise": "1.000200000000",
                "amount": "1.00",
            }
        ],
        "total": "1.00",
    }


def test_the_json_form_of_a_discount_line_is_negative() -> None:
    plan = Plan("CNY", (Flat(Decimal(3)),), maximum=Decimal(2))

    written = rating_to_json(rate(plan, Usage()))["lines"]

    assert isinstance(written, list)
    assert (written[1]["precise"], written[1]["meter"]) == ("-1.000000000000", None)


def test_an_absurd_total_is_refused_not_wrapped() -> None:
    plan = Plan("CNY", (PerUnit(Meter.BYTES, Decimal(10**6)),))

    with pytest.raises(AmountTooLarge):
        rate(plan, Usage({Meter.BYTES: 10**18}))


@pytest.mark.parametrize("quantity", [-1, 10**18 + 1, True, 1.5])
def test_usage_is_a_bounded_whole_number(quantity: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        Usage({Meter.ROWS: quantity})

    assert refused.value.field == "usage.rows"
