"""Multiples: the price of a month per row, per thing described, or of the whole, in each deal."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from pricing.errors import InvalidInput
from pricing.valuation.distributions import Distribution
from pricing.valuation.market.deal import Rules, Target
from pricing.valuation.market.prediction import observed
from pricing.valuation.market.selection import Comparable
from pricing.valuation.methods import Basis

DEALS_MIN: Final = 5


def alike(
    used: Sequence[Comparable], target: Target, basis: Basis, rules: Rules
) -> list[Comparable]:
    """Return the comparables that have the basis and whose exclusivity can be put right."""
    return [
        each
        for each in used
        if (basis is not Basis.ENTITY or each.deal.entities is not None)
        and (each.deal.is_exclusive is target.is_exclusive or rules.exclusivity is not None)
    ]


def indicated(comparable: Comparable, target: Target, basis: Basis, rules: Rules) -> float:
    """Return what the target's whole licence would cost at the multiple of a deal."""
    base = size(target.rows, target.entities, basis) * float(target.term_months)
    return multiple(comparable, target, basis, rules) * base


def multiple(comparable: Comparable, target: Target, basis: Basis, rules: Rules) -> float:
    """Return the multiple of a deal that `alike` returned, as for the target's exclusivity."""
    deal = comparable.deal
    factor = exclusivity_factor(comparable, target, rules)
    return comparable.price_now * factor / size(deal.rows, deal.entities, basis)


def exclusivity_factor(comparable: Comparable, target: Target, rules: Rules) -> float:
    """Return what turns the price of one kind of licence into that of the other."""
    if comparable.deal.is_exclusive is target.is_exclusive or rules.exclusivity is None:
        return 1.0
    factor = float(rules.exclusivity.value)
    return factor if target.is_exclusive else 1.0 / factor


def size(rows: int, entities: int | None, basis: Basis) -> float:
    """Return what a multiple is multiplied by to give a price per month."""
    match basis:
        case Basis.ROW:
            return float(rows)
        case Basis.ENTITY:
            if entities is None:
                raise InvalidInput("comparables.target.entities", "is required for this basis")
            return float(entities)
        case Basis.PERIOD:
            return 1.0


def spread(prices: Sequence[float]) -> Distribution:
    """Return the distribution of indicated prices; raises InvalidInput below five."""
    if len(prices) < DEALS_MIN:
        raise InvalidInput(
            "comparables.deals",
            f"multiples need at least {DEALS_MIN} comparable deals, found {len(prices)}",
        )
    return observed(prices)


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper quartile of some figures."""
    low, middle, high = np.percentile(np.array(values), (25.0, 50.0, 75.0))
    return float(low), float(middle), float(high)
