"""The guard against counting one risk twice on the way to one value.

A risk is priced where it enters: in a cash flow, in the rate, in a coefficient of the cost, or in a
discount or premium. Which risks a use of a parameter prices is what the parameter declares and what
the argument means by its nature (an attrition rate prices attrition, whatever is declared). Source:
International Valuation Standards, IVS 210 Intangible Assets, on discount rates and risks already
reflected in cash flows; the rule itself is applied by the engine without exception.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from pricing.errors import InvalidInput
from pricing.valuation.adjustments import Adjustment, Entry
from pricing.valuation.kinds import KINDS
from pricing.valuation.methods import Method, Shape
from pricing.valuation.parameters import Parameter
from pricing.valuation.risks import Risk, is_same_risk


@dataclass(frozen=True, slots=True)
class Use:
    """A parameter in one argument (or adjustment), where it enters, and the risks it prices there.

    `method` is None for an adjustment of the conclusion. Parameters of one series share a `place`:
    the years of a forecast price a risk once; the components of a rate each have their own.
    """

    parameter: str
    method: str | None
    argument: str
    entry: Entry
    place: str
    risks: tuple[Risk, ...]


def uses_of_method(method: Method, known: Mapping[str, Parameter]) -> tuple[Use, ...]:
    """Return every use of a parameter on the way to the value of a method."""
    uses: list[Use] = []
    for name, argument in KINDS[method.kind].arguments.items():
        for parameter in dict.fromkeys(method.arguments.get(name, ())):
            is_own = argument.shape is Shape.SUM
            place = f"{name}.{parameter}" if is_own else name
            risks = _risks(known[parameter], argument.risk)
            uses.append(Use(parameter, method.name, name, argument.entry, place, risks))
    return (*uses, *_uses_of_adjustments(method.adjustments, method.name, known))


def uses_of_conclusion(
    adjustments: Sequence[Adjustment], known: Mapping[str, Parameter]
) -> tuple[Use, ...]:
    """Return every use of a parameter between the weighted methods and the conclusion."""
    return _uses_of_adjustments(adjustments, None, known)


def refuse_double_counting(uses: Sequence[Use], method: str) -> None:
    """Refuse uses on the way to one value of which two price the same risk.

    Raises InvalidInput for the second parameter; the problem names the first.
    """
    for one, other in combinations(uses, 2):
        if one.place == other.place:
            continue
        twice = [
            risk for risk in other.risks if any(is_same_risk(risk, each) for each in one.risks)
        ]
        if twice:
            raise InvalidInput(
                f"parameters.{other.parameter}",
                f"prices the risk {twice[0].value} into {other.argument} ({other.entry.value}) of "
                f"{method!r}, where parameters.{one.parameter} prices it into {one.argument} "
                f"({one.entry.value}) already: count it once",
            )


def _uses_of_adjustments(
    adjustments: Sequence[Adjustment], method: str | None, known: Mapping[str, Parameter]
) -> tuple[Use, ...]:
    level = "conclusion" if method is None else "method"
    return tuple(
        Use(
            each.parameter,
            method,
            each.kind.value,
            Entry.ADJUSTMENT,
            f"{level}.adjustments[{index}]",
            _risks(known[each.parameter], each.kind.risk),
        )
        for index, each in enumerate(adjustments)
    )


def _risks(parameter: Parameter, by_nature: Risk | None) -> tuple[Risk, ...]:
    named = parameter.risks if by_nature is None else (*parameter.risks, by_nature)
    return tuple(sorted(set(named)))
