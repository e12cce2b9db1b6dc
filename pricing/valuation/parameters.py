"""Parameters of a valuation: a value or a distribution, always with the source it comes from.

Numbers are exact decimals in the case and 64-bit floats in the arithmetic: a valuation is an
estimate, rounded to minor units once, at the end.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, assert_never

import numpy as np
from numpy.typing import NDArray

from pricing.document import Document
from pricing.errors import InvalidInput

Array = NDArray[np.float64]
SIGMA_MAX: Final = Decimal(3)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that is known or assumed."""

    value: Decimal

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return float(self.value), float(self.value)

    def quantile(self, share: Array) -> Array:
        """Return the values below which the given shares of outcomes lie."""
        return np.full_like(share, float(self.value))


@dataclass(frozen=True, slots=True)
class Triangular:
    """Between `low` and `high`, most likely `mode`."""

    low: Decimal
    mode: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if not self.low <= self.mode <= self.high or self.low == self.high:
            raise InvalidInput("mode", "needs low <= mode <= high, and low < high")

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return float(self.low), float(self.high)

    def quantile(self, share: Array) -> Array:
        """Return the values below which the given shares of outcomes lie."""
        low, mode, high = float(self.low), float(self.mode), float(self.high)
        width = high - low
        rising = low + np.sqrt(share * width * (mode - low))
        falling = high - np.sqrt((1.0 - share) * width * (high - mode))
        return np.where(share < (mode - low) / width, rising, falling)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Positive, unbounded: half the outcomes lie below `median`; `sigma` is of the logarithm."""

    median: Decimal
    sigma: Decimal

    def __post_init__(self) -> None:
        if self.median <= 0:
            raise InvalidInput("median", "must be above zero")
        if not 0 < self.sigma <= SIGMA_MAX:
            raise InvalidInput("sigma", f"must be above zero and at most {SIGMA_MAX}")

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return 0.0, float("inf")

    def quantile(self, share: Array) -> Array:
        """Return the values below which the given shares of outcomes lie."""
        # Imported here: scipy costs memory that rating and certification never need.
        from scipy.special import ndtri  # noqa: PLC0415

        return float(self.median) * np.exp(float(self.sigma) * np.asarray(ndtri(share)))


Distribution = Fixed | Triangular | Lognormal


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named distribution with the text that says where it comes from, and its unit."""

    name: str
    distribution: Distribution
    source: str
    unit: str = ""

    @property
    def is_uncertain(self) -> bool:
        """Whether the parameter has more than one possible value."""
        return not isinstance(self.distribution, Fixed)


def parameter_from_json(name: str, value: object, path: str) -> Parameter:
    """Read `{"value": "0.05", "source": …}` or one with `low, mode, high` or `median, sigma`."""
    document = Document(value, path)
    source, unit = document.text("source"), document.text("unit", "")
    distribution = _distribution(document)
    document.finish()
    return Parameter(name, distribution, source, unit)


def distribution_to_json(distribution: Distribution) -> dict[str, object]:
    """Write the numbers of a distribution as decimal text."""
    match distribution:
        case Fixed(value):
            return {"value": format(value, "f")}
        case Triangular(low, mode, high):
            return {"low": format(low, "f"), "mode": format(mode, "f"), "high": format(high, "f")}
        case Lognormal(median, sigma):
            return {"median": format(median, "f"), "sigma": format(sigma, "f")}
        case _:  # pragma: no cover
            assert_never(distribution)


def _distribution(document: Document) -> Distribution:
    try:
        if "mode" in document:
            low, mode = document.decimal("low"), document.decimal("mode")
            return Triangular(low, mode, document.decimal("high"))
        if "median" in document:
            return Lognormal(document.decimal("median"), document.decimal("sigma"))
        return Fixed(document.decimal("value"))
    except InvalidInput as error:
        if error.field in {"mode", "median", "sigma"}:
            raise InvalidInput(document.at(error.field), error.problem) from None
        raise
