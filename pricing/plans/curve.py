"""Price as a piecewise linear function of a whole quantity, with exact fractions.

Prices are never negative, so every piece is level or rising; a curve can fall only between pieces.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, lcm

from pricing.plans.amounts import NOTHING, charge_amount
from pricing.plans.model import Flat, Free, Graduated, PerUnit, Volume

SmoothCharge = Free | Flat | PerUnit | Graduated | Volume
"""Charges with finitely many pieces: all but packages, whose steps never end."""


@dataclass(frozen=True, slots=True)
class Piece:
    """From `start` on: `value` at the start, and `slope` more for each further unit."""

    start: int
    value: Fraction
    slope: Fraction

    def at(self, quantity: int) -> Fraction:
        """Return the price of a quantity within the piece."""
        return self.value + self.slope * (quantity - self.start)


@dataclass(frozen=True, slots=True)
class Curve:
    """Pieces in order, the first from 0; each ends one unit before the next, the last never."""

    pieces: tuple[Piece, ...]

    def at(self, quantity: int) -> Fraction:
        """Return the price of a quantity of zero or more."""
        index = bisect_right(self.pieces, quantity, key=lambda piece: piece.start) - 1
        return self.pieces[index].at(quantity)

    def ends(self) -> tuple[int, ...]:
        """Return the first and last quantities above zero of all pieces, ascending."""
        starts = [piece.start for piece in self.pieces]
        return tuple(sorted({q for start in starts for q in (start - 1, start) if q > 0} | {1}))

    def rises(self) -> bool:
        """Whether a larger quantity never costs less."""
        return all(
            later.value >= piece.at(later.start - 1) for piece, later in pairwise(self.pieces)
        )

    def at_least(self, minimum: Fraction) -> "Curve":
        """Return the curve lifted to a minimum wherever it is below."""
        return self._clipped(lambda piece, _: _lifted(piece, minimum))

    def at_most(self, maximum: Fraction) -> "Curve":
        """Return the curve cut at a maximum wherever it is above."""
        return self._clipped(lambda piece, _: _cut(piece, maximum))

    def lowest_ahead(self) -> "Curve":
        """Return the lowest price of each quantity or any larger one: the repair of a curve."""
        values = [piece.value for piece in self.pieces]
        return self._clipped(
            # A rising piece is cheapest at its start, so later starts are all that matters.
            lambda piece, index: _cut(piece, min(values[index + 1 :], default=None))
        )

    def _clipped(self, clip: Callable[[Piece, int], list[Piece]]) -> "Curve":
        starts = [piece.start for piece in self.pieces]
        parts: list[Piece] = []
        for index, piece in enumerate(self.pieces):
            end = starts[index + 1] if index + 1 < len(starts) else None
            parts += [part for part in clip(piece, index) if end is None or part.start < end]
        return Curve(tuple(parts))


def charge_curve(charge: SmoothCharge) -> Curve:
    """Return the price of a charge as a curve over the quantity of its meter."""
    match charge:
        case Free() | Flat():
            return Curve((Piece(0, charge_amount(charge, 0), NOTHING),))
        case PerUnit(_, unit_price, unit_size, free_units):
            rising = Piece(free_units, NOTHING, Fraction(unit_price) / unit_size)
            return Curve((Piece(0, NOTHING, NOTHING), rising) if free_units else (rising,))
        case Graduated() | Volume():
            return _tier_curve(charge)


def add_curves(curves: Sequence[Curve]) -> Curve:
    """Return the sum of one or more curves."""
    starts = sorted({piece.start for curve in curves for piece in curve.pieces})
    return Curve(tuple(_sum_piece(curves, start) for start in starts))


def cheaper_apart(curve: Curve) -> tuple[int, int] | None:
    """Return the smallest a <= b with price(a) + price(b) < price(a + b), or None: exact.

    For a, b and a + b each within a piece, price(a) + price(b) - price(a + b) is linear over a
    polygon with whole corners (its bounds are a totally unimodular system), so its least value is
    taken where two of the three are the first or last quantity of a piece. Along the unbounded
    directions it is constant, because both sides grow with the slope of the last piece.
    """
    price, ends = _integer_price(curve), curve.ends()
    pairs = {(a, b) for a in ends for b in ends if a <= b}
    pairs |= {(min(a, both - a), max(a, both - a)) for a in ends for both in ends if a < both}
    gaming = [(a + b, a) for a, b in pairs if price(a) + price(b) < price(a + b)]
    if not gaming:
        return None
    both, first = min(gaming)
    return first, both - first


def _tier_curve(charge: Graduated | Volume) -> Curve:
    listed = Volume(charge.meter, charge.tiers, charge.unit_size)
    source = charge if isinstance(charge, Graduated) else listed
    pieces = [Piece(0, NOTHING, NOTHING)]
    start = 1
    for tier in charge.tiers:
        slope = Fraction(tier.unit_price) / charge.unit_size
        pieces.append(Piece(start, charge_amount(source, start), slope))
        start = (tier.up_to or 0) + 1
    curve = Curve(tuple(pieces))
    is_repaired = isinstance(charge, Volume) and charge.never_above_larger
    return curve.lowest_ahead() if is_repaired else curve


def _sum_piece(curves: Sequence[Curve], start: int) -> Piece:
    value, slope = NOTHING, NOTHING
    for curve in curves:
        index = bisect_right(curve.pieces, start, key=lambda piece: piece.start) - 1
        value += curve.pieces[index].at(start)
        slope += curve.pieces[index].slope
    return Piece(start, value, slope)


def _lifted(piece: Piece, minimum: Fraction) -> list[Piece]:
    if piece.value >= minimum:
        return [piece]
    level = Piece(piece.start, minimum, NOTHING)
    if piece.slope == 0:
        return [level]
    reached = piece.start + ceil((minimum - piece.value) / piece.slope)
    return [level, Piece(reached, piece.at(reached), piece.slope)]


def _cut(piece: Piece, maximum: Fraction | None) -> list[Piece]:
    if maximum is None:
        return [piece]
    if piece.value >= maximum:
        return [Piece(piece.start, maximum, NOTHING)]
    if piece.slope == 0:
        return [piece]
    passed = piece.start + floor((maximum - piece.value) / piece.slope) + 1
    return [piece, Piece(passed, maximum, NOTHING)]


def _integer_price(curve: Curve) -> Callable[[int], int]:
    """Return the curve scaled to whole numbers: the same comparisons, many times faster."""
    pieces = curve.pieces
    scale = lcm(*(x.denominator for piece in pieces for x in (piece.value, piece.slope)))
    starts = [piece.start for piece in pieces]
    values = [int(piece.value * scale) for piece in pieces]
    slopes = [int(piece.slope * scale) for piece in pieces]

    def price(quantity: int) -> int:
        index = bisect_right(starts, quantity) - 1
        return values[index] + slopes[index] * (quantity - starts[index])

    return price
