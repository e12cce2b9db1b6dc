"""The valuation methods by name: what each needs, within which bounds, and the lines it gives.

A method is a pure function from draws of its arguments to named lines whose sum is the value, so
the sampling, the tornado and the report need to know nothing about any single method.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from pricing.valuation.cost import remaining_share, replacement_cost
from pricing.valuation.income import (
    Timing,
    capitalised,
    contributory_charge,
    present_value,
    royalty_savings,
    tax_amortisation_factor,
)
from pricing.valuation.parameters import Array

INFINITE: Final = float("inf")
RATE_MIN: Final = 1e-6


class Approach(StrEnum):
    """The family of a method; cost is a floor where there is evidence of income."""

    COST = "cost"
    INCOME = "income"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a method: one figure or a series, within inclusive bounds."""

    is_series: bool = False
    low: float = 0.0
    high: float = INFINITE
    default: float | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """Choices that change a formula: when flows arrive, and the life of the tax amortisation."""

    timing: Timing = Timing.END_YEAR
    tax_amortisation_years: int | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """One indication of value: a kind of method and the parameters its arguments refer to."""

    name: str
    kind: str
    arguments: Mapping[str, tuple[str, ...]]
    options: Options = Options()


Draws = Mapping[str, Array]
Lines = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of method: approach, arguments, and the function from draws to lines."""

    approach: Approach
    arguments: Mapping[str, Argument]
    compute: Callable[[Draws, Options], Lines]
    takes_tax_amortisation: bool = False


def _replacement(draws: Draws, _: Options) -> Lines:
    cost, profit = replacement_cost(draws["items"], draws["profit_rate"])
    share = remaining_share(draws["obsolescence"], draws["age_years"], draws["half_life_years"])
    return {"cost": cost, "profit": profit, "obsolescence": (cost + profit) * (share - 1.0)}


def _direct(draws: Draws, options: Options) -> Lines:
    flows, rate = draws["cash_flows"], draws["discount_rate"]
    return {"present_value": present_value(flows, rate, options.timing)}


def _relief(draws: Draws, options: Options) -> Lines:
    rate, tax_rate = draws["discount_rate"], draws["tax_rate"]
    savings = royalty_savings(draws["revenue"], draws["royalty_rate"], tax_rate)
    value = present_value(savings, rate, options.timing)
    if options.tax_amortisation_years is None:
        return {"present_value": value}
    factor = tax_amortisation_factor(rate, tax_rate, options.tax_amortisation_years, options.timing)
    return {"present_value": value, "tax_amortisation_benefit": value * (factor - 1.0)}


def _capitalised_royalty(draws: Draws, _: Options) -> Lines:
    royalty = draws["revenue"] * draws["royalty_rate"]
    return {"capitalised_royalty": capitalised(royalty, draws["capitalisation_rate"])}


def _excess_earnings(draws: Draws, _: Options) -> Lines:
    rate = draws["capitalisation_rate"]
    charge = contributory_charge(draws["assets"], draws["required_returns"])
    return {
        "capitalised_earnings": capitalised(draws["earnings"], rate),
        "contributory_charge": -capitalised(charge, rate),
    }


def _with_and_without(draws: Draws, options: Options) -> Lines:
    rate = draws["discount_rate"]
    return {
        "with_the_data": present_value(draws["with_asset"], rate, options.timing),
        "without_the_data": -present_value(draws["without_asset"], rate, options.timing),
    }


_AMOUNT: Final = Argument()
_AMOUNTS: Final = Argument(is_series=True)
_FLOWS: Final = Argument(is_series=True, low=-INFINITE)
_SHARE: Final = Argument(high=1.0)
_DISCOUNT: Final = Argument(high=10.0)
# A capitalisation rate near zero would make any income worth more than everything.
_CAPITALISATION: Final = Argument(low=RATE_MIN, high=10.0)

KINDS: Final[Mapping[str, Kind]] = {
    "replacement_cost": Kind(
        Approach.COST,
        {
            "items": _AMOUNTS,
            "profit_rate": Argument(high=10.0, default=0.0),
            "obsolescence": Argument(is_series=True, high=1.0, default=0.0),
            "age_years": Argument(high=1_000.0, default=0.0),
            "half_life_years": Argument(low=RATE_MIN, default=INFINITE),
        },
        _replacement,
    ),
    "direct_forecast": Kind(
        Approach.INCOME, {"cash_flows": _FLOWS, "discount_rate": _DISCOUNT}, _direct
    ),
    "relief_from_royalty": Kind(
        Approach.INCOME,
        {
            "revenue": _AMOUNTS,
            "royalty_rate": _SHARE,
            "tax_rate": Argument(high=0.99),
            "discount_rate": _DISCOUNT,
        },
        _relief,
        takes_tax_amortisation=True,
    ),
    "capitalised_royalty": Kind(
        Approach.INCOME,
        {"revenue": _AMOUNT, "royalty_rate": _SHARE, "capitalisation_rate": _CAPITALISATION},
        _capitalised_royalty,
    ),
    "excess_earnings": Kind(
        Approach.INCOME,
        {
            "earnings": Argument(low=-INFINITE),
            "assets": _AMOUNTS,
            "required_returns": Argument(is_series=True, high=10.0),
            "capitalisation_rate": _CAPITALISATION,
        },
        _excess_earnings,
    ),
    "with_and_without": Kind(
        Approach.INCOME,
        {"with_asset": _FLOWS, "without_asset": _FLOWS, "discount_rate": _DISCOUNT},
        _with_and_without,
    ),
}

SAME_LENGTH: Final = (("assets", "required_returns"), ("with_asset", "without_asset"))
"""Series that pair up element by element."""


def compute(method: Method, parameters: Mapping[str, Array], draws: int) -> Lines:
    """Return the lines of a method over all draws of the parameters it refers to."""
    kind = KINDS[method.kind]
    arrays: dict[str, Array] = {}
    for name, argument in kind.arguments.items():
        names = method.arguments.get(name)
        if names is None:
            missing = np.full(draws, argument.default, dtype=np.float64)
            arrays[name] = missing[np.newaxis] if argument.is_series else missing
        else:
            drawn = np.stack([parameters[each] for each in names])
            arrays[name] = drawn if argument.is_series else drawn[0]
    return kind.compute(arrays, method.options)
