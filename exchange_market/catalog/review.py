"""Moving a listing through its life: submission, decisions, publication, withdrawal."""

from dataclasses import replace

from exchange_market.accounts.service import find_organisation
from exchange_market.catalog import revision_store, store
from exchange_market.catalog.completeness import Dossier, MissingItem, missing_items
from exchange_market.catalog.errors import (
    CoreDataRefused,
    ListingActionNotYours,
    ListingIncomplete,
    OwnListing,
    ProductNotFound,
    SecondReviewerRequired,
)
from exchange_market.catalog.facts import facts_of, facts_of_revision
from exchange_market.catalog.indexing import reindex
from exchange_market.catalog.listing import ListingAction, ListingState, Mover, next_state
from exchange_market.catalog.product import FactKind, Grade, ListingEvent, Product, RevisionState
from exchange_market.catalog.products import lock_own_product
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust import audit

TOPICS = {
    ListingAction.SUBMIT: "catalog.listing_submitted",
    ListingAction.APPROVE: "catalog.listing_approved",
    ListingAction.RETURN: "catalog.listing_returned",
    ListingAction.PUBLISH: "catalog.listing_published",
    ListingAction.SUSPEND: "catalog.listing_suspended",
    ListingAction.REINSTATE: "catalog.listing_reinstated",
    ListingAction.WITHDRAW: "catalog.listing_withdrawn",
    ListingAction.REOPEN: "catalog.listing_reopened",
}
"""The outbox topic of each action: `{product_id}`."""

# An approval says that everything was there; what may have changed since submission is looked at
# again.
_CHECKED = frozenset({ListingAction.SUBMIT, ListingAction.APPROVE, ListingAction.PUBLISH})


async def submit_listing(tx: Transaction, principal: Principal, product_id: str) -> Product:
    """Hand a listing over for review.

    Raises ListingIncomplete with everything that is missing, CoreDataRefused, ProductNotFound or
    ListingTransitionRefused.
    """
    return await _move_own(tx, principal, product_id, ListingAction.SUBMIT, "")


async def publish_listing(tx: Transaction, principal: Principal, product_id: str) -> Product:
    """Make an approved listing of the own organisation visible to everyone."""
    return await _move_own(tx, principal, product_id, ListingAction.PUBLISH, "")


async def withdraw_listing(
    tx: Transaction, principal: Principal, product_id: str, reason: str
) -> Product:
    """Take a listing of the own organisation back. What was contracted stays contracted."""
    return await _move_own(tx, principal, product_id, ListingAction.WITHDRAW, reason)


async def reopen_listing(tx: Transaction, principal: Principal, product_id: str) -> Product:
    """Make a withdrawn listing a draft again, to be changed and reviewed anew."""
    return await _move_own(tx, principal, product_id, ListingAction.REOPEN, "")


async def decide_listing(  # noqa: PLR0913 - one decision, told completely
    tx: Transaction,
    administrator: Principal,
    product_id: str,
    decision: ListingAction | str,
    reason: str,
    *,
    publish: bool = False,
    first_reviewer_id: str | None = None,
) -> Product:
    """An administrator's decision: approve, return, publish, suspend, reinstate or withdraw.

    With `publish` an approval publishes in the same step. Important data takes two reviewers:
    `first_reviewer_id` is the other administrator who approved before (governance keeps that
    record). Raises ProductNotFound, OwnListing, SecondReviewerRequired, ListingTransitionRefused,
    ListingActionNotYours, ReasonRequired, ListingIncomplete or CoreDataRefused.
    """
    action = ListingAction(decision)
    if not administrator.is_administrator:
        raise ListingActionNotYours(action=action.value, movers=Mover.ADMINISTRATOR.value)
    product = await store.lock_product(tx, product_id)
    if product is None:
        raise ProductNotFound(product_id=product_id)
    if product.organisation_id == administrator.organisation_id:
        raise OwnListing
    if action is ListingAction.APPROVE and product.needs_two_reviewers:
        _check_first_reviewer(administrator, first_reviewer_id)
    moved = await _move(tx, administrator, Mover.ADMINISTRATOR, product, action, reason)
    if action is ListingAction.APPROVE and publish:
        publishing = ListingAction.PUBLISH
        moved = await _move(tx, administrator, Mover.ADMINISTRATOR, moved, publishing, reason)
    return moved


async def check_approval(
    reading: Reading, administrator: Principal, product_id: str, reason: str
) -> Product:
    """The product, if this administrator could approve its listing but for a second reviewer.

    Raises what `decide_listing` would, except SecondReviewerRequired; so that a first reviewer is
    not asked to vote for what cannot be approved.
    """
    product = await store.find_product(reading, product_id)
    if product is None:
        raise ProductNotFound(product_id=product_id)
    if product.organisation_id == administrator.organisation_id:
        raise OwnListing
    next_state(product.state, ListingAction.APPROVE, Mover.ADMINISTRATOR, reason)
    await _check_complete(reading, product)
    return product


def _check_first_reviewer(administrator: Principal, first_reviewer_id: str | None) -> None:
    if first_reviewer_id is None or first_reviewer_id == administrator.user_id:
        raise SecondReviewerRequired


async def still_missing(reading: Reading, product: Product) -> tuple[MissingItem, ...]:
    """Everything that keeps the listing from a review; empty when it could be submitted."""
    return missing_items(await _dossier(reading, product))


async def _move_own(
    tx: Transaction, principal: Principal, product_id: str, action: ListingAction, reason: str
) -> Product:
    product = await lock_own_product(tx, principal, product_id)
    return await _move(tx, principal, Mover.PROVIDER, product, action, reason)


async def _move(  # noqa: PLR0913, PLR0917 - the members of one step
    tx: Transaction,
    actor: Principal,
    mover: Mover,
    product: Product,
    action: ListingAction,
    reason: str,
) -> Product:
    state = next_state(product.state, action, mover, reason)
    if action in _CHECKED:
        await _check_complete(tx, product)
    now = tx.now()
    published_at = product.published_at
    if action is ListingAction.PUBLISH:
        published_at = now
    moved = replace(product, state=state, updated_at=now, published_at=published_at)
    await store.save_product(tx, moved)
    event = ListingEvent(
        new_id("lev"), product.id, action.value, product.state, state, actor.actor_id, reason, now
    )
    await store.add_event(tx, event)
    if ListingState.PUBLISHED in (product.state, state):
        await reindex(tx, product.id)
    audit.record(
        tx,
        actor,
        TOPICS[action],
        audit.Subject("product", product.id),
        {"from": product.state.value, "to": state.value, "event_id": event.id},
    )
    tx.emit(TOPICS[action], {"product_id": product.id})
    return moved


async def _check_complete(reading: Reading, product: Product) -> None:
    if product.grade is Grade.CORE:
        raise CoreDataRefused(field="grade")
    missing = await still_missing(reading, product)
    if missing:
        raise ListingIncomplete(
            missing=[{"item": item.item, "en": item.en, "zh": item.zh} for item in missing],
            summary_en="; ".join(item.en for item in missing),
            summary_zh="；".join(item.zh for item in missing),
        )


async def _dossier(reading: Reading, product: Product) -> Dossier:
    provider = await find_organisation(reading, product.organisation_id)
    revision = await revision_store.latest_revision(reading, product.id, RevisionState.READY)
    columns, facts = (), {}
    if revision is not None:
        columns = await revision_store.columns_of(reading, revision.id)
        facts = await facts_of_revision(reading, product.id, revision.id)
        price = (await facts_of(reading, product.id)).get(FactKind.PRICE.value)
        if price is not None:
            facts[FactKind.PRICE.value] = price
    return Dossier(
        product=product,
        provider_is_verified=provider is not None and provider.is_verified,
        revision=revision,
        columns=columns,
        facts=facts,
    )
