"""Break glass: an administrator sees raw rows, but never without a trace that was there before.

    request -> (granted at once | another administrator approves) -> reading, as often as needed

Each reading commits its audit leaf and the event for the provider in a transaction of its own, and
only then opens the file. Asking for the values of identifying columns takes a second administrator.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from contracts.canonical import bytes_digest
from exchange_market.catalog.errors import ColumnUnknown, ProductNotFound
from exchange_market.catalog.product import Column
from exchange_market.catalog.service import (
    columns_of,
    find_product,
    find_revision,
    get_revision,
    own_product,
)
from exchange_market.governance import store
from exchange_market.governance.errors import (
    AffectedOrganisationExcluded,
    BreakGlassNotFound,
    RevisionNotReadable,
    SecondPersonRequired,
)
from exchange_market.governance.raw_rows import RawRows, read_raw_rows
from exchange_market.governance.request import RawRowsRequest, RequestState, RequestStep
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database, Reading, Transaction
from exchange_market.storage.objects import ObjectMissing, ObjectStore
from exchange_market.trust import audit

REQUEST_LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an administrator wants to see, and why. No columns means all of them."""

    product_id: str
    revision_number: int
    first_row: int
    rows: int
    columns: tuple[str, ...]
    unmask: bool
    reason: str


async def request_raw_rows(
    tx: Transaction, administrator: Principal, wanted: Wanted
) -> RawRowsRequest:
    """Ask for raw rows; granted at once unless identifying values are asked for.

    Raises AffectedOrganisationExcluded, RevisionNotReadable, ColumnUnknown and what the catalogue
    does not find.
    """
    product = await find_product(tx, wanted.product_id)
    if product is None:
        raise ProductNotFound(product_id=wanted.product_id)
    _exclude_affected(administrator, product.organisation_id)
    revision = await get_revision(tx, product.id, wanted.revision_number)
    if not revision.is_ready or revision.parquet_key is None:
        raise RevisionNotReadable(revision=revision.number)
    await _wanted_columns(tx, revision.id, wanted.columns)
    request = RawRowsRequest(
        id=new_id("brk"),
        product_id=product.id,
        organisation_id=product.organisation_id,
        revision_id=revision.id,
        revision_number=revision.number,
        first_row=wanted.first_row,
        rows=wanted.rows,
        columns=wanted.columns,
        unmask=wanted.unmask,
        reason=wanted.reason,
        state=RequestState.AWAITING_APPROVAL if wanted.unmask else RequestState.GRANTED,
        requested_by=administrator.user_id,
        requested_at=tx.now(),
        expires_at=tx.now() + REQUEST_LASTS,
    )
    await store.add_request(tx, request)
    _tell(tx, administrator, "governance.break_glass_requested", request)
    return request


async def decide_request(
    tx: Transaction, administrator: Principal, request_id: str, step: RequestStep, reason: str
) -> RawRowsRequest:
    """A second administrator grants or refuses; an approval opens a new hour for reading.

    Raises BreakGlassNotFound, SecondPersonRequired, AffectedOrganisationExcluded or
    BreakGlassMoveRefused.
    """
    request = await _locked(tx, request_id)
    _exclude_affected(administrator, request.organisation_id)
    state = request.after(step, tx.now())
    if request.requested_by == administrator.user_id:
        raise SecondPersonRequired
    decided = replace(
        request,
        state=state,
        decided_by=administrator.user_id,
        decided_at=tx.now(),
        decision_reason=reason,
        expires_at=tx.now() + REQUEST_LASTS,
    )
    await store.save_request(tx, decided)
    _tell(tx, administrator, f"governance.break_glass_{state.value}", decided)
    return decided


async def read_rows(
    database: Database, objects: ObjectStore, administrator: Principal, request_id: str
) -> tuple[RawRowsRequest, RawRows]:
    """Record a reading, commit that, and only then read. Only who asked may read.

    Raises BreakGlassNotFound, BreakGlassMoveRefused or RevisionNotReadable.
    """
    async with database.write() as tx:
        request = await _begin_reading(tx, administrator, request_id)
        columns = await _wanted_columns(tx, request.revision_id, request.columns)
        revision = await find_revision(tx, request.revision_id)
    key = None if revision is None else revision.parquet_key
    if key is None:
        raise RevisionNotReadable(revision=request.revision_number)
    try:
        path = await objects.as_file(key)
    except ObjectMissing:
        raise RevisionNotReadable(revision=request.revision_number) from None
    rows = await asyncio.to_thread(
        read_raw_rows,
        path,
        columns,
        first_row=request.first_row,
        limit=request.rows,
        unmask=request.unmask,
    )
    return request, rows


async def requests_on_product(
    reading: Reading, viewer: Principal, product_id: str, *, before: str | None, limit: int
) -> Sequence[RawRowsRequest]:
    """Who asked for raw rows of a product, newest first: for its provider and administrators."""
    if not viewer.is_administrator:
        await own_product(reading, viewer, product_id)
    elif await find_product(reading, product_id) is None:
        raise ProductNotFound(product_id=product_id)
    return await store.requests_about(reading, product_id, before=before, limit=limit)


async def list_requests(
    reading: Reading, *, before: str | None, limit: int
) -> Sequence[RawRowsRequest]:
    """All requests, newest first; for administrators."""
    return await store.requests_about(reading, None, before=before, limit=limit)


async def _begin_reading(
    tx: Transaction, administrator: Principal, request_id: str
) -> RawRowsRequest:
    request = await _locked(tx, request_id)
    if request.requested_by != administrator.user_id:
        raise BreakGlassNotFound(request_id=request_id)
    _exclude_affected(administrator, request.organisation_id)
    request.after(RequestStep.READ, tx.now())
    begun = replace(request, readings=request.readings + 1, last_read_at=tx.now())
    await store.save_request(tx, begun)
    _tell(tx, administrator, "governance.break_glass_read", begun)
    return begun


async def _locked(tx: Transaction, request_id: str) -> RawRowsRequest:
    request = await store.lock_request(tx, request_id)
    if request is None:
        raise BreakGlassNotFound(request_id=request_id)
    return request


async def _wanted_columns(
    reading: Reading, revision_id: str, names: tuple[str, ...]
) -> tuple[Column, ...]:
    columns = await columns_of(reading, revision_id)
    unknown = sorted(set(names) - {column.name for column in columns})
    if unknown:
        raise ColumnUnknown(field="columns", columns=", ".join(unknown))
    return tuple(column for column in columns if not names or column.name in names)


def _exclude_affected(administrator: Principal, organisation_id: str) -> None:
    if administrator.organisation_id == organisation_id:
        raise AffectedOrganisationExcluded


def _tell(tx: Transaction, administrator: Principal, action: str, request: RawRowsRequest) -> None:
    # The reason may name people, so the leaf binds it by a digest; the text is in the request.
    reason = bytes_digest(f"{request.id}\n{request.reason}".encode())
    audit.record(
        tx,
        administrator,
        action,
        audit.Subject("break_glass", request.id),
        {
            "product_id": request.product_id,
            "revision": request.revision_number,
            "first_row": request.first_row,
            "rows": request.rows,
            "unmask": request.unmask,
            "reason_digest": reason,
            "readings": request.readings,
        },
    )
    tx.emit(action, {"product_id": request.product_id, "request_id": request.id})
