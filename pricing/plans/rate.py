"""Rating: from a plan and a usage to lines and a total, rounded once per line.

A line is one charge over the whole billing period. Bills in between are differences of ratings, so
however a period is cut, the bills add up to the bill of the whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from pricing.errors import CurrencyMismatch
from pricing.money import Money, sum_money
from pricing.plans.amounts import NOTHING, Part, charge_parts
from pricing.plans.charges import (
    Charge,
    Commitment,
    CostPlus,
    Flat,
    Free,
    Graduated,
    GraduatedPercentage,
    OneOff,
    Package,
    Percentage,
    PerUnit,
    Subscription,
    TieredPackage,
    UsageDiscount,
    Volume,
    charge_meters,
)
from pricing.plans.meters import Meter
from pricing.plans.model import Plan, Usage

PRECISE_DECIMALS: Final = 12


class LineKind(StrEnum):
    """Why a line is on the bill: the model of its charge, or a limit of the plan."""

    FREE = "free"
    FLAT = "flat"
    PER_UNIT = "per_unit"
    PACKAGE = "package"
    GRADUATED = "graduated"
    VOLUME = "volume"
    SUBSCRIPTION = "subscription"
    ONE_OFF = "one_off"
    TIERED_PACKAGE = "tiered_package"
    PERCENTAGE = "percentage"
    GRADUATED_PERCENTAGE = "graduated_percentage"
    COST_PLUS = "cost_plus"
    USAGE_DISCOUNT = "usage_discount"
    COMMITMENT = "commitment"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"


KINDS: Final[Mapping[type[Charge], LineKind]] = {
    Free: LineKind.FREE,
    Flat: LineKind.FLAT,
    PerUnit: LineKind.PER_UNIT,
    Package: LineKind.PACKAGE,
    Graduated: LineKind.GRADUATED,
    Volume: LineKind.VOLUME,
    Subscription: LineKind.SUBSCRIPTION,
    OneOff: LineKind.ONE_OFF,
    TieredPackage: LineKind.TIERED_PACKAGE,
    Percentage: LineKind.PERCENTAGE,
    GraduatedPercentage: LineKind.GRADUATED_PERCENTAGE,
    CostPlus: LineKind.COST_PLUS,
    UsageDiscount: LineKind.USAGE_DISCOUNT,
    Commitment: LineKind.COMMITMENT,
}


@dataclass(frozen=True, slots=True)
class RatingLine:
    """One line of a bill.

    `charge` is the position of the charge in the plan, None for a minimum or maximum line;
    `precise` is the exact amount in major units, `amount` the same rounded once to minor units.
    """

    kind: LineKind
    charge: int | None
    meter: Meter | None
    quantity: int
    parts: tuple[Part, ...]
    precise: Fraction
    amount: Money


@dataclass(frozen=True, slots=True)
class Rating:
    """Lines and their exact sum."""

    lines: tuple[RatingLine, ...]
    total: Money


def rate(plan: Plan, usage: Usage) -> Rating:
    """Rate the whole usage of a closed billing period, with minimum and maximum.

    Meters that no charge names cost nothing. Raises AmountTooLarge beyond 64-bit micro-units.
    """
    return _limited(plan, usage, plan.minimum)


def rate_interim(plan: Plan, usage: Usage) -> Rating:
    """Rate the usage so far in an open period: the minimum is only due when the period closes."""
    return _limited(plan, usage, None)


def increment(previous: Rating, current: Rating) -> Rating:
    """Return the bill that leads from what was billed before to what is due now.

    Lines may be negative (a volume tier was reached). For any cut of a period the increments add up
    to the rating of the whole, because no rounded amount is computed twice.
    """
    if previous.total.currency != current.total.currency:
        raise CurrencyMismatch(previous.total.currency, current.total.currency)
    billed = {(line.kind, line.charge): line for line in previous.lines}
    due = {(line.kind, line.charge): line for line in current.lines}
    lines = [_line_between(billed.get(key), line) for key, line in due.items()]
    lines += [_withdrawn(line) for key, line in billed.items() if key not in due]
    return _rating(lines, current.total.currency)


def rating_to_json(rating: Rating) -> dict[str, object]:
    """Write a rating as plain JSON values: rounded amounts, and precise ones to twelve decimals."""
    return {
        "currency": rating.total.currency,
        "lines": [_line_to_json(line) for line in rating.lines],
        "total": rating.total.format(),
    }


def _limited(plan: Plan, usage: Usage, minimum: Decimal | None) -> Rating:
    lines = [
        _line(index, charge, usage, plan.currency) for index, charge in enumerate(plan.charges)
    ]
    spend = sum_money([line.amount for line in lines], plan.currency)
    if minimum is not None and spend < Money.of(minimum, plan.currency):
        lines.append(_limit_line(LineKind.MINIMUM, Money.of(minimum, plan.currency) - spend))
    if plan.maximum is not None and Money.of(plan.maximum, plan.currency) < spend:
        lines.append(_limit_line(LineKind.MAXIMUM, Money.of(plan.maximum, plan.currency) - spend))
    return _rating(lines, plan.currency)


def _line(index: int, charge: Charge, usage: Usage, currency: str) -> RatingLine:
    parts = charge_parts(charge, usage)
    precise = sum((part.amount for part in parts), NOTHING)
    amount = Money.of_minor(precise, currency)
    meter = next(iter(charge_meters(charge)), None)
    quantity = 1 if meter is None else usage.of(meter)
    return RatingLine(KINDS[type(charge)], index, meter, quantity, parts, precise, amount)


def _limit_line(kind: LineKind, amount: Money) -> RatingLine:
    precise = Fraction(amount.amount_micro, 1_000_000)
    return RatingLine(kind, None, None, 1, (), precise, amount)


def _rating(lines: list[RatingLine], currency: str) -> Rating:
    return Rating(tuple(lines), sum_money([line.amount for line in lines], currency))


def _line_between(billed: RatingLine | None, due: RatingLine) -> RatingLine:
    if billed is None:
        return due
    return replace(
        due,
        quantity=due.quantity - billed.quantity,
        parts=(),
        precise=due.precise - billed.precise,
        amount=due.amount - billed.amount,
    )


def _withdrawn(line: RatingLine) -> RatingLine:
    return replace(
        line, quantity=-line.quantity, parts=(), precise=-line.precise, amount=-line.amount
    )


def _line_to_json(line: RatingLine) -> dict[str, object]:
    return {
        "kind": line.kind.value,
        "charge": line.charge,
        "meter": None if line.meter is None else line.meter.value,
        "quantity": line.quantity,
        "parts": [{"units": p.units, "precise": _precise_text(p.amount)} for p in line.parts],
        "precise": _precise_text(line.precise),
        "amount": line.amount.format(),
    }


def _precise_text(value: Fraction) -> str:
    scaled = round(value * 10**PRECISE_DECIMALS)
    whole, rest = divmod(abs(scaled), 10**PRECISE_DECIMALS)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{rest:0{PRECISE_DECIMALS}d}"
