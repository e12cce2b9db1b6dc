"""Every query on the search index: an inverted index in two ordinary tables (docs/decisions)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
)
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from exchange_market.catalog.product import Product
from exchange_market.catalog.rows import IndexedListingRow, ListingTokenRow
from exchange_market.catalog.search_query import (
    FACETS,
    FacetCount,
    Hit,
    SearchFilter,
    SearchOrder,
    SortKey,
)
from exchange_market.persistence.transaction import Reading, Transaction

AnyQuery: TypeAlias = Select[*tuple[Any, ...]]
_PROVIDERS_MAX = 50
_COMMON_LISTINGS = 10_000
_NUMBER, _PUBLISHED = col(IndexedListingRow.number), col(IndexedListingRow.published_at)
_PRODUCT_ID, _PRICE_MODE = col(IndexedListingRow.product_id), col(IndexedListingRow.price_mode)
_LISTING = col(ListingTokenRow.listing)


async def add_listing(
    tx: Transaction, product: Product, price_mode: str, weights: Mapping[str, int]
) -> None:
    """Insert the index entry of a published listing that has none."""
    row = IndexedListingRow(
        product_id=product.id,
        organisation_id=product.organisation_id,
        subject=product.subject.value,
        grade=product.grade.value,
        openness=product.openness.value,
        price_mode=price_mode,
        published_at=product.published_at or tx.now(),
    )
    tx.session.add(row)
    await tx.session.flush()
    if weights:
        entries = [
            {"token": token, "listing": row.number, "weight": weight}
            for token, weight in weights.items()
        ]
        await tx.session.execute(insert(ListingTokenRow), entries)


async def remove_listing(tx: Transaction, product_id: str) -> None:
    """Remove the index entry of a listing, if it has one."""
    row = await tx.session.scalar(
        select(IndexedListingRow).where(col(IndexedListingRow.product_id) == product_id)
    )
    if row is None:
        return
    await tx.session.execute(
        delete(ListingTokenRow).where(col(ListingTokenRow.listing) == row.number)
    )
    await tx.session.delete(row)
    await tx.session.flush()


async def rarest_first(reading: Reading, tokens: Sequence[str]) -> tuple[str, ...]:
    """The tokens in the order in which to look for them: the fewest listings first.

    Counting stops where a token is merely common.
    """
    counts: dict[str, int] = {}
    for token in tokens:
        holders = sql_select(_LISTING).where(_holds(token)).limit(_COMMON_LISTINGS).subquery()
        query = sql_select(func.count()).select_from(holders)
        counts[token] = await reading.session.scalar(query) or 0
    return tuple(sorted(tokens, key=counts.__getitem__))


async def matching_listings(
    reading: Reading, wanted: SearchFilter, *, after: SortKey | None, limit: int
) -> Sequence[Hit]:
    """The listings that match, best or newest first, from behind a sort key."""
    score = literal(0) if wanted.order is SearchOrder.NEWEST else _score(wanted.tokens)
    columns = [_PRODUCT_ID, _PRICE_MODE, _PUBLISHED, _NUMBER, score.label("score")]
    ranked = _matching(wanted, columns).subquery()
    place = (ranked.c.score, ranked.c.published_at, ranked.c.number)
    query = sql_select(ranked)
    if after is not None:
        query = query.where(_behind(place, after))
    found = await reading.session.execute(
        query.order_by(*(part.desc() for part in place)).limit(limit)
    )
    return [
        Hit(row.product_id, row.price_mode, SortKey(int(row.score), row.published_at, row.number))
        for row in found
    ]


async def count_facets(
    reading: Reading, wanted: SearchFilter
) -> tuple[int, dict[str, Sequence[FacetCount]]]:
    """How many listings match, and how many per value of each facet, most frequent first.

    One pass groups by all facets together; the few groups are added up here.
    """
    members = [getattr(IndexedListingRow, name) for name in FACETS]
    query = _matching(wanted, [*members, func.count()])
    counters: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    total = 0
    for *values, count in await reading.session.execute(query.group_by(*members)):
        total += count
        for name, value in zip(FACETS, values, strict=True):
            counters[name][value] += count
    facets = {name: _most_frequent(counter) for name, counter in counters.items()}
    return total, facets | {"provider": await _count_providers(reading, wanted)}


async def _count_providers(reading: Reading, wanted: SearchFilter) -> Sequence[FacetCount]:
    provider = col(IndexedListingRow.organisation_id)
    query = _matching(wanted, [provider, func.count().label("listings")])
    query = query.group_by(provider).order_by(func.count().desc(), provider).limit(_PROVIDERS_MAX)
    rows = await reading.session.execute(query)
    return [FacetCount(row[0], row[1]) for row in rows]


def _most_frequent(counter: Counter[str]) -> Sequence[FacetCount]:
    ordered = sorted(counter.items(), key=lambda entry: (-entry[1], entry[0]))
    return [FacetCount(value, count) for value, count in ordered]


def _matching(wanted: SearchFilter, columns: Sequence[Any]) -> AnyQuery:
    """A query for `columns` of all listings that match.

    It walks the holders of the first token and looks each further token up by the primary key,
    so the first token bounds the work: see `rarest_first`.
    """
    filters = [
        getattr(IndexedListingRow, name) == value
        for name, value in (
            ("subject", wanted.subject),
            ("grade", wanted.grade),
            ("openness", wanted.openness),
            ("price_mode", wanted.price_mode),
            ("organisation_id", wanted.provider_id),
        )
        if value is not None
    ]
    query = sql_select(*columns).select_from(IndexedListingRow).where(*filters)
    if not wanted.tokens:
        return query
    first, *others = wanted.tokens
    query = query.join(ListingTokenRow, _LISTING == _NUMBER).where(_holds(first))
    return query.where(*(exists(_entry(token)) for token in others))


def _holds(token: str) -> ColumnElement[bool]:
    return col(ListingTokenRow.token) == token


def _score(tokens: Sequence[str]) -> ColumnElement[int]:
    """The weights of a listing's tokens, added up; the first token's row is the one walked."""
    if not tokens:
        return literal(0)
    score: ColumnElement[int] = literal(0) + col(ListingTokenRow.weight)
    for token in tokens[1:]:
        score = score + _entry(token).scalar_subquery()
    return score


def _entry(token: str) -> Select[int]:
    """The weight of a token in the listing at hand."""
    entry = aliased(ListingTokenRow)
    return sql_select(col(entry.weight)).where(
        col(entry.token) == token, col(entry.listing) == _NUMBER
    )


def _behind(place: tuple[ColumnElement[Any], ...], after: SortKey) -> ColumnElement[bool]:
    score, published, number = place
    earlier = published < after.published_at
    at_once = and_(published == after.published_at, number < after.number)
    return or_(score < after.score, and_(score == after.score, or_(earlier, at_once)))
