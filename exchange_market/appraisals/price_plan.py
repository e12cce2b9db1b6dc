"""A certified price plan and the short code under which buyers search for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pricing.plans import Flat, Free, Meter, Package, PerUnit, Plan

JsonObject = Mapping[str, Any]


class PriceMode(StrEnum):
    """How a product is charged for, in one word."""

    FREE = "free"
    FLAT = "flat"
    PER_ROW = "per_row"
    PER_BYTE = "per_byte"
    PER_CALL = "per_call"
    PACKAGE = "package"
    TIERED = "tiered"
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


_PER_UNIT: Final = {
    Meter.ROWS: PriceMode.PER_ROW,
    Meter.BYTES: PriceMode.PER_BYTE,
    Meter.CALLS: PriceMode.PER_CALL,
}


def price_mode_of(plan: Plan) -> PriceMode:
    """The mode of a plan: that of its only charge, else mixed."""
    match plan.charges:
        case (Free(),):
            return PriceMode.FREE
        case (Flat(),):
            return PriceMode.FLAT
        case (PerUnit(meter=meter),):
            return _PER_UNIT[meter]
        case (Package(),):
            return PriceMode.PACKAGE
        case (_,):
            return PriceMode.TIERED
        case _:
            return PriceMode.MIXED


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
