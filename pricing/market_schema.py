"""JSON Schemas of the parts of a case that market methods, standards and scores add."""

from pricing.money import MINOR_DIGITS
from pricing.valuation.case_json import NEIGHBOURS_MAX, NEIGHBOURS_MIN, STATEMENTS_MAX
from pricing.valuation.infonomics import PROCESSES_MAX
from pricing.valuation.market.codec import DAYS_MAX, DEALS_MAX, OWNERS_MAX, ROWS_MAX
from pricing.valuation.methods import Basis, Kind
from pricing.valuation.standards import shipped_profiles

Schema = dict[str, object]

_CURRENCY: Schema = {"type": "string", "enum": sorted(MINOR_DIGITS)}
_DECIMAL: Schema = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?$"}
_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}
_DATE: Schema = {"type": "string", "format": "date"}
_FLAG: Schema = {"type": "boolean", "default": False}
_ROWS: Schema = {"type": "integer", "minimum": 0, "maximum": ROWS_MAX}
_DAYS: Schema = {"type": "integer", "minimum": 0, "maximum": DAYS_MAX}
_MONTHS: Schema = {"type": "integer", "minimum": 1}


def market_options(kind: Kind) -> Schema:
    """Return the fields of a method that say how it uses the comparables."""
    deals: Schema = {"type": "array", "items": _TEXT}
    return {
        "deals": {**deals, "maxItems": STATEMENTS_MAX if kind.takes_deals else 0},
        "basis": _perhaps({"type": "string", "enum": [each.value for each in Basis]})
        if kind.takes_basis
        else {"type": "null"},
        "neighbours": _perhaps(
            {"type": "integer", "minimum": NEIGHBOURS_MIN, "maximum": NEIGHBOURS_MAX}
        )
        if kind.takes_neighbours
        else {"type": "null"},
    }


def standard_schema() -> Schema:
    """Return the schema of `standard`: the id of a profile, or what was spelt out from one."""
    return {"oneOf": [{"type": "null"}, {"enum": sorted(shipped_profiles())}, {"type": "object"}]}


def coefficient_schema(said: Schema) -> Schema:
    """Return the schema of a parameter that takes its figures from a coefficient."""
    return _object(
        {**said, "coefficient": _TEXT, "spread": _FLAG, "value": _DECIMAL},
        optional=[*said, "spread", "value"],
    )


def comparables_schema() -> Schema:
    """Return the schema of the market section: target, deals and rules."""
    traits: Schema = {
        "rows": _ROWS,
        "entities": _perhaps(_ROWS),
        "age_years": _DECIMAL,
        "licence": _TEXT,
        "exclusive": _FLAG,
        "subject": _TEXT,
    }
    party = _object(
        {"entity": _TEXT, "owners": {"type": "array", "items": _TEXT, "maxItems": OWNERS_MAX}},
        optional=["owners"],
    )
    target = _object(
        {**traits, "quality": _DECIMAL, "term_months": _DECIMAL},
        optional=["entities", "exclusive"],
    )
    deal = _object(
        {
            **traits,
            "id": _TEXT,
            "price": _DECIMAL,
            "currency": _CURRENCY,
            "settled_on": _perhaps(_DATE),
            "refunded": _FLAG,
            "term_months": _perhaps(_DECIMAL),
            "quality": _perhaps(_DECIMAL),
            "seller": party,
            "buyer": party,
            "confidential": _FLAG,
        },
        optional=[
            *("entities", "exclusive", "settled_on", "refunded"),
            *("term_months", "quality", "confidential"),
        ],
    )
    deals: Schema = {"type": "array", "items": deal, "maxItems": DEALS_MAX}
    return _perhaps(
        _object({"target": target, "deals": deals, "rules": _perhaps(_rules())}, optional=["rules"])
    )


def scores_schema() -> Schema:
    """Return the schema of the inputs of the infonomics scores."""
    shares = ("validity", "completeness", "timeliness", "rival_scarcity", "lifecycle")
    process = _object({"name": _TEXT, "relevance": _DECIMAL, "source": _TEXT}, optional=[])
    indicator = _object(
        {
            "name": _TEXT,
            "with": _DECIMAL,
            "without": _DECIMAL,
            "observed_months": _MONTHS,
            "horizon_months": _MONTHS,
            "source": _TEXT,
        },
        optional=[],
    )
    processes: Schema = {"type": "array", "items": process, "maxItems": PROCESSES_MAX}
    return _perhaps(
        _object(
            {
                **dict.fromkeys(shares, _DECIMAL),
                "processes": processes,
                "indicator": _perhaps(indicator),
            },
            optional=["processes", "indicator"],
        )
    )


def _rules() -> Schema:
    assumption = _object({"value": _DECIMAL, "source": _TEXT}, optional=[])
    index = _object(
        {"levels": {"type": "object", "additionalProperties": _DECIMAL}, "source": _TEXT},
        optional=[],
    )
    rules: Schema = {
        "oldest_days": _DAYS,
        "round_trip_days": _DAYS,
        "rates": _perhaps({"type": "object", "additionalProperties": assumption}),
        "exclusivity": _perhaps(assumption),
        "perpetual_months": _perhaps(assumption),
        "index": _perhaps(index),
    }
    return _object(rules, optional=list(rules))


def _object(properties: Schema, *, optional: list[str]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _perhaps(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}
