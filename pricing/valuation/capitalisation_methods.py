"""The methods of the income approach that capitalise one year's income without end."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from pricing.valuation.adjustments import Entry
from pricing.valuation.distributions import Array
from pricing.valuation.income import capitalised, contributory_charge
from pricing.valuation.methods import (
    INFINITE,
    RATE_MAX,
    RATE_MIN,
    Approach,
    Argument,
    Column,
    Draws,
    Kind,
    Lines,
    Measure,
    Method,
    Options,
    Rules,
    Shape,
    WorkingPaper,
)
from pricing.valuation.risks import Risk

Parts = dict[str, Array]
"""What next year's income is made of; the parts add up to it."""
IncomeParts = Callable[[Draws], Parts]


def _income(draws: Draws) -> Parts:
    return _taxed({"income": draws["income"]}, draws)


def _royalty(draws: Draws) -> Parts:
    return _taxed({"royalty": draws["revenue"] * draws["royalty_rate"]}, draws)


def _excess(draws: Draws) -> Parts:
    """Earnings after tax less the charges for the other assets, which are returns after tax."""
    charge = contributory_charge(draws["assets"], draws["required_returns"])
    return {"earnings": draws["earnings"], "contributory_charge": -charge}


def _taxed(parts: Parts, draws: Draws) -> Parts:
    """Add the tax on the parts, if there is a rate; without one the income is after tax already."""
    if "tax_rate" not in draws:
        return parts
    (before,) = parts.values()
    return {**parts, "tax": -before * draws["tax_rate"]}


def _lines(income: IncomeParts, draws: Draws, _: Options) -> Lines:
    rate, growth = draws["capitalisation_rate"], draws["growth_rate"]
    kept = draws["quality_coefficient"]
    return {
        f"capitalised_{name}": capitalised(part * kept, rate, growth)
        for name, part in income(draws).items()
    }


def _paper(income: IncomeParts, draws: Draws, method: Method) -> WorkingPaper:
    columns = (
        Column("part", Measure.TEXT),
        Column("amount", Measure.AMOUNT),
        Column("quality_coefficient", Measure.FACTOR),
        Column("rate_less_growth", Measure.FACTOR),
        Column("present_value", Measure.AMOUNT),
    )
    divisor = float(draws["capitalisation_rate"][0] - draws["growth_rate"][0])
    kept = float(draws["quality_coefficient"][0])
    lines = _lines(income, draws, method.options)
    return WorkingPaper(
        columns,
        tuple(
            (name, float(part[0]), kept, divisor, float(lines[f"capitalised_{name}"][0]))
            for name, part in income(draws).items()
        ),
    )


_AMOUNT: Final = Argument(Entry.CASH_FLOW)
_TAX: Final = Argument(Entry.CASH_FLOW, high=0.99, is_optional=True)
_COMMON: Final[Mapping[str, Argument]] = {
    # A capitalisation rate near zero would make any income worth more than everything.
    "capitalisation_rate": Argument(Entry.RATE, Shape.SUM, low=RATE_MIN, high=RATE_MAX),
    "growth_rate": Argument(Entry.CASH_FLOW, low=-1.0, high=1.0, default=0.0),
    "quality_coefficient": Argument(Entry.CASH_FLOW, high=1.0, default=1.0, risk=Risk.QUALITY),
}
_BELOW: Final = (("growth_rate", "capitalisation_rate"),)


def _capitalised(income: IncomeParts, arguments: Mapping[str, Argument], rules: Rules) -> Kind:
    return Kind(
        Approach.INCOME,
        {**arguments, **_COMMON},
        partial(_lines, income),
        partial(_paper, income),
        rules,
    )


CAPITALISATION_KINDS: Final[Mapping[str, Kind]] = {
    "capitalised_income": _capitalised(
        _income,
        {"income": Argument(Entry.CASH_FLOW, low=-INFINITE), "tax_rate": _TAX},
        Rules(below=_BELOW),
    ),
    "capitalised_royalty": _capitalised(
        _royalty,
        {
            "revenue": _AMOUNT,
            "royalty_rate": Argument(Entry.CASH_FLOW, high=1.0),
            "tax_rate": _TAX,
        },
        Rules(below=_BELOW),
    ),
    "excess_earnings": _capitalised(
        _excess,
        {
            "earnings": Argument(Entry.CASH_FLOW, low=-INFINITE),
            "assets": Argument(Entry.CASH_FLOW, Shape.SERIES),
            "required_returns": Argument(Entry.RATE, Shape.SERIES, high=RATE_MAX),
        },
        Rules(same_length=(("assets", "required_returns"),), below=_BELOW),
    ),
}
