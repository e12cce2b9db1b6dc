"""Products: describing them, and showing them to those who may see them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from exchange_market.catalog import store
from exchange_market.catalog.errors import (
    CoverageReversed,
    HoldsPersonsDenied,
    ListingNotEditable,
    ProductNotFound,
)
from exchange_market.catalog.listing import EDITABLE
from exchange_market.catalog.product import ListingEvent, ListingState, Product, Subject
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Actor, Principal
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust import audit

Describe = Callable[[Product], Product]
"""Returns the product with some of the provider's own members changed."""


async def find_product(reading: Reading, product_id: str) -> Product | None:
    """The product, whoever asks; for services that have their own reason to look."""
    return await store.find_product(reading, product_id)


async def product_for(reading: Reading, viewer: Principal | None, product_id: str) -> Product:
    """The product if `viewer` may see it: published, of the own organisation, or an administrator.

    Raises ProductNotFound otherwise, so that a stranger cannot tell a draft from nothing.
    """
    product = await store.find_product(reading, product_id)
    if product is None or not may_see(viewer, product):
        raise ProductNotFound(product_id=product_id)
    return product


def may_see(viewer: Principal | None, product: Product) -> bool:
    """Whether `viewer` may know that the product exists."""
    return product.is_published or is_insider(viewer, product)


def is_insider(viewer: Principal | None, product: Product) -> bool:
    """Whether `viewer` sees what strangers do not: somebody of the provider, or an
    administrator.
    """
    return viewer is not None and (
        viewer.is_administrator or viewer.organisation_id == product.organisation_id
    )


async def own_product(reading: Reading, principal: Principal, product_id: str) -> Product:
    """The product if it belongs to the organisation of `principal`; raises ProductNotFound."""
    return _owned(await store.find_product(reading, product_id), principal, product_id)


async def lock_own_product(tx: Transaction, principal: Principal, product_id: str) -> Product:
    """Like `own_product`, and held against other writers until the transaction ends."""
    return _owned(await store.lock_product(tx, product_id), principal, product_id)


async def own_products(
    reading: Reading, principal: Principal, *, after: str | None, limit: int
) -> Sequence[Product]:
    """The products of the organisation of `principal`, oldest first."""
    return await store.products_of_organisation(
        reading, principal.organisation_id, after=after, limit=limit
    )


async def list_products_in_state(
    reading: Reading, state: ListingState, *, after: str | None, limit: int
) -> Sequence[Product]:
    """Products in a state, oldest first; for administrators."""
    return await store.products_in_state(reading, state, after=after, limit=limit)


async def list_products_waiting(
    reading: Reading,
    state: ListingState,
    *,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Product]:
    """Products in a state, the longest unchanged first, from behind (time of change, id).

    For administrators.
    """
    return await store.products_waiting(reading, state, after=after, limit=limit)


async def find_products(reading: Reading, product_ids: Sequence[str]) -> dict[str, Product]:
    """Those of the products that exist, by id, in one query; for lists of other slices."""
    return await store.products_by_id(reading, product_ids)


async def count_products(reading: Reading) -> dict[ListingState, int]:
    """How many products stand in each state."""
    return await store.count_products(reading)


async def listing_history(
    reading: Reading, viewer: Principal, product_id: str
) -> Sequence[ListingEvent]:
    """The steps of a listing with their reasons, oldest first: for its provider and administrators.

    Raises ProductNotFound for everybody else, also when the listing is published.
    """
    product = await store.find_product(reading, product_id)
    if product is None or not is_insider(viewer, product):
        raise ProductNotFound(product_id=product_id)
    return await store.events_of(reading, product_id)


async def create_product(
    tx: Transaction, principal: Principal, subject: Subject, describe: Describe
) -> Product:
    """A new draft. Raises CoverageReversed."""
    now = tx.now()
    product = describe(
        Product(
            id=new_id("prd"),
            organisation_id=principal.organisation_id,
            state=ListingState.DRAFT,
            subject=subject,
            created_at=now,
            updated_at=now,
        )
    )
    _check_coverage(product)
    await store.add_product(tx, product)
    event = ListingEvent(
        new_id("lev"), product.id, "create", None, product.state, principal.actor_id, "", now
    )
    await store.add_event(tx, event)
    audit.record(
        tx,
        principal,
        "catalog.product_created",
        audit.Subject("product", product.id),
        {"subject": product.subject.value, "grade": product.grade.value},
    )
    return product


async def describe_product(
    tx: Transaction, principal: Principal, product_id: str, describe: Describe
) -> Product:
    """Change the description of a draft or of a returned listing.

    Raises ProductNotFound, ListingNotEditable, CoverageReversed, or HoldsPersonsDenied when the
    provider would take back that the data are about persons.
    """
    before = await lock_own_product(tx, principal, product_id)
    if before.state not in EDITABLE:
        raise ListingNotEditable(state=before.state.value)
    after = describe(before)
    _check_coverage(after)
    _check_persons(before, after)
    changed = _changed_members(before, after)
    if not changed:
        return before
    after = replace(after, updated_at=tx.now())
    await store.save_product(tx, after)
    audit.record(
        tx,
        principal,
        "catalog.product_described",
        audit.Subject("product", product_id),
        {"members": changed},
    )
    return after


async def set_holds_persons(
    tx: Transaction, actor: Actor, product_id: str, holds_persons: bool
) -> Product:
    """Say whether the data are about persons; the scan, the provider and administrators may.

    Only an administrator may turn yes into no: HoldsPersonsDenied. The scan's own "no" changes
    nothing once somebody has said "yes".
    """
    before = await store.lock_product(tx, product_id)
    if before is None:
        raise ProductNotFound(product_id=product_id)
    is_administrator = isinstance(actor, Principal) and actor.is_administrator
    if isinstance(actor, Principal) and not is_administrator:
        _owned(before, actor, product_id)
    if before.holds_persons and not holds_persons and not is_administrator:
        if isinstance(actor, Principal):
            raise HoldsPersonsDenied(field="holds_persons")
        return before
    if before.holds_persons is holds_persons:
        return before
    after = replace(before, holds_persons=holds_persons, updated_at=tx.now())
    await store.save_product(tx, after)
    audit.record(
        tx,
        actor,
        "catalog.holds_persons_set",
        audit.Subject("product", product_id),
        {"holds_persons": holds_persons},
    )
    tx.emit("catalog.holds_persons_set", {"product_id": product_id})
    return after


def _owned(product: Product | None, principal: Principal, product_id: str) -> Product:
    if product is None or product.organisation_id != principal.organisation_id:
        raise ProductNotFound(product_id=product_id)
    return product


def _check_coverage(product: Product) -> None:
    start, end = product.temporal_start, product.temporal_end
    if start is not None and end is not None and end <= start:
        raise CoverageReversed(field="temporal_end")


def _check_persons(before: Product, after: Product) -> None:
    if before.holds_persons and not after.holds_persons:
        raise HoldsPersonsDenied(field="holds_persons")


def _changed_members(before: Product, after: Product) -> list[str]:
    old, new = asdict(before), asdict(after)
    return sorted(name for name in old if old[name] != new[name])
