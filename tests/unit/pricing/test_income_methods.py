"""Worked examples of the income approach, to the cent."""

import numpy as np
import pytest

from pricing.valuation.income import discount_factors, present_value, tax_amortisation_factor
from pricing.valuation.kinds import KINDS
from pricing.valuation.methods import ChargesTaken, Options, Timing
from tests.support.valuation import case_of, cents, lines, method_of, report, total

REVENUE: list[float] = [1_000_000, 1_100_000, 1_200_000, 1_300_000, 1_400_000]
EARNINGS: list[float] = [200_000, 220_000, 240_000, 260_000, 280_000]
CHARGES: list[float] = [50_000, 52_000, 54_000, 56_000, 58_000]


def test_a_single_sum_in_eight_years() -> None:
    value = lines("direct_forecast", cash_flows=[0.0] * 7 + [500_000], discount_rate=0.10)

    assert cents(value["present_value"]) == "233253.69"


def test_a_capitalised_royalty() -> None:
    value = lines(
        "capitalised_royalty", revenue=10_000_000, royalty_rate=0.04, capitalisation_rate=0.15
    )

    assert value == {"capitalised_royalty": pytest.approx(2_666_666.67, abs=0.005)}


def test_capitalised_income_grows_and_is_taxed() -> None:
    value = lines(
        "capitalised_income",
        income=120_000,
        tax_rate=0.25,
        capitalisation_rate=[0.10, 0.05],
        growth_rate=0.03,
    )

    # 90,000 / (15 % - 3 %)
    assert total(value) == "750000.00"
    assert cents(value["capitalised_tax"]) == "-250000.00"


def test_relief_from_royalty_with_its_tax_amortisation_benefit() -> None:
    value = lines(
        "relief_from_royalty",
        Options(tax_amortisation_years=5),
        revenue=REVENUE,
        royalty_rate=0.05,
        tax_rate=0.25,
        discount_rate=0.12,
    )
    factor = tax_amortisation_factor(np.array([0.12]), np.array([0.25]), 5, Timing.END_YEAR)

    assert cents(value["present_value"]) == "159167.92"
    assert round(float(factor[0]), 7) == 1.2198675
    assert total(value) == "194163.76"


def test_the_amortisation_life_is_not_the_life_of_the_asset() -> None:
    value = lines(
        "relief_from_royalty",
        Options(tax_amortisation_years=15),
        revenue=REVENUE,
        royalty_rate=0.05,
        tax_rate=0.25,
        discount_rate=0.12,
    )

    annuity = (1 - 1.12**-15) / 0.12
    assert sum(value.values()) == pytest.approx(159_167.92 / (1 - 0.25 / 15 * annuity), abs=0.01)


def test_the_buyer_may_deduct_at_a_rate_of_his_own() -> None:
    options = Options(tax_amortisation_years=5)
    flows = [40_000.0] * 5

    taxed = lines(
        "direct_forecast", options, cash_flows=flows, discount_rate=0.1, deduction_tax_rate=0.2
    )

    annuity = (1 - 1.1**-5) / 0.1
    assert cents(taxed["present_value"]) == cents(40_000 * annuity)
    assert sum(taxed.values()) == pytest.approx(40_000 * annuity / (1 - 0.2 / 5 * annuity))


def test_without_a_tax_amortisation_life_there_is_no_such_line() -> None:
    value = lines(
        "relief_from_royalty", revenue=[100], royalty_rate=0.1, tax_rate=0.0, discount_rate=0.25
    )

    assert value == {"present_value": pytest.approx(8.0)}


@pytest.mark.parametrize(
    ("kind", "base"), [("revenue_share", "revenue"), ("profit_share", "profit")]
)
def test_a_share_of_revenue_or_profit_is_relief_from_royalty_by_another_name(
    kind: str, base: str
) -> None:
    value = lines(kind, **{base: REVENUE}, share=0.05, tax_rate=0.25, discount_rate=0.12)

    assert total(value) == "159167.92"


@pytest.mark.parametrize(
    ("taken", "value"),
    [(ChargesTaken.BEFORE_TAX, "491897.04"), (ChargesTaken.AFTER_TAX, "443638.83")],
)
def test_charges_before_or_after_tax_are_ten_percent_apart(taken: ChargesTaken, value: str) -> None:
    found = lines(
        "multi_period_excess_earnings",
        Options(charges_taken=taken),
        earnings=EARNINGS,
        charges=CHARGES,
        tax_rate=0.25,
        discount_rate=0.12,
    )

    assert total(found) == value


def test_charges_may_come_from_assets_and_their_required_returns() -> None:
    options = Options(charges_taken=ChargesTaken.AFTER_TAX)
    by_assets = lines(
        "multi_period_excess_earnings",
        options,
        earnings=EARNINGS,
        tax_rate=0.25,
        discount_rate=0.12,
        assets=[500_000, 100_000],
        required_returns=[0.08, 0.10],
    )
    by_amounts = lines(
        "multi_period_excess_earnings",
        options,
        earnings=EARNINGS,
        tax_rate=0.25,
        discount_rate=0.12,
        charges=[50_000] * 5,
    )

    assert by_assets == pytest.approx(by_amounts)


def test_contributory_charge_and_excess_earnings_of_a_single_period() -> None:
    value = lines(
        "excess_earnings",
        earnings=500_000,
        assets=[500_000, 1_000_000],
        required_returns=[0.08, 0.10],
        capitalisation_rate=0.12,
    )

    assert cents(value["capitalised_contributory_charge"] * 0.12) == "-140000.00"
    assert total(value) == "3000000.00"


WITH: list[float] = [500_000, 550_000, 600_000, 650_000, 700_000]
WITHOUT: list[float] = [400_000, 420_000, 440_000, 460_000, 480_000]


def test_with_and_without() -> None:
    value = lines("with_and_without", with_asset=WITH, without_asset=WITHOUT, discount_rate=0.10)

    assert total(value) == "584932.72"


def test_the_loss_counts_as_far_as_it_is_probable() -> None:
    value = lines(
        "with_and_without",
        with_asset=WITH,
        without_asset=WITHOUT,
        probability=0.25,
        discount_rate=0.10,
    )

    assert total(value) == "146233.18"


def test_mid_year_flows_are_worth_half_a_year_of_interest_more() -> None:
    flows, rate = np.array([[100.0], [100.0]]), np.array([0.21])

    end, mid = (present_value(flows, rate, timing) for timing in (Timing.END_YEAR, Timing.MID_YEAR))

    assert mid / end == pytest.approx(1.1)
    assert discount_factors(rate, 2, Timing.MID_YEAR)[0] == pytest.approx(1 / 1.1)


@pytest.mark.parametrize(
    ("rate", "years", "factor", "annuity"),
    [
        (0.08, 20, "0.2145", "9.8181"),
        (0.10, 5, "0.6209", "3.7908"),
        (0.12, 10, "0.3220", "5.6502"),
        (0.15, 15, "0.1229", "5.8474"),
    ],
)
def test_discount_factors_are_those_of_the_printed_tables(
    rate: float, years: int, factor: str, annuity: str
) -> None:
    """The tables of present values of 1 and of annuities of 1, as printed in any textbook."""
    factors = discount_factors(np.array([rate]), years, Timing.END_YEAR)

    assert f"{factors[-1, 0]:.4f}" == factor
    assert f"{factors.sum():.4f}" == annuity


def test_attrition_quality_and_forecast_error_take_their_share_of_each_year() -> None:
    value = lines(
        "direct_forecast",
        cash_flows=[100, 100],
        discount_rate=0.25,
        attrition_rate=0.2,
        quality_coefficient=0.5,
        forecast_factor=1.1,
    )

    assert total(value) == cents(0.5 * 1.1 * (100 * 0.8 / 1.25 + 100 * 0.64 / 1.25**2))


@pytest.mark.parametrize("timing", list(Timing))
@pytest.mark.parametrize("attrition", [0.0, 0.15])
def test_terminal_growth_is_the_forecast_going_on_for_ever(
    timing: Timing, attrition: float
) -> None:
    grown = [100 * 1.02**year for year in range(2_000)]

    short, long = (
        lines(
            "direct_forecast",
            Options(timing),
            cash_flows=flows,
            discount_rate=0.10,
            attrition_rate=attrition,
            **({"terminal_growth_rate": 0.02} if len(flows) < 2_000 else {}),
        )
        for flows in (grown[:3], grown)
    )

    assert list(short) == ["present_value", "terminal_value"]
    assert sum(short.values()) == pytest.approx(sum(long.values()))


def test_an_explicit_terminal_value_arrives_with_the_last_year() -> None:
    value = lines(
        "direct_forecast",
        Options(Timing.MID_YEAR),
        cash_flows=[0.0, 0.0],
        discount_rate=0.10,
        terminal_value=1_210,
    )

    assert cents(value["terminal_value"]) == "1000.00"


def test_value_in_use_of_the_country_a_unit() -> None:
    """IAS 36 Impairment of Assets, illustrative examples, example 2: every row and the total."""
    flows = [230, 253, 273, 290, 304, 313, 307, 289, 245, 184, 61]
    discounted = [200, 191, 180, 166, 151, 135, 115, 94, 70, 45, 13]
    named = {f"f{year}": flow for year, flow in enumerate(flows)}
    method = method_of("direct_forecast", cash_flows=list(named), discount_rate="rate")

    (found,) = report(case_of(method, parameters={**named, "rate": "0.15"}))["methods"]

    paper = found["working_paper"]
    at = [column["name"] for column in paper["columns"]].index("present_value")
    factor = [column["name"] for column in paper["columns"]].index("discount_factor")
    rows = [round(float(row[at])) for row in paper["rows"]]
    assert rows == discounted
    assert sum(rows) == 1_360
    assert [f"{float(row[factor]):.5f}" for row in paper["rows"][:3]] == [
        "0.86957",
        "0.75614",
        "0.65752",
    ]


def test_every_kind_declares_the_arguments_it_needs() -> None:
    for kind in KINDS.values():
        assert any(argument.is_required for argument in kind.arguments.values())
