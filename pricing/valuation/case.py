"""A valuation case: all that a value depends on, checked before any arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pricing.document import Document, check_decimal
from pricing.errors import InvalidInput
from pricing.money import minor_digits
from pricing.valuation.income import Timing
from pricing.valuation.methods import KINDS, SAME_LENGTH, Argument, Method, Options
from pricing.valuation.parameters import (
    Parameter,
    distribution_to_json,
    parameter_from_json,
)
from pricing.valuation.reconcile import Weight, resolve_weights
from pricing.valuation.sampling import POINTS_DEFAULT, POINTS_MAX, POINTS_MIN

METHODS_MAX: Final = 10
PARAMETERS_MAX: Final = 200
SERIES_MAX: Final = 50
STATEMENTS_MAX: Final = 50
SEED_MAX: Final = 2**32 - 1
YEARS_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class ValuationCase:
    """Methods, the parameters they refer to by name, weights, and what a reader must know.

    `weights` may be empty when one method alone indicates the value. `points` is a power of two.
    """

    currency: str
    purpose: str
    value_type: str
    valued_on: date
    parameters: tuple[Parameter, ...]
    methods: tuple[Method, ...]
    weights: Mapping[str, Weight]
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
        _check_names([each.name for each in self.parameters], "parameters", PARAMETERS_MAX)
        _check_names([each.name for each in self.methods], "methods", METHODS_MAX)
        known = {each.name: each for each in self.parameters}
        for index, method in enumerate(self.methods):
            _check_method(method, known, f"methods[{index}]")
        _check_all_used(self.methods, known)
        resolve_weights(self.methods, self.weights)


def case_from_json(value: object) -> ValuationCase:
    """Read a case; raises InvalidInput that names the field."""
    document = Document(value)
    parameters = document.child("parameters")
    weights = document.child("weights") if "weights" in document else Document({})
    case = ValuationCase(
        currency=document.text("currency"),
        purpose=document.text("purpose"),
        value_type=document.text("value_type"),
        valued_on=_date(document, "valued_on"),
        parameters=tuple(
            parameter_from_json(name, parameters.value(name), parameters.at(name))
            for name in parameters.names()
        ),
        methods=tuple(_method(item, at) for at, item in document.items("methods")),
        weights={name: _weight(weights, name) for name in weights.names()},
        assumptions=_statements(document, "assumptions"),
        limits=_statements(document, "limits"),
        seed=document.integer("seed", low=0, high=SEED_MAX, default=1),
        points=document.integer("points", low=POINTS_MIN, high=POINTS_MAX, default=POINTS_DEFAULT),
    )
    document.finish()
    return case


def case_to_json(case: ValuationCase) -> dict[str, object]:
    """Write a case as plain JSON values with every default spelt out; the input hash is of this."""
    return {
        "currency": case.currency,
        "purpose": case.purpose,
        "value_type": case.value_type,
        "valued_on": case.valued_on.isoformat(),
        "parameters": {each.name: _parameter_to_json(each) for each in case.parameters},
        "methods": [_method_to_json(method) for method in case.methods],
        "weights": {
            name: {"share": format(weight.share.normalize(), "f"), "reason": weight.reason}
            for name, weight in case.weights.items()
        },
        "assumptions": list(case.assumptions),
        "limits": list(case.limits),
        "seed": case.seed,
        "points": case.points,
    }


def _parameter_to_json(parameter: Parameter) -> dict[str, object]:
    described = distribution_to_json(parameter.distribution)
    unit: dict[str, object] = {"unit": parameter.unit} if parameter.unit else {}
    return {**described, "source": parameter.source, **unit}


def _method(value: object, path: str) -> Method:
    document = Document(value, path)
    kind = document.text("kind")
    if kind not in KINDS:
        raise InvalidInput(document.at("kind"), f"must be one of {', '.join(KINDS)}")
    arguments = document.child("arguments")
    years = document.optional_integer("tax_amortisation_years", low=1, high=YEARS_MAX)
    timing = document.text("timing", Timing.END_YEAR.value)
    if timing not in set(Timing):
        raise InvalidInput(document.at("timing"), f"must be one of {', '.join(Timing)}")
    method = Method(
        document.text("name"),
        kind,
        {name: _references(arguments, name) for name in arguments.names()},
        Options(Timing(timing), years),
    )
    document.finish()
    return method


def _method_to_json(method: Method) -> dict[str, object]:
    kind = KINDS[method.kind]
    return {
        "name": method.name,
        "kind": method.kind,
        "arguments": {
            name: list(names) if kind.arguments[name].is_series else names[0]
            for name, names in method.arguments.items()
        },
        "timing": method.options.timing.value,
        "tax_amortisation_years": method.options.tax_amortisation_years,
    }


def _references(arguments: Document, name: str) -> tuple[str, ...]:
    """Read the name of one parameter, or an array of names for a series."""
    if isinstance(arguments.value(name), str):
        return (arguments.text(name),)
    return tuple(_text(item, at) for at, item in arguments.items(name, at_most=SERIES_MAX))


def _weight(weights: Document, name: str) -> Weight:
    document = weights.child(name)
    share = check_decimal(document.value("share"), document.at("share"))
    if not 0 <= share <= 1:
        raise InvalidInput(document.at("share"), "must be from 0 to 1")
    weight = Weight(share, document.text("reason"))
    document.finish()
    return weight


def _statements(document: Document, name: str) -> tuple[str, ...]:
    items = document.items(name, at_most=STATEMENTS_MAX)
    return tuple(_text(item, at) for at, item in items)


def _text(value: object, path: str) -> str:
    return Document({path: value}).text(path)


def _date(document: Document, name: str) -> date:
    try:
        return date.fromisoformat(document.text(name))
    except ValueError:
        raise InvalidInput(document.at(name), "must be a date such as 2026-01-31") from None


def _check_names(names: Sequence[str], field: str, most: int) -> None:
    if not 1 <= len(names) <= most:
        raise InvalidInput(field, f"must have 1 to {most} elements")
    if len(set(names)) < len(names):
        raise InvalidInput(field, "must have different names")


def _check_method(method: Method, known: Mapping[str, Parameter], path: str) -> None:
    kind = KINDS[method.kind]
    unknown = sorted(set(method.arguments) - set(kind.arguments))
    if unknown:
        raise InvalidInput(f"{path}.arguments.{unknown[0]}", f"is no argument of {method.kind}")
    if method.options.tax_amortisation_years is not None and not kind.takes_tax_amortisation:
        raise InvalidInput(f"{path}.tax_amortisation_years", f"is no option of {method.kind}")
    for name, argument in kind.arguments.items():
        at = f"{path}.arguments.{name}"
        names = method.arguments.get(name)
        if names is None:
            if argument.default is None:
                raise InvalidInput(at, "is required")
            continue
        _check_references(names, argument, known, at)
    for one, other in SAME_LENGTH:
        if len(method.arguments.get(one, ())) != len(method.arguments.get(other, ())):
            raise InvalidInput(f"{path}.arguments.{other}", f"must be as long as {one}")


def _check_references(
    names: Sequence[str], argument: Argument, known: Mapping[str, Parameter], at: str
) -> None:
    most = SERIES_MAX if argument.is_series else 1
    if not 1 <= len(names) <= most:
        raise InvalidInput(at, f"must name 1 to {most} parameters")
    for name in names:
        if name not in known:
            raise InvalidInput(at, f"{name!r} is not a parameter of the case")
        low, high = known[name].distribution.bounds
        if low < argument.low or high > argument.high:
            bounds = f"from {argument.low:g} to {argument.high:g}"
            raise InvalidInput(f"parameters.{name}", f"must stay {bounds} to be used as {at}")


def _check_all_used(methods: Sequence[Method], known: Mapping[str, Parameter]) -> None:
    used = {name for each in methods for names in each.arguments.values() for name in names}
    unused = sorted(set(known) - used)
    if unused:
        # An unused parameter in a report reads as if it had mattered.
        raise InvalidInput(f"parameters.{unused[0]}", "is used by no method")
