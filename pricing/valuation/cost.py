"""Cost approach: what it takes to make the data again, less what it has lost; arrays over draws.

Arrays are (draws,) for one figure and (items, draws) for a series; amounts in major units.
"""

import numpy as np

from pricing.valuation.parameters import Array


def replacement_cost(items: Array, profit_rate: Array) -> tuple[Array, Array]:
    """Return the sum of the cost items and the developer's profit on it.

    Source: International Valuation Standards, IVS 210 Intangible Assets, cost approach.
    """
    cost = items.sum(axis=0)
    return cost, cost * profit_rate


def remaining_share(obsolescence: Array, age_years: Array, half_life_years: Array) -> Array:
    """Return the share of value left after obsolescence and ageing, in [0, 1].

    Kinds of obsolescence (physical, functional, technological, economic) compound: each takes its
    share of what the others left. Freshness halves every `half_life_years`; an infinite one never.
    """
    fresh = np.exp2(-age_years / half_life_years)
    return np.prod(1.0 - obsolescence, axis=0) * fresh
