"""JSON Schemas of what `python -m pricing` reads: documentation that programs can check against.

The readers are stricter than a schema can say (bounds of rates, order of tiers, references); what
they refuse, they refuse with the field named.
"""

from collections.abc import Sequence

from pricing.money import MINOR_DIGITS
from pricing.plans.model import CHARGES_MAX, QUANTITY_MAX, TIERS_MAX, Meter
from pricing.valuation.adjustments import ADJUSTMENTS_MAX, AdjustmentKind
from pricing.valuation.argument_checks import SERIES_MAX, SUM_MAX
from pricing.valuation.case import METHODS_MAX, PARAMETERS_MAX, SEED_MAX
from pricing.valuation.case_json import STATEMENTS_MAX, YEARS_MAX
from pricing.valuation.distributions import OUTCOMES_MAX
from pricing.valuation.kinds import KINDS
from pricing.valuation.methods import Argument, ChargesTaken, Shape, Timing
from pricing.valuation.parameters import RISKS_MAX
from pricing.valuation.risks import Risk
from pricing.valuation.sampling import POINTS_DEFAULT, POINTS_MAX, POINTS_MIN

Schema = dict[str, object]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
CURRENCY: Schema = {"type": "string", "enum": sorted(MINOR_DIGITS)}
DECIMAL: Schema = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?$"}
TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}
STATEMENTS: Schema = {"type": "array", "items": TEXT, "maxItems": STATEMENTS_MAX}


def plan_schema() -> Schema:
    """Return the schema of a price plan."""
    return _object(
        {
            "currency": CURRENCY,
            "charges": _array({"oneOf": _charges()}, CHARGES_MAX),
            "minimum": _optional(DECIMAL),
            "maximum": _optional(DECIMAL),
            "one_allowance_per_legal_entity": {"type": "boolean", "default": False},
        },
        required=["currency", "charges"],
    )


def certify_schema() -> Schema:
    """Return the schema of the input of `certify`: a plan."""
    return {"$schema": DRAFT, "title": "Price plan", **plan_schema()}


def rate_schema() -> Schema:
    """Return the schema of the input of `rate`: a plan and the usage of one billing period."""
    usage = _object({meter.value: _whole(0, QUANTITY_MAX) for meter in Meter}, required=[])
    body = _object({"plan": plan_schema(), "usage": usage}, required=["plan", "usage"])
    return {"$schema": DRAFT, "title": "Plan and usage to rate", **body}


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
                "minProperties": 1,
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
            "assumptions": STATEMENTS,
            "limits": STATEMENTS,
            "seed": {**_whole(0, SEED_MAX), "default": 1},
            "points": {**_whole(POINTS_MIN, POINTS_MAX), "default": POINTS_DEFAULT},
        },
        required=["currency", "purpose", "value_type", "valued_on", "parameters", "methods"],
    )
    return {"$schema": DRAFT, "title": "Valuation case", **body}


SCHEMAS = {"value": value_schema, "rate": rate_schema, "certify": certify_schema}


def _charges() -> list[Schema]:
    meter: Schema = {"meter": {"type": "string", "enum": [meter.value for meter in Meter]}}
    unit_size: Schema = {"unit_size": {**_whole(1, QUANTITY_MAX), "default": 1}}
    free_units: Schema = {"free_units": {**_whole(0, QUANTITY_MAX), "default": 0}}
    tier = _object(
        {"up_to": _optional(_whole(1, QUANTITY_MAX)), "unit_price": DECIMAL, "flat": DECIMAL},
        required=["unit_price"],
    )
    tiers: Schema = {"tiers": _array(tier, TIERS_MAX)}
    metered = ["kind", "meter"]
    return [
        _kind("free", {}, ["kind"]),
        _kind("flat", {"amount": DECIMAL}, ["kind", "amount"]),
        _kind(
            "per_unit",
            {**meter, "unit_price": DECIMAL, **unit_size, **free_units},
            [*metered, "unit_price"],
        ),
        _kind(
            "package",
            {**meter, "size": _whole(1, QUANTITY_MAX), "price": DECIMAL, **free_units},
            [*metered, "size", "price"],
        ),
        _kind("graduated", {**meter, **tiers, **unit_size}, [*metered, "tiers"]),
        _kind(
            "volume",
            {**meter, **tiers, **unit_size, "never_above_larger": {"type": "boolean"}},
            [*metered, "tiers"],
        ),
    ]


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
        ({"mean": DECIMAL, "sd": DECIMAL, "low": DECIMAL, "high": DECIMAL}, {}),
        ({"outcomes": {**_array(outcome, OUTCOMES_MAX), "minItems": 2}}, {}),
    ]
    return [
        _object({**shape, **optional, **said}, required=[*shape, "source"])
        for shape, optional in shapes
    ]


def _method(kind_name: str) -> Schema:
    kind = KINDS[kind_name]
    required = [name for name, each in kind.arguments.items() if each.is_required]
    fields: Schema = {
        "name": TEXT,
        "arguments": _object(
            {name: _argument(each) for name, each in kind.arguments.items()}, required=required
        ),
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


def _kind(name: str, fields: Schema, required: list[str]) -> Schema:
    return _object({"kind": {"const": name}, **fields}, required=required)


def _object(properties: Schema, *, required: list[str]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _array(items: Schema, at_most: int) -> Schema:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": at_most}


def _whole(low: int, high: int) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


def _optional(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}
