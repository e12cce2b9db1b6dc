"""Search results as the HTTP API writes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from exchange_market.catalog.product import Grade, Openness, UpdateFrequency
from exchange_market.catalog.search_query import FacetCount, FoundListing
from exchange_market.catalog.wire import SubjectOut

_TEASER_CHARACTERS = 300


class FoundListingOut(msgspec.Struct, kw_only=True, frozen=True):
    """A listing in a list of search results."""

    id: str
    organisation_id: str
    provider_zh: str
    provider_en: str
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    subject: SubjectOut
    keywords: Sequence[str]
    update_frequency: UpdateFrequency | None
    grade: Grade
    openness: Openness
    price_mode: str
    published_at: datetime | None

    @classmethod
    def of(cls, found: FoundListing) -> "FoundListingOut":
        """The listing with its descriptions cut short."""
        product = found.product
        return cls(
            id=product.id,
            organisation_id=product.organisation_id,
            provider_zh=found.provider_zh,
            provider_en=found.provider_en,
            title_zh=product.title_zh,
            title_en=product.title_en,
            description_zh=product.description_zh[:_TEASER_CHARACTERS],
            description_en=product.description_en[:_TEASER_CHARACTERS],
            subject=SubjectOut.of(product.subject),
            keywords=product.keywords,
            update_frequency=product.update_frequency,
            grade=product.grade,
            openness=product.openness,
            price_mode=found.price_mode,
            published_at=product.published_at,
        )


class FacetCountOut(msgspec.Struct, kw_only=True, frozen=True):
    """How many of the found listings have a value."""

    value: str
    count: int

    @classmethod
    def of(cls, count: FacetCount) -> "FacetCountOut":
        """The count as shown."""
        return cls(value=count.value, count=count.count)


class SearchOut(msgspec.Struct, kw_only=True, frozen=True):
    """A page of search results; `total` and `facets` count over all pages."""

    items: Sequence[FoundListingOut]
    next_cursor: str | None
    total: int
    facets: Mapping[str, Sequence[FacetCountOut]]
