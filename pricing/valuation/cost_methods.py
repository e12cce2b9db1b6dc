"""The methods of the cost approach: replacement, reproduction, and two Chinese forms.

Replacement is the cost of data of equal use made with today's means; reproduction that of the same
data made again. They are kinds of their own, so that the choice is explicit and shown.
"""

from collections.abc import Mapping
from typing import Final

from pricing.valuation.adjustments import Entry
from pricing.valuation.cost import fresh_share, losses, opportunity_cost, straight_line_share
from pricing.valuation.distributions import Array
from pricing.valuation.methods import (
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

YEARS_MAX: Final = 1_000.0
COEFFICIENT_MAX: Final = 10.0

OBSOLESCENCE: Final[Mapping[str, Risk]] = {
    "physical_obsolescence": Risk.PHYSICAL_OBSOLESCENCE,
    "functional_obsolescence": Risk.FUNCTIONAL_OBSOLESCENCE,
    "technological_obsolescence": Risk.TECHNOLOGICAL_OBSOLESCENCE,
    "economic_obsolescence": Risk.ECONOMIC_OBSOLESCENCE,
}
COEFFICIENTS: Final[Mapping[str, Risk]] = {
    "quality_coefficient": Risk.QUALITY,
    "circulation_coefficient": Risk.LIQUIDITY,
    "realisation_coefficient": Risk.REALISATION,
    "compliance_coefficient": Risk.COMPLIANCE,
}
_COST_SERIES: Final = ("items", "taxes")


def _depreciated(draws: Draws, _: Options) -> Lines:
    lines = _new(draws)
    shares = {name: draws[name] for name in OBSOLESCENCE if name in draws}
    aged = _aged_share(draws)
    if aged is not None:
        shares["ageing"] = 1.0 - aged
    return {**lines, **losses(_total(lines), shares)}


def _adjusted_cost(draws: Draws, _: Options) -> Lines:
    """C x delta, delta the product of the coefficients given.

    Source: China Appraisal Society, guiding opinions on data asset valuation (2023), annex, cost
    method; not verified against the text.
    """
    lines = _new(draws)
    shares = {name: 1.0 - draws[name] for name in COEFFICIENTS if name in draws}
    return {**lines, **losses(_total(lines), shares)}


def _total_cost_utility(draws: Draws, _: Options) -> Lines:
    """TC x (1 + R) x U with U = alpha x beta x (1 + l) x (1 - r).

    Source: China Appraisal Society, expert guideline no. 9, cost method; P = TC x (1 + R) x U as in
    secondary texts, the parts of U not verified against the text.
    """
    cost = draws["items"].sum(axis=0)
    earned = cost * draws["return_rate"]
    utility = draws["alpha"] * draws["beta"] * (1.0 + draws["l"]) * (1.0 - draws["r"])
    return {"cost": cost, "return": earned, "utility": (cost + earned) * (utility - 1.0)}


def _new(draws: Draws) -> Lines:
    """Return the lines of what it takes to make the data again."""
    cost = draws["items"].sum(axis=0)
    lines: Lines = {"cost": cost}
    if "profit_rate" in draws:
        lines["profit"] = cost * draws["profit_rate"]
    if "opportunity_cost" in draws:
        lines["opportunity_cost"] = draws["opportunity_cost"]
    elif "opportunity_rate" in draws:
        lines["opportunity_cost"] = opportunity_cost(
            cost, draws["opportunity_rate"], draws["opportunity_years"]
        )
    if "taxes" in draws:
        lines["taxes"] = draws["taxes"].sum(axis=0)
    return lines


def _total(lines: Lines) -> Array:
    first, *others = lines.values()
    return sum(others, first)


def _aged_share(draws: Draws) -> Array | None:
    if "newness_rate" in draws:
        return draws["newness_rate"]
    if "life_years" in draws:
        return straight_line_share(draws["age_years"], draws["life_years"])
    if "half_life_years" in draws:
        return fresh_share(draws["age_years"], draws["half_life_years"])
    return None


def _paper(draws: Draws, method: Method) -> WorkingPaper:
    """List the cost items and taxes by the name of their parameter."""
    columns = (
        Column("argument", Measure.TEXT),
        Column("parameter", Measure.TEXT),
        Column("amount", Measure.AMOUNT),
    )
    return WorkingPaper(
        columns,
        tuple(
            (argument, name, float(draws[argument][index, 0]))
            for argument in _COST_SERIES
            for index, name in enumerate(method.arguments.get(argument, ()))
        ),
    )


def _coefficient(risk: Risk | None, *, high: float = 1.0) -> Argument:
    return Argument(Entry.COEFFICIENT, high=high, is_optional=True, risk=risk)


def _years(low: float = 0.0) -> Argument:
    return Argument(Entry.COEFFICIENT, low=low, high=YEARS_MAX, is_optional=True)


_ITEMS: Final = Argument(Entry.COST, Shape.SERIES)
_NEW: Final[Mapping[str, Argument]] = {
    "items": _ITEMS,
    "profit_rate": Argument(Entry.RATE, high=RATE_MAX, is_optional=True),
    "opportunity_cost": Argument(Entry.COST, is_optional=True),
    "opportunity_rate": Argument(Entry.RATE, Shape.SUM, high=RATE_MAX, is_optional=True),
    "opportunity_years": Argument(Entry.COST, high=YEARS_MAX, is_optional=True),
    "taxes": Argument(Entry.COST, Shape.SERIES, is_optional=True),
}
_AGEING: Final[Mapping[str, Argument]] = {
    "newness_rate": _coefficient(Risk.PHYSICAL_OBSOLESCENCE),
    "age_years": _years(),
    "life_years": Argument(
        Entry.COEFFICIENT,
        low=RATE_MIN,
        high=YEARS_MAX,
        is_optional=True,
        risk=Risk.PHYSICAL_OBSOLESCENCE,
    ),
    "half_life_years": Argument(
        Entry.COEFFICIENT, low=RATE_MIN, is_optional=True, risk=Risk.FRESHNESS
    ),
}
_NEW_RULES: Final = Rules(
    at_most_one=(("opportunity_cost", "opportunity_rate"),),
    needs=(
        ("opportunity_rate", ("opportunity_years",)),
        ("opportunity_years", ("opportunity_rate",)),
    ),
)
_DEPRECIATED: Final = Kind(
    Approach.COST,
    {**_NEW, **{name: _coefficient(risk) for name, risk in OBSOLESCENCE.items()}, **_AGEING},
    _depreciated,
    _paper,
    Rules(
        at_most_one=(
            *_NEW_RULES.at_most_one,
            ("newness_rate", "life_years", "half_life_years"),
        ),
        needs=(
            *_NEW_RULES.needs,
            ("age_years", ("life_years", "half_life_years")),
            ("life_years", ("age_years",)),
            ("half_life_years", ("age_years",)),
        ),
    ),
)

COST_KINDS: Final[Mapping[str, Kind]] = {
    "replacement_cost": _DEPRECIATED,
    "reproduction_cost": _DEPRECIATED,
    "adjusted_cost": Kind(
        Approach.COST,
        {
            **_NEW,
            **{
                name: _coefficient(risk, high=COEFFICIENT_MAX)
                for name, risk in COEFFICIENTS.items()
            },
        },
        _adjusted_cost,
        _paper,
        Rules(
            at_most_one=_NEW_RULES.at_most_one,
            at_least_one=(tuple(COEFFICIENTS),),
            needs=_NEW_RULES.needs,
        ),
    ),
    "total_cost_utility": Kind(
        Approach.COST,
        {
            "items": _ITEMS,
            "return_rate": Argument(Entry.RATE, high=RATE_MAX),
            "alpha": Argument(Entry.COEFFICIENT, high=COEFFICIENT_MAX),
            "beta": Argument(Entry.COEFFICIENT, high=COEFFICIENT_MAX),
            "l": Argument(Entry.COEFFICIENT, high=COEFFICIENT_MAX),
            "r": Argument(Entry.COEFFICIENT, high=1.0, risk=Risk.REALISATION),
        },
        _total_cost_utility,
        _paper,
    ),
}
