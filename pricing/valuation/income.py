"""Income approach: what the data will earn, discounted; arrays over draws.

Arrays are (draws,) for one figure and (years, draws) for a series; amounts in major units, rates
as shares (0.12 is 12 %). Formulas: International Valuation Standards, IVS 210 Intangible Assets,
income approach (relief from royalty, with-and-without, excess earnings, tax amortisation).
"""

import numpy as np

from pricing.valuation.distributions import Array
from pricing.valuation.methods import Timing


def times(years: int, timing: Timing) -> Array:
    """Return when the flow of each year arrives, in years from the valuation date: (years, 1)."""
    shift = 0.5 if timing is Timing.MID_YEAR else 0.0
    return np.arange(1, years + 1, dtype=np.float64)[:, np.newaxis] - shift


def discount_factors(rate: Array, years: int, timing: Timing) -> Array:
    """Return (1 + rate)^-t for t = 1..years, or t - 0.5 mid-year; shape (years, draws)."""
    return (1.0 + rate) ** -times(years, timing)


def present_value(flows: Array, rate: Array, timing: Timing) -> Array:
    """Return the sum of the discounted flows of each year."""
    return (flows * discount_factors(rate, len(flows), timing)).sum(axis=0)


def survival(attrition_rate: Array, years: int) -> Array:
    """Return the share of customers (or records) still there in each year: (1 - a)^t."""
    return (1.0 - attrition_rate) ** np.arange(1, years + 1, dtype=np.float64)[:, np.newaxis]


def growing_perpetuity(last_flow: Array, growth: Array, rate: Array) -> Array:
    """Return, at the time of the last flow, the value of all that follow it, growing every year.

    F (1 + g) / (r - g), g below r. Source: Gordon, "The Investment, Financing, and Valuation of the
    Corporation".
    """
    return last_flow * (1.0 + growth) / (rate - growth)


def tax_amortisation_factor(rate: Array, tax_rate: Array, years: int, timing: Timing) -> Array:
    """Return the factor by which deducting the amortisation from tax raises a present value.

    1 / (1 - T/n * sum of the discount factors of n years), n the statutory amortisation life, which
    is not the life of the asset.
    """
    annuity = discount_factors(rate, years, timing).sum(axis=0)
    return 1.0 / (1.0 - tax_rate / years * annuity)


def capitalised(income: Array, rate: Array, growth: Array) -> Array:
    """Return the value of next year's income without end: income / (rate - growth)."""
    return income / (rate - growth)


def contributory_charge(assets: Array, returns: Array) -> Array:
    """Return what the other assets must earn: their values (assets, draws) times their returns."""
    return (assets * returns).sum(axis=0)
