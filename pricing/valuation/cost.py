"""Cost approach: what it takes to make the data again, less what it has lost; arrays over draws.

Arrays are (draws,) for one figure and (items, draws) for a series; amounts in major units.
"""

from collections.abc import Mapping

import numpy as np

from pricing.valuation.distributions import Array


def opportunity_cost(cost: Array, rate: Array, years: Array) -> Array:
    """Return what the money spent could have earned: cost x rate x mean years it was tied up.

    Money spent evenly while the data were made is tied up for half that time. Source: International
    Valuation Standards, IVS 210 Intangible Assets, cost approach (opportunity cost).
    """
    return cost * rate * years


def losses(value: Array, shares: Mapping[str, Array]) -> dict[str, Array]:
    """Return what each share takes from a value, in order, each from what the others left.

    Kinds of obsolescence compound: 15 %, 20 % and 5 % leave 0.646, not 0.6. Source: as above.
    """
    lines: dict[str, Array] = {}
    for name, share in shares.items():
        lines[name] = -value * share
        value = value + lines[name]
    return lines


def straight_line_share(age_years: Array, life_years: Array) -> Array:
    """Return the share left of something that wears evenly over its life, never below nothing."""
    return np.maximum(1.0 - age_years / life_years, 0.0)


def fresh_share(age_years: Array, half_life_years: Array) -> Array:
    """Return the share left of something of which every half-life takes half: 2^(-age/half-life).

    Fits data about events better than a straight line: it is worth less and less, never nothing.
    """
    return np.exp2(-age_years / half_life_years)
