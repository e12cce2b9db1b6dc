"""Price as a piecewise linear function of a whole quantity, with exact fractions.

Prices are never negative, so every piece is level or rising; a curve can fall only between pieces.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, lcm
from typing import Final

NOTHING: Final = Fraction(0)


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
        return self.piece_of(quantity).at(quantity)

    def piece_of(self, quantity: int) -> Piece:
        """Return the piece that holds a quantity of zero or more."""
        index = bisect_right(self.pieces, quantity, key=lambda piece: piece.start) - 1
        return self.pieces[index]

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

    def later(self, units: int) -> "Curve":
        """Return the curve for somebody whose first `units` do not count."""
        if units == 0:
            return self
        moved = [Piece(piece.start + units, piece.value, piece.slope) for piece in self.pieces]
        return Curve((Piece(0, self.pieces[0].value, NOTHING), *moved))

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


@dataclass(frozen=True, slots=True)
class ScaledCurve:
    """A curve in whole numbers, `scale` of which are one of the curve's units."""

    starts: tuple[int, ...]
    values: tuple[int, ...]
    slopes: tuple[int, ...]
    scale: int

    def at(self, quantity: int) -> int:
        """Return the scaled price of a quantity of zero or more."""
        index = bisect_right(self.starts, quantity) - 1
        return self.values[index] + self.slopes[index] * (quantity - self.starts[index])

    def ends(self) -> tuple[int, ...]:
        """Return the first and last quantities above zero of all pieces, ascending."""
        starts = self.starts
        return tuple(sorted({q for start in starts for q in (start - 1, start) if q > 0} | {1}))


def scaled(curve: Curve, times: int = 1) -> ScaledCurve:
    """Return a curve in whole numbers: its price is `at(quantity) / scale`, exactly.

    The scale is the least that will do, times `times`.
    """
    pieces = curve.pieces
    scale = lcm(*(x.denominator for piece in pieces for x in (piece.value, piece.slope))) * times
    return ScaledCurve(
        tuple(piece.start for piece in pieces),
        tuple(int(piece.value * scale) for piece in pieces),
        tuple(int(piece.slope * scale) for piece in pieces),
        scale,
    )


def level(amount: Fraction) -> Curve:
    """Return the same price for every quantity."""
    return Curve((Piece(0, amount, NOTHING),))


def proportional(slope: Fraction) -> Curve:
    """Return a price of `slope` for each unit."""
    return Curve((Piece(0, NOTHING, slope),))


def add_curves(curves: Sequence[Curve]) -> Curve:
    """Return the sum of one or more curves."""
    starts = sorted({piece.start for curve in curves for piece in curve.pieces})
    return Curve(tuple(_sum_piece(curves, start) for start in starts))


def is_subadditive(curve: Curve) -> bool:
    """Whether price(a) + price(b) is never below price(a + b), for a and b above zero: exact."""
    return _average_never_rises(curve) or next(_cheaper_pairs(scaled(curve)), None) is None


def cheaper_apart(curve: Curve, notable: Fraction = NOTHING) -> tuple[int, int] | None:
    """Return the smallest a <= b with price(a) + price(b) < price(a + b), or None: exact.

    The smallest that saves at least `notable` is preferred to a smaller one that saves less.
    """
    if _average_never_rises(curve):
        return None
    exact = scaled(curve)
    pairs = sorted(_cheaper_pairs(exact))
    if not pairs:
        return None
    both, first, _ = next((p for p in pairs if p[2] >= notable * exact.scale), pairs[0])
    return first, both - first


def _cheaper_pairs(curve: ScaledCurve) -> Iterator[tuple[int, int, int]]:
    """Find (a + b, a, saved) for every pair of ends that is cheaper apart.

    For a, b and a + b each within a piece, price(a) + price(b) - price(a + b) is linear over a
    polygon with whole corners (its bounds are a totally unimodular system), so its least value is
    taken where two of the three are the first or last quantity of a piece. Along the unbounded
    directions it is constant, because both sides grow with the slope of the last piece.
    """
    price, ends = curve.at, curve.ends()
    at = [price(end) for end in ends]
    for index, (a, price_a) in enumerate(zip(ends, at, strict=True)):
        for b, price_b in zip(ends[index:], at[index:], strict=True):
            if (saved := price(a + b) - price_a - price_b) > 0:
                yield a + b, a, saved
            if a < b and (saved := price_b - price_a - price(b - a)) > 0:
                yield b, min(a, b - a), saved


def _average_never_rises(curve: Curve) -> bool:
    """Whether price(q) / q never rises, which alone makes a price subadditive.

    price(a + b) = (a + b) * average(a + b) <= a * average(a) + b * average(b).
    """
    return all(piece.value >= piece.slope * piece.start for piece in curve.pieces) and all(
        later.value * (later.start - 1) <= piece.at(later.start - 1) * later.start
        for piece, later in pairwise(curve.pieces)
        if later.start > 1
    )


def _sum_piece(curves: Sequence[Curve], start: int) -> Piece:
    value, slope = NOTHING, NOTHING
    for curve in curves:
        piece = curve.piece_of(start)
        value += piece.at(start)
        slope += piece.slope
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
