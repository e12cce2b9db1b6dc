"""Past ranges against later deals, and what changed between two valuations."""

from dataclasses import replace
from datetime import timedelta

import pytest

from exchange_market.appraisals.calibration import calibrate, wilson
from exchange_market.appraisals.changes import Change, compare
from exchange_market.appraisals.deals import DealFact
from exchange_market.appraisals.valuation import PastRange
from tests.support.deal_facts import APPROVED_AT, DEAL

RANGE = PastRange("prd_1", APPROVED_AT, "CNY", 100, 200, 300)


def deals(*prices: int) -> list[DealFact]:
    """A deal for each price of the whole."""
    return [
        replace(DEAL, contract_id=f"con_{i}", whole_micro=price) for i, price in enumerate(prices)
    ]


def test_every_deal_is_caught_or_lies_on_one_side() -> None:
    found = calibrate(deals(99, 100, 200, 300, 301, 250, 400), [RANGE])

    assert {(group.kind, group.name) for group in found.groups} == {
        ("all", "all"),
        ("subject", "transport"),
        ("year", "2026"),
    }
    for group in found.groups:
        assert (group.deals, group.caught, group.below, group.above) == (7, 4, 1, 2)
        assert group.median_ratio == 250 / 200
    assert (found.deals, found.deals_without_valuation, found.withheld_groups) == (7, 0, 0)


def test_four_deals_are_not_shown() -> None:
    found = calibrate(deals(150, 150, 150, 150), [RANGE])

    assert found.groups == ()
    assert found.withheld_groups == 3


def test_a_single_deal_cannot_be_had_as_a_difference() -> None:
    six = deals(150, 150, 150, 150, 150, 400)
    found = calibrate([*six[:5], replace(six[5], subject="health")], [RANGE])

    # All six less the five of transport would be the one of health.
    assert [(group.kind, group.deals) for group in found.groups] == [("all", 6), ("year", 6)]
    assert found.withheld_groups == 2


def test_groups_are_shown_beside_five_withheld_deals() -> None:
    ten = deals(*[150] * 10)
    other = [replace(each, subject=("health", "energy")[i % 2]) for i, each in enumerate(ten[5:])]
    found = calibrate([*ten[:5], *other], [RANGE])

    assert ("subject", "transport", 5) in [(g.kind, g.name, g.deals) for g in found.groups]
    assert found.withheld_groups == 2


def test_a_valuation_is_not_judged_by_a_deal_it_could_have_known() -> None:
    later = replace(RANGE, decided_at=DEAL.opened_at, low_micro=150, high_micro=150)

    found = calibrate(deals(150, 150, 150, 150, 150), [later])

    assert found.groups == ()
    assert found.deals_without_valuation == 5


def test_the_latest_valuation_before_the_negotiation_counts() -> None:
    older = replace(RANGE, decided_at=APPROVED_AT - timedelta(days=5), low_micro=1, high_micro=2)
    other_currency = replace(RANGE, decided_at=APPROVED_AT + timedelta(hours=1), currency="USD")

    found = calibrate(deals(150, 150, 150, 150, 150), [older, RANGE, other_currency])

    assert [group.caught for group in found.groups] == [5, 5, 5]


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"), [(8, 10, 0.541, 0.931), (0, 5, 0.0, 0.351)]
)
def test_the_interval_of_a_share_is_wilsons(
    successes: int, trials: int, low: float, high: float
) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=0.001)


def test_changes_are_named_by_entry() -> None:
    before = {
        "value": {"p50": "10"},
        "parameters": [{"name": "rate", "p50": "0.1"}, {"name": "old", "p50": "1"}],
        "seed": 1,
    }
    after = {
        "value": {"p50": "12"},
        "parameters": [{"name": "rate", "p50": "0.2"}, {"name": "new", "p50": "2"}],
        "seed": 1,
    }

    assert compare(before, after) == (
        Change("parameters.new", None, {"name": "new", "p50": "2"}),
        Change("parameters.old", {"name": "old", "p50": "1"}, None),
        Change("parameters.rate", {"name": "rate", "p50": "0.1"}, {"name": "rate", "p50": "0.2"}),
        Change("value", {"p50": "10"}, {"p50": "12"}),
    )


def test_nothing_changed_is_no_change() -> None:
    assert compare({"seed": 1}, {"seed": 1}) == ()
