"""Decisions about listings and valuations; important data takes two different administrators.

The first approval of important data is kept as a vote on exactly what was looked at: the
submission, the revision and the time of the last change. If one of them changes, the vote counts
for nothing.
"""

from dataclasses import dataclass

from contracts.canonical import bytes_digest, canonical_bytes
from exchange_market.appraisals import service as appraisals
from exchange_market.catalog import service as catalog
from exchange_market.catalog.errors import ProductNotFound
from exchange_market.catalog.listing import ListingAction
from exchange_market.catalog.product import Product
from exchange_market.governance import store
from exchange_market.governance.errors import AlreadyReviewed
from exchange_market.governance.store import Vote
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust import audit


@dataclass(frozen=True, slots=True)
class ListingDecision:
    """A listing after a decision; `first_vote` while it waits for a second administrator."""

    product: Product
    first_vote: Vote | None


async def decide_product(  # noqa: PLR0913 - one decision, told completely
    tx: Transaction,
    administrator: Principal,
    product_id: str,
    decision: ListingAction,
    reason: str,
    *,
    publish: bool,
) -> ListingDecision:
    """Approve, return, suspend or reinstate a listing.

    Raises AlreadyReviewed for the first reviewer's second approval, and what the catalogue refuses.
    """
    first_reviewer_id = None
    if decision is ListingAction.APPROVE:
        product = await catalog.find_product(tx, product_id)
        if product is None:
            raise ProductNotFound(product_id=product_id)
        if product.needs_two_reviewers:
            product = await catalog.check_approval(tx, administrator, product_id, reason)
            vote, is_first = await _standing_vote(tx, administrator, product, reason)
            if is_first:
                return ListingDecision(product, vote)
            first_reviewer_id = vote.administrator_id
    moved = await catalog.decide_listing(
        tx,
        administrator,
        product_id,
        decision,
        reason,
        publish=publish,
        first_reviewer_id=first_reviewer_id,
    )
    return ListingDecision(moved, None)


async def decide_valuation(
    tx: Transaction,
    administrator: Principal,
    valuation_id: str,
    decision: appraisals.ValuationDecision,
    reason: str,
) -> appraisals.AppraisedValue:
    """Approve or return a proposed valuation; appraisals knows who may not."""
    return await appraisals.decide_valuation(tx, administrator, valuation_id, decision, reason)


async def review_basis(reading: Reading, administrator: Principal, product: Product) -> str:
    """The digest of what a reviewer of this listing looks at now."""
    history = await catalog.listing_history(reading, administrator, product.id)
    submissions = [event.id for event in history if event.action == ListingAction.SUBMIT.value]
    revision = await catalog.find_latest_ready_revision(reading, product.id)
    seen = [
        submissions[-1] if submissions else "",
        "" if revision is None else revision.id,
        product.updated_at.isoformat(),
    ]
    return bytes_digest(canonical_bytes(seen)).removeprefix("sha256:")


async def _standing_vote(
    tx: Transaction, administrator: Principal, product: Product, reason: str
) -> tuple[Vote, bool]:
    """The first approval on the present basis, and whether it was given just now."""
    vote = Vote(
        product_id=product.id,
        basis=await review_basis(tx, administrator, product),
        administrator_id=administrator.user_id,
        reason=reason,
        voted_at=tx.now(),
    )
    before = await store.votes_on(tx, [product.id])
    if any(
        (earlier.basis, earlier.administrator_id) == (vote.basis, vote.administrator_id)
        for earlier in before[product.id]
    ):
        raise AlreadyReviewed
    standing = await store.place_vote(tx, vote)
    if standing.administrator_id != administrator.user_id:
        return standing, False
    audit.record(
        tx,
        administrator,
        "governance.first_approval",
        audit.Subject("product", product.id),
        {"basis": vote.basis},
    )
    tx.emit("governance.second_reviewer_wanted", {"product_id": product.id})
    return standing, True
