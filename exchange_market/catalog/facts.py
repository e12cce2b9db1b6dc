"""What other slices tell about a listing: they write facts here, the listing shows them.

A fact is what a stranger may read (DESIGN rule 9): no values, extremes or rare counts of
identifying or sensitive columns, confidential inputs only as hash and aggregate. Members the
catalogue itself reads:

- `price`: `price_mode`, a short code by which the search filters (for example `free`, `per_row`);
- `sample`: `state`, where only `approved` lets a listing be submitted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from exchange_market.catalog import store
from exchange_market.catalog.indexing import reindex
from exchange_market.catalog.product import Fact, FactKind
from exchange_market.persistence.transaction import Reading, Transaction

SAMPLE_APPROVED = "approved"


async def put_fact(
    tx: Transaction,
    product_id: str,
    revision_id: str,
    kind: FactKind | str,
    fact: Mapping[str, Any],
) -> None:
    """Set what is known of this kind about this revision, replacing what was said before.

    The caller records its own audit leaf for the decision or measurement that led to the fact.
    """
    await store.put_fact(tx, product_id, Fact(FactKind(kind), revision_id, tx.now(), dict(fact)))
    if kind == FactKind.PRICE:
        await reindex(tx, product_id)


async def withdraw_fact(
    tx: Transaction, product_id: str, revision_id: str, kind: FactKind | str
) -> None:
    """Take back what was said of this kind about this revision, if anything was."""
    await store.delete_fact(tx, product_id, revision_id, FactKind(kind))
    if kind == FactKind.PRICE:
        await reindex(tx, product_id)


async def facts_of(reading: Reading, product_id: str) -> dict[str, Mapping[str, Any]]:
    """The newest fact of each kind, by kind.

    A sample counts only once approved: a newer revision whose sample still waits does not hide the
    approved one before it.
    """
    return {fact.kind.value: fact.document for fact in await shown_facts(reading, product_id)}


async def shown_facts(reading: Reading, product_id: str) -> Sequence[Fact]:
    """The facts of `facts_of` with their revisions."""
    newest: dict[FactKind, Fact] = {}
    for fact in await store.facts_newest_first(reading, product_id):
        if fact.kind is FactKind.SAMPLE and fact.document.get("state") != SAMPLE_APPROVED:
            continue
        newest.setdefault(fact.kind, fact)
    return tuple(newest.values())


async def facts_of_revision(
    reading: Reading, product_id: str, revision_id: str
) -> dict[str, Mapping[str, Any]]:
    """What is known about exactly this revision, by kind, whatever its state."""
    facts = await store.facts_newest_first(reading, product_id)
    return {fact.kind.value: fact.document for fact in facts if fact.revision_id == revision_id}
