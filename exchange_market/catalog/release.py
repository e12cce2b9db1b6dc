"""Which revisions of a listing may be contracted and delivered: ready is not yet released.

What was ready when the listing was published was reviewed with it. A later revision is released by
the provider's approval of its sample, which waits for the scan; but never where it holds persons or
the data are graded higher: then the listing has to go through review again.
"""

from exchange_market.catalog import revision_store
from exchange_market.catalog.errors import NoReadyRevision
from exchange_market.catalog.facts import SAMPLE_APPROVED, facts_of_revision
from exchange_market.catalog.product import FactKind, Grade, Product, Revision, RevisionState
from exchange_market.catalog.products import find_product
from exchange_market.persistence.transaction import Reading

_LOOKED_AT = 50


async def is_released(reading: Reading, product: Product, revision: Revision) -> bool:
    """Whether the revision may be contracted and delivered."""
    if not revision.is_ready or revision.ready_at is None or product.published_at is None:
        return False
    if revision.ready_at <= product.published_at:
        return True
    if product.holds_persons is not False or product.grade is not Grade.GENERAL:
        return False
    facts = await facts_of_revision(reading, product.id, revision.id)
    return facts.get(FactKind.SAMPLE.value, {}).get("state") == SAMPLE_APPROVED


async def latest_released_revision(reading: Reading, product_id: str) -> Revision:
    """The newest released revision; raises NoReadyRevision when there is none."""
    product = await find_product(reading, product_id)
    if product is None:
        raise NoReadyRevision
    revisions = await revision_store.revisions_of(
        reading, product_id, (RevisionState.READY,), before=None, limit=_LOOKED_AT
    )
    for revision in revisions:
        if await is_released(reading, product, revision):
            return revision
    raise NoReadyRevision


async def released_revision(reading: Reading, product_id: str, number: int) -> Revision | None:
    """A revision by its number if it is released."""
    product = await find_product(reading, product_id)
    revision = await revision_store.numbered_revision(reading, product_id, number)
    if product is None or revision is None:
        return None
    return revision if await is_released(reading, product, revision) else None
