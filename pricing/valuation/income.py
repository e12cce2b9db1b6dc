"""Income approach: what the data will earn, discounted; arrays over draws.

Arrays are (draws,) for one figure and (years, draws) for a series; amounts in major units, rates
as shares (0.12 is 12 %). Formulas: International Valuation Standards, IVS 210 Intangible Assets,
income approach (relief from royalty, with-and-without, excess earnings, tax amortisation).
"""

from enum import StrEnum

import numpy as np

from pricing.valuation.parameters import Array


class Timing(StrEnum):
    """When in a year its flow arrives."""

    END_YEAR = "end_year"
    MID_YEAR = "mid_year"


def discount_factors(rate: Array, years: int, timing: Timing) -> Array:
    """Return (1 + rate)^-t for t = 1..years, or t - 0.5 mid-year; shape (years, draws)."""
    shift = 0.5 if timing is Timing.MID_YEAR else 0.0
    times = np.arange(1, years + 1, dtype=np.float64)[:, np.newaxis] - shift
    return (1.0 + rate) ** -times


def present_value(flows: Array, rate: Array, timing: Timing) -> Array:
    """Return the sum of the discounted flows of each year."""
    return (flows * discount_factors(rate, len(flows), timing)).sum(axis=0)


def royalty_savings(revenue: Array, royalty_rate: Array, tax_rate: Array) -> Array:
    """Return the royalty after tax that the owner of the data need not pay to another."""
    return revenue * royalty_rate * (1.0 - tax_rate)


def tax_amortisation_factor(rate: Array, tax_rate: Array, years: int, timing: Timing) -> Array:
    """Return the factor by which deducting the amortisation from tax raises a present value.

    1 / (1 - T/n * sum of the discount factors of n years), n the statutory amortisation life, which
    is not the life of the asset.
    """
    annuity = discount_factors(rate, years, timing).sum(axis=0)
    return 1.0 / (1.0 - tax_rate / years * annuity)


def capitalised(income: Array, rate: Array) -> Array:
    """Return the value of a level income without end."""
    return income / rate


def contributory_charge(assets: Array, returns: Array) -> Array:
    """Return what the other assets must earn: their values (assets, draws) times their returns."""
    return (assets * returns).sum(axis=0)
