"""Keeps the search index equal to what is published: one call after every change that could
matter.
"""

from collections import Counter

from exchange_market.accounts.service import find_organisation
from exchange_market.catalog import search_store, store
from exchange_market.catalog.product import FactKind, Product
from exchange_market.catalog.tokens import search_tokens
from exchange_market.persistence.transaction import Reading, Transaction

PRICE_MODE_UNKNOWN = "unpriced"
_TITLE_WEIGHT = 100
_KEYWORD_WEIGHT = 30
_SUBJECT_WEIGHT = 20
_PROVIDER_WEIGHT = 10
_DESCRIPTION_REPEATS_MAX = 5
"""A word in the title outweighs any number of mentions in the description."""


async def reindex(tx: Transaction, product_id: str) -> None:
    """Write the index entry of a published listing anew; remove that of any other."""
    await search_store.remove_listing(tx, product_id)
    product = await store.find_product(tx, product_id)
    if product is None or not product.is_published:
        return
    provider = await find_organisation(tx, product.organisation_id)
    names = "" if provider is None else f"{provider.name_zh} {provider.name_en}"
    price_mode = await _price_mode(tx, product_id)
    await search_store.add_listing(tx, product, price_mode, token_weights(product, names))


def token_weights(product: Product, provider_names: str) -> Counter[str]:
    """How much each token of a listing counts: title, then keywords, subject, provider,
    description.

    Single characters are indexed for what a listing is called, not for its long description.
    """
    weights: Counter[str] = Counter()
    for text, weight in (
        (f"{product.title_zh} {product.title_en}", _TITLE_WEIGHT),
        (" ".join(product.keywords), _KEYWORD_WEIGHT),
        (f"{product.subject.zh} {product.subject.en}", _SUBJECT_WEIGHT),
        (provider_names, _PROVIDER_WEIGHT),
    ):
        for token in search_tokens(text):
            weights[token] += weight
    described = search_tokens(f"{product.description_zh} {product.description_en}")
    for token, count in described.items():
        if len(token) > 1 or token.isascii():
            weights[token] += min(count, _DESCRIPTION_REPEATS_MAX)
    return weights


async def _price_mode(reading: Reading, product_id: str) -> str:
    for fact in await store.facts_newest_first(reading, product_id):
        if fact.kind is FactKind.PRICE:
            return str(fact.document.get("price_mode", PRICE_MODE_UNKNOWN))[:64]
    return PRICE_MODE_UNKNOWN
