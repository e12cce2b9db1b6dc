"""Rating many usages under one plan: the figures of `rate`, from whole numbers prepared once."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from pricing.errors import AmountTooLarge
from pricing.money import AMOUNT_MICRO_MAX, MICRO, minor_digits
from pricing.plans.curve import scaled
from pricing.plans.meters import Meter
from pricing.plans.model import Plan, Usage
from pricing.plans.shapes import Shape, charge_shapes

_Line = Callable[[Mapping[Meter, int]], int]


class Bill(NamedTuple):
    """The amounts of one rating in micro-units: a line for each charge, then minimum or maximum."""

    lines_micro: tuple[int, ...]
    minimum_micro: int
    maximum_micro: int
    total_micro: int


@dataclass(frozen=True, slots=True)
class CompiledPlan:
    """A plan ready to rate many usages; `bill` gives the amounts that `rate` gives."""

    charges: tuple[_Line, ...]
    minor_micro: int
    minimum: int | None
    maximum: int | None

    def bill(self, usage: Usage) -> Bill:
        """Rate the usage of a closed billing period. Raises AmountTooLarge, as `rate` does."""
        quantities = usage.quantities
        lines = [charge(quantities) for charge in self.charges]
        spend = sum(lines)
        if spend * self.minor_micro > AMOUNT_MICRO_MAX:
            raise AmountTooLarge("amount_micro", "more than a signed 64-bit integer can hold")
        unit, total, up, down = self.minor_micro, spend, 0, 0
        if self.minimum is not None and spend < self.minimum:
            total, up = self.minimum, self.minimum - spend
        if self.maximum is not None and spend > self.maximum:
            total, down = self.maximum, self.maximum - spend
        amounts = tuple([line * unit for line in lines])
        return Bill(amounts, up * unit, down * unit, total * unit)


def compile_plan(plan: Plan) -> CompiledPlan:
    """Prepare a plan for rating many usages."""
    minor_units = 10 ** minor_digits(plan.currency)
    return CompiledPlan(
        tuple(_line(charge_shapes(charge), minor_units) for charge in plan.charges),
        MICRO // minor_units,
        _limit(plan.minimum, minor_units),
        _limit(plan.maximum, minor_units),
    )


def rate_all(plan: Plan, usages: Iterable[Usage]) -> list[Bill]:
    """Rate many usages, each a closed billing period of its own."""
    compiled = compile_plan(plan)
    return [compiled.bill(usage) for usage in usages]


def _line(shapes: tuple[Shape, ...], minor_units: int) -> _Line:
    """Return how a charge makes minor units of a usage, rounded once, half away from zero."""
    scale = lcm(*(scaled(shape.curve).scale for shape in shapes))
    if len(shapes) == 1:
        # round(n / d) is (2n + d) // 2d for n >= 0; the added d is put into the curve beforehand.
        return _part(shapes[0], 2 * minor_units, scale, scale, 2 * scale)
    parts = [_part(shape, 1, scale, 0, 1) for shape in shapes]

    def minor(quantities: Mapping[Meter, int]) -> int:
        amount = sum([part(quantities) for part in parts])
        return (2 * amount * minor_units + scale) // (2 * scale)

    return minor


def _part(shape: Shape, times: int, scale: int, added: int, divisor: int) -> _Line:
    """Return (scale * times * price + added) // divisor as a function of the quantities."""
    curve = scaled(shape.curve)
    factor = scale // curve.scale * times
    values = [value * factor + added for value in curve.values]
    slopes = [slope * factor for slope in curve.slopes]
    starts, meter, size, free_units = curve.starts, shape.meter, shape.size, shape.free_units
    if meter is None:
        fixed = values[0] // divisor
        return lambda _: fixed

    def amount(quantities: Mapping[Meter, int]) -> int:
        charged = quantities.get(meter, 0)
        if free_units:
            charged = max(0, charged - free_units)
        if size != 1:
            charged = -(-charged // size)
        piece = bisect_right(starts, charged) - 1
        return (values[piece] + slopes[piece] * (charged - starts[piece])) // divisor

    return amount


def _limit(limit: Decimal | None, minor_units: int) -> int | None:
    return None if limit is None else int(Fraction(limit) * minor_units)
