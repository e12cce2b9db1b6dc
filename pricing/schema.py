"""JSON Schemas of what `python -m pricing` reads: documentation that programs can check against.

The readers are stricter than a schema can say (bounds of rates, order of tiers, references); what
they refuse, they refuse with the field named.
"""

from collections.abc import Sequence

from pricing.market_schema import (
    coefficient_schema,
    comparables_schema,
    market_options,
    scores_schema,
    standard_schema,
)
from pricing.plans.schema import certify_schema, credits_schema, ladder_schema, rate_schema
from pricing.schema_parts import (
    CURRENCY,
    DECIMAL,
    DRAFT,
    TEXT,
    Schema,
)
from pricing.schema_parts import array_of as _array
from pricing.schema_parts import kind_of as _kind
from pricing.schema_parts import object_of as _object
from pricing.schema_parts import optional as _optional
from pricing.schema_parts import whole as _whole
from pricing.valuation.adjustments import ADJUSTMENTS_MAX, AdjustmentKind
from pricing.valuation.argument_checks import SERIES_MAX, SUM_MAX
from pricing.valuation.case import METHODS_MAX, PARAMETERS_MAX, SEED_MAX
from pricing.valuation.case_json import STATEMENTS_MAX, YEARS_MAX
from pricing.valuation.distributions import FREEDOM_MAX, OUTCOMES_MAX
from pricing.valuation.kinds import KINDS
from pricing.valuation.methods import Argument, ChargesTaken, Shape, Timing
from pricing.valuation.parameters import RISKS_MAX
from pricing.valuation.risks import Risk
from pricing.valuation.sampling import POINTS_DEFAULT, POINTS_MAX, POINTS_MIN

STATEMENTS: Schema = {"type": "array", "items": TEXT, "maxItems": STATEMENTS_MAX}


def value_schema() -> Schema:
    """Return the schema of the input of `value`: a valuation case."""
    body = _object(
        {
            "currency": CURRENCY,
            "purpose": TEXT,
            "value_type": TEXT,
            "valued_on": {"type": "string", "format": "date"},
            "parameters": {
                "type": "object",
                "maxProperties": PARAMETERS_MAX,
                "additionalProperties": {"oneOf": _distributions()},
            },
            "methods": _array({"oneOf": [_method(name) for name in KINDS]}, METHODS_MAX),
            "weights": {
                "type": "object",
                "additionalProperties": _object(
                    {"share": DECIMAL, "reason": TEXT}, required=["share", "reason"]
                ),
            },
            "adjustments": _adjustments(),
            "comparables": comparables_schema(),
            "standard": standard_schema(),
            "scores": scores_schema(),
            "assumptions": STATEMENTS,
            "limits": STATEMENTS,
            "seed": {**_whole(0, SEED_MAX), "default": 1},
            "points": {**_whole(POINTS_MIN, POINTS_MAX), "default": POINTS_DEFAULT},
        },
        required=["currency", "purpose", "value_type", "valued_on", "parameters", "methods"],
    )
    return {"$schema": DRAFT, "title": "Valuation case", **body}


SCHEMAS = {
    "value": value_schema,
    "rate": rate_schema,
    "certify": certify_schema,
    "ladder": ladder_schema,
    "credits": credits_schema,
}


def _distributions() -> list[Schema]:
    said: Schema = {
        "source": TEXT,
        "unit": _optional(TEXT),
        "evidence": _optional({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
        "accepted_by": _optional(TEXT),
        "risks": {
            "type": "array",
            "items": {"type": "string", "enum": [risk.value for risk in Risk]},
            "maxItems": RISKS_MAX,
            "uniqueItems": True,
        },
    }
    outcome = _object({"value": DECIMAL, "weight": DECIMAL}, required=["value", "weight"])
    shapes: list[tuple[Schema, Schema]] = [
        ({"value": DECIMAL}, {}),
        ({"low": DECIMAL, "high": DECIMAL}, {}),
        ({"low": DECIMAL, "mode": DECIMAL, "high": DECIMAL}, {}),
        (
            {"median": DECIMAL, "sigma": DECIMAL},
            {"low": _optional(DECIMAL), "high": _optional(DECIMAL)},
        ),
        ({"median": DECIMAL, "scale": DECIMAL, "degrees_of_freedom": _whole(1, FREEDOM_MAX)}, {}),
        ({"mean": DECIMAL, "sd": DECIMAL, "low": DECIMAL, "high": DECIMAL}, {}),
        ({"outcomes": {**_array(outcome, OUTCOMES_MAX), "minItems": 2}}, {}),
    ]
    own = [
        _object({**shape, **optional, **said}, required=[*shape, "source"])
        for shape, optional in shapes
    ]
    return [*own, coefficient_schema(said)]


def _method(kind_name: str) -> Schema:
    kind = KINDS[kind_name]
    required = [name for name, each in kind.arguments.items() if each.is_required]
    fields: Schema = {
        "name": TEXT,
        "arguments": _object(
            {
                name: _argument(each)
                for name, each in kind.arguments.items()
                if name not in kind.filled
            },
            required=required,
        ),
        **market_options(kind),
        "timing": _option(kind.takes_timing, _one_of(list(Timing))),
        "tax_amortisation_years": _option(kind.takes_tax_amortisation, _whole(1, YEARS_MAX)),
        "charges_taken": _option(kind.takes_charges, _one_of(list(ChargesTaken))),
        "adjustments": _adjustments(),
    }
    chosen = ["charges_taken"] if kind.takes_charges else []
    return _kind(kind_name, fields, ["name", "kind", "arguments", *chosen])


def _argument(argument: Argument) -> Schema:
    if argument.shape is Shape.ONE:
        return {"oneOf": [TEXT, _array(TEXT, 1)]}
    most = SUM_MAX if argument.shape is Shape.SUM else SERIES_MAX
    return {"oneOf": [TEXT, _array(TEXT, most)]}


def _adjustments() -> Schema:
    named = [kind.value for kind in AdjustmentKind if not kind.is_other]
    other = [kind.value for kind in AdjustmentKind if kind.is_other]
    forms: list[Schema] = [
        _object(
            {"kind": _one_of(named), "parameter": TEXT, "reason": _optional(TEXT)},
            required=["kind", "parameter"],
        ),
        _object(
            {"kind": _one_of(other), "parameter": TEXT, "reason": TEXT},
            required=["kind", "parameter", "reason"],
        ),
    ]
    return {"type": "array", "items": {"oneOf": forms}, "maxItems": ADJUSTMENTS_MAX}


def _option(is_taken: bool, schema: Schema) -> Schema:
    return _optional(schema) if is_taken else {"type": "null"}


def _one_of(names: Sequence[str]) -> Schema:
    return {"type": "string", "enum": [str(name) for name in names]}
