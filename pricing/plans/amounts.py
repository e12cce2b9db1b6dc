"""Exact amount of one charge for a quantity: fractions of major units, nothing rounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from pricing.plans.model import Charge, Flat, Free, Graduated, Package, PerUnit, Tier, Volume

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a calculation: `units` at a price, giving an exact amount of major units."""

    units: int
    amount: Fraction


def charge_parts(charge: Charge, quantity: int) -> tuple[Part, ...]:
    """Return the steps that add up to the amount of a charge for a quantity of its meter."""
    match charge:
        case Free():
            return ()
        case Flat(amount):
            return (Part(1, Fraction(amount)),)
        case PerUnit(_, unit_price, unit_size, free_units):
            billed = max(0, quantity - free_units)
            return (Part(billed, Fraction(unit_price) * billed / unit_size),)
        case Package(_, size, price, free_units):
            # Integers only: the usual -(-a // b) truncates towards zero on Decimal and under-bills.
            packages = -(-max(0, quantity - free_units) // size)
            return (Part(packages, Fraction(price) * packages),)
        case Graduated(_, tiers, unit_size):
            return _graduated_parts(tiers, unit_size, quantity)
        case Volume():
            return _volume_parts(charge, quantity)
        case _:  # pragma: no cover
            assert_never(charge)


def charge_amount(charge: Charge, quantity: int) -> Fraction:
    """Return the exact amount of a charge for a quantity of its meter, in major units."""
    return sum((part.amount for part in charge_parts(charge, quantity)), NOTHING)


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
