"""Which deals are evidence of a market price, and why each of the others is not.

Source: International Valuation Standards, IVS 105 Valuation Approaches and Methods, market
approach: comparable transactions are arm's length, recent, and adjusted to the asset valued.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pricing.valuation.market.deal import Comparables, Deal, Party, PriceIndex, Rules


class Reason(StrEnum):
    """Why a deal is no comparable."""

    NOT_SETTLED = "not_settled"
    SETTLED_AFTER_VALUATION = "settled_after_valuation"
    REFUNDED = "refunded"
    RELATED_PARTIES = "related_parties"
    ROUND_TRIP = "round_trip"
    NO_EXCHANGE_RATE = "no_exchange_rate"
    NO_INDEX = "no_index"
    TOO_OLD = "too_old"
    NO_ROWS = "no_rows"
    NO_QUALITY = "no_quality"
    NO_TERM = "no_term"
    NO_PRICE = "no_price"


@dataclass(frozen=True, slots=True)
class Comparable:
    """A deal that counts, the months of its licence, and its price per month.

    `monthly_price` is in the case's currency, at the price level of the deal; `date_factor` lifts
    it to that of the valuation date.
    """

    deal: Deal
    months: float
    monthly_price: float
    date_factor: float

    @property
    def price_now(self) -> float:
        """The price per month at the price level of the valuation date."""
        return self.monthly_price * self.date_factor


@dataclass(frozen=True, slots=True)
class Rejected:
    """A deal that does not count, with every reason for it."""

    deal: Deal
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """All candidates, sorted by id: those that count and those that do not."""

    used: tuple[Comparable, ...]
    rejected: tuple[Rejected, ...]


def select(comparables: Comparables, *, currency: str, valued_on: date) -> Selection:
    """Sort candidates into used and rejected; their order changes nothing."""
    deals = sorted(comparables.deals, key=lambda deal: deal.id)
    rules = comparables.rules
    trips = _round_trips(deals, rules.round_trip_days)
    used: list[Comparable] = []
    rejected: list[Rejected] = []
    for deal in deals:
        reasons = _reasons(deal, rules, currency, valued_on)
        if deal.id in trips:
            reasons.append(Reason.ROUND_TRIP)
        if reasons:
            rejected.append(Rejected(deal, tuple(sorted(reasons))))
        else:
            used.append(_normalised(deal, rules, currency, valued_on))
    return Selection(tuple(used), tuple(rejected))


def index_ratio(index: PriceIndex | None, valued_on: date, settled_on: date) -> float | None:
    """Return the price level at the valuation over that at the deal; None if a month is missing."""
    if index is None:
        return 1.0
    now, then = (index.levels.get(f"{day:%Y-%m}") for day in (valued_on, settled_on))
    return None if now is None or then is None else float(now / then)


def _reasons(deal: Deal, rules: Rules, currency: str, valued_on: date) -> list[Reason]:
    found = {
        Reason.REFUNDED: deal.is_refunded,
        Reason.RELATED_PARTIES: not deal.seller.persons.isdisjoint(deal.buyer.persons),
        Reason.NO_EXCHANGE_RATE: deal.currency not in {currency, *rules.rates},
        Reason.NO_ROWS: deal.rows == 0,
        Reason.NO_QUALITY: deal.quality is None,
        Reason.NO_TERM: deal.term_months is None and rules.perpetual_months is None,
        # A gift says nothing about a price.
        Reason.NO_PRICE: deal.price <= 0,
    }
    reasons = [reason for reason, holds in found.items() if holds]
    return reasons + _timing(deal, rules, valued_on)


def _timing(deal: Deal, rules: Rules, valued_on: date) -> list[Reason]:
    if deal.settled_on is None:
        return [Reason.NOT_SETTLED]
    if deal.settled_on > valued_on:
        # Nobody could have known it on the valuation date.
        return [Reason.SETTLED_AFTER_VALUATION]
    reasons: list[Reason] = []
    if valued_on - deal.settled_on > timedelta(days=rules.oldest_days):
        reasons.append(Reason.TOO_OLD)
    if index_ratio(rules.index, valued_on, deal.settled_on) is None:
        reasons.append(Reason.NO_INDEX)
    return reasons


def _normalised(deal: Deal, rules: Rules, currency: str, valued_on: date) -> Comparable:
    rate = 1.0 if deal.currency == currency else float(rules.rates[deal.currency].value)
    months = deal.term_months
    if months is None and rules.perpetual_months is not None:
        months = rules.perpetual_months.value
    settled_on = valued_on if deal.settled_on is None else deal.settled_on
    factor = index_ratio(rules.index, valued_on, settled_on)
    if months is None or factor is None:  # pragma: no cover - such a deal was rejected
        raise AssertionError(deal.id)
    return Comparable(deal, float(months), float(deal.price) * rate / float(months), factor)


def _round_trips(deals: Sequence[Deal], days: int) -> frozenset[str]:
    """Return the ids of deals whose like went back from buyer to seller within so many days."""
    window = timedelta(days=days)
    sold = _sales(deals)
    return frozenset(
        deal.id
        for deal in deals
        if deal.settled_on is not None
        and any(abs(deal.settled_on - day) <= window for day in _returns(deal, sold))
    )


def _sales(deals: Sequence[Deal]) -> Mapping[tuple[str, str], list[date]]:
    """When anybody behind one side sold to anybody behind another."""
    sold: dict[tuple[str, str], list[date]] = defaultdict(list)
    for deal in deals:
        if deal.settled_on is not None:
            for pair in _pairs(deal.seller, deal.buyer):
                sold[pair].append(deal.settled_on)
    return sold


def _returns(deal: Deal, sold: Mapping[tuple[str, str], list[date]]) -> list[date]:
    # Somebody on both sides is a related party, which is a reason of its own.
    pairs = [pair for pair in _pairs(deal.buyer, deal.seller) if pair[0] != pair[1]]
    return [day for pair in pairs for day in sold.get(pair, ())]


def _pairs(one: Party, other: Party) -> list[tuple[str, str]]:
    return [(seller, buyer) for seller in one.persons for buyer in other.persons]
