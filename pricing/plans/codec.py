"""JSON form of a price plan: strict to read, canonical to write; money as decimal text."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeVar, assert_never

from pricing.document import Document
from pricing.errors import InvalidInput, UnknownCurrency
from pricing.plans.model import (
    CHARGES_MAX,
    QUANTITY_MAX,
    TIERS_MAX,
    Charge,
    Flat,
    Free,
    Graduated,
    Meter,
    Package,
    PerUnit,
    Plan,
    Tier,
    Usage,
    Volume,
)

Json = dict[str, object]
Made = TypeVar("Made")


def plan_from_json(value: object, path: str = "") -> Plan:
    """Read a plan; raises InvalidInput that names the field (`charges[0].tiers[1].up_to`)."""
    document = Document(value, path)
    charges = tuple(
        _charge(item, at) for at, item in document.items("charges", at_most=CHARGES_MAX)
    )
    currency = document.text("currency")
    minimum, maximum = document.optional_decimal("minimum"), document.optional_decimal("maximum")
    one_allowance = document.flag("one_allowance_per_legal_entity")
    document.finish()
    return _located(path, lambda: Plan(currency, charges, minimum, maximum, one_allowance))


def plan_to_json(plan: Plan) -> Json:
    """Write a plan as plain JSON values; `plan_from_json` gives the same plan back."""
    return {
        "currency": plan.currency,
        "charges": [_charge_to_json(charge) for charge in plan.charges],
        "minimum": _optional_text(plan.minimum),
        "maximum": _optional_text(plan.maximum),
        "one_allowance_per_legal_entity": plan.one_allowance_per_legal_entity,
    }


def usage_from_json(value: object, path: str = "usage") -> Usage:
    """Read `{"rows": 1200, "bytes": 0}`; meters that are left out counted nothing."""
    document = Document(value, path)
    quantities = {
        meter: document.integer(meter.value, low=0, high=QUANTITY_MAX, default=0) for meter in Meter
    }
    document.finish()
    return Usage(quantities)


def _charge(value: object, path: str) -> Charge:
    document = Document(value, path)
    kind = document.text("kind")
    if kind not in _READERS:
        raise InvalidInput(document.at("kind"), f"must be one of {', '.join(sorted(_READERS))}")
    charge = _located(path, lambda: _READERS[kind](document))
    document.finish()
    return charge


def _flat(document: Document) -> Charge:
    return Flat(document.decimal("amount"))


def _per_unit(document: Document) -> Charge:
    return PerUnit(
        _meter(document),
        document.decimal("unit_price"),
        _unit_size(document),
        document.integer("free_units", low=0, high=QUANTITY_MAX, default=0),
    )


def _package(document: Document) -> Charge:
    return Package(
        _meter(document),
        document.integer("size", low=1, high=QUANTITY_MAX),
        document.decimal("price"),
        document.integer("free_units", low=0, high=QUANTITY_MAX, default=0),
    )


def _graduated(document: Document) -> Charge:
    return Graduated(_meter(document), _tiers(document), _unit_size(document))


def _volume(document: Document) -> Charge:
    never_above_larger = document.flag("never_above_larger")
    return Volume(_meter(document), _tiers(document), _unit_size(document), never_above_larger)


_READERS: Final[dict[str, Callable[[Document], Charge]]] = {
    "free": lambda _: Free(),
    "flat": _flat,
    "per_unit": _per_unit,
    "package": _package,
    "graduated": _graduated,
    "volume": _volume,
}


def _meter(document: Document) -> Meter:
    name = document.text("meter")
    if name not in set(Meter):
        raise InvalidInput(document.at("meter"), f"must be one of {', '.join(Meter)}")
    return Meter(name)


def _unit_size(document: Document) -> int:
    return document.integer("unit_size", low=1, high=QUANTITY_MAX, default=1)


def _tiers(document: Document) -> tuple[Tier, ...]:
    return tuple(_tier(item, at) for at, item in document.items("tiers", at_most=TIERS_MAX))


def _tier(value: object, path: str) -> Tier:
    document = Document(value, path)
    up_to = document.optional_integer("up_to", low=1, high=QUANTITY_MAX)
    tier = Tier(up_to, document.decimal("unit_price"), document.decimal("flat", Decimal(0)))
    document.finish()
    return tier


def _located(path: str, make: Callable[[], Made]) -> Made:
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


def _charge_to_json(charge: Charge) -> Json:
    match charge:
        case Free():
            return {"kind": "free"}
        case Flat(amount):
            return {"kind": "flat", "amount": decimal_text(amount)}
        case PerUnit(meter, unit_price, unit_size, free_units):
            return {
                "kind": "per_unit",
                "meter": meter.value,
                "unit_price": decimal_text(unit_price),
                "unit_size": unit_size,
                "free_units": free_units,
            }
        case Package(meter, size, price, free_units):
            return {
                "kind": "package",
                "meter": meter.value,
                "size": size,
                "price": decimal_text(price),
                "free_units": free_units,
            }
        case Graduated(meter, tiers, unit_size):
            return {
                "kind": "graduated",
                "meter": meter.value,
                "unit_size": unit_size,
                "tiers": [_tier_to_json(tier) for tier in tiers],
            }
        case Volume(meter, tiers, unit_size, never_above_larger):
            return {
                "kind": "volume",
                "meter": meter.value,
                "unit_size": unit_size,
                "tiers": [_tier_to_json(tier) for tier in tiers],
                "never_above_larger": never_above_larger,
            }
        case _:  # pragma: no cover
            assert_never(charge)


def _tier_to_json(tier: Tier) -> Json:
    return {
        "up_to": tier.up_to,
        "unit_price": decimal_text(tier.unit_price),
        "flat": decimal_text(tier.flat),
    }


def decimal_text(value: Decimal) -> str:
    """Write a decimal without exponent or needless zeros: 1E+2 -> "100", 0.50 -> "0.5"."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _optional_text(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)
