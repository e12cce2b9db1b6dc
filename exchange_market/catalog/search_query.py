"""What can be asked of the search, and what it answers, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from exchange_market.catalog.product import Product
from exchange_market.catalog.vocabulary import Grade, Openness, Subject

FACETS: Final = ("subject", "grade", "openness", "price_mode")
"""Members of a listing that answers are counted by, besides the provider."""


class SearchOrder(StrEnum):
    """Which listings come first."""

    RELEVANCE = "relevance"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilter:
    """What a listing must be to be found; members that are None or empty do not matter."""

    tokens: tuple[str, ...] = ()
    subject: Subject | None = None
    grade: Grade | None = None
    openness: Openness | None = None
    price_mode: str | None = None
    provider_id: str | None = None
    order: SearchOrder = SearchOrder.RELEVANCE


@dataclass(frozen=True, slots=True)
class SortKey:
    """Where a listing stands in the order of an answer."""

    score: int
    published_at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A listing that was found."""

    product_id: str
    price_mode: str
    sort_key: SortKey


@dataclass(frozen=True, slots=True)
class FoundListing:
    """A found listing with what a list shows of it."""

    product: Product
    provider_zh: str
    provider_en: str
    price_mode: str
    sort_key: SortKey


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many of the found listings have this value."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The listings from behind a sort key, and counts over everything that was found."""

    found: Sequence[FoundListing]
    total: int
    facets: Mapping[str, Sequence[FacetCount]]
