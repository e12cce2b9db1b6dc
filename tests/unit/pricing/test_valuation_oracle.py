"""The same figures as a valuation library of others, where its formulas are the published ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.valuation.methods import ChargesTaken, Options
from tests.support.valuation import lines

excess = pytest.importorskip("intangible_valuation.income_methods.excess_earnings")
royalty = pytest.importorskip("intangible_valuation.income_methods.relief_from_royalty")
costs = pytest.importorskip("intangible_valuation.approaches.cost_approach")

AMOUNTS = st.lists(st.integers(10_000, 10**7), min_size=1, max_size=12)
RATES = st.integers(10, 400).map(lambda permille: permille / 1000)
SHARES = st.integers(0, 99).map(lambda percent: percent / 100)
# It rounds factors and present values to cents or ten digits midway.
RELATIVE, CENTS = 1e-6, 0.2


@settings(max_examples=50)
@given(AMOUNTS, RATES, RATES, SHARES)
def test_relief_from_royalty(
    revenue: list[int], share: float, rate: float, tax_rate: float
) -> None:
    theirs = royalty.relief_from_royalty(revenue, share, rate, tax_rate, len(revenue))

    ours = lines(
        "relief_from_royalty",
        Options(tax_amortisation_years=len(revenue)),
        revenue=revenue,
        royalty_rate=share,
        tax_rate=tax_rate,
        discount_rate=rate,
    )

    assert sum(ours.values()) == pytest.approx(theirs.value, rel=RELATIVE, abs=CENTS)


@settings(max_examples=50)
@given(AMOUNTS, RATES, SHARES, SHARES)
def test_excess_earnings_with_charges_before_tax(
    earnings: list[int], rate: float, tax_rate: float, charged: float
) -> None:
    charges = [each * charged for each in earnings]
    theirs = excess.mpeem(earnings, [{"total_cac": each} for each in charges], rate, tax_rate)

    ours = lines(
        "multi_period_excess_earnings",
        Options(tax_amortisation_years=len(earnings), charges_taken=ChargesTaken.BEFORE_TAX),
        earnings=earnings,
        charges=charges,
        tax_rate=tax_rate,
        discount_rate=rate,
    )

    assert sum(ours.values()) == pytest.approx(theirs.value, rel=RELATIVE, abs=CENTS)


@settings(max_examples=50)
@given(AMOUNTS, SHARES, SHARES, SHARES)
def test_reproduction_cost(
    items: list[int], functional: float, technological: float, economic: float
) -> None:
    theirs = costs.reproduction_cost(
        {str(number): item for number, item in enumerate(items)},
        {"functional": functional, "technological": technological, "economic": economic},
    )

    ours = lines(
        "reproduction_cost",
        items=items,
        functional_obsolescence=functional,
        technological_obsolescence=technological,
        economic_obsolescence=economic,
    )

    assert np.isclose(sum(ours.values()), theirs.value, atol=0.01)
