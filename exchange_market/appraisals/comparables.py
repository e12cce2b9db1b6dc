"""The exchange's own settled deals as comparables: recorded, inserted into cases, and shown.

A provider may value with the confidential deals of others, so nothing of the selection is left to
him: by moving a date window or a licence he could tell one deal from the difference of two values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from exchange_market.appraisals import store
from exchange_market.appraisals.deals import DealFact, deal_of, years
from exchange_market.appraisals.errors import (
    ComparablesNotFound,
    DocumentRefused,
    QualityNotMeasured,
)
from exchange_market.catalog.product import Product, Revision
from exchange_market.catalog.products import is_insider
from exchange_market.catalog.service import latest_ready_revision, own_product, product_for
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading, Transaction
from pricing.valuation.market.codec import comparables_to_json, target_to_json
from pricing.valuation.market.deal import Comparables, Deal, Rules, Target
from pricing.valuation.market.nearest import NEIGHBOURS_DEFAULT
from pricing.valuation.market.public import public_comparables
from pricing.valuation.market.selection import select

EXCHANGE: Final = "exchange"
"""What a proposal writes as its comparables to have the exchange insert its own deals."""
DEALS_MAX: Final = 1_000
TERM_MONTHS: Final = Decimal(12)
LICENCE: Final = "file"
CURRENCY: Final = "CNY"


@dataclass(frozen=True, slots=True)
class ShownComparables:
    """The selection of today; `deals` are the full papers, for administrators only."""

    product_id: str
    valued_on: date
    target: Mapping[str, Any]
    selection: Mapping[str, Any]
    deals: Sequence[Mapping[str, Any]] | None


async def record_deal(tx: Transaction, fact: DealFact) -> None:
    """Keep what is known of a deal; the last word counts."""
    await store.save_deal(tx, fact)


async def comparables_for(
    reading: Reading, viewer: Principal | None, product_id: str
) -> ShownComparables:
    """What the exchange's deals say about a product: figures over five and digests for its
    provider, all papers for administrators. Raises ProductNotFound, ComparablesNotFound,
    NoReadyRevision or QualityNotMeasured.
    """
    product = await product_for(reading, viewer, product_id)
    if viewer is None or not is_insider(viewer, product):
        raise ComparablesNotFound(product=product_id)
    section = await _section(reading, product)
    today = reading.now().date()
    price = await store.newest_price_plan(reading, product_id)
    currency = CURRENCY if price is None else price.currency
    selection = select(section, currency=currency, valued_on=today)
    papers: Any = comparables_to_json(section)["deals"] if viewer.is_administrator else None
    return ShownComparables(
        product_id=product_id,
        valued_on=today,
        target=target_to_json(section.target),
        selection=public_comparables(selection, currency),
        deals=papers,
    )


async def with_exchange_deals(
    reading: Reading, principal: Principal, product_id: str, document: Mapping[str, Any]
) -> Mapping[str, Any]:
    """A proposed case with the exchange's deals in it if it asks for them.

    Raises ProductNotFound for all but the provider, DocumentRefused for a case that would single
    out a deal, NoReadyRevision or QualityNotMeasured.
    """
    product = await own_product(reading, principal, product_id)
    if document.get("comparables") != EXCHANGE:
        return document
    _check_date(document.get("valued_on"), reading.now().date())
    _check_methods(document.get("methods"))
    section = await _section(reading, product)
    return {**document, "comparables": comparables_to_json(section)}


def without_confidential_deals(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """A case as its provider may read it: of confidential deals only the digest is left."""
    section = case.get("comparables")
    if not section:
        return case
    deals = [{"id": deal["id"]} if deal["confidential"] else deal for deal in section["deals"]]
    return {**case, "comparables": {**section, "deals": deals}}


async def _section(reading: Reading, product: Product) -> Comparables:
    revision = await latest_ready_revision(reading, product.id)
    target = await _target(reading, product, revision)
    return Comparables(target, await _deals(reading), Rules())


async def _deals(reading: Reading) -> tuple[Deal, ...]:
    return tuple(deal_of(fact) for fact in await store.latest_deals(reading, DEALS_MAX))


async def _target(reading: Reading, product: Product, revision: Revision) -> Target:
    """A year of the whole latest revision as a file, for one buyer among others."""
    quality = await quality_total(reading, revision.id)
    if quality is None:
        raise QualityNotMeasured(revision=revision.number)
    return Target(
        rows=max(1, revision.rows or 0),
        entities=None,
        quality=Decimal(quality),
        age_years=years(age_days(product, revision, reading.now().date())),
        term_months=TERM_MONTHS,
        licence=LICENCE,
        is_exclusive=False,
        subject=product.subject.value,
    )


async def quality_total(reading: Reading, revision_id: str) -> str | None:
    """The total of a revision's quality report, if it was measured and has one."""
    record = await store.quality_of_revision(reading, revision_id)
    return None if record is None else record.report["total"]


def age_days(product: Product, revision: Revision, on: date) -> int:
    """How old the data are: since the end of what they cover, else since the revision was ready."""
    ready_on = (revision.ready_at or revision.created_at).date()
    return max(0, (on - (product.temporal_end or ready_on)).days)


def _check_date(valued_on: object, today: date) -> None:
    """Today, or the last day of the month before, which is what appraisals are dated by."""
    last_month = today.replace(day=1) - timedelta(days=1)
    allowed = {day.isoformat() for day in (today, last_month)}
    if valued_on not in allowed:
        raise DocumentRefused(
            field="valued_on",
            problem=f"must be {' or '.join(sorted(allowed))} with deals of the exchange",
        )


def _check_methods(methods: object) -> None:
    for index, method in enumerate(methods if isinstance(methods, list) else []):
        neighbours = method.get("neighbours") if isinstance(method, dict) else None
        if neighbours not in (None, NEIGHBOURS_DEFAULT):
            raise DocumentRefused(
                field=f"methods[{index}].neighbours",
                problem=f"must be {NEIGHBOURS_DEFAULT} with deals of the exchange",
            )
