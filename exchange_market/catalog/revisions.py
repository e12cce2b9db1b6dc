"""Revisions: finding them, and the steps of their ingestion."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from exchange_market.catalog import revision_store, store
from exchange_market.catalog.errors import NoReadyRevision, RevisionNotFound
from exchange_market.catalog.product import Product
from exchange_market.catalog.products import is_insider, product_for
from exchange_market.catalog.revision import (
    Column,
    IngestedColumn,
    IngestResult,
    Revision,
    RevisionFailure,
    RevisionState,
)
from exchange_market.kernel.principal import Principal, Service
from exchange_market.kernel.secrets import Secrets
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust import audit

INGESTION = Service("ingestion")
"""Who acts when a revision becomes ready or fails."""

_ABANDONED_AT_ONCE = 100
_COMMITMENTS = "commitments"
_ABANDONED = RevisionFailure(
    code="catalog.upload_abandoned",
    en="The upload stopped before its end and was given up; send the file again.",
    zh="上传中途停止，已被放弃；请重新上传。",
)


async def find_revision(reading: Reading, revision_id: str) -> Revision | None:
    """The revision with this id, whoever asks."""
    return await revision_store.find_revision(reading, revision_id)


async def get_revision(reading: Reading, product_id: str, number: int) -> Revision:
    """A revision of a product by its number; raises RevisionNotFound."""
    revision = await revision_store.numbered_revision(reading, product_id, number)
    if revision is None:
        raise RevisionNotFound(revision=number)
    return revision


async def revision_for(
    reading: Reading, viewer: Principal | None, product_id: str, number: int
) -> Revision:
    """A revision that `viewer` may see: strangers see the ready ones of a published listing.

    Raises ProductNotFound or RevisionNotFound.
    """
    product = await product_for(reading, viewer, product_id)
    revision = await get_revision(reading, product_id, number)
    if not revision.is_ready and not is_insider(viewer, product):
        raise RevisionNotFound(revision=number)
    return revision


async def revisions_for(
    reading: Reading,
    viewer: Principal | None,
    product_id: str,
    *,
    before: int | None,
    limit: int,
) -> Sequence[Revision]:
    """The revisions that `viewer` may see, newest first, from below the number `before`."""
    product = await product_for(reading, viewer, product_id)
    states = tuple(RevisionState) if is_insider(viewer, product) else (RevisionState.READY,)
    return await revision_store.revisions_of(
        reading, product_id, states, before=before, limit=limit
    )


async def find_latest_ready_revision(reading: Reading, product_id: str) -> Revision | None:
    """The newest revision whose rows can be read, if there is one."""
    return await revision_store.latest_revision(reading, product_id, RevisionState.READY)


async def latest_ready_revision(reading: Reading, product_id: str) -> Revision:
    """Like `find_latest_ready_revision`, but raises NoReadyRevision."""
    revision = await find_latest_ready_revision(reading, product_id)
    if revision is None:
        raise NoReadyRevision
    return revision


def seal_commitment_secret(secrets: Secrets, revision_id: str, secret: bytes) -> bytes:
    """The random secret of a revision's commitment, as it is kept in the revision's row."""
    return secrets.sealer(_COMMITMENTS).seal(secret, revision_id)


async def commitment_secret_of(
    reading: Reading, secrets: Secrets, revision_id: str
) -> bytes | None:
    """The secret of a revision's commitment; None before it is ready and after it was erased."""
    sealed = await revision_store.sealed_commitment_secret_of(reading, revision_id)
    return None if sealed is None else secrets.sealer(_COMMITMENTS).unseal(sealed, revision_id)


async def begin_ingest(tx: Transaction, revision_id: str) -> Revision | None:
    """The revision to ingest, its row count set back to nothing; None when there is nothing to do.

    A job that is run again after a crash starts over; one that is run again after its end gets
    None.
    """
    revision = await revision_store.lock_revision(tx, revision_id)
    if revision is None or revision.state is not RevisionState.INGESTING:
        return None
    begun = replace(revision, rows=0, updated_at=tx.now())
    await revision_store.save_revision(tx, begun)
    return begun


async def report_progress(tx: Transaction, revision_id: str, rows: int) -> None:
    """Note how many rows were read so far; nothing happens once the ingestion has ended."""
    revision = await revision_store.lock_revision(tx, revision_id)
    if revision is None or revision.state is not RevisionState.INGESTING:
        return
    await revision_store.save_revision(tx, replace(revision, rows=rows, updated_at=tx.now()))


async def finish_ingest(tx: Transaction, revision_id: str, result: IngestResult) -> Revision:
    """Make a revision ready, with a dictionary that keeps meanings and roles by column name.

    Doing it again changes nothing. Raises RevisionNotFound.
    """
    revision = await _locked(tx, revision_id)
    if revision.state is not RevisionState.INGESTING:
        return revision
    product = await store.find_product(tx, revision.product_id)
    before = await find_latest_ready_revision(tx, revision.product_id)
    known = () if before is None else await revision_store.columns_of(tx, before.id)
    columns = _carried_over(result.columns, known, product)
    ready = replace(
        revision,
        state=RevisionState.READY,
        updated_at=tx.now(),
        ready_at=tx.now(),
        rows=result.rows,
        parquet_key=result.parquet_key,
        parquet_bytes=result.parquet_bytes,
        parquet_sha256=result.parquet_sha256,
        pages_key=result.pages_key,
        root=result.root,
    )
    await revision_store.save_revision(tx, ready)
    await revision_store.keep_commitment_secret(tx, revision_id, result.sealed_commitment_secret)
    await revision_store.add_columns(tx, revision_id, columns)
    _announce(
        tx,
        ready,
        "catalog.revision_ready",
        {"rows": result.rows, "root": result.root, "parquet_sha256": result.parquet_sha256},
    )
    return ready


async def fail_ingest(tx: Transaction, revision_id: str, failure: RevisionFailure) -> Revision:
    """Mark a revision as failed and say why. Doing it again changes nothing. Raises
    RevisionNotFound.
    """
    revision = await _locked(tx, revision_id)
    if revision.state is not RevisionState.INGESTING:
        return revision
    return await _fail(tx, revision, failure)


async def fail_abandoned_revisions(tx: Transaction, older_than: timedelta) -> Sequence[Revision]:
    """Fail the uploads that made no progress for `older_than`, at most 100 at a time.

    Their idempotency keys may be used again. What they left on disk is removed afterwards, outside
    the transaction, by `exchange_market.catalog.uploads.remove_leftovers`.
    """
    stale = await revision_store.stale_receiving(tx, tx.now() - older_than, _ABANDONED_AT_ONCE)
    return [await give_up(tx, revision) for revision in stale]


async def give_up(tx: Transaction, revision: Revision) -> Revision:
    """Fail one upload whose process died; its idempotency key may be used again."""
    await revision_store.free_upload_key(tx, revision.id)
    return await _fail(tx, revision, _ABANDONED)


async def _fail(tx: Transaction, revision: Revision, failure: RevisionFailure) -> Revision:
    failed = replace(revision, state=RevisionState.FAILED, updated_at=tx.now(), failure=failure)
    await revision_store.save_revision(tx, failed)
    _announce(tx, failed, "catalog.revision_failed", {"code": failure.code})
    return failed


async def _locked(tx: Transaction, revision_id: str) -> Revision:
    revision = await revision_store.lock_revision(tx, revision_id)
    if revision is None:
        raise RevisionNotFound(revision=revision_id)
    return revision


def _announce(
    tx: Transaction, revision: Revision, topic: str, details: dict[str, str | int]
) -> None:
    subject = audit.Subject("revision", revision.id)
    audit.record(tx, INGESTION, topic, subject, {"product_id": revision.product_id, **details})
    tx.emit(topic, {"product_id": revision.product_id, "revision_id": revision.id})


def _carried_over(
    found: Sequence[IngestedColumn], known: Sequence[Column], product: Product | None
) -> tuple[Column, ...]:
    """The dictionary of a new revision: what was said of columns of the same name still holds."""
    by_name = {column.name: column for column in known}
    keys = frozenset(() if product is None else product.key_columns)
    columns: list[Column] = []
    for position, column in enumerate(found):
        is_key = column.name in keys
        fresh = Column(name=column.name, position=position, type=column.type, is_key=is_key)
        before = by_name.get(column.name)
        if before is not None:
            fresh = replace(
                fresh,
                meaning_zh=before.meaning_zh,
                meaning_en=before.meaning_en,
                role=before.role,
            )
        columns.append(fresh)
    return tuple(columns)
