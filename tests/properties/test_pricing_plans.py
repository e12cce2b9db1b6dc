"""What holds for every plan: money is conserved, bills add up, certified prices cannot be gamed."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pricing.money import Money
from pricing.plans import (
    Charge,
    Flat,
    Graduated,
    Meter,
    Package,
    PerUnit,
    Plan,
    Proved,
    Rejected,
    Repaired,
    Tier,
    Usage,
    Volume,
    certify,
    increment,
    plan_from_json,
    plan_to_json,
    rate,
    rate_interim,
)
from pricing.plans.certify import _price

PRICES = st.integers(0, 30).map(lambda tenths: Decimal(tenths) / 10)
LIMITS = st.integers(0, 60).map(Decimal)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    ends = sorted(draw(st.sets(st.integers(1, 12), max_size=3)))
    flats = st.one_of(st.just(Decimal(0)), PRICES)
    return tuple(Tier(end, draw(PRICES), draw(flats)) for end in (*ends, None))


CHARGES: st.SearchStrategy[Charge] = st.one_of(
    st.builds(Flat, PRICES),
    st.builds(PerUnit, st.just(Meter.ROWS), PRICES, st.integers(1, 3), st.integers(0, 2)),
    st.builds(Package, st.just(Meter.ROWS), st.integers(1, 5), PRICES, st.integers(0, 2)),
    st.builds(Graduated, st.just(Meter.ROWS), tiers(), st.integers(1, 3)),
    st.builds(Volume, st.just(Meter.ROWS), tiers(), st.integers(1, 3), st.booleans()),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    charges = tuple(draw(st.lists(CHARGES, min_size=1, max_size=3)))
    low, high = sorted((draw(LIMITS), draw(LIMITS)))
    minimum = low if draw(st.booleans()) else None
    return Plan("CNY", charges, minimum, high if draw(st.booleans()) else None)


QUANTITIES = st.integers(0, 40)


def prices(plan: Plan, most: int) -> list[Fraction]:
    return [_price(plan, Meter.ROWS, quantity) for quantity in range(most + 1)]


@given(plans())
def test_certified_plans_cannot_be_gamed_and_rejected_ones_can(plan: Plan) -> None:
    certificate = certify(plan)
    judged = certificate.plan if isinstance(certificate, Repaired) else plan

    if isinstance(certificate, Rejected):
        case = certificate.counterexample
        if case is not None:
            apart = sum(_price(plan, Meter.ROWS, units) for units in (case.first, case.second))
            assert apart == case.price_apart
            assert case.price_together == _price(plan, Meter.ROWS, case.first + case.second)
            assert apart < case.price_together
    else:
        asked = prices(judged, 40)
        assert all(less <= more for less, more in pairwise(asked))
        assert all(
            asked[a] + asked[b] >= asked[a + b] for a in range(1, 21) for b in range(a, 41 - a)
        )


@given(st.builds(Volume, st.just(Meter.ROWS), tiers(), st.integers(1, 3)))
def test_the_exact_check_agrees_with_trying_every_pair(charge: Volume) -> None:
    certificate = certify(Plan("CNY", (charge,)))
    asked = prices(Plan("CNY", (charge,)), 60)
    # The repair of a list price is the lowest of it and all larger ones; past 30 no tier begins.
    lowest = [min(asked[quantity:]) for quantity in range(31)]
    can_be_split = any(
        lowest[a] + lowest[b] < lowest[a + b] for a in range(1, 16) for b in range(a, 31 - a)
    )

    assert isinstance(certificate, Rejected) == can_be_split
    assert isinstance(certificate, Proved) == (not can_be_split and lowest == asked[:31])


@given(plans())
def test_a_repair_is_final_and_never_above_the_list(plan: Plan) -> None:
    certificate = certify(plan)

    if isinstance(certificate, Repaired):
        assert certify(certificate.plan) == Proved(certificate.rules)
        listed, repaired = prices(plan, 40), prices(certificate.plan, 40)
        assert all(after <= before for before, after in zip(listed, repaired, strict=True))


@given(plans(), QUANTITIES)
def test_lines_add_up_to_a_total_between_the_limits(plan: Plan, used: int) -> None:
    rating = rate(plan, Usage({Meter.ROWS: used}))

    assert sum(line.amount.amount_micro for line in rating.lines) == rating.total.amount_micro
    assert all(line.amount.is_whole_minor for line in rating.lines)
    if plan.minimum is not None:
        assert Money.of(plan.minimum, "CNY") <= rating.total
    if plan.maximum is not None:
        assert rating.total <= Money.of(plan.maximum, "CNY")


@given(plans(), st.lists(QUANTITIES, min_size=1, max_size=5))
def test_progressive_bills_add_up_to_the_bill_of_the_whole(plan: Plan, cuts: list[int]) -> None:
    *open_until, closed_at = sorted(cuts)
    ratings = [rate_interim(plan, Usage({Meter.ROWS: used})) for used in (0, *open_until)]
    ratings.append(rate(plan, Usage({Meter.ROWS: closed_at})))

    bills = [ratings[0], *map(increment, ratings, ratings[1:])]

    assert sum(bill.total.amount_micro for bill in bills) == ratings[-1].total.amount_micro
    for bill in bills:
        assert sum(line.amount.amount_micro for line in bill.lines) == bill.total.amount_micro


@given(plans())
def test_the_json_form_of_a_plan_loses_nothing(plan: Plan) -> None:
    assert plan_from_json(plan_to_json(plan)) == plan


@given(
    st.integers(-(10**15), 10**15),
    st.lists(st.integers(0, 1_000), min_size=1, max_size=12).filter(any),
    st.sampled_from(["CNY", "JPY", "KWD"]),
)
def test_a_split_loses_nothing_and_is_fair(micro: int, weights: list[int], currency: str) -> None:
    whole = Money(micro, currency)
    parts = whole.split(weights)
    quantum = 10 ** {"CNY": 4, "JPY": 6, "KWD": 3}[currency] if whole.is_whole_minor else 1

    assert sum(part.amount_micro for part in parts) == micro
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.amount_micro - Fraction(micro * weight, sum(weights))) < quantum


@given(st.integers(-(10**15), 10**15), st.sampled_from(["CNY", "JPY", "KWD", "CLF"]))
def test_the_decimal_text_of_money_loses_nothing(micro: int, currency: str) -> None:
    amount = Money(micro, currency)

    assert Money.parse(amount.format(), currency) == amount
    assert abs(amount.round_to_minor().amount_micro - micro) * 2 <= 10**6
