"""The valuation engine: draws, methods, reconciliation and sensitivity of one case."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from pricing.errors import InvalidInput
from pricing.money import AMOUNT_MICRO_MAX, MICRO
from pricing.valuation.case import ValuationCase
from pricing.valuation.methods import compute
from pricing.valuation.parameters import Array, Parameter
from pricing.valuation.reconcile import Range, Weight, findings, resolve_weights, role_of
from pricing.valuation.result import Indication, Swing, Valuation
from pricing.valuation.sampling import at_share, draw, medians

PERCENTILES: Final = (10.0, 50.0, 90.0)
AMOUNT_MAX: Final = AMOUNT_MICRO_MAX / MICRO


def value_case(case: ValuationCase) -> Valuation:
    """Value a case: a pure function, the same case always gives the same valuation.

    Raises InvalidInput if the figures overflow to something that is no amount of money.
    """
    # Sorted, so that the order in which parameters were written changes nothing.
    parameters = sorted(case.parameters, key=lambda parameter: parameter.name)
    weights = resolve_weights(case.methods, case.weights)
    draws = draw(parameters, seed=case.seed, points=case.points)
    with np.errstate(over="ignore", invalid="ignore"):
        values = {each.name: _value(case, each.name, draws, case.points) for each in case.methods}
        concluded = _weighted(values, weights)
        ranges = {name: _range(value) for name, value in values.items()}
        indications = _indications(case, parameters, weights, ranges)
        conclusion = _range(concluded)
        swings = _swings(case, parameters, weights)
    found = findings(case.methods, weights, ranges, conclusion)
    return Valuation(case, conclusion, indications, swings, found)


def _value(case: ValuationCase, name: str, draws: Mapping[str, Array], points: int) -> Array:
    method = next(each for each in case.methods if each.name == name)
    return sum(compute(method, draws, points).values(), np.zeros(points))


def _weighted(values: Mapping[str, Array], weights: Mapping[str, Weight]) -> Array:
    shares = [float(weights[name].share) for name in values]
    return np.tensordot(np.array(shares), np.stack(list(values.values())), axes=1)


def _range(values: Array) -> Range:
    low, middle, high = (_amount(value) for value in np.percentile(values, PERCENTILES))
    return Range(low, middle, high)


def _amount(value: float) -> float:
    """Return a figure that is an amount of money as it is stored: finite, in 64-bit micro-units."""
    if not abs(value) <= AMOUNT_MAX:
        raise InvalidInput("parameters", "the figures are too large for an amount of money")
    return float(value)


def _indications(
    case: ValuationCase,
    parameters: list[Parameter],
    weights: Mapping[str, Weight],
    ranges: Mapping[str, Range],
) -> tuple[Indication, ...]:
    middle = medians(parameters)
    return tuple(
        Indication(
            method=method,
            role=role_of(method, case.methods),
            weight=weights[method.name],
            lines={name: _amount(line[0]) for name, line in compute(method, middle, 1).items()},
            range=ranges[method.name],
        )
        for method in case.methods
    )


def _swings(
    case: ValuationCase, parameters: list[Parameter], weights: Mapping[str, Weight]
) -> tuple[Swing, ...]:
    """Move each uncertain parameter alone from its P10 to its P90, the others at their medians."""
    middle = medians(parameters)
    swings: list[Swing] = []
    for parameter in parameters:
        if parameter.is_uncertain:
            low, high = (
                _conclude(case, {**middle, parameter.name: at_share(parameter, share)}, weights)
                for share in (0.1, 0.9)
            )
            swings.append(Swing(parameter.name, low, high))
    return tuple(sorted(swings, key=lambda swing: (-abs(swing.high - swing.low), swing.parameter)))


def _conclude(
    case: ValuationCase, values: Mapping[str, Array], weights: Mapping[str, Weight]
) -> float:
    indicated = {each.name: _value(case, each.name, values, 1) for each in case.methods}
    return _amount(_weighted(indicated, weights)[0])
