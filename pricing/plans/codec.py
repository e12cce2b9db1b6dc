"""JSON form of a price plan and of a usage: strict to read, canonical to write."""

from decimal import Decimal

from pricing.document import Document
from pricing.errors import InvalidInput
from pricing.plans.bounds import QUANTITY_MAX
from pricing.plans.charge_codec import (
    Json,
    charge_from_json,
    charge_to_json,
    decimal_text,
    located,
)
from pricing.plans.meters import Meter
from pricing.plans.model import CHARGES_MAX, Plan, Rounding, Usage


def plan_from_json(value: object, path: str = "") -> Plan:
    """Read a plan; raises InvalidInput that names the field (`charges[0].tiers[1].up_to`)."""
    document = Document(value, path)
    charges = tuple(
        charge_from_json(item, at) for at, item in document.items("charges", at_most=CHARGES_MAX)
    )
    currency = document.text("currency")
    minimum, maximum = document.optional_decimal("minimum"), document.optional_decimal("maximum")
    one_allowance = document.flag("one_allowance_per_legal_entity")
    rounding = document.text("rounding", Rounding.PER_PERIOD)
    if rounding not in set(Rounding):
        raise InvalidInput(document.at("rounding"), f"must be one of {', '.join(Rounding)}")
    document.finish()
    return located(
        path,
        lambda: Plan(currency, charges, minimum, maximum, one_allowance, Rounding(rounding)),
    )


def plan_to_json(plan: Plan) -> Json:
    """Write a plan as plain JSON values; `plan_from_json` gives the same plan back.

    The rounding is written only where it is not once per period, so that a plan keeps the bytes it
    was signed with before there was a choice.
    """
    written: Json = {
        "currency": plan.currency,
        "charges": [charge_to_json(charge) for charge in plan.charges],
        "minimum": _optional_text(plan.minimum),
        "maximum": _optional_text(plan.maximum),
        "one_allowance_per_legal_entity": plan.one_allowance_per_legal_entity,
    }
    if plan.rounding is not Rounding.PER_PERIOD:
        written["rounding"] = plan.rounding.value
    return written


def usage_from_json(value: object, path: str = "usage") -> Usage:
    """Read `{"rows": 1200, "bytes": 0}`; meters that are left out counted nothing."""
    document = Document(value, path)
    quantities = {
        meter: document.integer(meter.value, low=0, high=QUANTITY_MAX, default=0)
        for meter in Meter
        if meter.value in document.names()
    }
    document.finish()
    return Usage(quantities)


def _optional_text(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)
