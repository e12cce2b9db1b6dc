"""Hedonic regression: what each feature of data adds to its price, from settled deals.

The logarithm of the price per month is regressed on log rows, quality, age, exclusivity, log term,
licence and subject; the prediction interval for one further deal is the distribution of the value.
Source: Rosen, "Hedonic Prices and Implicit Markets"; interval and leave-one-out residuals from the
hat matrix: Draper and Smith, "Applied Regression Analysis", chapters 3 and 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pricing.errors import InvalidInput
from pricing.valuation.distributions import Array, Distribution
from pricing.valuation.market.deal import Target
from pricing.valuation.market.features import Dropped, beside, independent, levels, numbers, outside
from pricing.valuation.market.prediction import next_price
from pricing.valuation.market.selection import Comparable

DEALS_MIN: Final = 30
FREEDOM_MIN: Final = 10
COVERED: Final = 0.9
_NO_LEVERAGE_LEFT: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Effect:
    """What a column adds to the logarithm of the price, and how well that is known."""

    column: str
    estimate: float
    standard_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HedonicFit:
    """The regression: its prediction for the target, and how far it can be believed.

    `coverage` is the share of deals that fall into their own 90 % interval when they are left out
    of the fit; `median_error` is the median of |predicted / paid - 1| of the same.
    """

    prediction: Distribution
    deals: int
    degrees_of_freedom: int
    r_squared: float
    residual_sd: float
    coverage: float
    median_error: float
    effects: tuple[Effect, ...]
    dropped: tuple[Dropped, ...]
    extrapolated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Regression:
    """Least squares on a constant and some columns; `spread` is the inverse of X'X."""

    columns: tuple[str, ...]
    estimates: Array
    spread: Array
    residuals: Array
    leverage: Array
    freedom: int

    @property
    def variance(self) -> float:
        """The estimated variance of a residual."""
        return float(self.residuals @ self.residuals) / self.freedom


def fit(used: Sequence[Comparable], target: Target) -> HedonicFit:
    """Regress the prices of comparables and predict what the target's licence costs.

    Raises InvalidInput with the reason when the deals are too few.
    """
    if len(used) < DEALS_MIN:
        raise InvalidInput(
            "comparables.deals",
            f"a hedonic regression needs at least {DEALS_MIN} comparable deals, found {len(used)};"
            " with 5 or more use nearest_comparables",
        )
    kinds = [levels(used, target, name) for name in ("licence", "subject")]
    every = beside(numbers(used, target), *kinds)
    table, dropped = independent(every)
    if len(used) - len(table.names) - 1 < FREEDOM_MIN:
        raise InvalidInput(
            "comparables.deals",
            f"{len(used)} comparable deals are too few for {len(table.names)} features",
        )
    prices = np.log([each.price_now for each in used])
    regression = _regress(table.names, table.deals, prices)
    coverage, median_error = _leave_one_out(regression)
    total = float(((prices - prices.mean()) ** 2).sum())
    unexplained = float(regression.residuals @ regression.residuals)
    return HedonicFit(
        prediction=_predict(regression, table.target, float(target.term_months)),
        deals=len(used),
        degrees_of_freedom=regression.freedom,
        r_squared=1.0 - unexplained / total if total > 0 else 1.0,
        residual_sd=float(np.sqrt(regression.variance)),
        coverage=coverage,
        median_error=median_error,
        effects=_effects(regression),
        dropped=dropped,
        extrapolated=outside(every),
    )


def _regress(columns: tuple[str, ...], features: Array, prices: Array) -> _Regression:
    design = np.column_stack([np.ones(len(prices)), features])
    orthogonal, triangle = np.linalg.qr(design)
    inverse = np.asarray(np.linalg.inv(triangle), dtype=np.float64)
    estimates = inverse @ (orthogonal.T @ prices)
    return _Regression(
        columns=columns,
        estimates=estimates,
        spread=inverse @ inverse.T,
        residuals=prices - design @ estimates,
        leverage=(orthogonal**2).sum(axis=1),
        freedom=len(prices) - design.shape[1],
    )


def _predict(regression: _Regression, target: Array, months: float) -> Distribution:
    row = np.concatenate([[1.0], target])
    scale = np.sqrt(regression.variance * (1.0 + float(row @ regression.spread @ row)))
    with np.errstate(over="ignore"):
        median = float(np.exp(row @ regression.estimates)) * months
    return next_price(median, float(scale), regression.freedom)


def _leave_one_out(regression: _Regression) -> tuple[float, float]:
    """Return coverage and median error over deals predicted from all the others, without refitting.

    A deal that alone explains a feature (leverage 1) cannot be predicted and counts as missed.
    """
    # Imported here: scipy costs memory that rating and certification never need.
    from scipy.special import stdtrit  # noqa: PLC0415

    left = 1.0 - regression.leverage
    can = left > _NO_LEVERAGE_LEFT
    squares = regression.residuals[can] ** 2 / left[can]
    freedom = regression.freedom - 1
    others = np.maximum(regression.variance * regression.freedom - squares, 0.0) / freedom
    bound = float(stdtrit(float(freedom), (1.0 + COVERED) / 2.0))
    covered = float((squares <= bound**2 * others).sum()) / len(left)
    errors = np.full(len(left), np.inf)
    errors[can] = np.abs(np.expm1(-regression.residuals[can] / left[can]))
    return covered, float(np.median(errors))


def _effects(regression: _Regression) -> tuple[Effect, ...]:
    errors = np.sqrt(regression.variance * np.diag(regression.spread))
    names = ("constant", *regression.columns)
    return tuple(
        Effect(name, float(estimate), float(error))
        for name, estimate, error in zip(names, regression.estimates, errors, strict=True)
    )
