"""Every query on the search index: an inverted index in two ordinary tables (docs/decisions)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, literal, or_
from sqlalchemy import select as sql_select
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
_NUMBER, _PUBLISHED = col(IndexedListingRow.number), col(IndexedListingRow.published_at)


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


async def matching_listings(
    reading: Reading, wanted: SearchFilter, *, after: SortKey | None, limit: int
) -> Sequence[Hit]:
    """The listings that match, best or newest first, from behind a sort key."""
    score, query = _matching(
        wanted,
        [col(IndexedListingRow.product_id), col(IndexedListingRow.price_mode), _PUBLISHED, _NUMBER],
    )
    if wanted.order is SearchOrder.NEWEST:
        score = literal(0)
    if after is not None:
        query = query.where(_behind(score, after))
    query = query.add_columns(score).order_by(score.desc(), _PUBLISHED.desc(), _NUMBER.desc())
    found = await reading.session.execute(query.limit(limit))
    return [
        Hit(product_id, price_mode, SortKey(int(points), published_at, number))
        for product_id, price_mode, published_at, number, points in found
    ]


async def count_facets(
    reading: Reading, wanted: SearchFilter
) -> tuple[int, dict[str, Sequence[FacetCount]]]:
    """How many listings match, and how many per value of each facet, most frequent first.

    One pass groups by all facets together; the few groups are added up here.
    """
    members = [getattr(IndexedListingRow, name) for name in FACETS]
    _, query = _matching(wanted, [*members, func.count()])
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
    _, query = _matching(wanted, [provider, func.count().label("listings")])
    query = query.group_by(provider).order_by(func.count().desc(), provider).limit(_PROVIDERS_MAX)
    rows = await reading.session.execute(query)
    return [FacetCount(row[0], row[1]) for row in rows]


def _most_frequent(counter: Counter[str]) -> Sequence[FacetCount]:
    ordered = sorted(counter.items(), key=lambda entry: (-entry[1], entry[0]))
    return [FacetCount(value, count) for value, count in ordered]


def _matching(wanted: SearchFilter, columns: Sequence[Any]) -> tuple[ColumnElement[Any], AnyQuery]:
    """The score of a listing and a query for `columns` of all that match."""
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
    if not wanted.tokens:
        return literal(0), sql_select(*columns).select_from(IndexedListingRow).where(*filters)
    holders = _holders(wanted.tokens).subquery()
    query = (
        sql_select(*columns)
        .select_from(IndexedListingRow)
        .join(holders, holders.c.listing == _NUMBER)
        .where(*filters)
    )
    return holders.c.score, query


def _holders(tokens: Sequence[str]) -> AnyQuery:
    """The listings that hold all of the tokens, with their scores."""
    listing, weight = col(ListingTokenRow.listing), col(ListingTokenRow.weight)
    token = col(ListingTokenRow.token)
    if len(tokens) == 1:
        # The primary key makes listings unique here: no grouping of what may be nearly all of them.
        return sql_select(listing, weight.label("score")).where(token == tokens[0])
    return (
        sql_select(listing, func.sum(weight).label("score"))
        .where(token.in_(tokens))
        .group_by(listing)
        .having(func.count() == len(tokens))
    )


def _behind(score: ColumnElement[Any], after: SortKey) -> ColumnElement[bool]:
    earlier = col(IndexedListingRow.published_at) < after.published_at
    at_once = col(IndexedListingRow.published_at) == after.published_at
    lower = col(IndexedListingRow.number) < after.number
    return or_(score < after.score, and_(score == after.score, or_(earlier, and_(at_once, lower))))
