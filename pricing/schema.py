"""JSON Schemas of what `python -m pricing` reads: documentation that programs can check against.

The readers are stricter than a schema can say (bounds of rates, order of tiers, references); what
they refuse, they refuse with the field named.
"""

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
from pricing.valuation.case import METHODS_MAX, PARAMETERS_MAX, SEED_MAX, SERIES_MAX, YEARS_MAX
from pricing.valuation.income import Timing
from pricing.valuation.methods import KINDS
from pricing.valuation.sampling import POINTS_DEFAULT, POINTS_MAX, POINTS_MIN


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


SCHEMAS = {
    "value": value_schema,
    "rate": rate_schema,
    "certify": certify_schema,
    "ladder": ladder_schema,
    "credits": credits_schema,
}


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
