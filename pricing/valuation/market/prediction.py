"""What comparables say about a price that nobody has paid yet, as a distribution."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from pricing.errors import InvalidInput
from pricing.valuation.distributions import (
    SCALE_MAX,
    Distribution,
    Empirical,
    Fixed,
    LogStudent,
    Outcome,
)

DECIMALS: Final = Decimal("1e-9")
FIGURE_MAX: Final = 1e15


def decimal_of(value: float) -> Decimal:
    """Return a figure with nine decimals: what a report shows is what is computed with.

    Raises InvalidInput for what is no amount of money.
    """
    if not abs(value) <= FIGURE_MAX:
        raise InvalidInput("comparables", "the figures are too large for an amount of money")
    return Decimal(repr(float(value))).quantize(DECIMALS) + 0


def next_price(median: float, scale: float, degrees_of_freedom: int) -> Distribution:
    """Return the distribution of one further price; without any spread it is the median itself."""
    middle, spread = decimal_of(median), decimal_of(scale)
    if spread > SCALE_MAX:
        raise InvalidInput("comparables", "the deals say nothing about this price")
    return Fixed(middle) if spread == 0 else LogStudent(middle, spread, degrees_of_freedom)


def observed(values: Sequence[float]) -> Distribution:
    """Return the distribution of the values seen, each as likely as any other."""
    counted = Counter(decimal_of(value) for value in values)
    if len(counted) == 1:
        return Fixed(next(iter(counted)))
    return Empirical(tuple(Outcome(value, Decimal(n)) for value, n in sorted(counted.items())))
