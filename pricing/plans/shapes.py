"""A charge as a price over one meter: free units, whole packages, then a piecewise linear curve.

This is the form in which a plan is certified and rated in bulk. For every charge the shapes add up
to the amount of `pricing.plans.amounts`, which is what a property test compares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from pricing.money import MICRO
from pricing.plans.amounts import NOTHING, started
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
from pricing.plans.curve import Curve, Piece, level, proportional
from pricing.plans.meters import Meter


@dataclass(frozen=True, slots=True)
class Shape:
    """`curve` over the started packages of `size` units beyond the first `free_units` of `meter`.

    A fixed amount has no meter.
    """

    meter: Meter | None
    curve: Curve
    size: int = 1
    free_units: int = 0

    def at(self, quantity: int) -> Fraction:
        """Return the exact amount for a quantity of the meter."""
        return self.curve.at(started(max(0, quantity - self.free_units), self.size))

    def first_of(self, step: int) -> int:
        """Return the smallest quantity that starts a package, counted from one."""
        return self.free_units + (step - 1) * self.size + 1

    @property
    def costs_nothing(self) -> bool:
        """Whether no quantity costs anything."""
        return all(piece.value == piece.slope == 0 for piece in self.curve.pieces)


def charge_shapes(charge: Charge) -> tuple[Shape, ...]:
    """Return what a charge asks for each of its meters; a charge is the sum of its shapes."""
    match charge:
        case Free() | Flat() | Subscription() | OneOff():
            return (_period_shape(charge),)
        case Percentage() | GraduatedPercentage() | CostPlus():
            return _money_shapes(charge)
        case UsageDiscount(inner, free_units, above, off):
            size = _size(inner)
            curve = _discounted(_unit_curve(inner), above // size, Fraction(off))
            return (Shape(inner.meter, curve, size, free_units),)
        case _:
            free_units = charge.free_units if isinstance(charge, PerUnit | Package) else 0
            return (Shape(charge.meter, _unit_curve(charge), _size(charge), free_units),)


def _period_shape(charge: PeriodCharge) -> Shape:
    match charge:
        case Free():
            return Shape(None, level(NOTHING))
        case Flat(amount):
            return Shape(None, level(Fraction(amount)))
        case Subscription(amount, days, prorated):
            if prorated:
                return Shape(Meter.DAYS, proportional(Fraction(amount) / days))
            return Shape(Meter.DAYS, proportional(Fraction(amount)), size=days)
        case OneOff(amount):
            return Shape(Meter.REVISIONS, proportional(Fraction(amount)))
        case _:  # pragma: no cover
            assert_never(charge)


def _money_shapes(charge: MoneyCharge) -> tuple[Shape, ...]:
    match charge:
        case Percentage(rate, free_amount, fee, free_events):
            free_micro = int(free_amount * MICRO)
            share = proportional(Fraction(rate) / MICRO)
            fees = Shape(Meter.EVENTS, proportional(Fraction(fee)), free_units=free_events)
            return (Shape(Meter.AMOUNT, share, free_units=free_micro), *([fees] if fee else []))
        case GraduatedPercentage():
            return (Shape(Meter.AMOUNT, _graduated_curve(charge.by_micro, MICRO)),)
        case CostPlus(multiplier):
            return (Shape(Meter.COST, proportional(Fraction(multiplier) / MICRO)),)
        case _:  # pragma: no cover
            assert_never(charge)


def _size(charge: UnitCharge) -> int:
    return charge.size if isinstance(charge, Package | TieredPackage) else 1


def _unit_curve(charge: UnitCharge) -> Curve:
    """Return the price over the units, or packages, that are charged."""
    match charge:
        case PerUnit(_, unit_price, unit_size):
            return proportional(Fraction(unit_price) / unit_size)
        case Package(_, _, price):
            return proportional(Fraction(price))
        case Graduated(_, tiers, unit_size):
            return _graduated_curve(tiers, unit_size)
        case Volume():
            return _volume_curve(charge)
        case TieredPackage():
            return _unit_curve(charge.by_package)
        case Commitment(_, amount, included, overage_price, unit_size):
            overage = Piece(included, Fraction(amount), Fraction(overage_price) / unit_size)
            committed = Piece(0, Fraction(amount), NOTHING)
            return Curve((committed, overage) if included else (overage,))
        case _:  # pragma: no cover
            assert_never(charge)


def _graduated_curve(tiers: Sequence[Tier], unit_size: int) -> Curve:
    pieces = [Piece(0, NOTHING, NOTHING)]
    start = 1
    for tier in tiers:
        slope = Fraction(tier.unit_price) / unit_size
        before = pieces[-1].at(start - 1)
        pieces.append(Piece(start, before + slope + Fraction(tier.flat), slope))
        start = (tier.up_to or 0) + 1
    return Curve(tuple(pieces))


def _volume_curve(charge: Volume) -> Curve:
    pieces = [Piece(0, NOTHING, NOTHING)]
    start = 1
    for tier in charge.tiers:
        slope = Fraction(tier.unit_price) / charge.unit_size
        pieces.append(Piece(start, slope * start + Fraction(tier.flat), slope))
        start = (tier.up_to or 0) + 1
    curve = Curve(tuple(pieces))
    return curve.lowest_ahead() if charge.never_above_larger else curve


def _discounted(curve: Curve, above: int, off: Fraction) -> Curve:
    """Return a curve of which only 1 - off is asked for what comes after `above`."""
    reached = curve.at(above)
    before = [piece for piece in curve.pieces if piece.start < above]
    within = curve.piece_of(above)
    after = [Piece(above, reached, within.slope)]
    after += [piece for piece in curve.pieces if piece.start > above]
    return Curve(
        (
            *before,
            *(
                Piece(
                    piece.start,
                    reached + (1 - off) * (piece.value - reached),
                    (1 - off) * piece.slope,
                )
                for piece in after
            ),
        )
    )
