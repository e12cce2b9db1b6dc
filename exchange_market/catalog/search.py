"""Finding published listings by words and by what they are."""

from dataclasses import replace

from exchange_market.accounts.service import find_organisation
from exchange_market.catalog import search_store, store
from exchange_market.catalog.search_query import (
    FoundListing,
    SearchAnswer,
    SearchFilter,
    SearchOrder,
    SortKey,
)
from exchange_market.catalog.tokens import query_tokens
from exchange_market.persistence.transaction import Reading

WORDS_MAX = 64
"""A query is cut off after this many tokens; the route bounds its characters as well."""


async def search_listings(
    reading: Reading, words: str, wanted: SearchFilter, *, after: SortKey | None, limit: int
) -> SearchAnswer:
    """Published listings that hold all `words` and pass the filter, with counts over all of them.

    Words without anything to search for (only punctuation) find nothing; no words at all find
    everything, newest first.
    """
    tokens = query_tokens(words)[:WORDS_MAX]
    if words.strip() and not tokens:
        return SearchAnswer((), 0, {})
    tokens = await search_store.rarest_first(reading, tokens)
    order = wanted.order if tokens else SearchOrder.NEWEST
    wanted = replace(wanted, tokens=tokens, order=order)
    hits = await search_store.matching_listings(reading, wanted, after=after, limit=limit)
    total, facets = await search_store.count_facets(reading, wanted)
    products = await store.products_by_id(reading, [hit.product_id for hit in hits])
    found: list[FoundListing] = []
    for hit in hits:
        product = products[hit.product_id]
        # At most a page of look-ups, answered by the session's identity map when providers repeat.
        provider = await find_organisation(reading, product.organisation_id)
        names = ("", "") if provider is None else (provider.name_zh, provider.name_en)
        found.append(FoundListing(product, *names, hit.price_mode, hit.sort_key))
    return SearchAnswer(found, total, facets)
