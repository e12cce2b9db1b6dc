"""What moves a conclusion: the tornado, and Sobol indices of each uncertain parameter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pricing.valuation.case import ValuationCase
from pricing.valuation.distributions import Array
from pricing.valuation.evaluation import Values, conclude, indicate
from pricing.valuation.parameters import Parameter
from pricing.valuation.reconcile import Weight
from pricing.valuation.sampling import at_share, at_shares, medians, sobol_shares

EVALUATIONS_MAX: Final = 65_536
"""Points over all evaluations of a method for the indices: their cost does not grow with a case."""


@dataclass(frozen=True, slots=True)
class Index:
    """Shares of the variance of the conclusion that a parameter explains.

    `first_order` alone, `total` together with others: their difference is interaction.
    """

    first_order: float
    total: float


@dataclass(frozen=True, slots=True)
class Swing:
    """The conclusion with one parameter at its P10 and at its P90, the others at their medians."""

    parameter: str
    low: float
    high: float
    index: Index


Model = Callable[[Values, str | None], Array]
"""The conclusion at values; a name says that only that parameter differs from the first call."""


def swings(
    case: ValuationCase, parameters: Sequence[Parameter], weights: Mapping[str, Weight]
) -> tuple[Swing, ...]:
    """Return the tornado, widest first: each uncertain parameter moved alone from P10 to P90."""
    uncertain = [parameter for parameter in parameters if parameter.is_uncertain]
    if not uncertain:
        return ()
    points = index_points(len(uncertain), case.points)
    indices = sobol_indices(
        parameters, _model(case, weights, points), seed=case.seed, points=points
    )
    middle = medians(parameters)
    moved = _model(case, weights, 1)
    moved(middle, None)

    def concluded(parameter: Parameter, share: float) -> float:
        values = {**middle, parameter.name: at_share(parameter, share)}
        return float(moved(values, parameter.name)[0])

    found = [
        Swing(each.name, concluded(each, 0.1), concluded(each, 0.9), indices[each.name])
        for each in uncertain
    ]
    return tuple(sorted(found, key=lambda swing: (-abs(swing.high - swing.low), swing.parameter)))


def index_points(uncertain: int, points: int) -> int:
    """Return the largest power of two of points that keeps all evaluations within bounds."""
    affordable = EVALUATIONS_MAX // (uncertain + 2)
    return min(points, 1 << (affordable.bit_length() - 1))


def sobol_indices(
    parameters: Sequence[Parameter], model: Model, *, seed: int, points: int
) -> dict[str, Index]:
    """Estimate the indices of every uncertain parameter from points x (parameters + 2) values.

    Estimates, kept within [0, 1]. Source: Saltelli and others, "Variance based sensitivity analysis
    of model output. Design and estimator for the total sensitivity index": their estimator for the
    first order, Jansen's for the total.
    """
    uncertain = [parameter.name for parameter in parameters if parameter.is_uncertain]
    shares = sobol_shares(2 * len(uncertain), seed=seed, points=points)
    one = at_shares(parameters, shares[:, : len(uncertain)])
    other = at_shares(parameters, shares[:, len(uncertain) :])
    at_other = model(other, None)
    at_one = model(one, None)
    variance = float(np.var(np.concatenate((at_one, at_other))))
    scale = float(np.max(np.abs(at_one)))
    if variance <= (scale * 1e-12) ** 2:
        return dict.fromkeys(uncertain, Index(0.0, 0.0))
    # Centred: else the square of the mean, which is not variance, drowns the first order.
    centred = at_other - np.mean(np.concatenate((at_one, at_other)))
    indices: dict[str, Index] = {}
    for name in uncertain:
        moved = model({**one, name: other[name]}, name)
        first = float(np.mean(centred * (moved - at_one))) / variance
        total = float(np.mean((at_one - moved) ** 2)) / (2.0 * variance)
        indices[name] = Index(min(max(first, 0.0), 1.0), min(max(total, 0.0), 1.0))
    return indices


def _model(case: ValuationCase, weights: Mapping[str, Weight], draws: int) -> Model:
    """Return the conclusion as a function; methods a moved parameter does not reach are reused."""
    reached: dict[str, set[str]] = {method.name: set() for method in case.methods}
    for use in case.uses():
        if use.method is not None:
            reached[use.method].add(use.parameter)
    weighed = [method for method in case.methods if weights[method.name].share > 0]
    base: dict[str, Array] = {}

    def value(values: Values, moved: str | None) -> Array:
        fresh = {
            method.name: indicate(method, values, draws).value
            for method in weighed
            if moved is None or moved in reached[method.name]
        }
        if moved is None:
            base.update(fresh)
        return conclude(case, weights, {**base, **fresh}, values)

    return value
