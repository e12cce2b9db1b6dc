"""Bounds of what a plan may say: prices, counts and tiers, each refused with its field named."""

from decimal import Decimal
from typing import Final

from pricing.errors import InvalidInput
from pricing.plans.meters import MONEY_METERS, Meter

QUANTITY_MAX: Final = 10**18
PRICE_MAX: Final = Decimal(10) ** 12
PRICE_DECIMALS_MAX: Final = 12
AMOUNT_DECIMALS_MAX: Final = 6


def check_price(price: Decimal, name: str) -> None:
    """Refuse a price below zero, beyond `PRICE_MAX` or with more than twelve decimals."""
    if not price.is_finite() or not 0 <= price <= PRICE_MAX:
        raise InvalidInput(name, f"must be from 0 to {PRICE_MAX}")
    _check_decimals(price, name, PRICE_DECIMALS_MAX)


def check_share(share: Decimal, name: str) -> None:
    """Refuse a share of an amount that is not from 0 to 1."""
    check_price(share, name)
    if share > 1:
        raise InvalidInput(name, "must be from 0 to 1, such as 0.012 for 1.2 %")


def check_amount(amount: Decimal, name: str) -> None:
    """Refuse an amount of money that is not a whole number of micro-units."""
    check_price(amount, name)
    _check_decimals(amount, name, AMOUNT_DECIMALS_MAX)


def check_count(count: int, name: str, *, low: int) -> None:
    """Refuse what is not a whole number from `low` to `QUANTITY_MAX`."""
    if type(count) is not int or not low <= count <= QUANTITY_MAX:
        raise InvalidInput(name, f"must be a whole number from {low} to {QUANTITY_MAX}")


def check_unit_meter(meter: Meter) -> None:
    """Refuse a meter of money where units are priced."""
    if meter in MONEY_METERS:
        problem = f"{meter} is an amount of money; price it by percentage or cost_plus"
        raise InvalidInput("meter", problem)


def _check_decimals(value: Decimal, name: str, at_most: int) -> None:
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > at_most:
        raise InvalidInput(name, f"must have at most {at_most} decimals")
