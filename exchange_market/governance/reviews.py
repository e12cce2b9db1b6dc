"""What waits for an administrator: organisations, listings, valuations, top-ups and invoices.

Each kind is one query per page, the longest waiting first.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from exchange_market.accounts.organisation import Organisation, OrganisationState
from exchange_market.accounts.service import count_organisations, list_organisations
from exchange_market.appraisals import service as appraisals
from exchange_market.appraisals.overview import count_valuations
from exchange_market.catalog import service as catalog
from exchange_market.catalog.listing import ListingState
from exchange_market.catalog.product import Product
from exchange_market.governance import store
from exchange_market.governance.decisions import review_basis
from exchange_market.kernel.paging import Key
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading
from exchange_market.settlement.invoices import Invoice, invoices_waiting
from exchange_market.settlement.overview import count_unsettled
from exchange_market.settlement.top_ups import TopUp, count_top_ups_waiting, top_ups_waiting

_HOME_COUNTRY = "CN"


class ReviewKind(StrEnum):
    """What can wait for an administrator."""

    ORGANISATION = "organisation"
    LISTING = "listing"
    VALUATION = "valuation"
    TOP_UP = "top_up"
    INVOICE = "invoice"


class ReviewFlag(StrEnum):
    """What an administrator should know before looking."""

    FOREIGN = "foreign"
    IMPORTANT_DATA = "important_data"
    PERSONAL_DATA = "personal_data"
    SECOND_REVIEW = "second_review"
    NOT_FOR_YOU = "not_for_you"
    """Somebody else has to decide: you did the first half, or your organisation is affected."""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One thing that waits. `link` is where it is looked at, and `key` its place in the queue.

    `flags` are those of ReviewFlag and, for valuations, what appraisals points at.
    """

    kind: ReviewKind
    id: str
    organisation_id: str
    title_zh: str
    title_en: str
    waiting_since: datetime
    flags: tuple[str, ...]
    link: str
    key: tuple[Key, ...]


Queue = Callable[[Reading, Principal, Sequence[Key] | None, int], Awaitable[Sequence[ReviewItem]]]


async def waiting(
    reading: Reading,
    administrator: Principal,
    kind: ReviewKind,
    *,
    after: Sequence[Key] | None,
    limit: int,
) -> Sequence[ReviewItem]:
    """Up to `limit` items of a kind, the longest waiting first, from behind the key `after`."""
    return await _QUEUES[kind](reading, administrator, after, limit)


async def count_waiting(reading: Reading) -> dict[ReviewKind, int]:
    """How many items of each kind wait."""
    return {
        ReviewKind.ORGANISATION: (await count_organisations(reading))[OrganisationState.PENDING],
        ReviewKind.LISTING: (await catalog.count_products(reading))[ListingState.SUBMITTED],
        ReviewKind.VALUATION: (await count_valuations(reading))[appraisals.ValuationState.PROPOSED],
        ReviewKind.TOP_UP: await count_top_ups_waiting(reading),
        ReviewKind.INVOICE: await count_unsettled(reading),
    }


async def _organisations(
    reading: Reading, administrator: Principal, after: Sequence[Key] | None, limit: int
) -> Sequence[ReviewItem]:
    found = await list_organisations(reading, OrganisationState.PENDING, _id_of(after), limit)
    return [_organisation_item(organisation, administrator) for organisation in found]


def _organisation_item(organisation: Organisation, administrator: Principal) -> ReviewItem:
    flags = _flags(
        (ReviewFlag.FOREIGN, organisation.country != _HOME_COUNTRY),
        (ReviewFlag.NOT_FOR_YOU, organisation.id == administrator.organisation_id),
    )
    return ReviewItem(
        kind=ReviewKind.ORGANISATION,
        id=organisation.id,
        organisation_id=organisation.id,
        title_zh=organisation.name_zh,
        title_en=organisation.name_en,
        waiting_since=organisation.created_at,
        flags=flags,
        link=f"/v1/organisations/{organisation.id}",
        key=(organisation.id,),
    )


async def _listings(
    reading: Reading, administrator: Principal, after: Sequence[Key] | None, limit: int
) -> Sequence[ReviewItem]:
    behind = None if after is None else (datetime.fromisoformat(str(after[0])), str(after[1]))
    found = await catalog.list_products_waiting(
        reading, ListingState.SUBMITTED, after=behind, limit=limit
    )
    important = [product for product in found if product.needs_two_reviewers]
    votes = await store.votes_on(reading, [product.id for product in important])
    bases = {
        product.id: await review_basis(reading, administrator, product)
        for product in important
        if votes[product.id]
    }
    first = {
        product_id: vote.administrator_id
        for product_id, basis in bases.items()
        for vote in votes[product_id]
        if vote.basis == basis
    }
    return [_listing_item(product, first.get(product.id), administrator) for product in found]


def _listing_item(
    product: Product, first_reviewer_id: str | None, administrator: Principal
) -> ReviewItem:
    flags = _flags(
        (ReviewFlag.IMPORTANT_DATA, product.needs_two_reviewers),
        (ReviewFlag.PERSONAL_DATA, product.holds_persons is not False),
        (ReviewFlag.SECOND_REVIEW, first_reviewer_id is not None),
        (
            ReviewFlag.NOT_FOR_YOU,
            first_reviewer_id == administrator.user_id
            or product.organisation_id == administrator.organisation_id,
        ),
    )
    return ReviewItem(
        kind=ReviewKind.LISTING,
        id=product.id,
        organisation_id=product.organisation_id,
        title_zh=product.title_zh,
        title_en=product.title_en,
        waiting_since=product.updated_at,
        flags=flags,
        link=f"/v1/products/{product.id}",
        key=(product.updated_at.isoformat(), product.id),
    )


async def _valuations(
    reading: Reading, administrator: Principal, after: Sequence[Key] | None, limit: int
) -> Sequence[ReviewItem]:
    found = await appraisals.list_valuations(
        reading, state=appraisals.ValuationState.PROPOSED, after=_id_of(after), limit=limit
    )
    products = await catalog.find_products(reading, [item.valuation.product_id for item in found])
    return [
        _valuation_item(item, products[item.valuation.product_id], administrator) for item in found
    ]


def _valuation_item(
    item: appraisals.ReviewItem, product: Product, administrator: Principal
) -> ReviewItem:
    value = item.valuation
    is_excluded = administrator.user_id == value.proposed_by
    is_excluded |= administrator.organisation_id == value.organisation_id
    return ReviewItem(
        kind=ReviewKind.VALUATION,
        id=value.id,
        organisation_id=value.organisation_id,
        title_zh=product.title_zh,
        title_en=product.title_en,
        waiting_since=value.proposed_at,
        flags=(
            *(flag.value for flag in item.flags),
            *_flags((ReviewFlag.NOT_FOR_YOU, is_excluded)),
        ),
        link=f"/v1/valuations/{value.id}",
        key=(value.id,),
    )


async def _top_ups(
    reading: Reading, administrator: Principal, after: Sequence[Key] | None, limit: int
) -> Sequence[ReviewItem]:
    found = await top_ups_waiting(reading, after=_id_of(after), limit=limit)
    return [_top_up_item(top_up, administrator) for top_up in found]


def _top_up_item(top_up: TopUp, administrator: Principal) -> ReviewItem:
    is_excluded = administrator.user_id == top_up.recorded_by
    is_excluded |= administrator.organisation_id == top_up.organisation_id
    return ReviewItem(
        kind=ReviewKind.TOP_UP,
        id=top_up.id,
        organisation_id=top_up.organisation_id,
        title_zh=f"充值 {top_up.amount.format()} {top_up.amount.currency}",
        title_en=f"Top-up of {top_up.amount.format()} {top_up.amount.currency}",
        waiting_since=top_up.recorded_at,
        flags=_flags((ReviewFlag.NOT_FOR_YOU, is_excluded)),
        link=f"/v1/admin/top-ups/{top_up.id}",
        key=(top_up.id,),
    )


async def _invoices(
    reading: Reading, administrator: Principal, after: Sequence[Key] | None, limit: int
) -> Sequence[ReviewItem]:
    found = await invoices_waiting(reading, after=_id_of(after), limit=limit)
    return [_invoice_item(invoice, administrator) for invoice in found]


def _invoice_item(invoice: Invoice, administrator: Principal) -> ReviewItem:
    is_excluded = administrator.user_id == invoice.issued_by
    is_excluded |= administrator.organisation_id in (invoice.provider_id, invoice.buyer_id)
    return ReviewItem(
        kind=ReviewKind.INVOICE,
        id=invoice.id,
        organisation_id=invoice.provider_id,
        title_zh=f"账单 {invoice.number}：{invoice.total.format()} {invoice.total.currency}",
        title_en=f"Invoice {invoice.number}: {invoice.total.format()} {invoice.total.currency}",
        waiting_since=invoice.issued_at,
        flags=_flags((ReviewFlag.NOT_FOR_YOU, is_excluded)),
        link=f"/v1/invoices/{invoice.id}",
        key=(invoice.id,),
    )


def _flags(*raised: tuple[ReviewFlag, bool]) -> tuple[str, ...]:
    return tuple(flag.value for flag, holds in raised if holds)


def _id_of(after: Sequence[Key] | None) -> str | None:
    return None if after is None else str(after[0])


_QUEUES: Final[dict[ReviewKind, Queue]] = {
    ReviewKind.ORGANISATION: _organisations,
    ReviewKind.LISTING: _listings,
    ReviewKind.VALUATION: _valuations,
    ReviewKind.TOP_UP: _top_ups,
    ReviewKind.INVOICE: _invoices,
}
