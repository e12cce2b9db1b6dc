"""Worked examples of the cost approach, to the cent."""

import numpy as np
import pytest

from pricing.valuation.cost import fresh_share, straight_line_share
from tests.support.valuation import cents, lines, total


@pytest.mark.parametrize("kind", ["replacement_cost", "reproduction_cost"])
def test_obsolescence_compounds(kind: str) -> None:
    value = lines(
        kind, items=[500_000], functional_obsolescence=0.10, technological_obsolescence=0.30
    )

    assert total(value) == "315000.00"
    assert {name: cents(line) for name, line in value.items()} == {
        "cost": "500000.00",
        "functional_obsolescence": "-50000.00",
        "technological_obsolescence": "-135000.00",
    }


def test_obsolescence_never_adds_up() -> None:
    """Added up, the three would take 40 % and leave 390,000."""
    value = lines(
        "reproduction_cost",
        items=[400_000, 150_000, 100_000],
        functional_obsolescence=0.15,
        technological_obsolescence=0.20,
        economic_obsolescence=0.05,
    )

    assert total(value) == "419900.00"


def test_profit_opportunity_cost_and_taxes_are_lines_of_the_cost() -> None:
    value = lines(
        "replacement_cost",
        items=[60_000, 40_000],
        profit_rate=0.1,
        opportunity_rate=[0.04, 0.06],
        opportunity_years=0.5,
        taxes=[600, 400],
        physical_obsolescence=0.5,
    )

    assert {name: cents(line) for name, line in value.items()} == {
        "cost": "100000.00",
        "profit": "10000.00",
        "opportunity_cost": "5000.00",
        "taxes": "1000.00",
        "physical_obsolescence": "-58000.00",
    }


def test_opportunity_cost_may_be_an_amount() -> None:
    value = lines("replacement_cost", items=[100_000], opportunity_cost=7_500)

    assert value == {"cost": 100_000, "opportunity_cost": 7_500}


@pytest.mark.parametrize(
    ("ageing", "left"),
    [
        ({"newness_rate": 0.7}, "70000.00"),
        ({"age_years": 3.0, "life_years": 5.0}, "40000.00"),
        ({"age_years": 7.0, "life_years": 5.0}, "0.00"),
        ({"age_years": 3.0, "half_life_years": 3.0}, "50000.00"),
        ({"age_years": 0.0, "half_life_years": 3.0}, "100000.00"),
    ],
)
def test_ageing_by_newness_straight_line_or_half_life(ageing: dict[str, float], left: str) -> None:
    value = lines("replacement_cost", items=[100_000], **ageing)

    assert list(value) == ["cost", "ageing"]
    assert total(value) == left


def test_ageing_compounds_with_obsolescence() -> None:
    value = lines("replacement_cost", items=[100_000], economic_obsolescence=0.2, newness_rate=0.9)

    assert total(value) == "72000.00"


def test_shares_left_at_the_ends_of_a_life() -> None:
    ages = np.array([0.0, 4.0, 8.0])

    assert straight_line_share(ages, np.array([4.0])).tolist() == [1, 0, 0]
    assert fresh_share(ages, np.array([4.0])).tolist() == [1, 0.5, 0.25]


def test_cost_adjusted_by_coefficients() -> None:
    value = lines(
        "adjusted_cost",
        items=[200_000, 300_000],
        profit_rate=0.2,
        quality_coefficient=0.9,
        circulation_coefficient=1.2,
        realisation_coefficient=0.5,
        compliance_coefficient=1.0,
    )

    # 600,000 x 0.9 x 1.2 x 0.5
    assert total(value) == "324000.00"
    assert {name: cents(line) for name, line in value.items()} == {
        "cost": "500000.00",
        "profit": "100000.00",
        "quality_coefficient": "-60000.00",
        "circulation_coefficient": "108000.00",
        "realisation_coefficient": "-324000.00",
        "compliance_coefficient": "0.00",
    }


def test_total_cost_with_its_return_times_utility() -> None:
    value = lines(
        "total_cost_utility",
        items=[400_000, 100_000],
        return_rate=0.2,
        alpha=0.8,
        beta=0.5,
        l=0.25,
        r=0.1,
    )

    # 500,000 x 1.2 x (0.8 x 0.5 x 1.25 x 0.9 = 0.45)
    assert {name: cents(line) for name, line in value.items()} == {
        "cost": "500000.00",
        "return": "100000.00",
        "utility": "-330000.00",
    }
    assert total(value) == "270000.00"
