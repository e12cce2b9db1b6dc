"""Repair of prices on a total: no quantity costs more than a larger one."""

from dataclasses import replace

from pricing.plans.certificate import PriceChange
from pricing.plans.charges import Charge, TieredPackage, Volume
from pricing.plans.model import Plan
from pricing.plans.shapes import charge_shapes


def repair(plan: Plan) -> tuple[Plan, tuple[PriceChange, ...]]:
    """Return the plan with every falling charge repaired, and what changed.

    A repaired charge asks the lowest list price of a quantity or any larger one: never above the
    list, and repairing again changes nothing.
    """
    charges: list[Charge] = []
    changes: list[PriceChange] = []
    for index, charge in enumerate(plan.charges):
        if isinstance(charge, Volume | TieredPackage) and _falls(charge):
            repaired = replace(charge, never_above_larger=True)
            charges.append(repaired)
            changes += _changes(index, charge, repaired)
        else:
            charges.append(charge)
    return replace(plan, charges=tuple(charges)), tuple(changes)


def _falls(charge: Volume | TieredPackage) -> bool:
    (shape,) = charge_shapes(charge)
    return not shape.curve.rises()


def _changes(
    index: int, charge: Volume | TieredPackage, repaired: Volume | TieredPackage
) -> list[PriceChange]:
    (listed,), (lowest,) = charge_shapes(charge), charge_shapes(repaired)
    starts = [listed.first_of(tier.up_to + 1) for tier in charge.tiers if tier.up_to is not None]
    changes: list[PriceChange] = []
    for start in starts:
        end = start - 1
        if lowest.at(end) < listed.at(end):
            cheaper = next(q for q in starts if q > end and listed.at(q) == lowest.at(end))
            changes.append(
                PriceChange(index, charge.meter, end, listed.at(end), cheaper, lowest.at(end))
            )
    return changes
