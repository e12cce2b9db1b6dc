"""JSON form of the charges of a plan: strict to read, canonical to write; money as decimal text."""

from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from typing import Final, TypeVar, cast

from pricing.document import Document
from pricing.errors import InvalidInput, UnknownCurrency
from pricing.plans.bounds import QUANTITY_MAX
from pricing.plans.charges import (
    TIERS_MAX,
    ZERO,
    Charge,
    Commitment,
    CostPlus,
    Discountable,
    Flat,
    Free,
    Graduated,
    GraduatedPercentage,
    OneOff,
    Package,
    Percentage,
    PerUnit,
    RateTier,
    Subscription,
    Tier,
    TieredPackage,
    UsageDiscount,
    Volume,
)
from pricing.plans.meters import MONEY_METERS, Meter
from pricing.plans.rate import KINDS

Json = dict[str, object]
Made = TypeVar("Made")
_UNIT_METERS: Final = [meter.value for meter in Meter if meter not in MONEY_METERS]


def charge_from_json(value: object, path: str) -> Charge:
    """Read a charge; raises InvalidInput that names the field."""
    document = Document(value, path)
    kind = document.text("kind")
    if kind not in _READERS:
        raise InvalidInput(document.at("kind"), f"must be one of {', '.join(sorted(_READERS))}")
    charge = located(path, lambda: _READERS[kind](document))
    document.finish()
    return charge


def charge_to_json(charge: Charge) -> Json:
    """Write a charge: its kind and every member by its name."""
    written = {field.name: _written(getattr(charge, field.name)) for field in fields(charge)}
    return {"kind": KINDS[type(charge)].value, **written}


def located(path: str, make: Callable[[], Made]) -> Made:
    """Run a model's own checks and give their errors the full path of the field."""
    try:
        return make()
    except UnknownCurrency as error:
        at = f"{path}.{error.field}" if path else error.field
        raise UnknownCurrency(at, error.currency) from None
    except InvalidInput as error:
        if not path or error.field.startswith(path):
            raise
        raise InvalidInput(f"{path}.{error.field}", error.problem) from None


def decimal_text(value: Decimal) -> str:
    """Write a decimal without exponent or needless zeros: 1E+2 -> "100", 0.50 -> "0.5"."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _flat(document: Document) -> Charge:
    return Flat(document.decimal("amount"))


def _subscription(document: Document) -> Charge:
    return Subscription(
        document.decimal("amount"),
        document.integer("days", low=1, high=QUANTITY_MAX),
        document.flag("prorated"),
    )


def _one_off(document: Document) -> Charge:
    return OneOff(document.decimal("amount"))


def _per_unit(document: Document) -> PerUnit:
    return PerUnit(
        _meter(document),
        document.decimal("unit_price"),
        _unit_size(document),
        _count(document, "free_units"),
    )


def _package(document: Document) -> Package:
    return Package(
        _meter(document),
        document.integer("size", low=1, high=QUANTITY_MAX),
        document.decimal("price"),
        _count(document, "free_units"),
    )


def _graduated(document: Document) -> Graduated:
    return Graduated(_meter(document), _tiers(document), _unit_size(document))


def _volume(document: Document) -> Charge:
    never_above_larger = document.flag("never_above_larger")
    return Volume(_meter(document), _tiers(document), _unit_size(document), never_above_larger)


def _tiered_package(document: Document) -> TieredPackage:
    return TieredPackage(
        _meter(document),
        document.integer("size", low=1, high=QUANTITY_MAX),
        _tiers(document),
        document.flag("on_total"),
        document.flag("never_above_larger"),
    )


def _percentage(document: Document) -> Charge:
    return Percentage(
        document.decimal("rate"),
        document.decimal("free_amount", ZERO),
        document.decimal("fee", ZERO),
        _count(document, "free_events"),
    )


def _graduated_percentage(document: Document) -> Charge:
    tiers = document.items("tiers", at_most=TIERS_MAX)
    return GraduatedPercentage(tuple(_rate_tier(item, at) for at, item in tiers))


def _cost_plus(document: Document) -> Charge:
    return CostPlus(document.decimal("multiplier"))


def _usage_discount(document: Document) -> Charge:
    inner = document.child("charge")
    kind = inner.text("kind")
    if kind not in _DISCOUNTABLE:
        problem = f"must be one of {', '.join(sorted(_DISCOUNTABLE))}"
        raise InvalidInput(inner.at("kind"), problem)
    charge = located(document.at("charge"), lambda: _DISCOUNTABLE[kind](inner))
    inner.finish()
    return UsageDiscount(
        charge,
        _count(document, "free_units"),
        _count(document, "above"),
        document.decimal("off", ZERO),
    )


def _commitment(document: Document) -> Charge:
    return Commitment(
        _meter(document),
        document.decimal("amount"),
        document.integer("included", low=0, high=QUANTITY_MAX),
        document.decimal("overage_price"),
        _unit_size(document),
    )


_DISCOUNTABLE: Final[dict[str, Callable[[Document], Discountable]]] = {
    "per_unit": _per_unit,
    "package": _package,
    "graduated": _graduated,
    "tiered_package": _tiered_package,
}
_READERS: Final[dict[str, Callable[[Document], Charge]]] = {
    **_DISCOUNTABLE,
    "free": lambda _: Free(),
    "flat": _flat,
    "volume": _volume,
    "subscription": _subscription,
    "one_off": _one_off,
    "percentage": _percentage,
    "graduated_percentage": _graduated_percentage,
    "cost_plus": _cost_plus,
    "usage_discount": _usage_discount,
    "commitment": _commitment,
}


def _meter(document: Document) -> Meter:
    name = document.text("meter")
    if name not in _UNIT_METERS:
        raise InvalidInput(document.at("meter"), f"must be one of {', '.join(_UNIT_METERS)}")
    return Meter(name)


def _unit_size(document: Document) -> int:
    return document.integer("unit_size", low=1, high=QUANTITY_MAX, default=1)


def _count(document: Document, name: str) -> int:
    return document.integer(name, low=0, high=QUANTITY_MAX, default=0)


def _tiers(document: Document) -> tuple[Tier, ...]:
    return tuple(_tier(item, at) for at, item in document.items("tiers", at_most=TIERS_MAX))


def _tier(value: object, path: str) -> Tier:
    document = Document(value, path)
    up_to = document.optional_integer("up_to", low=1, high=QUANTITY_MAX)
    tier = Tier(up_to, document.decimal("unit_price"), document.decimal("flat", ZERO))
    document.finish()
    return tier


def _rate_tier(value: object, path: str) -> RateTier:
    document = Document(value, path)
    up_to = document.optional_decimal("up_to")
    tier = RateTier(up_to, document.decimal("rate"), document.decimal("flat", ZERO))
    document.finish()
    return tier


def _written(value: object) -> object:
    match value:
        case Decimal():
            return decimal_text(value)
        case Meter():
            return value.value
        case tuple():
            tiers = cast("tuple[Tier | RateTier, ...]", value)
            return [
                {field.name: _written(getattr(tier, field.name)) for field in fields(tier)}
                for tier in tiers
            ]
        case PerUnit() | Package() | Graduated() | TieredPackage():
            return charge_to_json(value)
        case _:
            return value
