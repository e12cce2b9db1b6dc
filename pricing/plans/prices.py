"""The exact price of a plan along one meter, as a function and as a curve."""

from collections.abc import Callable
from fractions import Fraction

from pricing.money import Money, minor_digits
from pricing.plans.curve import NOTHING, add_curves, level
from pricing.plans.meters import Meter
from pricing.plans.model import Plan, Rounding
from pricing.plans.shapes import Shape, charge_shapes


def price_of(plan: Plan, meter: Meter) -> Callable[[int], Fraction]:
    """Return the exact price of a quantity of one meter when the others count nothing.

    Nothing is rounded, unless the plan rounds each purchase; then this is the price of one. Any
    whole number is a quantity here, also one that no usage could hold.
    """
    charges = [charge_shapes(charge) for charge in plan.charges]

    def price(quantity: int) -> Fraction:
        spend = NOTHING
        for shapes in charges:
            amounts = (shape.at(quantity if shape.meter == meter else 0) for shape in shapes)
            spend += _asked(sum(amounts, NOTHING), plan)
        spend = spend if plan.minimum is None else max(spend, Fraction(plan.minimum))
        return spend if plan.maximum is None else min(spend, Fraction(plan.maximum))

    return price


def section(plan: Plan, meter: Meter) -> Shape | None:
    """Return the price of one meter when the others count nothing, with minimum and maximum.

    None when it is no curve over packages of one size.
    """
    shapes = [shape for charge in plan.charges for shape in charge_shapes(charge)]
    mine = [shape for shape in shapes if shape.meter == meter]
    sizes = {shape.size for shape in mine}
    if len(sizes) != 1 or (sizes != {1} and any(shape.free_units for shape in mine)):
        return None
    curves = [shape.curve.later(shape.free_units) for shape in mine]
    curves += [level(shape.at(0)) for shape in shapes if shape.meter != meter]
    curve = add_curves(curves)
    curve = curve if plan.minimum is None else curve.at_least(Fraction(plan.minimum))
    curve = curve if plan.maximum is None else curve.at_most(Fraction(plan.maximum))
    return Shape(meter, curve, sizes.pop())


def has_whole_prices(plan: Plan) -> bool:
    """Whether every amount of the plan is a whole number of minor units, so that nothing is ever
    rounded."""
    unit = 10 ** minor_digits(plan.currency)
    return all(
        (number * unit).denominator == 1
        for charge in plan.charges
        for shape in charge_shapes(charge)
        for piece in shape.curve.pieces
        for number in (piece.value, piece.slope)
    )


def _asked(amount: Fraction, plan: Plan) -> Fraction:
    if plan.rounding is Rounding.PER_PERIOD:
        return amount
    return Fraction(Money.of_minor(amount, plan.currency).amount_micro, 1_000_000)
