"""Pieces of JSON Schemas that several documents share."""

from pricing.money import MINOR_DIGITS

Schema = dict[str, object]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
CURRENCY: Schema = {"type": "string", "enum": sorted(MINOR_DIGITS)}
DECIMAL: Schema = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?$"}
TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}
FLAG: Schema = {"type": "boolean", "default": False}


def kind_of(name: str, fields: Schema, required: list[str]) -> Schema:
    """Return the schema of one kind of an object that says its kind."""
    return object_of({"kind": {"const": name}, **fields}, required=required)


def object_of(properties: Schema, *, required: list[str]) -> Schema:
    """Return the schema of an object without other fields."""
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def array_of(items: Schema, at_most: int) -> Schema:
    """Return the schema of an array of one element or more."""
    return {"type": "array", "items": items, "minItems": 1, "maxItems": at_most}


def whole(low: int, high: int) -> Schema:
    """Return the schema of a whole number within bounds."""
    return {"type": "integer", "minimum": low, "maximum": high}


def optional(schema: Schema) -> Schema:
    """Return the schema of a field that may be null."""
    return {"oneOf": [schema, {"type": "null"}]}
