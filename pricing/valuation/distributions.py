"""Distributions of a parameter: each gives its bounds and its quantiles.

Numbers are exact decimals in the case and 64-bit floats in the arithmetic: a valuation is an
estimate, rounded to minor units once, at the end.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, assert_never

import numpy as np
from numpy.typing import NDArray

from pricing.document import Document
from pricing.errors import InvalidInput

Array = NDArray[np.float64]
SIGMA_MAX: Final = Decimal(3)
OUTCOMES_MAX: Final = 1_000


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
class Uniform:
    """Anything between `low` and `high`, equally likely."""

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if self.low >= self.high:
            raise InvalidInput("high", "must be above low")

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return float(self.low), float(self.high)

    def quantile(self, share: Array) -> Array:
        """Return the values below which the given shares of outcomes lie."""
        low, high = self.bounds
        return low + (high - low) * share


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
    """Positive: half the outcomes lie below `median`; `sigma` is of the logarithm.

    Without bounds it is unbounded above. `low` and `high` cut it off, for a share or a rate; the
    median is then that before the cut.
    """

    median: Decimal
    sigma: Decimal
    low: Decimal | None = None
    high: Decimal | None = None

    def __post_init__(self) -> None:
        if self.median <= 0:
            raise InvalidInput("median", "must be above zero")
        if not 0 < self.sigma <= SIGMA_MAX:
            raise InvalidInput("sigma", f"must be above zero and at most {SIGMA_MAX}")
        if self.low is not None and not 0 <= self.low <= self.median:
            raise InvalidInput("low", "must be from zero to the median")
        if self.high is not None and not self.median <= self.high:
            raise InvalidInput("high", "must be at least the median")
        if self.low == self.high and self.low is not None:
            raise InvalidInput("high", "must be above low")

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        high = float("inf") if self.high is None else float(self.high)
        return float(self.low or 0), high

    def quantile(self, share: Array) -> Array:
        """Return the values below which the given shares of outcomes lie."""
        median, sigma = float(self.median), float(self.sigma)
        low, high = self.bounds
        cut = [math.log(end / median) / sigma if end > 0 else -math.inf for end in (low, high)]
        return np.clip(median * np.exp(sigma * _deviations(share, cut[0], cut[1])), low, high)


@dataclass(frozen=True, slots=True)
class Normal:
    """Around `mean` with standard deviation `sd`, cut off at `low` and `high`.

    The bounds are stated because an uncut normal distribution has negative prices and rates. `mean`
    and `sd` are those before the cut.
    """

    mean: Decimal
    sd: Decimal
    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if self.sd <= 0:
            raise InvalidInput("sd", "must be above zero")
        if not self.low <= self.mean <= self.high or self.low == self.high:
            raise InvalidInput("mean", "needs low <= mean <= high, and low < high")

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return float(self.low), float(self.high)

    def quantile(self, share: Array) -> Array:
        """Return the values below which the given shares of outcomes lie."""
        mean, sd = float(self.mean), float(self.sd)
        low, high = self.bounds
        return np.clip(
            mean + sd * _deviations(share, (low - mean) / sd, (high - mean) / sd), low, high
        )


def _deviations(share: Array, low: float, high: float) -> Array:
    """Return quantiles of the standard normal distribution cut off at `low` and `high`."""
    # Imported here: scipy costs memory that rating and certification never need.
    from scipy.special import ndtr, ndtri  # noqa: PLC0415

    below, under = float(ndtr(low)), float(ndtr(high))
    return np.asarray(ndtri(below + (under - below) * share))


@dataclass(frozen=True, slots=True)
class Outcome:
    """An observed value and how much it counts, relative to the other outcomes."""

    value: Decimal
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Empirical:
    """One of the observed outcomes, as likely as its weight says."""

    outcomes: tuple[Outcome, ...]

    def __post_init__(self) -> None:
        if len({outcome.value for outcome in self.outcomes}) < max(2, len(self.outcomes)):
            raise InvalidInput("outcomes", "must have at least two different values, each once")
        for index, outcome in enumerate(self.outcomes):
            if outcome.weight <= 0:
                raise InvalidInput(f"outcomes[{index}].weight", "must be above zero")

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        values = [float(outcome.value) for outcome in self.outcomes]
        return min(values), max(values)

    def quantile(self, share: Array) -> Array:
        """Return the values below which the given shares of outcomes lie."""
        ordered = sorted(self.outcomes, key=lambda outcome: outcome.value)
        total = sum(outcome.weight for outcome in ordered)
        reached, upper = Decimal(0), list[float]()
        for outcome in ordered[:-1]:
            reached += outcome.weight
            upper.append(float(reached / total))
        values = np.array([float(outcome.value) for outcome in ordered])
        return values[np.searchsorted(np.array(upper), share, side="left")]


Distribution = Fixed | Uniform | Triangular | Lognormal | Normal | Empirical


def distribution_from_document(document: Document) -> Distribution:
    """Read the fields of a distribution; which they are says which distribution it is."""
    try:
        return _read(document)
    except InvalidInput as error:
        # What a distribution refuses about itself has no path yet; what the document refuses has.
        if error.field.startswith(document.at("")):
            raise
        raise InvalidInput(document.at(error.field), error.problem) from None


def distribution_to_json(distribution: Distribution) -> dict[str, object]:
    """Write the numbers of a distribution as decimal text."""
    match distribution:
        case Fixed(value):
            return {"value": _text(value)}
        case Uniform(low, high):
            return {"low": _text(low), "high": _text(high)}
        case Triangular(low, mode, high):
            return {"low": _text(low), "mode": _text(mode), "high": _text(high)}
        case Lognormal(median, sigma, low, high):
            cut = {"low": low, "high": high}
            bounds = {name: _text(end) for name, end in cut.items() if end is not None}
            return {"median": _text(median), "sigma": _text(sigma), **bounds}
        case Normal(mean, sd, low, high):
            return {"mean": _text(mean), "sd": _text(sd), "low": _text(low), "high": _text(high)}
        case Empirical(outcomes):
            return {
                "outcomes": [
                    {"value": _text(each.value), "weight": _text(each.weight)} for each in outcomes
                ]
            }
        case _:  # pragma: no cover
            assert_never(distribution)


def _read(document: Document) -> Distribution:
    if "outcomes" in document:
        outcomes = document.items("outcomes", at_most=OUTCOMES_MAX)
        return Empirical(tuple(_outcome(item, at) for at, item in outcomes))
    if "mean" in document:
        mean, sd = document.decimal("mean"), document.decimal("sd")
        return Normal(mean, sd, document.decimal("low"), document.decimal("high"))
    if "median" in document:
        return Lognormal(
            document.decimal("median"),
            document.decimal("sigma"),
            document.optional_decimal("low"),
            document.optional_decimal("high"),
        )
    if "mode" in document:
        low, mode = document.decimal("low"), document.decimal("mode")
        return Triangular(low, mode, document.decimal("high"))
    if "low" in document:
        return Uniform(document.decimal("low"), document.decimal("high"))
    return Fixed(document.decimal("value"))


def _outcome(value: object, path: str) -> Outcome:
    document = Document(value, path)
    outcome = Outcome(document.decimal("value"), document.decimal("weight"))
    document.finish()
    return outcome


def _text(number: Decimal) -> str:
    return format(number, "f")
