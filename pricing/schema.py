"""JSON Schemas of what `python -m pricing` reads: documentation that programs can check against.

The readers are stricter than a schema can say (bounds of rates, order of tiers, references); what
they refuse, they refuse with the field named.
"""

from pricing.money import MINOR_DIGITS
from pricing.plans.model import CHARGES_MAX, QUANTITY_MAX, TIERS_MAX, Meter
from pricing.valuation.case import METHODS_MAX, PARAMETERS_MAX, SEED_MAX, SERIES_MAX, YEARS_MAX
from pricing.valuation.income import Timing
from pricing.valuation.methods import KINDS
from pricing.valuation.sampling import POINTS_DEFAULT, POINTS_MAX, POINTS_MIN

Schema = dict[str, object]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
CURRENCY: Schema = {"type": "string", "enum": sorted(MINOR_DIGITS)}
DECIMAL: Schema = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?$"}
TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}


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
            "assumptions": {"type": "array", "items": TEXT},
            "limits": {"type": "array", "items": TEXT},
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
    said: Schema = {"source": TEXT, "unit": TEXT}
    shapes = [["value"], ["low", "mode", "high"], ["median", "sigma"]]
    return [
        _object({**dict.fromkeys(names, DECIMAL), **said}, required=[*names, "source"])
        for names in shapes
    ]


def _method(kind_name: str) -> Schema:
    kind = KINDS[kind_name]
    series: Schema = {"oneOf": [TEXT, _array(TEXT, SERIES_MAX)]}
    arguments: Schema = {
        name: series if each.is_series else TEXT for name, each in kind.arguments.items()
    }
    required = [name for name, each in kind.arguments.items() if each.default is None]
    fields: Schema = {
        "name": TEXT,
        "arguments": _object(arguments, required=required),
        "timing": {"type": "string", "enum": [timing.value for timing in Timing]},
    }
    if kind.takes_tax_amortisation:
        fields["tax_amortisation_years"] = _optional(_whole(1, YEARS_MAX))
    else:
        fields["tax_amortisation_years"] = {"type": "null"}
    return _kind(kind_name, fields, ["name", "kind", "arguments"])


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
