"""The valuation engine: draws, methods, reconciliation and sensitivity of one case."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from pricing.errors import InvalidInput
from pricing.money import AMOUNT_MICRO_MAX, MICRO
from pricing.valuation.adjustments import adjustment_lines
from pricing.valuation.case import ValuationCase
from pricing.valuation.distributions import Array
from pricing.valuation.evaluation import Values, conclude, indicate, weighted
from pricing.valuation.infonomics import scores
from pricing.valuation.kinds import working_paper
from pricing.valuation.market.evidence import with_market
from pricing.valuation.reconcile import Range, Weight, findings, resolve_weights, role_of
from pricing.valuation.result import Conclusion, Indication, Valuation
from pricing.valuation.sampling import draw, medians
from pricing.valuation.sensitivity import swings

PERCENTILES: Final = (10.0, 50.0, 90.0)
AMOUNT_MAX: Final = AMOUNT_MICRO_MAX / MICRO


def value_case(case: ValuationCase) -> Valuation:
    """Value a case: a pure function, the same case always gives the same valuation.

    Raises InvalidInput if the figures overflow to something that is no amount of money, or the
    comparables are too few for a method.
    """
    given, (case, evidence) = case, with_market(case)
    # Sorted, so that the order in which parameters were written changes nothing.
    parameters = sorted(case.parameters, key=lambda parameter: parameter.name)
    weights = resolve_weights(case.methods, case.weights)
    with np.errstate(over="ignore", invalid="ignore"):
        draws = draw(parameters, seed=case.seed, points=case.points)
        middle = medians(parameters)
        values = {each.name: indicate(each, draws, case.points).value for each in case.methods}
        ranges = {name: _range(value) for name, value in values.items()}
        concluded = _range(conclude(case, weights, values, draws))
        indications = _indications(case, middle, weights, ranges)
        conclusion = _conclusion(case, middle, weights, concluded)
        moved = swings(case, parameters, weights)
    for swing in moved:
        _amount(swing.low)
        _amount(swing.high)
    found = findings(case.methods, weights, ranges, concluded)
    scored = None if case.scores is None else scores(case.scores)
    return Valuation(given, conclusion, indications, moved, found, evidence, scored)


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
    middle: Values,
    weights: Mapping[str, Weight],
    ranges: Mapping[str, Range],
) -> tuple[Indication, ...]:
    indications: list[Indication] = []
    for method in case.methods:
        indicated = indicate(method, middle, 1)
        indications.append(
            Indication(
                method=method,
                role=role_of(method, case.methods),
                weight=weights[method.name],
                lines={name: _amount(line[0]) for name, line in indicated.lines.items()},
                adjustments=tuple(_amount(line[0]) for line in indicated.adjustments),
                range=ranges[method.name],
                paper=working_paper(method, middle),
            )
        )
    return tuple(indications)


def _conclusion(
    case: ValuationCase, middle: Values, weights: Mapping[str, Weight], concluded: Range
) -> Conclusion:
    indicated = {each.name: indicate(each, middle, 1).value for each in case.methods}
    before = weighted(indicated, weights)
    lines = adjustment_lines(before, case.adjustments, middle)
    return Conclusion(concluded, _amount(before[0]), tuple(_amount(line[0]) for line in lines))
