"""Why this price: what a buyer should know of a price, from plan, valuation and quality."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from exchange_market.appraisals import store
from exchange_market.appraisals.errors import PricePlanNotFound
from exchange_market.appraisals.price_plan import PricePlan
from exchange_market.appraisals.price_plans import price_of_everything
from exchange_market.appraisals.valuation import AppraisedValue, ValuationState, public_valuation
from exchange_market.catalog.product import Revision
from exchange_market.catalog.products import is_insider
from exchange_market.catalog.service import (
    find_latest_ready_revision,
    latest_released_revision,
    product_for,
)
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading
from pricing.money import Money

_SHOWN_RATIO_DIGITS: Final = 2


class Standing(StrEnum):
    """Where the price of the whole stands to the approved range."""

    FREE = "free"
    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    NOT_COMPARABLE = "not_comparable"
    """There is no approved valuation, or it is in another currency."""


@dataclass(frozen=True, slots=True)
class PriceExplanation:
    """The price of a whole revision beside its value and its quality.

    `reasons` are sentences in both languages; `valuation` and `quality` are what everybody may
    read of them, None where there is none. `ratio` is of price to the middle of the range.
    """

    product_id: str
    revision_number: int
    rows: int
    whole: Money
    standing: Standing
    ratio: float | None
    price: PricePlan
    valuation: Mapping[str, Any] | None
    quality: Mapping[str, Any] | None
    reasons: Sequence[Mapping[str, str]]


async def explain_price(
    reading: Reading, viewer: Principal | None, product_id: str
) -> PriceExplanation:
    """Explain the price in force for a product that `viewer` may see.

    Raises ProductNotFound, NoReadyRevision or PricePlanNotFound.
    """
    product = await product_for(reading, viewer, product_id)
    price = await store.newest_price_plan(reading, product_id)
    if price is None:
        raise PricePlanNotFound
    latest = await find_latest_ready_revision(reading, product_id)
    if latest is None or not is_insider(viewer, product):
        latest = await latest_released_revision(reading, product_id)
    approved = await store.valuations_of(
        reading, product_id, states=(ValuationState.APPROVED,), limit=1
    )
    quality = await store.quality_of_revision(reading, latest.id)
    return explained(
        price,
        latest,
        approved[0] if approved else None,
        None if quality is None else quality.public_report,
    )


def explained(
    price: PricePlan,
    revision: Revision,
    valuation: AppraisedValue | None,
    quality: Mapping[str, Any] | None,
) -> PriceExplanation:
    """Put together what is known of a price."""
    whole = price_of_everything(price.plan, revision)
    standing = _standing(whole, valuation)
    is_compared = valuation is not None and standing is not Standing.NOT_COMPARABLE
    ratio = None
    if is_compared and valuation is not None and valuation.middle_micro:
        ratio = round(whole.amount_micro / valuation.middle_micro, _SHOWN_RATIO_DIGITS)
    reasons = [
        _price_sentence(whole, revision),
        _standing_sentence(standing, valuation, ratio),
        *_method_sentences(valuation),
        *_quality_sentences(quality),
        *price.certificate.get("explanation", ()),
    ]
    return PriceExplanation(
        product_id=price.product_id,
        revision_number=revision.number,
        rows=revision.rows or 0,
        whole=whole,
        standing=standing,
        ratio=ratio,
        price=price,
        valuation=None if valuation is None else public_valuation(valuation),
        quality=quality,
        reasons=reasons,
    )


def _standing(whole: Money, valuation: AppraisedValue | None) -> Standing:
    if whole.amount_micro == 0:
        return Standing.FREE
    if valuation is None or valuation.currency != whole.currency:
        return Standing.NOT_COMPARABLE
    if whole.amount_micro < valuation.low_micro:
        return Standing.BELOW
    return Standing.ABOVE if whole.amount_micro > valuation.high_micro else Standing.WITHIN


def _price_sentence(whole: Money, revision: Revision) -> Mapping[str, str]:
    rows = revision.rows or 0
    return {
        "zh": f"一次购买第 {revision.number} 版全部 {rows:,} 行的价格为 {whole}。",
        "en": f"All {rows:,} rows of revision {revision.number} bought at once cost {whole}.",
    }


def _standing_sentence(
    standing: Standing, valuation: AppraisedValue | None, ratio: float | None
) -> Mapping[str, str]:
    if valuation is None or standing is Standing.NOT_COMPARABLE:
        return {
            "zh": "尚无可与该价格比较的已批准估值。",
            "en": "There is no approved valuation to compare this price with.",
        }
    low = Money(valuation.low_micro, valuation.currency).round_to_minor()
    high = Money(valuation.high_micro, valuation.currency).round_to_minor()
    place_zh, place_en = {
        Standing.FREE: ("不收费，低于", "free, below"),
        Standing.BELOW: ("低于", "below"),
        Standing.WITHIN: ("处于", "within"),
        Standing.ABOVE: ("高于", "above"),
    }[standing]
    times_zh = "" if ratio is None else f"，为区间中值的 {ratio:g} 倍"
    times_en = "" if ratio is None else f", {ratio:g} times its middle"
    return {
        "zh": f"该价格{place_zh}经审核批准的估值区间 {low} 至 {high}{times_zh}。",
        "en": f"The price is {place_en} the approved range from {low} to {high}{times_en}.",
    }


def _method_sentences(valuation: AppraisedValue | None) -> Sequence[Mapping[str, str]]:
    methods = [] if valuation is None else public_valuation(valuation)["methods"]
    return [
        {
            "zh": f"估值方法“{each['name']}”权重 {each['weight']}：{each['reason']}。",
            "en": f"Method '{each['name']}' weighs {each['weight']}: {each['reason']}.",
        }
        for each in methods
    ]


def _quality_sentences(quality: Mapping[str, Any] | None) -> Sequence[Mapping[str, str]]:
    total = None if quality is None else quality["total"]
    if total is None:
        return []
    return [
        {
            "zh": f"该版本实测质量总分为 {total}（满分 1）。",
            "en": f"The measured quality of this revision is {total} of 1.",
        }
    ]
