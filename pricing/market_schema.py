"""JSON Schemas of the parts of a case that market methods, standards and scores add."""

from pricing.schema_parts import CURRENCY, DECIMAL, FLAG, TEXT, Schema, object_of, optional
from pricing.valuation.case_json import NEIGHBOURS_MAX, NEIGHBOURS_MIN, STATEMENTS_MAX
from pricing.valuation.infonomics import PROCESSES_MAX
from pricing.valuation.market.codec import DAYS_MAX, DEALS_MAX, OWNERS_MAX, ROWS_MAX
from pricing.valuation.methods import Basis, Kind
from pricing.valuation.standards import shipped_profiles

_DATE: Schema = {"type": "string", "format": "date"}
_ROWS: Schema = {"type": "integer", "minimum": 0, "maximum": ROWS_MAX}
_DAYS: Schema = {"type": "integer", "minimum": 0, "maximum": DAYS_MAX}
_MONTHS: Schema = {"type": "integer", "minimum": 1}


def market_options(kind: Kind) -> Schema:
    """Return the fields of a method that say how it uses the comparables."""
    deals: Schema = {"type": "array", "items": TEXT}
    return {
        "deals": {**deals, "maxItems": STATEMENTS_MAX if kind.takes_deals else 0},
        "basis": optional({"type": "string", "enum": [each.value for each in Basis]})
        if kind.takes_basis
        else {"type": "null"},
        "neighbours": optional(
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
        {**said, "coefficient": TEXT, "spread": FLAG, "value": DECIMAL},
        may_lack=[*said, "spread", "value"],
    )


def comparables_schema() -> Schema:
    """Return the schema of the market section: target, deals and rules."""
    traits: Schema = {
        "rows": _ROWS,
        "entities": optional(_ROWS),
        "age_years": DECIMAL,
        "licence": TEXT,
        "exclusive": FLAG,
        "subject": TEXT,
    }
    party = _object(
        {"entity": TEXT, "owners": {"type": "array", "items": TEXT, "maxItems": OWNERS_MAX}},
        may_lack=["owners"],
    )
    target = _object(
        {**traits, "quality": DECIMAL, "term_months": DECIMAL},
        may_lack=["entities", "exclusive"],
    )
    deal = _object(
        {
            **traits,
            "id": TEXT,
            "price": DECIMAL,
            "currency": CURRENCY,
            "settled_on": optional(_DATE),
            "refunded": FLAG,
            "term_months": optional(DECIMAL),
            "quality": optional(DECIMAL),
            "seller": party,
            "buyer": party,
            "confidential": FLAG,
        },
        may_lack=[
            *("entities", "exclusive", "settled_on", "refunded"),
            *("term_months", "quality", "confidential"),
        ],
    )
    deals: Schema = {"type": "array", "items": deal, "maxItems": DEALS_MAX}
    return optional(
        _object({"target": target, "deals": deals, "rules": optional(_rules())}, may_lack=["rules"])
    )


def scores_schema() -> Schema:
    """Return the schema of the inputs of the infonomics scores."""
    shares = ("validity", "completeness", "timeliness", "rival_scarcity", "lifecycle")
    process = _object({"name": TEXT, "relevance": DECIMAL, "source": TEXT}, may_lack=[])
    indicator = _object(
        {
            "name": TEXT,
            "with": DECIMAL,
            "without": DECIMAL,
            "observed_months": _MONTHS,
            "horizon_months": _MONTHS,
            "source": TEXT,
        },
        may_lack=[],
    )
    processes: Schema = {"type": "array", "items": process, "maxItems": PROCESSES_MAX}
    return optional(
        _object(
            {
                **dict.fromkeys(shares, DECIMAL),
                "processes": processes,
                "indicator": optional(indicator),
            },
            may_lack=["processes", "indicator"],
        )
    )


def _rules() -> Schema:
    assumption = _object({"value": DECIMAL, "source": TEXT}, may_lack=[])
    index = _object(
        {"levels": {"type": "object", "additionalProperties": DECIMAL}, "source": TEXT},
        may_lack=[],
    )
    rules: Schema = {
        "oldest_days": _DAYS,
        "round_trip_days": _DAYS,
        "rates": optional({"type": "object", "additionalProperties": assumption}),
        "exclusivity": optional(assumption),
        "perpetual_months": optional(assumption),
        "index": optional(index),
    }
    return _object(rules, may_lack=list(rules))


def _object(properties: Schema, *, may_lack: list[str]) -> Schema:
    return object_of(properties, required=[name for name in properties if name not in may_lack])
