"""Free units of a plan: whether it grants any, and the plan without them."""

from dataclasses import replace
from decimal import Decimal

from pricing.plans.charges import Charge, Package, Percentage, PerUnit, UsageDiscount
from pricing.plans.model import Plan


def grants_allowance(plan: Plan) -> bool:
    """Whether some first units, events or amount cost nothing that others would pay for."""
    return without_allowance(plan) != plan


def without_allowance(plan: Plan) -> Plan:
    """Return the plan for somebody who had the allowance already: every unit is charged."""
    return replace(plan, charges=tuple(_without(charge) for charge in plan.charges))


def _without(charge: Charge) -> Charge:
    match charge:
        case PerUnit() | Package() | UsageDiscount():
            return replace(charge, free_units=0)
        case Percentage():
            return replace(charge, free_amount=Decimal(0), free_events=0)
        case _:
            return charge
