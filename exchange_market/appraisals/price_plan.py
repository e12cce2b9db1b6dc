"""A certified price plan and the short code under which buyers search for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pricing.plans import (
    Charge,
    Commitment,
    CostPlus,
    Flat,
    Free,
    Graduated,
    GraduatedPercentage,
    Meter,
    OneOff,
    Package,
    Percentage,
    PerUnit,
    Plan,
    Subscription,
    TieredPackage,
    UsageDiscount,
    Volume,
)

JsonObject = Mapping[str, Any]


class PriceMode(StrEnum):
    """How a product is charged for, in one word."""

    FREE = "free"
    FLAT = "flat"
    SUBSCRIPTION = "subscription"
    ONE_OFF = "one_off"
    PER_ROW = "per_row"
    PER_BYTE = "per_byte"
    PER_CALL = "per_call"
    PER_SEAT = "per_seat"
    PER_EVENT = "per_event"
    PACKAGE = "package"
    TIERED = "tiered"
    PERCENTAGE = "percentage"
    COST_PLUS = "cost_plus"
    COMMITMENT = "commitment"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePlan:
    """One version of a product's price; `plan` and `certificate` are JSON of `pricing`."""

    id: str
    product_id: str
    version: int
    revision_id: str
    price_mode: PriceMode
    currency: str
    plan: JsonObject
    certificate: JsonObject
    set_by: str
    set_at: datetime


COUNTED_METERS: Final = (Meter.ROWS, Meter.BYTES, Meter.CALLS, Meter.DAYS, Meter.REVISIONS)
"""What the exchange counts: deliveries, the days of a contract and the revision it names."""

_PER_UNIT: Final = {
    Meter.ROWS: PriceMode.PER_ROW,
    Meter.BYTES: PriceMode.PER_BYTE,
    Meter.CALLS: PriceMode.PER_CALL,
    Meter.SEATS: PriceMode.PER_SEAT,
    Meter.EVENTS: PriceMode.PER_EVENT,
    Meter.DAYS: PriceMode.SUBSCRIPTION,
    Meter.REVISIONS: PriceMode.ONE_OFF,
}
_BY_MODEL: Final[Mapping[type[Charge], PriceMode]] = {
    Free: PriceMode.FREE,
    Flat: PriceMode.FLAT,
    Subscription: PriceMode.SUBSCRIPTION,
    OneOff: PriceMode.ONE_OFF,
    Package: PriceMode.PACKAGE,
    TieredPackage: PriceMode.PACKAGE,
    Graduated: PriceMode.TIERED,
    Volume: PriceMode.TIERED,
    Percentage: PriceMode.PERCENTAGE,
    GraduatedPercentage: PriceMode.PERCENTAGE,
    CostPlus: PriceMode.COST_PLUS,
    Commitment: PriceMode.COMMITMENT,
}


def price_mode_of(plan: Plan) -> PriceMode:
    """The mode of a plan: that of its only charge, else mixed."""
    return _mode(plan.charges[0]) if len(plan.charges) == 1 else PriceMode.MIXED


def _mode(charge: Charge) -> PriceMode:
    match charge:
        case PerUnit(meter=meter):
            return _PER_UNIT[meter]
        case UsageDiscount(charge=discounted):
            return _mode(discounted)
        case _:
            return _BY_MODEL[type(charge)]


def price_fact(price: PricePlan) -> dict[str, Any]:
    """What a listing shows of its price: all of it."""
    return {
        "price_mode": price.price_mode.value,
        "version": price.version,
        "currency": price.currency,
        "plan": dict(price.plan),
        "certificate": dict(price.certificate),
        "explanation": price.certificate["explanation"],
    }
