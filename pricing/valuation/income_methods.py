"""The methods of the income approach: those that forecast year by year.

Each kind says only how its flow of a year comes about (its columns); the shared forecast error,
quality, attrition, terminal value, discounting and the tax amortisation benefit are the same for
all of them.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np

from pricing.valuation.adjustments import Entry
from pricing.valuation.distributions import Array
from pricing.valuation.income import (
    contributory_charge,
    discount_factors,
    growing_perpetuity,
    survival,
    tax_amortisation_factor,
    times,
)
from pricing.valuation.methods import (
    INFINITE,
    RATE_MAX,
    Approach,
    Argument,
    ChargesTaken,
    Column,
    Draws,
    Kind,
    Lines,
    Measure,
    Method,
    Options,
    Rules,
    Shape,
    Timing,
    WorkingPaper,
)
from pricing.valuation.risks import Risk

Columns = dict[str, Array]
"""Yearly amounts (years, draws) in the order a reader computes them; the last is the flow."""


def _direct(draws: Draws, _: Options) -> Columns:
    return _taxed({"cash_flow": draws["cash_flows"]}, draws)


def _share(base: str, draws: Draws, _: Options) -> Columns:
    """Revenue or profit times the share of it that is owed to the data (分成)."""
    amount = draws[base]
    return _taxed({base: amount, "attributed": amount * draws["share"]}, draws)


def _relief(draws: Draws, _: Options) -> Columns:
    """The royalty after tax that the owner of the data need not pay to another."""
    revenue = draws["revenue"]
    return _taxed({"revenue": revenue, "royalty": revenue * draws["royalty_rate"]}, draws)


def _excess_earnings(draws: Draws, options: Options) -> Columns:
    """Earnings less what the other assets must earn; the charges before or after tax.

    Before tax: (E - C)(1 - T). After tax: E (1 - T) - C, for charges that are returns after tax.
    """
    earnings = draws["earnings"]
    if "charges" in draws:
        charge = draws["charges"]
    else:
        charge = contributory_charge(draws["assets"], draws["required_returns"])
    charges = np.broadcast_to(charge, earnings.shape)
    taxed = earnings
    if options.charges_taken is ChargesTaken.BEFORE_TAX:
        taxed = earnings - charges
    tax = -taxed * draws["tax_rate"]
    flow = earnings - charges + tax
    return {"earnings": earnings, "contributory_charge": -charges, "tax": tax, "flow": flow}


def _with_and_without(draws: Draws, _: Options) -> Columns:
    """What is earned with the data less what without, times the probability of being without."""
    with_asset, without_asset = draws["with_asset"], draws["without_asset"]
    expected = (with_asset - without_asset) * draws["probability"]
    columns = {"with_asset": with_asset, "without_asset": without_asset, "expected_loss": expected}
    return _taxed(columns, draws)


def _taxed(columns: Columns, draws: Draws) -> Columns:
    """Add the tax on the last column, and what is left."""
    before = next(reversed(columns.values()))
    tax = -before * draws["tax_rate"]
    return {**columns, "tax": tax, "flow": before + tax}


YearlyFlows = Callable[[Draws, Options], Columns]


def _lines(yearly: YearlyFlows, draws: Draws, options: Options) -> Lines:
    """Discount the expected flows and add what follows them and what their tax deduction saves."""
    timing = options.timing or Timing.END_YEAR
    rate = draws["discount_rate"]
    flows = yearly(draws, options)["flow"]
    expected = _expected(flows, draws)
    factors = discount_factors(rate, len(flows), timing)
    lines = {"present_value": (expected * factors).sum(axis=0)}
    if "terminal_growth_rate" in draws:
        growth = _net_growth(draws)
        # Later flows arrive as the last one does, so they are discounted by its factor.
        lines["terminal_value"] = growing_perpetuity(expected[-1], growth, rate) * factors[-1]
    elif "terminal_value" in draws:
        lines["terminal_value"] = draws["terminal_value"] * (1.0 + rate) ** -float(len(flows))
    if options.tax_amortisation_years is not None:
        factor = _tax_amortisation_factor(draws, options)
        lines["tax_amortisation_benefit"] = sum(lines.values(), 0.0 * rate) * (factor - 1.0)
    return lines


def _kept(draws: Draws, years: int) -> Columns:
    """Return what each year's flow is multiplied by: forecast error, quality, attrition."""
    kept = {name: draws[name] for name in _FACTORS if name in draws}
    if "attrition_rate" in draws:
        kept["survival"] = survival(draws["attrition_rate"], years)
    return kept


def _expected(flows: Array, draws: Draws) -> Array:
    """Return the flows that are left after every factor."""
    for factor in _kept(draws, len(flows)).values():
        flows = flows * factor
    return flows


def _net_growth(draws: Draws) -> Array:
    """Return the growth of flows after the forecast: those that attrition leaves go on growing."""
    growth = draws["terminal_growth_rate"]
    if "attrition_rate" not in draws:
        return growth
    return (1.0 + growth) * (1.0 - draws["attrition_rate"]) - 1.0


def _tax_amortisation_factor(draws: Draws, options: Options) -> Array:
    years, timing = options.tax_amortisation_years or 1, options.timing or Timing.END_YEAR
    deducted = draws["deduction_tax_rate"] if "deduction_tax_rate" in draws else draws["tax_rate"]
    return tax_amortisation_factor(draws["discount_rate"], deducted, years, timing)


def _paper(yearly: YearlyFlows, draws: Draws, method: Method) -> WorkingPaper:
    """Show each year: how its flow comes about, what is kept of it, when, and its present value."""
    options = method.options
    timing = options.timing or Timing.END_YEAR
    flows = yearly(draws, options)
    years = len(flows["flow"])
    factors = discount_factors(draws["discount_rate"], years, timing)
    columns = {
        **{Column(name, Measure.AMOUNT): amounts for name, amounts in flows.items()},
        **{Column(name, Measure.FACTOR): kept for name, kept in _kept(draws, years).items()},
        Column("years_from_valuation", Measure.FACTOR): times(years, timing),
        Column("discount_factor", Measure.FACTOR): factors,
        Column("present_value", Measure.AMOUNT): _expected(flows["flow"], draws) * factors,
    }
    cells = [np.broadcast_to(values, (years, 1))[:, 0].tolist() for values in columns.values()]
    figures: list[tuple[str, float]] = []
    if options.tax_amortisation_years is not None:
        factor = float(_tax_amortisation_factor(draws, options)[0])
        figures.append(("tax_amortisation_factor", factor))
    return WorkingPaper(
        (Column("year", Measure.YEAR), *columns),
        tuple(zip(range(1, years + 1), *cells, strict=True)),
        tuple(figures),
    )


_FACTORS: Final = ("forecast_factor", "quality_coefficient")
_AMOUNTS: Final = Argument(Entry.CASH_FLOW, Shape.SERIES)
_FLOWS: Final = Argument(Entry.CASH_FLOW, Shape.SERIES, low=-INFINITE)
_SHARE: Final = Argument(Entry.CASH_FLOW, high=1.0)
_TAX: Final = Argument(Entry.CASH_FLOW, high=0.99, default=0.0)
_REQUIRED_TAX: Final = Argument(Entry.CASH_FLOW, high=0.99)
_COMMON: Final[Mapping[str, Argument]] = {
    "discount_rate": Argument(Entry.RATE, Shape.SUM, high=RATE_MAX),
    # An error of the forecast that all years share; independent ones cancel each other out.
    "forecast_factor": Argument(Entry.CASH_FLOW, is_optional=True),
    "quality_coefficient": Argument(Entry.CASH_FLOW, high=1.0, is_optional=True, risk=Risk.QUALITY),
    "attrition_rate": Argument(Entry.CASH_FLOW, high=1.0, is_optional=True, risk=Risk.ATTRITION),
    "terminal_growth_rate": Argument(Entry.CASH_FLOW, low=-1.0, high=1.0, is_optional=True),
    "terminal_value": Argument(Entry.CASH_FLOW, low=-INFINITE, is_optional=True),
    "deduction_tax_rate": Argument(Entry.CASH_FLOW, high=0.99, is_optional=True),
}
_COMMON_RULES: Final = Rules(
    at_most_one=(("terminal_growth_rate", "terminal_value"),),
    below=(("terminal_growth_rate", "discount_rate"),),
)


def _discounted(
    yearly: YearlyFlows,
    arguments: Mapping[str, Argument],
    rules: Rules = _COMMON_RULES,
    *,
    takes_charges: bool = False,
) -> Kind:
    return Kind(
        Approach.INCOME,
        {**arguments, **_COMMON},
        partial(_lines, yearly),
        partial(_paper, yearly),
        rules,
        takes_timing=True,
        takes_tax_amortisation=True,
        takes_charges=takes_charges,
    )


INCOME_KINDS: Final[Mapping[str, Kind]] = {
    "direct_forecast": _discounted(_direct, {"cash_flows": _FLOWS, "tax_rate": _TAX}),
    "revenue_share": _discounted(
        partial(_share, "revenue"), {"revenue": _AMOUNTS, "share": _SHARE, "tax_rate": _TAX}
    ),
    "profit_share": _discounted(
        partial(_share, "profit"), {"profit": _FLOWS, "share": _SHARE, "tax_rate": _TAX}
    ),
    "relief_from_royalty": _discounted(
        _relief, {"revenue": _AMOUNTS, "royalty_rate": _SHARE, "tax_rate": _REQUIRED_TAX}
    ),
    "multi_period_excess_earnings": _discounted(
        _excess_earnings,
        {
            "earnings": _FLOWS,
            "charges": Argument(Entry.CASH_FLOW, Shape.SERIES, is_optional=True),
            "assets": Argument(Entry.CASH_FLOW, Shape.SERIES, is_optional=True),
            "required_returns": Argument(Entry.RATE, Shape.SERIES, high=RATE_MAX, is_optional=True),
            "tax_rate": _REQUIRED_TAX,
        },
        Rules(
            at_most_one=(*_COMMON_RULES.at_most_one, ("charges", "assets")),
            at_least_one=(("charges", "assets"),),
            needs=(("assets", ("required_returns",)), ("required_returns", ("assets",))),
            same_length=(("earnings", "charges"), ("assets", "required_returns")),
            below=_COMMON_RULES.below,
        ),
        takes_charges=True,
    ),
    "with_and_without": _discounted(
        _with_and_without,
        {
            "with_asset": _FLOWS,
            "without_asset": _FLOWS,
            "probability": Argument(Entry.CASH_FLOW, high=1.0, default=1.0),
            "tax_rate": _TAX,
        },
        Rules(
            at_most_one=_COMMON_RULES.at_most_one,
            same_length=(("with_asset", "without_asset"),),
            below=_COMMON_RULES.below,
        ),
    ),
}
