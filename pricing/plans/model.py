"""A price plan: charges added up for one billing period, and the usage that it is rated with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from pricing.errors import InvalidInput
from pricing.money import Money, minor_digits
from pricing.plans.bounds import check_count, check_price
from pricing.plans.charges import Charge, Free, charge_meters, charge_tiers
from pricing.plans.meters import Meter

CHARGES_MAX: Final = 20
TIERS_TOTAL_MAX: Final = 200
"""Tiers of all charges of a plan: certification compares them in pairs, exactly."""


class Rounding(StrEnum):
    """When a line is rounded to minor units: once for the period, or for each purchase in it."""

    PER_PERIOD = "per_period"
    PER_PURCHASE = "per_purchase"


@dataclass(frozen=True, slots=True)
class Plan:
    """Charges added up for one billing period, then held between a minimum and a maximum.

    `one_allowance_per_legal_entity` states that free units are granted once to each verified legal
    entity, so that opening a second account gives no second allowance. `rounding` per purchase is a
    wish that no certificate grants, unless no amount of the plan needs rounding.
    """

    currency: str
    charges: tuple[Charge, ...]
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    one_allowance_per_legal_entity: bool = False
    rounding: Rounding = Rounding.PER_PERIOD

    def __post_init__(self) -> None:
        minor_digits(self.currency)
        if not 1 <= len(self.charges) <= CHARGES_MAX:
            raise InvalidInput("charges", f"must have 1 to {CHARGES_MAX} elements")
        if sum(map(charge_tiers, self.charges)) > TIERS_TOTAL_MAX:
            raise InvalidInput("charges", f"must have at most {TIERS_TOTAL_MAX} tiers altogether")
        is_free = any(isinstance(charge, Free) for charge in self.charges)
        limits = [("minimum", self.minimum), ("maximum", self.maximum)]
        if is_free and (len(self.charges) > 1 or self.minimum or self.maximum):
            raise InvalidInput("charges", "a free plan has no other charge, minimum or maximum")
        for name, limit in limits:
            if limit is not None:
                _check_limit(limit, name, self.currency)
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise InvalidInput("maximum", "must not be below the minimum")

    @property
    def meters(self) -> tuple[Meter, ...]:
        """The meters that change the price, in the order of `Meter`."""
        used = {meter for charge in self.charges for meter in charge_meters(charge)}
        return tuple(meter for meter in Meter if meter in used)


@dataclass(frozen=True, slots=True)
class Usage:
    """Whole units counted by each meter since the start of the billing period."""

    quantities: Mapping[Meter, int] = field(default_factory=dict[Meter, int])

    def __post_init__(self) -> None:
        for meter, quantity in self.quantities.items():
            check_count(quantity, f"usage.{meter}", low=0)

    def of(self, meter: Meter) -> int:
        """Return the units of a meter; a meter without entry counted nothing."""
        return self.quantities.get(meter, 0)


def _check_limit(limit: Decimal, name: str, currency: str) -> None:
    check_price(limit, name)
    # A limit between two minor units could not be met exactly by a rounded total.
    if limit * 10 ** minor_digits(currency) % 1 or not Money.of(limit, currency).is_whole_minor:
        raise InvalidInput(name, f"must be a whole number of minor units of {currency}")
