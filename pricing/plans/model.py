"""The models of a price plan: what is charged, per which meter, between which limits.

Quantities are whole units of a meter (rows, bytes, calls) within one billing period. Prices are
exact decimals of major units, twelve decimals at most. The upper bound of a tier belongs to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from pricing.errors import InvalidInput
from pricing.money import Money, minor_digits

CHARGES_MAX: Final = 20
TIERS_MAX: Final = 100
QUANTITY_MAX: Final = 10**18
PRICE_MAX: Final = Decimal(10) ** 12
PRICE_DECIMALS_MAX: Final = 12
ZERO: Final = Decimal(0)


class Meter(StrEnum):
    """What is counted in a billing period."""

    ROWS = "rows"
    BYTES = "bytes"
    CALLS = "calls"


@dataclass(frozen=True, slots=True)
class Tier:
    """A band of quantities up to `up_to` inclusive (None: without end) and its prices."""

    up_to: int | None
    unit_price: Decimal
    flat: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Free:
    """Nothing is charged: open data."""


@dataclass(frozen=True, slots=True)
class Flat:
    """A fee for each billing period, whatever is used."""

    amount: Decimal

    def __post_init__(self) -> None:
        _check_price(self.amount, "amount")


@dataclass(frozen=True, slots=True)
class PerUnit:
    """`unit_price` per `unit_size` units, in proportion; the first `free_units` cost nothing."""

    meter: Meter
    unit_price: Decimal
    unit_size: int = 1
    free_units: int = 0

    def __post_init__(self) -> None:
        _check_price(self.unit_price, "unit_price")
        _check_count(self.unit_size, "unit_size", low=1)
        _check_count(self.free_units, "free_units", low=0)


@dataclass(frozen=True, slots=True)
class Package:
    """`price` for every started package of `size` units beyond the first `free_units`."""

    meter: Meter
    size: int
    price: Decimal
    free_units: int = 0

    def __post_init__(self) -> None:
        _check_price(self.price, "price")
        _check_count(self.size, "size", low=1)
        _check_count(self.free_units, "free_units", low=0)


@dataclass(frozen=True, slots=True)
class Graduated:
    """Each unit at the price of the tier it falls in, plus the flat fee of every tier entered."""

    meter: Meter
    tiers: tuple[Tier, ...]
    unit_size: int = 1

    def __post_init__(self) -> None:
        _check_tiers(self.tiers)
        _check_count(self.unit_size, "unit_size", low=1)


@dataclass(frozen=True, slots=True)
class Volume:
    """All units at the price of the tier that holds the total, plus the flat fee of that tier.

    With `never_above_larger` the price of a quantity is the lowest list price of that quantity or
    any larger one: a buyer never gains by ordering more and dropping the rest.
    """

    meter: Meter
    tiers: tuple[Tier, ...]
    unit_size: int = 1
    never_above_larger: bool = False

    def __post_init__(self) -> None:
        _check_tiers(self.tiers)
        _check_count(self.unit_size, "unit_size", low=1)


Charge = Free | Flat | PerUnit | Package | Graduated | Volume


@dataclass(frozen=True, slots=True)
class Plan:
    """Charges added up for one billing period, then held between a minimum and a maximum.

    `one_allowance_per_legal_entity` states that free units are granted once to each verified legal
    entity, so that opening a second account gives no second allowance.
    """

    currency: str
    charges: tuple[Charge, ...]
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    one_allowance_per_legal_entity: bool = False

    def __post_init__(self) -> None:
        minor_digits(self.currency)
        if not 1 <= len(self.charges) <= CHARGES_MAX:
            raise InvalidInput("charges", f"must have 1 to {CHARGES_MAX} elements")
        is_free = any(isinstance(charge, Free) for charge in self.charges)
        limits = [("minimum", self.minimum), ("maximum", self.maximum)]
        if is_free and (len(self.charges) > 1 or self.minimum or self.maximum):
            raise InvalidInput("charges", "a free plan has no other charge, minimum or maximum")
        for name, limit in limits:
            if limit is not None:
                _check_limit(limit, name, self.currency)
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise InvalidInput("maximum", "must not be below the minimum")

    @property
    def meters(self) -> tuple[Meter, ...]:
        """The meters that change the price, in the order of `Meter`."""
        used = {charge.meter for charge in self.charges if not isinstance(charge, Free | Flat)}
        return tuple(meter for meter in Meter if meter in used)


@dataclass(frozen=True, slots=True)
class Usage:
    """Whole units counted by each meter since the start of the billing period."""

    quantities: Mapping[Meter, int] = field(default_factory=dict[Meter, int])

    def __post_init__(self) -> None:
        for meter, quantity in self.quantities.items():
            _check_count(quantity, f"usage.{meter}", low=0)

    def of(self, meter: Meter) -> int:
        """Return the units of a meter; a meter without entry counted nothing."""
        return self.quantities.get(meter, 0)


def _check_price(price: Decimal, name: str) -> None:
    if not price.is_finite() or not 0 <= price <= PRICE_MAX:
        raise InvalidInput(name, f"must be from 0 to {PRICE_MAX}")
    exponent = price.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > PRICE_DECIMALS_MAX:
        raise InvalidInput(name, f"must have at most {PRICE_DECIMALS_MAX} decimals")


def _check_count(count: int, name: str, *, low: int) -> None:
    if type(count) is not int or not low <= count <= QUANTITY_MAX:
        raise InvalidInput(name, f"must be a whole number from {low} to {QUANTITY_MAX}")


def _check_limit(limit: Decimal, name: str, currency: str) -> None:
    _check_price(limit, name)
    # A limit between two minor units could not be met exactly by a rounded total.
    if limit * 10 ** minor_digits(currency) % 1 or not Money.of(limit, currency).is_whole_minor:
        raise InvalidInput(name, f"must be a whole number of minor units of {currency}")


def _check_tiers(tiers: tuple[Tier, ...]) -> None:
    if not 1 <= len(tiers) <= TIERS_MAX:
        raise InvalidInput("tiers", f"must have 1 to {TIERS_MAX} elements")
    reached = 0
    for index, tier in enumerate(tiers):
        _check_price(tier.unit_price, f"tiers[{index}].unit_price")
        _check_price(tier.flat, f"tiers[{index}].flat")
        is_last = index == len(tiers) - 1
        if (tier.up_to is None) != is_last:
            raise InvalidInput(f"tiers[{index}].up_to", "the last tier, and only it, has no end")
        if tier.up_to is not None:
            _check_count(tier.up_to, f"tiers[{index}].up_to", low=reached + 1)
            reached = tier.up_to
