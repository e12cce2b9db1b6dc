"""The transactions around an upload: its revision begins, grows, and arrives or goes away again."""

from dataclasses import dataclass, replace
from datetime import timedelta

from exchange_market.catalog import revision_store
from exchange_market.catalog.errors import ProductNotUploadable, UploadInProgress, UploadLost
from exchange_market.catalog.listing import ListingState
from exchange_market.catalog.products import lock_own_product
from exchange_market.catalog.revision import Revision, RevisionState
from exchange_market.catalog.revisions import give_up
from exchange_market.catalog.vocabulary import FileFormat
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.idempotency import IdempotencyKeyReused
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust import audit

# While a listing is under review its data stay what the reviewer looks at.
_CLOSED = frozenset({ListingState.SUBMITTED, ListingState.WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What a sender says about a file before its bytes: `announced_sha256` in hex, `upload_key` the
    idempotency key."""

    product_id: str
    file_format: FileFormat
    file_name: str
    declared_bytes: int | None
    announced_sha256: str | None
    upload_key: str | None


async def find_upload(reading: Reading, principal: Principal, upload: Upload) -> Revision | None:
    """The revision that this person already sent, or is sending, under the same key."""
    if upload.upload_key is None:
        return None
    return await revision_store.revision_of_upload(
        reading, upload.product_id, principal.actor_id, upload.upload_key
    )


def refuse_other_command(earlier: Revision, upload: Upload, sha256: str) -> None:
    """Raise IdempotencyKeyReused unless the upload equals the one that used its key before."""
    same = (sha256, upload.file_format, upload.file_name)
    if same != (earlier.sha256, earlier.file_format, earlier.file_name):
        raise IdempotencyKeyReused(field="Idempotency-Key")


async def begin_receiving(
    tx: Transaction, principal: Principal, upload: Upload, abandoned_after: timedelta
) -> Revision:
    """A new revision under the next number.

    One product receives one file at a time, so the number of a refused upload is free again and
    numbers have no gaps. Raises ProductNotFound, ProductNotUploadable or UploadInProgress.
    """
    product = await lock_own_product(tx, principal, upload.product_id)
    if product.state in _CLOSED:
        raise ProductNotUploadable(state=product.state.value)
    other = await revision_store.latest_revision(tx, product.id, RevisionState.RECEIVING)
    if other is not None:
        if other.updated_at > tx.now() - abandoned_after:
            raise UploadInProgress(number=other.number)
        await give_up(tx, other)
    twin = await find_upload(tx, principal, upload)
    if twin is not None:
        # It arrived between our look and our lock; the sender gets its answer by asking again.
        raise UploadInProgress(number=twin.number)
    revision = Revision(
        id=new_id("rev"),
        product_id=product.id,
        number=await revision_store.next_number(tx, product.id),
        state=RevisionState.RECEIVING,
        file_format=upload.file_format,
        file_name=upload.file_name,
        created_by=principal.actor_id,
        created_at=tx.now(),
        updated_at=tx.now(),
        declared_bytes=upload.declared_bytes,
    )
    await revision_store.add_revision(tx, revision, upload.upload_key)
    return revision


async def note_received(tx: Transaction, revision_id: str, received_bytes: int) -> None:
    """Show how far the upload is; raises UploadLost when it was given up meanwhile."""
    revision = await _receiving(tx, revision_id)
    await revision_store.save_revision(
        tx, replace(revision, received_bytes=received_bytes, updated_at=tx.now())
    )


async def finish_receiving(tx: Transaction, principal: Principal, arrived: Revision) -> Revision:
    """Hand a revision whose bytes are all stored over to the ingestion.

    Raises UploadLost when it was given up meanwhile.
    """
    received = replace(
        await _receiving(tx, arrived.id),
        state=RevisionState.INGESTING,
        received_bytes=arrived.received_bytes,
        sha256=arrived.sha256,
        original_key=arrived.original_key,
        updated_at=tx.now(),
    )
    await revision_store.save_revision(tx, received)
    audit.record(
        tx,
        principal,
        "catalog.revision_received",
        audit.Subject("revision", received.id),
        {
            "product_id": received.product_id,
            "number": received.number,
            "bytes": received.received_bytes,
            "sha256": received.sha256,
        },
    )
    tx.emit(
        "catalog.revision_received",
        {"product_id": received.product_id, "revision_id": received.id},
    )
    return received


async def drop_receiving(tx: Transaction, revision_id: str) -> None:
    """Forget an upload that was refused; one that arrived or failed meanwhile stays."""
    revision = await revision_store.lock_revision(tx, revision_id)
    if revision is not None and revision.state is RevisionState.RECEIVING:
        await revision_store.delete_revision(tx, revision_id)


async def _receiving(tx: Transaction, revision_id: str) -> Revision:
    revision = await revision_store.lock_revision(tx, revision_id)
    if revision is None or revision.state is not RevisionState.RECEIVING:
        raise UploadLost
    return revision
