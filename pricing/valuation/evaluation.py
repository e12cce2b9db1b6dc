"""One evaluation of a case: from values of its parameters to each method and the conclusion.

Element by element throughout, so that a figure depends neither on how many points are computed
together nor on how many threads a linear algebra library would use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pricing.valuation.adjustments import adjustment_lines
from pricing.valuation.case import ValuationCase
from pricing.valuation.distributions import Array
from pricing.valuation.kinds import compute
from pricing.valuation.methods import Lines, Method
from pricing.valuation.reconcile import Weight

Values = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Indicated:
    """What a method gives: its lines, and what each discount or premium then adds."""

    lines: Lines
    adjustments: tuple[Array, ...]

    @property
    def value(self) -> Array:
        """The value of the method: the sum of all its lines."""
        return added((*self.lines.values(), *self.adjustments))


def indicate(method: Method, values: Values, draws: int) -> Indicated:
    """Compute a method with its adjustments."""
    lines = compute(method, values, draws)
    before = added(tuple(lines.values()))
    return Indicated(lines, adjustment_lines(before, method.adjustments, values))


def weighted(indicated: Mapping[str, Array], weights: Mapping[str, Weight]) -> Array:
    """Return the weighted sum of the values of the methods."""
    return added(tuple(value * float(weights[name].share) for name, value in indicated.items()))


def conclude(
    case: ValuationCase,
    weights: Mapping[str, Weight],
    indicated: Mapping[str, Array],
    values: Values,
) -> Array:
    """Return the weighted value after the adjustments of the conclusion."""
    before = weighted(indicated, weights)
    return added((before, *adjustment_lines(before, case.adjustments, values)))


def added(arrays: Sequence[Array]) -> Array:
    """Return the sum of arrays, added in their order."""
    total = np.array(arrays[0])
    for array in arrays[1:]:
        total = total + array
    return total
