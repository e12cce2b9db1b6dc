"""Exact amount of one charge for a usage: fractions of major units, nothing rounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, assert_never

from pricing.money import MICRO
from pricing.plans.charges import (
    Charge,
    Commitment,
    CostPlus,
    Flat,
    Free,
    Graduated,
    GraduatedPercentage,
    MoneyCharge,
    OneOff,
    Package,
    Percentage,
    PeriodCharge,
    PerUnit,
    Subscription,
    Tier,
    TieredPackage,
    UnitCharge,
    UsageDiscount,
    Volume,
)
from pricing.plans.meters import Meter
from pricing.plans.model import Usage

NOTHING: Final = Fraction(0)


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a calculation: `units` at a price, giving an exact amount of major units."""

    units: int
    amount: Fraction


def charge_parts(charge: Charge, usage: Usage) -> tuple[Part, ...]:
    """Return the steps that add up to the amount of a charge for the usage of a period."""
    match charge:
        case Free() | Flat() | Subscription() | OneOff():
            return _period_parts(charge, usage)
        case Percentage() | GraduatedPercentage() | CostPlus():
            return _money_parts(charge, usage)
        case UsageDiscount():
            return _discounted_parts(charge, usage.of(charge.charge.meter))
        case _:
            return _unit_parts(charge, usage.of(charge.meter))


def charge_amount(charge: Charge, usage: Usage) -> Fraction:
    """Return the exact amount of a charge for the usage of a period, in major units."""
    return sum((part.amount for part in charge_parts(charge, usage)), NOTHING)


def _period_parts(charge: PeriodCharge, usage: Usage) -> tuple[Part, ...]:
    match charge:
        case Free():
            return ()
        case Flat(amount):
            return (Part(1, Fraction(amount)),)
        case Subscription(amount, days, prorated):
            charged = usage.of(Meter.DAYS)
            if prorated:
                return (Part(charged, Fraction(amount) * charged / days),)
            return (_packages(charged, days, Fraction(amount)),)
        case OneOff(amount):
            bought = usage.of(Meter.REVISIONS)
            return (Part(bought, Fraction(amount) * bought),)
        case _:  # pragma: no cover
            assert_never(charge)


def _money_parts(charge: MoneyCharge, usage: Usage) -> tuple[Part, ...]:
    match charge:
        case Percentage():
            return _percentage_parts(charge, usage)
        case GraduatedPercentage():
            return _graduated_parts(charge.by_micro, MICRO, usage.of(Meter.AMOUNT))
        case CostPlus(multiplier):
            cost = usage.of(Meter.COST)
            return (Part(cost, Fraction(multiplier) * cost / MICRO),)
        case _:  # pragma: no cover
            assert_never(charge)


def _unit_parts(charge: UnitCharge, quantity: int) -> tuple[Part, ...]:
    match charge:
        case PerUnit(_, unit_price, unit_size, free_units):
            billed = max(0, quantity - free_units)
            return (Part(billed, Fraction(unit_price) * billed / unit_size),)
        case Package(_, size, price, free_units):
            return (_packages(max(0, quantity - free_units), size, Fraction(price)),)
        case Graduated(_, tiers, unit_size):
            return _graduated_parts(tiers, unit_size, quantity)
        case Volume():
            return _volume_parts(charge, quantity)
        case TieredPackage(_, size):
            return _unit_parts(charge.by_package, started(quantity, size))
        case Commitment(_, amount, included, overage_price, unit_size):
            over = max(0, quantity - included)
            overage = Part(over, Fraction(overage_price) * over / unit_size)
            return (Part(quantity - over, Fraction(amount)), *([overage] if over else []))
        case _:  # pragma: no cover
            assert_never(charge)


def started(quantity: int, size: int) -> int:
    """Return how many packages of a size are started."""
    # Integers only: the usual -(-a // b) truncates towards zero on Decimal and under-bills.
    return -(-quantity // size)


def _packages(quantity: int, size: int, price: Fraction) -> Part:
    packages = started(quantity, size)
    return Part(packages, price * packages)


def _percentage_parts(charge: Percentage, usage: Usage) -> tuple[Part, ...]:
    free = int(charge.free_amount * MICRO)
    amount = max(0, usage.of(Meter.AMOUNT) - free)
    parts = [Part(amount, Fraction(charge.rate) * amount / MICRO)]
    if charge.fee:
        events = max(0, usage.of(Meter.EVENTS) - charge.free_events)
        parts.append(Part(events, Fraction(charge.fee) * events))
    return tuple(parts)


def _discounted_parts(charge: UsageDiscount, quantity: int) -> tuple[Part, ...]:
    billed = max(0, quantity - charge.free_units)
    parts = _unit_parts(charge.charge, billed)
    if billed <= charge.above or not charge.off:
        return parts
    full = sum((part.amount for part in parts), NOTHING)
    undiscounted = _unit_parts(charge.charge, charge.above)
    above = full - sum((part.amount for part in undiscounted), NOTHING)
    return (*parts, Part(billed - charge.above, -Fraction(charge.off) * above))


def _graduated_parts(tiers: Sequence[Tier], unit_size: int, quantity: int) -> tuple[Part, ...]:
    parts: list[Part] = []
    start = 0
    for tier in tiers:
        if quantity <= start:
            break
        end = quantity if tier.up_to is None else min(quantity, tier.up_to)
        parts.append(Part(end - start, _tier_price(tier, end - start, unit_size)))
        start = end
    return tuple(parts)


def _volume_parts(charge: Volume, quantity: int) -> tuple[Part, ...]:
    if quantity == 0:
        return ()
    holding = next(
        i for i, tier in enumerate(charge.tiers) if tier.up_to is None or quantity <= tier.up_to
    )
    listed = Part(quantity, _tier_price(charge.tiers[holding], quantity, charge.unit_size))
    if not charge.never_above_larger:
        return (listed,)
    # Within a tier the price never falls, so a cheaper larger order is the first of a later tier.
    starts = [(tier.up_to or 0) + 1 for tier in charge.tiers[holding:-1]]
    larger = [
        Part(start, _tier_price(tier, start, charge.unit_size))
        for start, tier in zip(starts, charge.tiers[holding + 1 :], strict=True)
    ]
    return (min([listed, *larger], key=lambda part: (part.amount, part.units)),)


def _tier_price(tier: Tier, units: int, unit_size: int) -> Fraction:
    return Fraction(tier.unit_price) * units / unit_size + Fraction(tier.flat)
