"""From the comparables of a case to what its market methods compute with, and the evidence shown.

The working case has what the case leaves to the deals: prices, coefficients and predicted
distributions, as parameters of their own. Each predicted price thus has a dimension of its own
among the draws, the tornado and the indices.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from pricing.errors import InvalidInput
from pricing.valuation.case import ValuationCase
from pricing.valuation.distributions import Distribution, Fixed
from pricing.valuation.kinds import KINDS
from pricing.valuation.market import hedonic, multiples, nearest
from pricing.valuation.market.deal import Comparables
from pricing.valuation.market.figures import Json, hedonic_json, multiples_json, nearest_json
from pricing.valuation.market.prediction import decimal_of
from pricing.valuation.market.selection import Comparable, Selection, select
from pricing.valuation.methods import Approach, Basis, Method
from pricing.valuation.parameters import Parameter

SHARES: Final = "shares"
UNKNOWN_MIN: Final = 3
"""A prediction is two figures, its median and its scale: two prices could be worked out of them."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The selection of deals and, by method, what they said; plain JSON values."""

    selection: Selection
    methods: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Filled:
    """Parameters that the deals give a method, by argument, and the evidence behind them."""

    arguments: Mapping[str, tuple[Parameter, ...]]
    evidence: Json

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter filled in."""
        return tuple(each for parameters in self.arguments.values() for each in parameters)

    def into(self, method: Method) -> Method:
        """Return the method with its arguments filled in."""
        names = {
            argument: tuple(each.name for each in parameters)
            for argument, parameters in self.arguments.items()
        }
        return replace(method, arguments={**method.arguments, **names})


@dataclass(frozen=True, slots=True)
class _Market:
    """A case's comparables with the deals that count."""

    comparables: Comparables
    used: tuple[Comparable, ...]


def with_market(case: ValuationCase) -> tuple[ValuationCase, Evidence | None]:
    """Return the case to compute with, and the market evidence if the case has comparables.

    Raises InvalidInput for deals that are too few, confidential, or not there at all.
    """
    section = case.comparables
    market, selection = None, None
    if section is not None:
        selection = select(section, currency=case.currency, valued_on=case.valued_on)
        market = _Market(section, selection.used)
    known = {parameter.name: parameter for parameter in case.parameters}
    methods: list[Method] = []
    shown: dict[str, Json] = {}
    for index, method in enumerate(case.methods):
        filled = _filled(method, market, known, f"methods[{index}]")
        if filled is not None:
            _refuse_taken(filled.parameters, known)
            shown[method.name] = filled.evidence
            known |= {each.name: each for each in filled.parameters}
        methods.append(method if filled is None else filled.into(method))
    if selection is None:
        return case, None
    if not shown:
        raise InvalidInput("comparables", "is used by no method")
    working = replace(case, parameters=tuple(known.values()), methods=tuple(methods))
    return working, Evidence(selection, shown)


def _filled(
    method: Method, market: _Market | None, known: Mapping[str, Parameter], path: str
) -> Filled | None:
    """Return what the deals give a method; None for one that asks nothing of them."""
    kind = KINDS[method.kind]
    if kind.approach is not Approach.MARKET:
        return None
    given = sorted(set(method.arguments) & kind.filled)
    if given:
        raise InvalidInput(f"{path}.arguments.{given[0]}", "comes from the comparables, not a name")
    if method.kind in _PREDICTIONS:
        return _PREDICTIONS[method.kind](method, _required(market, path), path)
    _check_shares(method, known, path)
    if not kind.takes_deals or not method.options.market.deals:
        if "prices" not in method.arguments:
            raise InvalidInput(f"{path}.arguments.prices", "is required, or deals")
        if "capacity_elasticity" in method.arguments:
            raise InvalidInput(f"{path}.arguments.capacity_elasticity", "needs deals, for rows")
        return None
    return _named_deals(method, _required(market, path), path)


def _hedonic(method: Method, market: _Market, path: str) -> Filled:
    fitted = hedonic.fit(market.used, market.comparables.target)
    _refuse_dominated(market.used, path)
    source = f"hedonic regression on {fitted.deals} settled deals"
    return _prediction(method, fitted.prediction, source, hedonic_json(fitted))


def _multiples(method: Method, market: _Market, path: str) -> Filled:
    basis = _basis(method, path)
    target, rules = market.comparables.target, market.comparables.rules
    found = multiples.alike(market.used, target, basis, rules)
    _refuse_confidential(found, path)
    prices = [multiples.indicated(each, target, basis, rules) for each in found]
    spread = multiples.spread(prices)
    source = f"prices per {basis.value} and month of {len(found)} settled deals"
    each_deal = [multiples.multiple(each, target, basis, rules) for each in found]
    return _prediction(method, spread, source, multiples_json(basis, found, each_deal))


def _nearest(method: Method, market: _Market, path: str) -> Filled:
    basis = _basis(method, path)
    target, rules = market.comparables.target, market.comparables.rules
    found = multiples.alike(market.used, target, basis, rules)
    prices = [multiples.indicated(each, target, basis, rules) for each in found]
    wanted = method.options.market.neighbours or nearest.NEIGHBOURS_DEFAULT
    around = nearest.nearest(found, prices, target, wanted)
    _refuse_dominated([each.comparable for each in around.neighbours], path)
    source = f"prices per {basis.value} and month of the {wanted} nearest of {len(found)} deals"
    return _prediction(method, around.prediction, source, nearest_json(basis, around))


_PREDICTIONS: Final[Mapping[str, Callable[[Method, _Market, str], Filled]]] = {
    "hedonic": _hedonic,
    "multiples": _multiples,
    "nearest_comparables": _nearest,
}


def _prediction(method: Method, distribution: Distribution, source: str, evidence: Json) -> Filled:
    parameter = Parameter(f"{method.name}: predicted price", distribution, source)
    return Filled({"prediction": (parameter,)}, evidence)


def _named_deals(method: Method, market: _Market, path: str) -> Filled:
    """Fill prices, date, exclusivity and row ratios of the deals that a method names."""
    if "prices" in method.arguments:
        raise InvalidInput(f"{path}.arguments.prices", "come from the deals: name one or the other")
    by_id = {each.deal.id: each for each in market.used}
    names = method.options.market.deals
    missing = [name for name in names if name not in by_id]
    if missing:
        raise InvalidInput(f"{path}.deals", f"{missing[0]!r} is no deal that counts")
    found = [by_id[name] for name in names]
    _refuse_confidential(found, path)
    target, rules = market.comparables.target, market.comparables.rules
    months = float(target.term_months)
    figures = {
        "prices": ("settled deal", [each.monthly_price * months for each in found]),
        "row_ratios": (
            "rows of the target over those of the deal",
            [target.rows / each.deal.rows for each in found],
        ),
    }
    factors = [multiples.exclusivity_factor(each, target, rules) for each in found]
    if any(factor != 1.0 for factor in factors) and rules.exclusivity is not None:
        figures["exclusivity"] = (rules.exclusivity.source, factors)
    if rules.index is not None:
        if "date" in method.arguments:
            raise InvalidInput(f"{path}.arguments.date", "would count the price index twice")
        figures["date"] = (rules.index.source, [each.date_factor for each in found])
    _refuse_other_kinds(found, market, path)
    arguments = {
        argument: tuple(
            Parameter(f"{method.name}: {argument} {name}", Fixed(decimal_of(value)), source)
            for name, value in zip(names, values, strict=True)
        )
        for argument, (source, values) in figures.items()
        if argument != "row_ratios" or "capacity_elasticity" in method.arguments
    }
    return Filled(arguments, {"deals": list(names)})


def _check_shares(method: Method, known: Mapping[str, Parameter], path: str) -> None:
    """Several comparables are weighed in writing: fixed shares that add up to one."""
    if not KINDS[method.kind].takes_deals:
        return
    at = f"{path}.arguments.{SHARES}"
    many = max(len(method.arguments.get("prices", ())), len(method.options.market.deals))
    names = method.arguments.get(SHARES, ())
    if not names:
        if many > 1:
            raise InvalidInput(at, "is required: weigh each comparable and say why in its source")
        return
    figures = [known[name].distribution for name in names]
    fixed = [each.value for each in figures if isinstance(each, Fixed)]
    if len(fixed) != many or sum(fixed, Decimal(0)) != 1:
        raise InvalidInput(at, "must be one fixed share for each comparable, adding up to 1")


def _basis(method: Method, path: str) -> Basis:
    basis = method.options.market.basis
    if basis is None:
        raise InvalidInput(f"{path}.basis", f"is required: one of {', '.join(Basis)}")
    return basis


def _required(market: _Market | None, path: str) -> _Market:
    if market is None:
        raise InvalidInput("comparables", f"is required by {path}")
    return market


def _refuse_confidential(found: list[Comparable], path: str) -> None:
    if any(each.deal.is_confidential for each in found):
        raise InvalidInput(
            f"{path}.kind",
            "would show prices of confidential deals: use hedonic or nearest_comparables",
        )


def _refuse_dominated(found: Sequence[Comparable], path: str) -> None:
    """Refuse confidential deals of which a party to all others could work out the rest."""
    parties = [
        each.deal.seller.persons | each.deal.buyer.persons
        for each in found
        if each.deal.is_confidential
    ]
    for person in frozenset[str]().union(*parties):
        if 0 < sum(person not in each for each in parties) < UNKNOWN_MIN:
            raise InvalidInput(
                f"{path}.kind",
                f"would tell a party to most deals what fewer than {UNKNOWN_MIN} others paid",
            )


def _refuse_other_kinds(found: list[Comparable], market: _Market, path: str) -> None:
    target, rules = market.comparables.target, market.comparables.rules
    for each in found:
        if each not in multiples.alike([each], target, Basis.PERIOD, rules):
            raise InvalidInput(
                f"{path}.deals", f"{each.deal.id!r} needs comparables.rules.exclusivity"
            )


def _refuse_taken(parameters: Sequence[Parameter], known: Mapping[str, Parameter]) -> None:
    taken = [each.name for each in parameters if each.name in known]
    if taken:
        raise InvalidInput(f"parameters.{taken[0]}", "is the name of a figure from the deals")
