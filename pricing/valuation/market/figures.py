"""The evidence of each market method as plain JSON: figures as decimal text, deals by their ids."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context
from typing import Final

from pricing.valuation.distributions import distribution_to_json
from pricing.valuation.market.features import Dropped
from pricing.valuation.market.hedonic import HedonicFit
from pricing.valuation.market.multiples import quartiles
from pricing.valuation.market.nearest import Neighbourhood
from pricing.valuation.market.selection import Comparable
from pricing.valuation.methods import Basis

Json = dict[str, object]

_SIGNIFICANT: Final = Context(prec=6, rounding=ROUND_HALF_EVEN)


def hedonic_json(fitted: HedonicFit) -> Json:
    """Write the regression with its diagnostics."""
    return {
        "deals": fitted.deals,
        "degrees_of_freedom": fitted.degrees_of_freedom,
        "r_squared": figure(fitted.r_squared),
        "residual_sd": figure(fitted.residual_sd),
        "leave_one_out_coverage_90": figure(fitted.coverage),
        "leave_one_out_median_error": figure(fitted.median_error),
        "effects": [
            {
                "column": effect.column,
                "estimate": figure(effect.estimate),
                "standard_error": figure(effect.standard_error),
            }
            for effect in fitted.effects
        ],
        "dropped": _dropped(fitted.dropped),
        "extrapolated": list(fitted.extrapolated),
        "prediction": distribution_to_json(fitted.prediction),
    }


def nearest_json(basis: Basis, around: Neighbourhood) -> Json:
    """Write which deals were nearest, closest first; how near would tell what they were about."""
    return {
        "basis": basis.value,
        "neighbours": len(around.neighbours),
        "deals": [each.comparable.deal.id for each in around.neighbours],
        "dropped": _dropped(around.dropped),
        "prediction": distribution_to_json(around.prediction),
    }


def multiples_json(basis: Basis, found: Sequence[Comparable], multiples: Sequence[float]) -> Json:
    """Write the median multiple and the quartiles around it."""
    low, middle, high = quartiles(multiples)
    return {
        "basis": basis.value,
        "deals": [each.deal.id for each in found],
        "lower_quartile": figure(low),
        "median": figure(middle),
        "upper_quartile": figure(high),
    }


def figure(value: float) -> str:
    """Write a figure that is no amount with six significant digits."""
    return format(_SIGNIFICANT.create_decimal_from_float(value).normalize() + 0, "f")


def _dropped(dropped: Sequence[Dropped]) -> list[Json]:
    return [{"column": each.column, "why": each.why} for each in dropped]
