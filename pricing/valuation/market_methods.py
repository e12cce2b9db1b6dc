"""The methods of the market approach: adjusted comparables and data sets, and predicted prices.

What a licence on the data would cost, times the licences that the owner can sell. Prices of deals,
and the distribution that they predict, are filled in from the comparables of the case.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from pricing.valuation.adjustments import Entry
from pricing.valuation.distributions import Array
from pricing.valuation.market.adjusted import ANNEX_2023, GUIDELINE_9, factor_lines
from pricing.valuation.methods import (
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

COEFFICIENT_MAX: Final = 1_000.0
ELASTICITY_MAX: Final = 2.0
LICENCES_MAX: Final = 1e6


def _comparables(draws: Draws, _: Options) -> Lines:
    coefficients = {name: draws[name] for name in GUIDELINE_9 if name in draws}
    if "capacity_elasticity" in draws and "row_ratios" in draws:
        coefficients["capacity"] = draws["row_ratios"] ** draws["capacity_elasticity"]
    if "exclusivity" in draws:
        coefficients["exclusivity"] = draws["exclusivity"]
    lines = factor_lines(draws["prices"], coefficients, _shares(draws))
    return _times(lines, draws["licences"])


def _data_sets(draws: Draws, _: Options) -> Lines:
    coefficients = {name: draws[name] for name in ANNEX_2023 if name in draws}
    return factor_lines(draws["prices"], coefficients, np.ones((1, 1)))


def _predicted(draws: Draws, _: Options) -> Lines:
    return _times({"predicted_price": draws["prediction"]}, draws["licences"])


def _times(lines: Lines, licences: Array) -> Lines:
    return {name: line * licences for name, line in lines.items()}


def _shares(draws: Draws) -> Array:
    return draws["shares"] if "shares" in draws else np.ones((1, 1))


def _factor_paper(names: Sequence[str]) -> Mapping[str, Column]:
    return {name: Column(name, Measure.FACTOR) for name in names}


def _adjusted_paper(draws: Draws, method: Method) -> WorkingPaper:
    """List each price with its coefficients, one row for each comparable or data set."""
    factors = [
        name
        for name in ("shares", *GUIDELINE_9, *ANNEX_2023, "row_ratios", "exclusivity")
        if name in draws
    ]
    factors = list(dict.fromkeys(factors))
    columns = (
        Column("parameter", Measure.TEXT),
        Column("price", Measure.AMOUNT),
        *_factor_paper(factors).values(),
    )
    rows = tuple(
        (name, float(draws["prices"][i, 0]), *(float(draws[each][i, 0]) for each in factors))
        for i, name in enumerate(method.arguments["prices"])
    )
    return WorkingPaper(columns, rows)


def _predicted_paper(draws: Draws, _: Method) -> WorkingPaper:
    """Show the predicted price of one licence and how many of them are counted."""
    columns = (Column("predicted_price", Measure.AMOUNT), Column("licences", Measure.FACTOR))
    return WorkingPaper(columns, ((float(draws["prediction"][0]), float(draws["licences"][0])),))


def _coefficient(risk: Risk | None = None) -> Argument:
    return Argument(
        Entry.COEFFICIENT, Shape.SERIES, high=COEFFICIENT_MAX, is_optional=True, risk=risk
    )


def _same_length(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple(("prices", name) for name in names)


_LICENCES: Final = Argument(Entry.COEFFICIENT, high=LICENCES_MAX, default=1.0)
_PREDICTED: Final[Mapping[str, Argument]] = {
    "prediction": Argument(Entry.PRICE, is_optional=True),
    "licences": _LICENCES,
}
_FILLED: Final = frozenset({"prediction"})
_GUIDELINE: Final = {name: _coefficient() for name in GUIDELINE_9}

MARKET_KINDS: Final[Mapping[str, Kind]] = {
    "adjusted_comparables": Kind(
        Approach.MARKET,
        {
            "prices": Argument(Entry.PRICE, Shape.SERIES, is_optional=True),
            "shares": Argument(Entry.COEFFICIENT, Shape.SERIES, high=1.0, is_optional=True),
            **_GUIDELINE,
            "capacity_elasticity": Argument(
                Entry.COEFFICIENT, high=ELASTICITY_MAX, is_optional=True
            ),
            "row_ratios": _coefficient(),
            "exclusivity": _coefficient(Risk.EXCLUSIVITY),
            "licences": _LICENCES,
        },
        _comparables,
        _adjusted_paper,
        Rules(
            at_most_one=(("capacity", "capacity_elasticity"),),
            same_length=_same_length(("shares", *GUIDELINE_9)),
        ),
        filled=frozenset({"row_ratios", "exclusivity"}),
        takes_deals=True,
    ),
    "adjusted_data_sets": Kind(
        Approach.MARKET,
        {
            "prices": Argument(Entry.PRICE, Shape.SERIES),
            **{
                name: _coefficient(Risk.QUALITY if name == "quality" else None)
                for name in ANNEX_2023
            },
        },
        _data_sets,
        _adjusted_paper,
        Rules(same_length=_same_length(ANNEX_2023)),
    ),
    "multiples": Kind(
        Approach.MARKET, _PREDICTED, _predicted, _predicted_paper, filled=_FILLED, takes_basis=True
    ),
    "hedonic": Kind(Approach.MARKET, _PREDICTED, _predicted, _predicted_paper, filled=_FILLED),
    "nearest_comparables": Kind(
        Approach.MARKET,
        _PREDICTED,
        _predicted,
        _predicted_paper,
        filled=_FILLED,
        takes_basis=True,
        takes_neighbours=True,
    ),
}
