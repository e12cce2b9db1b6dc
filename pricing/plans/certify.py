"""Certificates: a plan is proved safe, repaired, or refused with a counterexample in numbers.

Safe means that the exact price (before the one rounding per line) never falls when more is bought,
and that two purchases never cost less than one of the same total. The rules are those of arbitrage-
free query pricing: Koutris et al., "Query-Based Data Pricing" (monotone and subadditive prices).
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from pricing.plans.amounts import NOTHING, charge_amount
from pricing.plans.curve import Curve, add_curves, charge_curve, cheaper_apart
from pricing.plans.model import (
    Charge,
    Flat,
    Free,
    Graduated,
    Meter,
    Package,
    PerUnit,
    Plan,
    Volume,
)


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Two purchases of `first` and `second` units that cost less than one of both together."""

    meter: Meter
    first: int
    second: int
    price_apart: Fraction
    price_together: Fraction


@dataclass(frozen=True, slots=True)
class PriceChange:
    """What a repair did where it matters most: at the last quantity of a tier of a charge.

    On the list `quantity` costs `list_price`, but `cheaper_quantity`, which is more, costs only
    `repaired_price`.
    """

    charge: int
    meter: Meter
    quantity: int
    list_price: Fraction
    cheaper_quantity: int
    repaired_price: Fraction


@dataclass(frozen=True, slots=True)
class Proved:
    """The plan cannot be gamed; `rules` are ids of `pricing.plans.explain.RULES` that prove it."""

    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repaired:
    """The plan could be gamed; `plan` cannot, never asks more, and `rules` prove it."""

    plan: Plan
    changes: tuple[PriceChange, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """The plan can be gamed, or (without counterexample) no rule proves that it cannot."""

    counterexample: Counterexample | None


Certificate = Proved | Repaired | Rejected

_CHARGE_RULES: Final[dict[type[Charge], str]] = {
    Free: "free",
    Flat: "flat",
    PerUnit: "per_unit.proportional",
    Package: "package.whole_packages",
    Graduated: "graduated.tier_ends",
    Volume: "volume.tier_ends",
}


def certify(plan: Plan) -> Certificate:
    """Prove, repair or reject a plan by exact checks at the tier ends; nothing is sampled.

    Volume tiers whose price falls at a tier end are repaired; a plan that is cheaper in parts is
    rejected, because only the provider can say which prices were meant.
    """
    repaired, changes = _repair(plan)
    rules = _proof(repaired)
    if rules is None:
        return Rejected(_counterexample(_judged(plan), _judged(repaired)))
    return Repaired(repaired, changes, rules) if changes else Proved(rules)


def _repair(plan: Plan) -> tuple[Plan, tuple[PriceChange, ...]]:
    charges: list[Charge] = []
    changes: list[PriceChange] = []
    for index, charge in enumerate(plan.charges):
        found = _changes(index, charge) if isinstance(charge, Volume) else []
        charges.append(_never_above_larger(charge) if found else charge)
        changes += found
    return replace(plan, charges=tuple(charges)), tuple(changes)


def _never_above_larger(charge: Charge) -> Charge:
    return replace(charge, never_above_larger=True) if isinstance(charge, Volume) else charge


def _changes(index: int, charge: Volume) -> list[PriceChange]:
    if charge.never_above_larger or charge_curve(charge).rises():
        return []
    repaired = replace(charge, never_above_larger=True)
    starts = [tier.up_to + 1 for tier in charge.tiers if tier.up_to is not None]
    changes: list[PriceChange] = []
    for start in starts:
        end = start - 1
        listed, lowest = charge_amount(charge, end), charge_amount(repaired, end)
        if lowest < listed:
            cheaper = next(q for q in starts if q > end and charge_amount(charge, q) == lowest)
            changes.append(PriceChange(index, charge.meter, end, listed, cheaper, lowest))
    return changes


def _proof(plan: Plan) -> tuple[str, ...] | None:
    """Return the rules that prove the plan, or None when none of them does."""
    judged = _judged(plan)
    rules = ["allowance.one_per_legal_entity"] if judged != plan else []
    if all(_is_safe(charge) for charge in judged.charges):
        # dict keeps the order of the charges and drops repeated rules.
        rules += dict.fromkeys(_CHARGE_RULES[type(charge)] for charge in judged.charges)
        rules += ["sum"] if len(plan.charges) > 1 else []
    elif (whole := _whole_curve(judged)) is not None and cheaper_apart(whole) is None:
        return (*rules, "whole_plan.tier_ends")
    else:
        return None
    rules += ["minimum"] if plan.minimum is not None else []
    rules += ["maximum"] if plan.maximum is not None else []
    return tuple(rules)


def _judged(plan: Plan) -> Plan:
    """Return the plan without free units where a second account cannot get them a second time."""
    if not plan.one_allowance_per_legal_entity:
        return plan
    return replace(
        plan,
        charges=tuple(
            replace(charge, free_units=0) if isinstance(charge, PerUnit | Package) else charge
            for charge in plan.charges
        ),
    )


def _is_safe(charge: Charge) -> bool:
    if isinstance(charge, Package):
        return charge.free_units == 0 or charge.price == 0
    return cheaper_apart(charge_curve(charge)) is None


def _whole_curve(plan: Plan) -> Curve | None:
    """Return the whole plan as one curve if it has a single meter and no endless steps."""
    if len(plan.meters) != 1:
        return None
    return _section(plan, plan.meters[0])


def _section(plan: Plan, meter: Meter) -> Curve | None:
    """Return the price of one meter when the others count nothing, or None with packages."""
    curves: list[Curve] = []
    for charge in plan.charges:
        if isinstance(charge, Free | Flat):
            curves.append(charge_curve(charge))
        elif charge.meter == meter:
            if isinstance(charge, Package):
                return None
            curves.append(charge_curve(charge))
    curve = add_curves(curves)
    curve = curve if plan.minimum is None else curve.at_least(Fraction(plan.minimum))
    return curve if plan.maximum is None else curve.at_most(Fraction(plan.maximum))


def _counterexample(plan: Plan, repaired: Plan) -> Counterexample | None:
    """Return the first suspected pair that the plan as given really prices cheaper in parts."""
    for meter, first, second in _suspects(plan) + _suspects(repaired):
        # Someone may order more than needed and drop the rest: take the cheapest way to get each.
        pair = sorted(_cheapest_at_least(plan, meter, units) for units in (first, second))
        for a, b in ((first, second), (pair[0], pair[1])):
            apart = _price(plan, meter, a) + _price(plan, meter, b)
            together = _price(plan, meter, a + b)
            if apart < together:
                return Counterexample(meter, a, b, apart, together)
    return None


def _suspects(plan: Plan) -> list[tuple[Meter, int, int]]:
    found: list[tuple[Meter, int, int]] = []
    for meter in plan.meters:
        section = _section(plan, meter)
        pair = None if section is None else cheaper_apart(section)
        found += [] if pair is None else [(meter, *pair)]
    for charge in plan.charges:
        if not isinstance(charge, Free | Flat) and not _is_safe(charge):
            found.append((charge.meter, *_cheaper_parts(charge)))
    return found


def _cheaper_parts(charge: PerUnit | Package | Graduated | Volume) -> tuple[int, int]:
    if isinstance(charge, Package):
        return charge.free_units, charge.free_units
    pair = cheaper_apart(charge_curve(charge))
    assert pair is not None, "only charges that are not safe are taken apart"  # noqa: S101
    return pair


def _cheapest_at_least(plan: Plan, meter: Meter, units: int) -> int:
    starts = [
        tier.up_to + 1
        for charge in plan.charges
        if isinstance(charge, Volume) and charge.meter == meter
        for tier in charge.tiers
        if tier.up_to is not None and tier.up_to >= units
    ]
    return min([units, *starts], key=lambda quantity: (_price(plan, meter, quantity), quantity))


def _price(plan: Plan, meter: Meter, quantity: int) -> Fraction:
    """Return the exact price of a quantity of one meter when the others count nothing."""
    spend = NOTHING
    for charge in plan.charges:
        is_counted = isinstance(charge, Free | Flat) or charge.meter == meter
        spend += charge_amount(charge, quantity if is_counted else 0)
    spend = spend if plan.minimum is None else max(spend, Fraction(plan.minimum))
    return spend if plan.maximum is None else min(spend, Fraction(plan.maximum))
