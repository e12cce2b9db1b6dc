"""Worked examples of the methods, to the cent."""

from decimal import Decimal

import numpy as np
import pytest

from pricing.valuation.cost import remaining_share
from pricing.valuation.income import (
    Timing,
    discount_factors,
    present_value,
    tax_amortisation_factor,
)
from pricing.valuation.methods import KINDS, Method, Options, compute
from pricing.valuation.parameters import Array, Fixed, Lognormal, Triangular

NO_OPTIONS = Options()


def lines(
    kind: str, options: Options = NO_OPTIONS, **arguments: float | list[float]
) -> dict[str, float]:
    """Compute a method on plain figures and return its lines."""
    names: dict[str, tuple[str, ...]] = {}
    drawn: dict[str, Array] = {}
    for name, given in arguments.items():
        figures = given if isinstance(given, list) else [given]
        names[name] = tuple(f"{name}_{i}" for i in range(len(figures)))
        drawn |= {f"{name}_{i}": np.array([each]) for i, each in enumerate(figures)}
    computed = compute(Method("m", kind, names, options), drawn, 1)
    return {name: float(line[0]) for name, line in computed.items()}


def cents(value: float) -> str:
    return f"{value:.2f}"


def test_obsolescence_compounds() -> None:
    value = lines("replacement_cost", items=[500_000], obsolescence=[0.10, 0.30])

    assert cents(sum(value.values())) == "315000.00"
    assert {name: cents(line) for name, line in value.items()} == {
        "cost": "500000.00",
        "profit": "0.00",
        "obsolescence": "-185000.00",
    }


def test_profit_and_ageing_are_lines_of_the_cost() -> None:
    value = lines(
        "replacement_cost", items=[60_000, 40_000], profit_rate=0.1, age_years=3, half_life_years=3
    )

    assert {name: cents(line) for name, line in value.items()} == {
        "cost": "100000.00",
        "profit": "10000.00",
        "obsolescence": "-55000.00",
    }


def test_what_never_ages_keeps_its_value() -> None:
    share = remaining_share(np.array([[0.0]]), np.array([100.0]), np.array([np.inf]))

    assert share.tolist() == [1.0]


def test_a_single_sum_in_eight_years() -> None:
    value = lines("direct_forecast", cash_flows=[0.0] * 7 + [500_000], discount_rate=0.10)

    assert cents(value["present_value"]) == "233253.69"


def test_a_capitalised_royalty() -> None:
    value = lines(
        "capitalised_royalty", revenue=10_000_000, royalty_rate=0.04, capitalisation_rate=0.15
    )

    assert cents(sum(value.values())) == "2666666.67"


def test_relief_from_royalty_with_its_tax_amortisation_benefit() -> None:
    value = lines(
        "relief_from_royalty",
        Options(tax_amortisation_years=5),
        revenue=[1_000_000, 1_100_000, 1_200_000, 1_300_000, 1_400_000],
        royalty_rate=0.05,
        tax_rate=0.25,
        discount_rate=0.12,
    )
    factor = tax_amortisation_factor(np.array([0.12]), np.array([0.25]), 5, Timing.END_YEAR)

    assert cents(value["present_value"]) == "159167.92"
    assert round(float(factor[0]), 7) == 1.2198675
    assert cents(sum(value.values())) == "194163.76"


def test_without_a_tax_amortisation_life_there_is_no_such_line() -> None:
    value = lines(
        "relief_from_royalty", revenue=[100], royalty_rate=0.1, tax_rate=0.0, discount_rate=0.25
    )

    assert value == {"present_value": pytest.approx(8.0)}


def test_contributory_charge_and_excess_earnings_of_a_single_period() -> None:
    value = lines(
        "excess_earnings",
        earnings=500_000,
        assets=[500_000, 1_000_000],
        required_returns=[0.08, 0.10],
        capitalisation_rate=0.12,
    )

    assert cents(value["contributory_charge"] * 0.12) == "-140000.00"
    assert cents(sum(value.values())) == "3000000.00"


def test_with_and_without() -> None:
    value = lines(
        "with_and_without",
        with_asset=[500_000, 550_000, 600_000, 650_000, 700_000],
        without_asset=[400_000, 420_000, 440_000, 460_000, 480_000],
        discount_rate=0.10,
    )

    assert cents(sum(value.values())) == "584932.72"


def test_mid_year_flows_are_worth_half_a_year_of_interest_more() -> None:
    flows, rate = np.array([[100.0], [100.0]]), np.array([0.21])

    end, mid = (present_value(flows, rate, timing) for timing in (Timing.END_YEAR, Timing.MID_YEAR))

    assert mid / end == pytest.approx(1.1)
    assert discount_factors(rate, 2, Timing.MID_YEAR)[0] == pytest.approx(1 / 1.1)


def test_every_kind_declares_the_arguments_it_needs() -> None:
    for kind in KINDS.values():
        assert any(argument.default is None for argument in kind.arguments.values())


def test_quantiles_of_the_distributions() -> None:
    shares = np.array([0.0, 0.25, 0.5, 0.875, 1.0])

    assert Fixed(Decimal("0.25")).quantile(shares).tolist() == [0.25] * 5
    assert Triangular(Decimal(0), Decimal(1), Decimal(2)).quantile(shares) == pytest.approx(
        [0, 0.5**0.5, 1, 1.5, 2]
    )
    assert Triangular(Decimal(0), Decimal(0), Decimal(1)).quantile(shares)[2] == pytest.approx(
        1 - 0.5**0.5
    )
    assert Triangular(Decimal(0), Decimal(1), Decimal(1)).quantile(shares)[2] == pytest.approx(
        0.5**0.5
    )
    middle = Lognormal(Decimal(100), Decimal("0.15")).quantile(np.array([0.5, 0.8413447460685429]))
    assert middle == pytest.approx([100, 100 * np.exp(0.15)])
