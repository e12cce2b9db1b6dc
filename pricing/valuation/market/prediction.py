"""What comparables say about a price that nobody has paid yet, as a distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from pricing.errors import InvalidInput
from pricing.valuation.parameters import Array

DECIMALS: Final = Decimal("1e-9")
FIGURE_MAX: Final = 1e15


@dataclass(frozen=True, slots=True)
class Observed:
    """The outcomes seen, in rising order; a further one falls between any two equally likely.

    The share below the i-th of n values is i / (n + 1). Source: Weibull, "A statistical theory of
    the strength of materials" (plotting positions).
    """

    values: tuple[Decimal, ...]

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return float(self.values[0]), float(self.values[-1])

    def quantile(self, share: Array) -> Array:
        """Return the values below which the given shares of outcomes lie."""
        count = len(self.values)
        places = np.arange(1, count + 1, dtype=np.float64) / (count + 1)
        return np.interp(share, places, np.array([float(value) for value in self.values]))


@dataclass(frozen=True, slots=True)
class LogStudent:
    """A price whose logarithm, less its median and over `scale`, follows Student's t.

    It is what a regression with normal errors of unknown size says about the next observation.
    """

    median: Decimal
    scale: Decimal
    degrees_of_freedom: int

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return 0.0, float("inf")

    def quantile(self, share: Array) -> Array:
        """Return the values below which the given shares of outcomes lie."""
        # Imported here: scipy costs memory that rating and certification never need.
        from scipy.special import stdtrit  # noqa: PLC0415

        spread = float(self.scale) * np.asarray(stdtrit(float(self.degrees_of_freedom), share))
        return float(self.median) * np.exp(spread)


Prediction = Observed | LogStudent


def decimal_of(value: float) -> Decimal:
    """Return a figure with nine decimals: what a report shows is what is computed with.

    Raises InvalidInput for what is no amount of money.
    """
    if not abs(value) <= FIGURE_MAX:
        raise InvalidInput("comparables", "the figures are too large for an amount of money")
    return Decimal(repr(float(value))).quantize(DECIMALS) + 0


def observed(values: Sequence[float]) -> Observed:
    """Return the distribution of the values seen."""
    return Observed(tuple(sorted(decimal_of(value) for value in values)))
