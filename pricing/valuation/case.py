"""A valuation case: all that a value depends on, checked before any arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pricing.errors import InvalidInput
from pricing.money import minor_digits
from pricing.valuation.adjustments import Adjustment
from pricing.valuation.argument_checks import check_adjustments, check_method
from pricing.valuation.double_counting import (
    Use,
    refuse_double_counting,
    uses_of_conclusion,
    uses_of_method,
)
from pricing.valuation.infonomics import ScoreInputs
from pricing.valuation.market.deal import Comparables
from pricing.valuation.methods import Method
from pricing.valuation.parameters import Parameter
from pricing.valuation.reconcile import Weight, resolve_weights
from pricing.valuation.sampling import POINTS_DEFAULT, POINTS_MAX, POINTS_MIN
from pricing.valuation.standards import AppliedStandard

METHODS_MAX: Final = 10
PARAMETERS_MAX: Final = 200
SEED_MAX: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class ValuationCase:
    """Methods, the parameters they refer to by name, weights, and what a reader must know.

    `weights` may be empty when one method alone indicates the value; `adjustments` apply to the
    weighted value, in their order. `comparables` are the deals that market methods draw on,
    `standard` the profile behind some parameters, `scores` what is scored beside the value.
    `points` is a power of two.
    """

    currency: str
    purpose: str
    value_type: str
    valued_on: date
    parameters: tuple[Parameter, ...]
    methods: tuple[Method, ...]
    weights: Mapping[str, Weight]
    adjustments: tuple[Adjustment, ...] = ()
    comparables: Comparables | None = None
    standard: AppliedStandard | None = None
    scores: ScoreInputs | None = None
    assumptions: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    seed: int = 1
    points: int = POINTS_DEFAULT

    def __post_init__(self) -> None:
        minor_digits(self.currency)
        if not 0 <= self.seed <= SEED_MAX:
            raise InvalidInput("seed", f"must be from 0 to {SEED_MAX}")
        if not POINTS_MIN <= self.points <= POINTS_MAX or self.points & (self.points - 1):
            raise InvalidInput(
                "points", f"must be a power of two from {POINTS_MIN} to {POINTS_MAX}"
            )
        # Deals alone may give a value; without them somebody has to say something.
        least = 1 if self.comparables is None else 0
        _check_names([each.name for each in self.parameters], "parameters", least, PARAMETERS_MAX)
        _check_names([each.name for each in self.methods], "methods", 1, METHODS_MAX)
        known = {each.name: each for each in self.parameters}
        for index, method in enumerate(self.methods):
            check_method(method, known, f"methods[{index}]")
        check_adjustments(self.adjustments, known, "")
        _check_all_used(self.uses(), known)
        self._check_standard(known)
        self._check_risks(resolve_weights(self.methods, self.weights), known)

    def uses(self) -> tuple[Use, ...]:
        """Return every use of a parameter by a method or an adjustment."""
        known = {each.name: each for each in self.parameters}
        of_methods = [use for method in self.methods for use in uses_of_method(method, known)]
        return (*of_methods, *uses_of_conclusion(self.adjustments, known))

    def _check_standard(self, known: Mapping[str, Parameter]) -> None:
        named = () if self.standard is None else self.standard.coefficients
        unknown = sorted(set(named) - set(known))
        if unknown:
            raise InvalidInput(
                f"standard.coefficients.{unknown[0]}", "is not a parameter of the case"
            )

    def _check_risks(self, weights: Mapping[str, Weight], known: Mapping[str, Parameter]) -> None:
        final = uses_of_conclusion(self.adjustments, known)
        for method in self.methods:
            # What carries no weight has no way to the conclusion, so nothing meets it there.
            on_the_way = final if weights[method.name].share > 0 else ()
            refuse_double_counting((*uses_of_method(method, known), *on_the_way), method.name)


def _check_names(names: Sequence[str], field: str, least: int, most: int) -> None:
    if not least <= len(names) <= most:
        raise InvalidInput(field, f"must have {least} to {most} elements")
    if len(set(names)) < len(names):
        raise InvalidInput(field, "must have different names")


def _check_all_used(uses: Sequence[Use], known: Mapping[str, Parameter]) -> None:
    unused = sorted(set(known) - {use.parameter for use in uses})
    if unused:
        # An unused parameter in a report reads as if it had mattered.
        raise InvalidInput(f"parameters.{unused[0]}", "is used by no method")
