"""Certificates: a plan is proved safe, repaired, or refused with a counterexample in numbers.

Safe means that the exact price (before the one rounding per line) never falls when more is bought,
and that two purchases never cost less than one of the same total. The rules are those of arbitrage-
free query pricing: Koutris et al., "Query-Based Data Pricing" (monotone and subadditive prices).
"""

from typing import Final

from pricing.plans.allowances import without_allowance
from pricing.plans.certificate import Certificate, Proved, Rejected, Repaired
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
)
from pricing.plans.counterexamples import counterexample, rounding_counterexample
from pricing.plans.curve import is_subadditive
from pricing.plans.model import Plan, Rounding
from pricing.plans.prices import has_whole_prices, section
from pricing.plans.repair import repair
from pricing.plans.shapes import Shape, charge_shapes

_CHARGE_RULES: Final[dict[type[Charge], str]] = {
    Free: "free",
    Flat: "flat",
    OneOff: "one_off",
    PerUnit: "per_unit.proportional",
    Package: "package.whole_packages",
    Graduated: "graduated.tier_ends",
    Volume: "volume.tier_ends",
    TieredPackage: "tiered_package.tier_ends",
    Percentage: "percentage.proportional",
    GraduatedPercentage: "graduated_percentage.tier_ends",
    CostPlus: "cost_plus.proportional",
    UsageDiscount: "usage_discount.tier_ends",
    Commitment: "commitment.tier_ends",
}


def certify(plan: Plan) -> Certificate:
    """Prove, repair or reject a plan by exact checks at the tier ends; nothing is sampled.

    Volume tiers whose price falls at a tier end are repaired; a plan that is cheaper in parts is
    rejected, because only the provider can say which prices were meant.
    """
    if plan.rounding is Rounding.PER_PURCHASE and not has_whole_prices(plan):
        return Rejected(rounding_counterexample(plan), "rounding.per_purchase")
    repaired, changes = repair(plan)
    rules = _proof(repaired)
    if rules is None:
        found = counterexample(_judged(plan), _judged(repaired))
        return Rejected(found, _reason(repaired))
    return Repaired(repaired, changes, rules) if changes else Proved(rules)


def _proof(plan: Plan) -> tuple[str, ...] | None:
    """Return the rules that prove the plan, or None when none of them does."""
    judged = _judged(plan)
    rules = ["allowance.one_per_legal_entity"] if judged != plan else []
    rules += ["rounding.whole_prices"] if plan.rounding is Rounding.PER_PURCHASE else []
    if all(_is_safe(shape) for charge in judged.charges for shape in charge_shapes(charge)):
        # dict keeps the order of the charges and drops repeated rules.
        rules += dict.fromkeys(_rule(charge) for charge in judged.charges)
        rules += ["sum"] if len(plan.charges) > 1 else []
    elif _is_safe_as_a_whole(judged):
        return (*rules, "whole_plan.tier_ends")
    else:
        return None
    rules += ["minimum"] if plan.minimum is not None else []
    rules += ["maximum"] if plan.maximum is not None else []
    return tuple(rules)


def _rule(charge: Charge) -> str:
    if isinstance(charge, Subscription):
        return "subscription.by_days" if charge.prorated else "subscription.whole_spans"
    return _CHARGE_RULES[type(charge)]


def _judged(plan: Plan) -> Plan:
    """Return the plan without free units where a second account cannot get them a second time."""
    return without_allowance(plan) if plan.one_allowance_per_legal_entity else plan


def _reason(plan: Plan) -> str:
    bound = without_allowance(plan)
    if bound != plan and _proof(bound) is not None:
        return "allowance.unbound"
    return "unproved"


def _is_safe(shape: Shape) -> bool:
    # A price over started packages is safe exactly when the price over their number is:
    # ceil((a + b) / size) <= ceil(a / size) + ceil(b / size), with equality for whole packages.
    if shape.free_units:
        return shape.costs_nothing
    return shape.curve.rises() and is_subadditive(shape.curve)


def _is_safe_as_a_whole(plan: Plan) -> bool:
    """Whether a plan of a single meter, seen as one curve, is safe although its charges are not."""
    if len(plan.meters) != 1:
        return False
    whole = section(plan, plan.meters[0])
    return whole is not None and whole.curve.rises() and is_subadditive(whole.curve)
