"""The models of a charge: what is asked for which meter within one billing period.

Prices are exact decimals of major units, twelve decimals at most. The upper bound of a tier belongs
to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pricing.errors import InvalidInput
from pricing.plans.bounds import (
    check_amount,
    check_count,
    check_price,
    check_share,
    check_unit_meter,
)
from pricing.plans.meters import Meter

TIERS_MAX: Final = 100
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tier:
    """A band of quantities up to `up_to` inclusive (None: without end) and its prices."""

    up_to: int | None
    unit_price: Decimal
    flat: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class RateTier:
    """A band of declared money up to `up_to` major units inclusive, the share asked of it, and a
    fee on entering it."""

    up_to: Decimal | None
    rate: Decimal
    flat: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Free:
    """Nothing is charged: open data."""


@dataclass(frozen=True, slots=True)
class Flat:
    """A fee for each billing period, whatever is used."""

    amount: Decimal

    def __post_init__(self) -> None:
        check_price(self.amount, "amount")


@dataclass(frozen=True, slots=True)
class Subscription:
    """`amount` for every `days` days of the billing period.

    A started span is charged whole, or by its days if `prorated`.
    """

    amount: Decimal
    days: int
    prorated: bool = False

    def __post_init__(self) -> None:
        check_price(self.amount, "amount")
        check_count(self.days, "days", low=1)


@dataclass(frozen=True, slots=True)
class OneOff:
    """`amount` once for each revision bought, whatever is used of it."""

    amount: Decimal

    def __post_init__(self) -> None:
        check_price(self.amount, "amount")


@dataclass(frozen=True, slots=True)
class PerUnit:
    """`unit_price` per `unit_size` units, in proportion; the first `free_units` cost nothing."""

    meter: Meter
    unit_price: Decimal
    unit_size: int = 1
    free_units: int = 0

    def __post_init__(self) -> None:
        check_unit_meter(self.meter)
        check_price(self.unit_price, "unit_price")
        check_count(self.unit_size, "unit_size", low=1)
        check_count(self.free_units, "free_units", low=0)


@dataclass(frozen=True, slots=True)
class Package:
    """`price` for every started package of `size` units beyond the first `free_units`."""

    meter: Meter
    size: int
    price: Decimal
    free_units: int = 0

    def __post_init__(self) -> None:
        check_unit_meter(self.meter)
        check_price(self.price, "price")
        check_count(self.size, "size", low=1)
        check_count(self.free_units, "free_units", low=0)


@dataclass(frozen=True, slots=True)
class Graduated:
    """Each unit at the price of the tier it falls in, plus the flat fee of every tier entered."""

    meter: Meter
    tiers: tuple[Tier, ...]
    unit_size: int = 1

    def __post_init__(self) -> None:
        check_unit_meter(self.meter)
        _check_tiers(self.tiers)
        check_count(self.unit_size, "unit_size", low=1)


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
        check_unit_meter(self.meter)
        _check_tiers(self.tiers)
        check_count(self.unit_size, "unit_size", low=1)


@dataclass(frozen=True, slots=True)
class TieredPackage:
    """Started packages of `size` units, priced by tiers that are counted in packages.

    Each package at the price of the tier it falls in, or, `on_total`, all at the price of the tier
    that holds their number; `never_above_larger` as with volume tiers.
    """

    meter: Meter
    size: int
    tiers: tuple[Tier, ...]
    on_total: bool = False
    never_above_larger: bool = False

    def __post_init__(self) -> None:
        check_unit_meter(self.meter)
        check_count(self.size, "size", low=1)
        _check_tiers(self.tiers)
        if self.never_above_larger and not self.on_total:
            raise InvalidInput("never_above_larger", "is for packages priced on their total")

    @property
    def by_package(self) -> Graduated | Volume:
        """The same prices as a charge per package."""
        if self.on_total:
            return Volume(self.meter, self.tiers, never_above_larger=self.never_above_larger)
        return Graduated(self.meter, self.tiers)


@dataclass(frozen=True, slots=True)
class Percentage:
    """A share `rate` of the declared amount beyond `free_amount` major units, and a `fee` for each
    event beyond the first `free_events`."""

    rate: Decimal
    free_amount: Decimal = ZERO
    fee: Decimal = ZERO
    free_events: int = 0

    def __post_init__(self) -> None:
        check_share(self.rate, "rate")
        check_amount(self.free_amount, "free_amount")
        check_price(self.fee, "fee")
        check_count(self.free_events, "free_events", low=0)


@dataclass(frozen=True, slots=True)
class GraduatedPercentage:
    """Each part of the declared amount at the share of the tier it falls in, plus the flat fee of
    every tier entered."""

    tiers: tuple[RateTier, ...]

    def __post_init__(self) -> None:
        for index, tier in enumerate(self.tiers):
            check_share(tier.rate, f"tiers[{index}].rate")
            if tier.up_to is not None:
                check_amount(tier.up_to, f"tiers[{index}].up_to")
        _check_tiers(self.by_micro)

    @property
    def by_micro(self) -> tuple[Tier, ...]:
        """The same tiers with their ends in micro-units; prices stay those of a major unit."""
        return tuple(
            Tier(None if tier.up_to is None else int(tier.up_to * 10**6), tier.rate, tier.flat)
            for tier in self.tiers
        )


@dataclass(frozen=True, slots=True)
class CostPlus:
    """The declared cost times a `multiplier`: a price that follows somebody else's (dynamic)."""

    multiplier: Decimal

    def __post_init__(self) -> None:
        check_price(self.multiplier, "multiplier")


@dataclass(frozen=True, slots=True)
class UsageDiscount:
    """Another charge without its first `free_units`, and with the share `off` taken from what the
    units beyond `above` (of those that are charged) add to it."""

    charge: "PerUnit | Package | Graduated | TieredPackage"
    free_units: int = 0
    above: int = 0
    off: Decimal = ZERO

    def __post_init__(self) -> None:
        check_count(self.free_units, "free_units", low=0)
        check_count(self.above, "above", low=0)
        check_share(self.off, "off")
        inner = self.charge
        if isinstance(inner, PerUnit | Package) and inner.free_units:
            raise InvalidInput("charge.free_units", "write free_units of the discount instead")
        if isinstance(inner, TieredPackage) and inner.on_total:
            raise InvalidInput("charge.on_total", "prices on the total take no further discount")
        if isinstance(inner, Package | TieredPackage) and self.above % inner.size:
            raise InvalidInput("above", f"must be a multiple of the package size {inner.size}")


@dataclass(frozen=True, slots=True)
class Commitment:
    """`amount` is owed for the first `included` units, used or not; `overage_price` per
    `unit_size` units beyond them."""

    meter: Meter
    amount: Decimal
    included: int
    overage_price: Decimal
    unit_size: int = 1

    def __post_init__(self) -> None:
        check_unit_meter(self.meter)
        check_price(self.amount, "amount")
        check_count(self.included, "included", low=0)
        check_price(self.overage_price, "overage_price")
        check_count(self.unit_size, "unit_size", low=1)


Discountable = PerUnit | Package | Graduated | TieredPackage
UnitCharge = Discountable | Volume | Commitment
PeriodCharge = Free | Flat | Subscription | OneOff
MoneyCharge = Percentage | GraduatedPercentage | CostPlus
Charge = PeriodCharge | UnitCharge | MoneyCharge | UsageDiscount

_METERS: Final[dict[type[PeriodCharge | MoneyCharge], tuple[Meter, ...]]] = {
    Free: (),
    Flat: (),
    Subscription: (Meter.DAYS,),
    OneOff: (Meter.REVISIONS,),
    Percentage: (Meter.AMOUNT, Meter.EVENTS),
    GraduatedPercentage: (Meter.AMOUNT,),
    CostPlus: (Meter.COST,),
}


def charge_meters(charge: Charge) -> tuple[Meter, ...]:
    """Return the meters that change the amount of a charge, its main meter first."""
    match charge:
        case UsageDiscount(inner):
            return (inner.meter,)
        case Percentage() if not charge.fee:
            return (Meter.AMOUNT,)
        case Free() | Flat() | Subscription() | OneOff():
            return _METERS[type(charge)]
        case Percentage() | GraduatedPercentage() | CostPlus():
            return _METERS[type(charge)]
        case _:
            return (charge.meter,)


def charge_tiers(charge: Charge) -> int:
    """Return how many tiers a charge has: what its certification takes time for."""
    if isinstance(charge, UsageDiscount):
        return charge_tiers(charge.charge)
    has_tiers = isinstance(charge, Graduated | Volume | TieredPackage | GraduatedPercentage)
    return len(charge.tiers) if has_tiers else 0


def _check_tiers(tiers: Sequence[Tier]) -> None:
    if not 1 <= len(tiers) <= TIERS_MAX:
        raise InvalidInput("tiers", f"must have 1 to {TIERS_MAX} elements")
    reached = 0
    for index, tier in enumerate(tiers):
        check_price(tier.unit_price, f"tiers[{index}].unit_price")
        check_price(tier.flat, f"tiers[{index}].flat")
        is_last = index == len(tiers) - 1
        if (tier.up_to is None) != is_last:
            raise InvalidInput(f"tiers[{index}].up_to", "the last tier, and only it, has no end")
        if tier.up_to is not None:
            check_count(tier.up_to, f"tiers[{index}].up_to", low=reached + 1)
            reached = tier.up_to
