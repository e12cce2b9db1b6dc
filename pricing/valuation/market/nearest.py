"""Nearest comparables: the deals most like the data valued, where a regression has too few.

Distance: Euclidean over log rows, quality, age, exclusivity and log term, each divided by its
standard deviation over the deals, plus one step for another licence and one for another subject.
Source: Cover and Hart, "Nearest Neighbor Pattern Classification".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pricing.errors import InvalidInput
from pricing.valuation.distributions import Array, Distribution
from pricing.valuation.market.deal import Target
from pricing.valuation.market.features import Dropped, numbers
from pricing.valuation.market.prediction import next_price
from pricing.valuation.market.selection import Comparable

DEALS_MIN: Final = 5
NEIGHBOURS_DEFAULT: Final = 5
_TINY: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A deal, how far it is from the target, and the price that it indicates for it."""

    comparable: Comparable
    distance: float
    indicated: float


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The nearest deals, closest first, and what they say about the next one like them.

    The logarithms of the prices they indicate are taken as normal with unknown mean and spread, so
    the prediction is wider the fewer they are.
    """

    prediction: Distribution
    neighbours: tuple[Neighbour, ...]
    dropped: tuple[Dropped, ...]


def nearest(
    used: Sequence[Comparable], indicated: Sequence[float], target: Target, neighbours: int
) -> Neighbourhood:
    """Return the `neighbours` deals nearest to the target; `indicated` pairs up with `used`.

    Raises InvalidInput with the reason when the deals are too few.
    """
    needed = max(DEALS_MIN, neighbours)
    if len(used) < needed:
        raise InvalidInput(
            "comparables.deals",
            f"nearest comparables need at least {needed} comparable deals, found {len(used)}",
        )
    distances, dropped = _distances(used, target)
    order = sorted(range(len(used)), key=lambda i: (round(distances[i], 9), used[i].deal.id))
    found = tuple(Neighbour(used[i], float(distances[i]), indicated[i]) for i in order[:neighbours])
    return Neighbourhood(_predict([each.indicated for each in found]), found, dropped)


def _distances(used: Sequence[Comparable], target: Target) -> tuple[Array, tuple[Dropped, ...]]:
    table = numbers(used, target)
    spread = table.deals.std(axis=0)
    tells = spread > _TINY
    steps = (table.deals[:, tells] - table.target[tells]) / spread[tells]
    is_other = [
        (each.deal.licence != target.licence, each.deal.subject != target.subject) for each in used
    ]
    differs = np.array(is_other, dtype=np.float64)
    dropped = tuple(
        Dropped(name, "constant") for name, tell in zip(table.names, tells, strict=True) if not tell
    )
    return np.sqrt((steps**2).sum(axis=1) + differs.sum(axis=1)), dropped


def _predict(prices: Sequence[float]) -> Distribution:
    logs = np.log(prices)
    count = len(logs)
    scale = float(logs.std(ddof=1)) * float(np.sqrt(1.0 + 1.0 / count))
    return next_price(float(np.exp(logs.mean())), scale, count - 1)
