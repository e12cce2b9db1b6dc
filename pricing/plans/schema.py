"""JSON Schemas of what is read about price plans: plan, usage, version ladder, prepaid credits."""

from pricing.plans.bounds import QUANTITY_MAX
from pricing.plans.charges import TIERS_MAX
from pricing.plans.credits import CREDITS_MAX, PRIORITY_MAX
from pricing.plans.ladder import RUNGS_MAX, Measure
from pricing.plans.meters import MONEY_METERS, Meter
from pricing.plans.model import CHARGES_MAX, Rounding
from pricing.schema_parts import (
    CURRENCY,
    DECIMAL,
    DRAFT,
    FLAG,
    TEXT,
    Schema,
    array_of,
    kind_of,
    object_of,
    optional,
    whole,
)

_COUNT: Schema = {**whole(0, QUANTITY_MAX), "default": 0}
_SIZE = whole(1, QUANTITY_MAX)
_METER: Schema = {
    "meter": {"type": "string", "enum": [m.value for m in Meter if m not in MONEY_METERS]}
}
_UNIT_SIZE: Schema = {"unit_size": {**_SIZE, "default": 1}}
_FREE_UNITS: Schema = {"free_units": _COUNT}
_TIER = object_of(
    {"up_to": optional(_SIZE), "unit_price": DECIMAL, "flat": DECIMAL}, required=["unit_price"]
)
_RATE_TIER = object_of(
    {"up_to": optional(DECIMAL), "rate": DECIMAL, "flat": DECIMAL}, required=["rate"]
)
_TIERS: Schema = {"tiers": array_of(_TIER, TIERS_MAX)}
_INSTANT: Schema = {"type": "string", "format": "date-time"}


def plan_schema() -> Schema:
    """Return the schema of a price plan."""
    return object_of(
        {
            "currency": CURRENCY,
            "charges": array_of({"oneOf": _charges()}, CHARGES_MAX),
            "minimum": optional(DECIMAL),
            "maximum": optional(DECIMAL),
            "one_allowance_per_legal_entity": FLAG,
            "rounding": {
                "type": "string",
                "enum": [rounding.value for rounding in Rounding],
                "default": Rounding.PER_PERIOD.value,
            },
        },
        required=["currency", "charges"],
    )


def certify_schema() -> Schema:
    """Return the schema of the input of `certify`: a plan."""
    return {"$schema": DRAFT, "title": "Price plan", **plan_schema()}


def rate_schema() -> Schema:
    """Return the schema of the input of `rate`: a plan and the usage of one billing period."""
    usage = object_of({meter.value: whole(0, QUANTITY_MAX) for meter in Meter}, required=[])
    body = object_of({"plan": plan_schema(), "usage": usage}, required=["plan", "usage"])
    return {"$schema": DRAFT, "title": "Plan and usage to rate", **body}


def ladder_schema() -> Schema:
    """Return the schema of the input of `ladder`: the versions of a product."""
    rung = object_of({"accuracy": DECIMAL, "price": DECIMAL}, required=["accuracy", "price"])
    body = object_of(
        {
            "currency": CURRENCY,
            "measure": {"type": "string", "enum": [measure.value for measure in Measure]},
            "rungs": array_of(rung, RUNGS_MAX),
        },
        required=["currency", "measure", "rungs"],
    )
    return {"$schema": DRAFT, "title": "Version ladder", **body}


def credits_schema() -> Schema:
    """Return the schema of the input of `credits`: grants, and the draws to be paid from them."""
    grant = object_of(
        {
            "id": TEXT,
            "amount": DECIMAL,
            "granted_at": _INSTANT,
            "expires_at": optional(_INSTANT),
            "priority": {**whole(1, PRIORITY_MAX), "default": 1},
        },
        required=["id", "amount", "granted_at"],
    )
    draw = object_of(
        {"id": TEXT, "amount": DECIMAL, "at": _INSTANT}, required=["id", "amount", "at"]
    )
    body = object_of(
        {
            "currency": CURRENCY,
            "grants": {"type": "array", "items": grant, "maxItems": CREDITS_MAX},
            "draws": {"type": "array", "items": draw, "maxItems": CREDITS_MAX},
            "until": _INSTANT,
        },
        required=["currency", "until"],
    )
    return {"$schema": DRAFT, "title": "Prepaid credits", **body}


def _charges() -> list[Schema]:
    return [
        kind_of("free", {}, ["kind"]),
        kind_of("flat", {"amount": DECIMAL}, ["kind", "amount"]),
        kind_of(
            "subscription",
            {"amount": DECIMAL, "days": _SIZE, "prorated": FLAG},
            ["kind", "amount", "days"],
        ),
        kind_of("one_off", {"amount": DECIMAL}, ["kind", "amount"]),
        *_discountable(),
        kind_of(
            "volume",
            {**_METER, **_TIERS, **_UNIT_SIZE, "never_above_larger": FLAG},
            ["kind", "meter", "tiers"],
        ),
        kind_of(
            "percentage",
            {"rate": DECIMAL, "free_amount": DECIMAL, "fee": DECIMAL, "free_events": _COUNT},
            ["kind", "rate"],
        ),
        kind_of(
            "graduated_percentage",
            {"tiers": array_of(_RATE_TIER, TIERS_MAX)},
            ["kind", "tiers"],
        ),
        kind_of("cost_plus", {"multiplier": DECIMAL}, ["kind", "multiplier"]),
        kind_of(
            "usage_discount",
            {"charge": {"oneOf": _discountable()}, **_FREE_UNITS, "above": _COUNT, "off": DECIMAL},
            ["kind", "charge"],
        ),
        kind_of(
            "commitment",
            {
                **_METER,
                "amount": DECIMAL,
                "included": whole(0, QUANTITY_MAX),
                "overage_price": DECIMAL,
                **_UNIT_SIZE,
            },
            ["kind", "meter", "amount", "included", "overage_price"],
        ),
    ]


def _discountable() -> list[Schema]:
    return [
        kind_of(
            "per_unit",
            {**_METER, "unit_price": DECIMAL, **_UNIT_SIZE, **_FREE_UNITS},
            ["kind", "meter", "unit_price"],
        ),
        kind_of(
            "package",
            {**_METER, "size": _SIZE, "price": DECIMAL, **_FREE_UNITS},
            ["kind", "meter", "size", "price"],
        ),
        kind_of("graduated", {**_METER, **_TIERS, **_UNIT_SIZE}, ["kind", "meter", "tiers"]),
        kind_of(
            "tiered_package",
            {**_METER, "size": _SIZE, **_TIERS, "on_total": FLAG, "never_above_larger": FLAG},
            ["kind", "meter", "size", "tiers"],
        ),
    ]
