"""What holds for every plan: money is conserved, bills add up, certified prices cannot be gamed."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pricing.money import Money, sum_money
from pricing.plans import (
    Charge,
    Meter,
    Plan,
    Proved,
    Rejected,
    Repaired,
    Rounding,
    Usage,
    Volume,
    certify,
    charge_meters,
    increment,
    plan_from_json,
    plan_to_json,
    rate,
    rate_all,
    rate_interim,
    without_allowance,
)
from pricing.plans.amounts import charge_amount
from pricing.plans.ladder import (
    Ladder,
    LadderProved,
    LadderRejected,
    LadderRepaired,
    Measure,
    Rung,
    certify_ladder,
)
from pricing.plans.prices import has_whole_prices, price_of
from pricing.plans.shapes import charge_shapes
from tests.support.plans import CHARGES, QUANTITIES, UNIT_CHARGES, USAGES, plans, tiers


def prices(plan: Plan, meter: Meter, most: int) -> list[Fraction]:
    return list(map(price_of(plan, meter), range(most + 1)))


def rated(plan: Plan, meter: Meter, quantity: int) -> Fraction:
    """The exact price from the lines that `rate` gives, held between the limits of the plan."""
    lines = rate(replace(plan, minimum=None, maximum=None), Usage({meter: quantity})).lines
    is_each_rounded = plan.rounding is Rounding.PER_PURCHASE
    spend = sum(
        (Fraction(x.amount.amount_micro, 10**6) if is_each_rounded else x.precise for x in lines),
        Fraction(0),
    )
    spend = spend if plan.minimum is None else max(spend, Fraction(plan.minimum))
    return spend if plan.maximum is None else min(spend, Fraction(plan.maximum))


def judged(plan: Plan) -> Plan:
    """What the second account of a legal entity pays."""
    return without_allowance(plan) if plan.one_allowance_per_legal_entity else plan


@given(plans())
def test_certified_plans_cannot_be_gamed_and_rejected_ones_can(plan: Plan) -> None:
    certificate = certify(plan)

    if isinstance(certificate, Rejected):
        case = certificate.counterexample
        if case is not None:
            first, second, both = (
                rated(judged(plan), case.meter, units)
                for units in (case.first, case.second, case.first + case.second)
            )
            assert case.price_apart == first + second
            assert case.price_together == both
            assert first + second < both
        return
    safe = judged(certificate.plan if isinstance(certificate, Repaired) else plan)
    for meter in safe.meters:
        asked = prices(safe, meter, 40)
        assert all(less <= more for less, more in pairwise(asked))
        assert all(
            asked[a] + asked[b] >= asked[a + b] for a in range(1, 21) for b in range(a, 41 - a)
        )


@given(plans(), st.tuples(USAGES, USAGES))
def test_no_certified_plan_is_cheaper_for_two_purchases_of_several_meters(
    plan: Plan, bought: tuple[Usage, Usage]
) -> None:
    certificate = certify(plan)
    if isinstance(certificate, Rejected):
        return
    safe = judged(certificate.plan if isinstance(certificate, Repaired) else plan)
    both = Usage({meter: sum(usage.of(meter) for usage in bought) for meter in Meter})

    apart = sum(exact(safe, usage) for usage in bought)

    assert apart >= exact(safe, both)
    assert exact(safe, both) >= max(exact(safe, usage) for usage in bought)


def exact(plan: Plan, usage: Usage) -> Fraction:
    spend = sum((charge_amount(charge, usage) for charge in plan.charges), Fraction(0))
    spend = spend if plan.minimum is None else max(spend, Fraction(plan.minimum))
    return spend if plan.maximum is None else min(spend, Fraction(plan.maximum))


@given(plans(UNIT_CHARGES))
def test_a_plan_that_rounds_each_purchase_is_proved_only_if_nothing_is_rounded(plan: Plan) -> None:
    asking = replace(plan, rounding=Rounding.PER_PURCHASE)
    certificate = certify(asking)

    if not has_whole_prices(asking):
        assert isinstance(certificate, Rejected)
        case = certificate.counterexample
        if case is not None:
            apart = sum(rated(asking, case.meter, units) for units in (case.first, case.second))
            assert case.price_apart == apart
            assert apart < rated(asking, case.meter, case.first + case.second)
    elif isinstance(certificate, Proved):
        assert "rounding.whole_prices" in certificate.rules
        assert rated(asking, Meter.ROWS, 7) == rated(plan, Meter.ROWS, 7)


@given(CHARGES, USAGES)
def test_the_shapes_of_a_charge_add_up_to_its_amount(charge: Charge, usage: Usage) -> None:
    shapes = charge_shapes(charge)
    amounts = [shape.at(0 if shape.meter is None else usage.of(shape.meter)) for shape in shapes]

    assert sum(amounts, Fraction(0)) == charge_amount(charge, usage)
    assert [s.meter for s in shapes if s.meter is not None] == list(charge_meters(charge))


@given(plans(), st.lists(USAGES, max_size=5))
def test_rating_in_bulk_gives_the_very_same_numbers(plan: Plan, usages: list[Usage]) -> None:
    for usage, bill in zip(usages, rate_all(plan, usages), strict=True):
        rating = rate(plan, usage)
        by_charge = [line for line in rating.lines if line.charge is not None]
        limits = sum(line.amount.amount_micro for line in rating.lines if line.charge is None)
        assert list(bill.lines_micro) == [line.amount.amount_micro for line in by_charge]
        assert bill.minimum_micro + bill.maximum_micro == limits
        assert bill.total_micro == rating.total.amount_micro


@given(st.builds(Volume, st.just(Meter.ROWS), tiers(), st.integers(1, 3)))
def test_the_exact_check_agrees_with_trying_every_pair(charge: Volume) -> None:
    certificate = certify(Plan("CNY", (charge,)))
    asked = prices(Plan("CNY", (charge,)), Meter.ROWS, 60)
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
        for meter in plan.meters:
            listed, repaired = prices(plan, meter, 40), prices(certificate.plan, meter, 40)
            assert all(after <= before for before, after in zip(listed, repaired, strict=True))


@given(plans(), USAGES)
def test_lines_add_up_to_a_total_between_the_limits(plan: Plan, usage: Usage) -> None:
    rating = rate(plan, usage)

    assert sum_money([line.amount for line in rating.lines], plan.currency) == rating.total
    assert {line.amount.currency for line in rating.lines} == {plan.currency}
    assert all(line.amount.is_whole_minor for line in rating.lines)
    if plan.minimum is not None:
        assert Money.of(plan.minimum, plan.currency) <= rating.total
    if plan.maximum is not None:
        assert rating.total <= Money.of(plan.maximum, plan.currency)


@given(plans(), st.lists(st.dictionaries(st.sampled_from(list(Meter)), QUANTITIES), max_size=5))
def test_progressive_bills_add_up_to_the_bill_of_the_whole(
    plan: Plan, used: list[dict[Meter, int]]
) -> None:
    counted = dict[Meter, int]()
    ratings = [rate_interim(plan, Usage())]
    for more in used:
        counted = {meter: counted.get(meter, 0) + more.get(meter, 0) for meter in Meter}
        ratings.append(rate_interim(plan, Usage(counted)))
    ratings.append(rate(plan, Usage(counted)))

    bills = [ratings[0], *map(increment, ratings, ratings[1:])]

    assert sum(bill.total.amount_micro for bill in bills) == ratings[-1].total.amount_micro
    for bill in bills:
        assert sum(line.amount.amount_micro for line in bill.lines) == bill.total.amount_micro


@given(plans())
def test_the_json_form_of_a_plan_loses_nothing(plan: Plan) -> None:
    assert plan_from_json(plan_to_json(plan)) == plan


RUNGS = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 20)), min_size=1, max_size=4)


@given(RUNGS)
def test_a_ladder_is_certified_exactly_as_trying_every_combination_says(
    rungs: list[tuple[int, int]],
) -> None:
    listed = sorted(dict(rungs).items())
    ladder = Ladder("CNY", Measure.EPSILON, tuple(Rung(Decimal(x), Decimal(y)) for x, y in listed))
    certificate = certify_ladder(ladder)
    # The cheapest way to each accuracy with versions of the list, by dynamic programming.
    cheapest = [0]
    for wanted in range(1, listed[-1][0] + 1):
        cheapest.append(min(cost + cheapest[max(0, wanted - got)] for got, cost in listed))
    lowest = {x: min(cost for got, cost in listed if got >= x) for x, _ in listed}
    can_be_covered = any(cheapest[x] < lowest[x] for x, _ in listed)

    assert isinstance(certificate, LadderRejected) == can_be_covered
    assert isinstance(certificate, LadderProved) == (
        not can_be_covered and all(lowest[x] == cost for x, cost in listed)
    )
    if isinstance(certificate, LadderRejected):
        cover = certificate.cover
        assert cover is not None
        assert cover.instead_of in ladder.rungs
        assert all(rung in ladder.rungs for rung, _ in cover.bought)
        assert sum(rung.accuracy * n for rung, n in cover.bought) >= cover.instead_of.accuracy
        apart = sum(rung.price * n for rung, n in cover.bought)
        assert apart == cover.price_apart < cover.instead_of.price
    if isinstance(certificate, LadderRepaired):
        assert certify_ladder(certificate.ladder) == LadderProved(certificate.rule)
        assert [rung.price for rung in certificate.ladder.rungs] == [lowest[x] for x, _ in listed]


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
