"""Reading a valuation case from JSON, and writing it with every default spelt out."""

import re
from contextlib import suppress
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from pricing.document import Document, check_decimal
from pricing.errors import InvalidInput
from pricing.valuation.adjustments import adjustment_to_json, adjustments_from_document
from pricing.valuation.argument_checks import SERIES_MAX
from pricing.valuation.case import SEED_MAX, ValuationCase
from pricing.valuation.infonomics import inputs_from_json, inputs_to_json
from pricing.valuation.kinds import KINDS
from pricing.valuation.market.codec import comparables_from_json, comparables_to_json
from pricing.valuation.methods import (
    Basis,
    ChargesTaken,
    MarketChoices,
    Method,
    Options,
    Shape,
    Timing,
)
from pricing.valuation.parameters import parameter_from_json, parameter_to_json
from pricing.valuation.reconcile import Weight
from pricing.valuation.sampling import POINTS_DEFAULT, POINTS_MAX, POINTS_MIN
from pricing.valuation.standards import (
    Profiles,
    applied_from_json,
    applied_to_json,
    spelt_out,
)

Choice = TypeVar("Choice", bound=StrEnum)

NEIGHBOURS_MIN: Final = 5
NEIGHBOURS_MAX: Final = 50
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
STATEMENTS_MAX: Final = 50
YEARS_MAX: Final = 50


def case_from_json(value: object, profiles: Profiles | None = None) -> ValuationCase:
    """Read a case; a standard that it only names is spelt out from `profiles`, else the shipped.

    Raises InvalidInput that names the field.
    """
    document = Document(spelt_out(value, profiles))
    comparables = document.optional_child("comparables")
    standard = document.optional_child("standard")
    scores = document.optional_child("scores")
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
        adjustments=adjustments_from_document(document),
        comparables=None if comparables is None else comparables_from_json(comparables),
        standard=None if standard is None else applied_from_json(standard),
        scores=None if scores is None else inputs_from_json(scores),
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
        "parameters": {each.name: parameter_to_json(each) for each in case.parameters},
        "methods": [_method_to_json(method) for method in case.methods],
        "weights": {
            name: {"share": format(weight.share.normalize(), "f"), "reason": weight.reason}
            for name, weight in case.weights.items()
        },
        "adjustments": [adjustment_to_json(each) for each in case.adjustments],
        "comparables": (
            None if case.comparables is None else comparables_to_json(case.comparables)
        ),
        "standard": None if case.standard is None else applied_to_json(case.standard),
        "scores": None if case.scores is None else inputs_to_json(case.scores),
        "assumptions": list(case.assumptions),
        "limits": list(case.limits),
        "seed": case.seed,
        "points": case.points,
    }


def options_to_json(options: Options) -> dict[str, object]:
    """Write the choices of a method; null where its kind does not ask."""
    return {
        "timing": None if options.timing is None else options.timing.value,
        "tax_amortisation_years": options.tax_amortisation_years,
        "charges_taken": None if options.charges_taken is None else options.charges_taken.value,
        "deals": list(options.market.deals),
        "basis": None if options.market.basis is None else options.market.basis.value,
        "neighbours": options.market.neighbours,
    }


def arguments_to_json(method: Method) -> dict[str, object]:
    """Write the parameters of each argument: one name, or an array for a series."""
    arguments = KINDS[method.kind].arguments
    return {
        name: names[0]
        if len(names) == 1 and arguments[name].shape is not Shape.SERIES
        else list(names)
        for name, names in method.arguments.items()
    }


def _method(value: object, path: str) -> Method:
    document = Document(value, path)
    kind = document.text("kind")
    if kind not in KINDS:
        raise InvalidInput(document.at("kind"), f"must be one of {', '.join(KINDS)}")
    arguments = document.child("arguments")
    timing = _choice(document, "timing", Timing)
    if timing is None and KINDS[kind].takes_timing:
        timing = Timing.END_YEAR
    method = Method(
        document.text("name"),
        kind,
        {name: _references(arguments, name) for name in arguments.names()},
        Options(
            timing,
            document.optional_integer("tax_amortisation_years", low=1, high=YEARS_MAX),
            _choice(document, "charges_taken", ChargesTaken),
            MarketChoices(
                _statements(document, "deals"),
                _choice(document, "basis", Basis),
                document.optional_integer("neighbours", low=NEIGHBOURS_MIN, high=NEIGHBOURS_MAX),
            ),
        ),
        adjustments_from_document(document),
    )
    document.finish()
    return method


def _method_to_json(method: Method) -> dict[str, object]:
    return {
        "name": method.name,
        "kind": method.kind,
        "arguments": arguments_to_json(method),
        **options_to_json(method.options),
        "adjustments": [adjustment_to_json(each) for each in method.adjustments],
    }


def _choice(document: Document, name: str, choices: type[Choice]) -> Choice | None:
    chosen = document.text(name, "")
    if not chosen:
        return None
    if chosen not in set(choices):
        raise InvalidInput(document.at(name), f"must be one of {', '.join(choices)}")
    return choices(chosen)


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
    text = document.text(name)
    # Python alone would also read weeks, and dates without dashes.
    if _DATE.fullmatch(text) is not None:
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise InvalidInput(document.at(name), "must be a date such as 2026-01-31")
