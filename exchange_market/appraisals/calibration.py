"""How well past valuations did: how often their ranges caught what was asked in later deals.

A deal is compared with the valuation that was approved before its negotiation began, so that no
valuation is judged by a deal it could have known. What is compared is the price of the whole
revision under the contract's plan. A range from the 10th to the 90th percentile should catch about
four deals of five.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import Final

from exchange_market.appraisals import store
from exchange_market.appraisals.deals import DealFact
from exchange_market.appraisals.valuation import PastRange
from exchange_market.persistence.transaction import Reading

DEALS_MAX: Final = 5_000
DEALS_MIN: Final = 5
"""Figures over fewer deals would tell one of them."""
EXPECTED_SHARE: Final = 0.8
_Z_90: Final = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class CalibrationGroup:
    """Deals of one kind: how many ranges caught the price, and how many lay above or below it.

    `caught_low` and `caught_high` bound the share of caught deals with 90 % confidence;
    `median_ratio` is of price to the middle of the range.
    """

    kind: str
    name: str
    deals: int
    caught: int
    below: int
    above: int
    caught_low: float
    caught_high: float
    median_ratio: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """All groups of at least five deals, and how much there is that cannot be shown or compared."""

    groups: tuple[CalibrationGroup, ...]
    withheld_groups: int
    deals: int
    deals_without_valuation: int


async def calibration(reading: Reading) -> Calibration:
    """The calibration over the latest settled arm's-length deals of the exchange."""
    deals = [
        deal
        for deal in await store.latest_deals(reading, DEALS_MAX)
        if deal.settled_at is not None and deal.provider_digest != deal.buyer_digest
    ]
    ranges = await store.approved_ranges(reading, sorted({deal.product_id for deal in deals}))
    return calibrate(deals, ranges)


def calibrate(deals: Sequence[DealFact], ranges: Iterable[PastRange]) -> Calibration:
    """Compare settled deals with the ranges that were approved before they were negotiated."""
    by_product: defaultdict[str, list[PastRange]] = defaultdict(list)
    for each in ranges:
        by_product[each.product_id].append(each)
    compared = [
        (deal, known)
        for deal in deals
        if (known := _known_before(deal, by_product[deal.product_id])) is not None
    ]
    grouped: defaultdict[tuple[str, str], list[tuple[DealFact, PastRange]]] = defaultdict(list)
    for deal, known in compared:
        year = "" if deal.settled_at is None else str(deal.settled_at.year)
        for key in (("all", "all"), ("subject", deal.subject), ("year", year)):
            grouped[key].append((deal, known))
    shown = {key: grouped[key] for key in _shown({key: len(grouped[key]) for key in grouped})}
    return Calibration(
        groups=tuple(_group(*key, shown[key]) for key in sorted(shown)),
        withheld_groups=len(grouped) - len(shown),
        deals=len(deals),
        deals_without_valuation=len(deals) - len(compared),
    )


def _shown(sizes: Mapping[tuple[str, str], int]) -> list[tuple[str, str]]:
    """Return the groups that tell of no fewer than five deals, nor do with what is left of a kind.

    The groups of a kind add up to all deals: what is withheld could be had as the difference. So
    the smallest is withheld too until the rest is large enough.
    """
    shown: list[tuple[str, str]] = []
    for kind in dict.fromkeys(kind for kind, _ in sizes):
        ascending = sorted((size, key) for key, size in sizes.items() if key[0] == kind)
        rest = 0
        while ascending and (ascending[0][0] < DEALS_MIN or 0 < rest < DEALS_MIN):
            rest += ascending.pop(0)[0]
        shown += [key for _, key in ascending]
    return shown


def _known_before(deal: DealFact, ranges: Sequence[PastRange]) -> PastRange | None:
    known = [
        each
        for each in ranges
        if each.decided_at < deal.opened_at and each.currency == deal.currency and each.middle_micro
    ]
    return max(known, key=lambda each: each.decided_at, default=None)


def _group(kind: str, name: str, pairs: Sequence[tuple[DealFact, PastRange]]) -> CalibrationGroup:
    prices: Mapping[str, int] = {
        "below": sum(deal.whole_micro < known.low_micro for deal, known in pairs),
        "above": sum(deal.whole_micro > known.high_micro for deal, known in pairs),
    }
    caught = len(pairs) - sum(prices.values())
    low, high = wilson(caught, len(pairs))
    return CalibrationGroup(
        kind=kind,
        name=name,
        deals=len(pairs),
        caught=caught,
        **prices,
        caught_low=low,
        caught_high=high,
        median_ratio=median(deal.whole_micro / known.middle_micro for deal, known in pairs),
    )


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 90 % interval of a share. Source: Wilson, "Probable Inference, the Law of Succession, and
    Statistical Inference" (score interval)."""
    share, z2 = successes / trials, _Z_90**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    spread = _Z_90 * sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return max(0.0, middle - spread), min(1.0, middle + spread)
