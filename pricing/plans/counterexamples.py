"""Counterexamples: suspected purchases, each recomputed by the plan's own price before it is shown.

A suspect comes from the exact check of a curve; what the plan really asks for it, with all charges,
minimum and maximum, decides whether it is a counterexample.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

from pricing.money import minor_digits
from pricing.plans.certificate import Counterexample
from pricing.plans.charges import TieredPackage, Volume
from pricing.plans.curve import Curve, cheaper_apart
from pricing.plans.meters import Meter
from pricing.plans.model import Plan
from pricing.plans.prices import price_of, section
from pricing.plans.shapes import Shape, charge_shapes

Suspect = tuple[Meter, int, int]


def counterexample(plan: Plan, repaired: Plan) -> Counterexample | None:
    """Return the first suspected pair that the plan as given really prices cheaper in parts."""
    plans = (plan,) if repaired == plan else (plan, repaired)
    for meter, first, second in chain.from_iterable(map(_suspects, plans)):
        # Someone may order more than needed and drop the rest: take the cheapest way to get each.
        pair = sorted(_cheapest_at_least(plan, meter, units) for units in (first, second))
        for a, b in ((first, second), (pair[0], pair[1])):
            if (found := _checked(plan, meter, a, b)) is not None:
                return found
    return None


def rounding_counterexample(plan: Plan) -> Counterexample | None:
    """Return a quantity that is rounded down when bought, and up when bought twice at once.

    For a price of n/d minor units for each step with d of 3 or more, some multiple of 1/d lies in
    [1/4, 1/2): a quantity whose price ends in it loses that part, and double of it gains one unit.
    """
    unit = 10 ** minor_digits(plan.currency)
    for charge in plan.charges:
        for shape in charge_shapes(charge):
            for piece in shape.curve.pieces:
                slope = piece.slope * unit
                if shape.meter is None or slope.denominator < 3:  # noqa: PLR2004 - see above
                    continue
                wanted = -(-slope.denominator // 4)
                steps = wanted * pow(slope.numerator, -1, slope.denominator) % slope.denominator
                units = shape.first_of(max(1, steps))
                if (found := _checked(plan, shape.meter, units, units)) is not None:
                    return found
    return None


def _checked(plan: Plan, meter: Meter, first: int, second: int) -> Counterexample | None:
    price = price_of(plan, meter)
    apart, together = price(first) + price(second), price(first + second)
    if apart >= together:
        return None
    return Counterexample(meter, first, second, apart, together)


def _suspects(plan: Plan) -> Iterator[Suspect]:
    notable = Fraction(1, 10 ** minor_digits(plan.currency))
    shapes = [shape for charge in plan.charges for shape in charge_shapes(charge)]
    # What is free comes first: it is the plainest case, and the cheapest to find.
    shapes.sort(key=lambda shape: shape.free_units == 0)
    free = sum(shape.free_units > 0 for shape in shapes)
    sections = (section(plan, meter) for meter in plan.meters)
    for shape in chain(shapes[:free], sections, shapes[free:]):
        suspect = None if shape is None else _suspect(shape, notable)
        if suspect is not None:
            yield suspect


def _suspect(shape: Shape, notable: Fraction) -> Suspect | None:
    if shape.meter is None or (shape.free_units and shape.costs_nothing):
        return None
    if shape.free_units:
        # All that is free, twice: together some of it is paid for.
        free = shape.first_of(_first_paid(shape.curve)) - 1
        return shape.meter, free, free
    pair = cheaper_apart(shape.curve, notable)
    # Whole packages: the last quantity of each step costs no more than its first.
    return None if pair is None else (shape.meter, pair[0] * shape.size, pair[1] * shape.size)


def _first_paid(curve: Curve) -> int:
    """Return the first step above zero that costs something, of a curve that has one."""
    for piece in curve.pieces:
        if piece.value > 0:
            return max(1, piece.start)
        if piece.slope > 0:
            return piece.start + 1
    raise ValueError("a curve that costs nothing")


def _cheapest_at_least(plan: Plan, meter: Meter, units: int) -> int:
    starts = [
        shape.first_of(tier.up_to + 1)
        for charge in plan.charges
        if isinstance(charge, Volume | TieredPackage) and charge.meter == meter
        for shape in charge_shapes(charge)
        for tier in charge.tiers
        if tier.up_to is not None and shape.first_of(tier.up_to + 1) > units
    ]
    price = price_of(plan, meter)
    return min([units, *starts], key=lambda quantity: (price(quantity), quantity))
