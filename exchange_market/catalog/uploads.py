"""Receiving a revision: streamed to disk while it is counted and hashed, never held in memory.

Two short transactions, one before the first byte and one after the last; what is refused in between
leaves nothing behind. A process that dies leaves a `receiving` revision, which `sweep_uploads`
fails.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import anyio
import anyio.to_thread

from exchange_market.catalog.errors import (
    UploadDigestMismatch,
    UploadEmpty,
    UploadInterrupted,
    UploadTooLarge,
)
from exchange_market.catalog.products import own_product
from exchange_market.catalog.receiving import (
    Upload,
    begin_receiving,
    drop_receiving,
    find_upload,
    finish_receiving,
    note_received,
    refuse_other_command,
)
from exchange_market.catalog.revision import Revision
from exchange_market.catalog.revisions import fail_abandoned_revisions, find_revision
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectStore

SILENCE_SECONDS_MAX: Final = 60
"""A sender that says nothing for so long has gone away."""
ABANDONED_AFTER: Final = timedelta(seconds=5 * SILENCE_SECONDS_MAX)
"""A `receiving` revision without progress for so long has lost its process."""

_PROGRESS_SECONDS: Final = 2.0
_WRITE_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """A finished upload; `replayed` when the same command had arrived before."""

    revision: Revision
    replayed: bool


class Uploads:
    """Takes files in."""

    def __init__(self, database: Database, objects: ObjectStore, bytes_max: int) -> None:
        self._database = database
        self._objects = objects
        self._bytes_max = bytes_max

    async def receive(
        self, principal: Principal, upload: Upload, chunks: AsyncIterator[bytes]
    ) -> Received:
        """Store the bytes as a new revision of the product and leave it to the ingestion.

        Raises ProductNotFound, ProductNotUploadable, UploadInProgress, UploadEmpty, UploadTooLarge,
        UploadInterrupted, UploadDigestMismatch or IdempotencyKeyReused; nothing is kept then.
        """
        if upload.declared_bytes == 0:
            raise UploadEmpty
        if (upload.declared_bytes or 0) > self._bytes_max:
            raise UploadTooLarge(bytes_max=self._bytes_max)
        async with self._database.read() as reading:
            await own_product(reading, principal, upload.product_id)
            earlier = await find_upload(reading, principal, upload)
        if earlier is not None and earlier.sha256 is not None:
            sha256 = await self._hash_only(upload, chunks)
            refuse_other_command(earlier, upload, sha256)
            return Received(earlier, replayed=True)
        return Received(await self._receive_new(principal, upload, chunks), replayed=False)

    async def _receive_new(
        self, principal: Principal, upload: Upload, chunks: AsyncIterator[bytes]
    ) -> Revision:
        incoming = _spoken(chunks)
        # Nothing is written before the first byte is here: an empty upload changes nothing at all.
        first = await anext(incoming, b"")
        if not first:
            raise UploadEmpty
        async with self._database.write() as tx:
            revision = await begin_receiving(tx, principal, upload, ABANDONED_AFTER)
        spool = _Spool(scratch_path(self._objects, revision.id), first)
        try:
            received = await self._store(principal, upload, revision, spool, incoming)
        except BaseException:
            # Also when the request was cancelled.
            with anyio.CancelScope(shield=True):
                await self._clear(revision.id, spool)
            raise
        spool.discard()
        return received

    async def _clear(self, revision_id: str, spool: "_Spool") -> None:
        """Remove every trace, the row last, so that it never outlives its files."""
        spool.discard()
        async with self._database.read() as reading:
            revision = await find_revision(reading, revision_id)
        if revision is not None and revision.sha256 is not None:
            return  # The failure came after the commit: the upload has arrived.
        await self._objects.delete(original_key(revision_id))
        async with self._database.write() as tx:
            await drop_receiving(tx, revision_id)

    async def _store(
        self,
        principal: Principal,
        upload: Upload,
        revision: Revision,
        spool: "_Spool",
        incoming: AsyncIterator[bytes],
    ) -> Revision:
        await self._fill(upload, revision, spool, incoming)
        sha256 = await spool.finish()
        _check_digest(upload, sha256)
        key = original_key(revision.id)
        await self._objects.put_file(key, spool.path)
        arrived = replace(
            revision, received_bytes=spool.received_bytes, sha256=sha256, original_key=key
        )
        async with self._database.write() as tx:
            return await finish_receiving(tx, principal, arrived)

    async def _fill(
        self, upload: Upload, revision: Revision, spool: "_Spool", incoming: AsyncIterator[bytes]
    ) -> None:
        clock = asyncio.get_running_loop().time
        noted_at = clock()
        self._check_size(spool.received_bytes)
        async for chunk in incoming:
            await spool.append(chunk)
            self._check_size(spool.received_bytes)
            if clock() - noted_at >= _PROGRESS_SECONDS:
                async with self._database.write() as tx:
                    await note_received(tx, revision.id, spool.received_bytes)
                noted_at = clock()
        if upload.declared_bytes not in (None, spool.received_bytes):
            raise UploadInterrupted(received_bytes=spool.received_bytes)

    async def _hash_only(self, upload: Upload, chunks: AsyncIterator[bytes]) -> str:
        digest, received = hashlib.sha256(), 0
        async for chunk in _spoken(chunks):
            digest.update(chunk)
            received += len(chunk)
            self._check_size(received)
        if upload.declared_bytes not in (None, received):
            raise UploadInterrupted(received_bytes=received)
        return digest.hexdigest()

    def _check_size(self, received_bytes: int) -> None:
        if received_bytes > self._bytes_max:
            raise UploadTooLarge(bytes_max=self._bytes_max)


async def sweep_uploads(database: Database, objects: ObjectStore) -> Sequence[Revision]:
    """Fail the uploads whose process died and remove what they left; for start-up and now and
    then.
    """
    async with database.write() as tx:
        failed = await fail_abandoned_revisions(tx, ABANDONED_AFTER)
    await remove_leftovers(objects, failed)
    return failed


async def remove_leftovers(objects: ObjectStore, revisions: Sequence[Revision]) -> None:
    """Remove the scratch file and the original of uploads that were given up."""
    for revision in revisions:
        scratch_path(objects, revision.id).unlink(missing_ok=True)
        await objects.delete(original_key(revision.id))


def original_key(revision_id: str) -> str:
    """The object key of the uploaded file itself."""
    return f"revisions/{revision_id}/original"


def scratch_path(objects: ObjectStore, revision_id: str) -> Path:
    """Where the bytes of an upload are gathered."""
    return objects.scratch() / f"upload-{revision_id}"


class _Spool:
    """A growing file with its byte count and hash; written in large steps outside the event
    loop.
    """

    def __init__(self, path: Path, first: bytes) -> None:
        self.path = path
        self.received_bytes = len(first)
        self._waiting = bytearray(first)
        self._digest = hashlib.sha256()
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    async def append(self, chunk: bytes) -> None:
        """Take a chunk in; returns once it is safe to take the next."""
        self._waiting += chunk
        self.received_bytes += len(chunk)
        if len(self._waiting) >= _WRITE_BYTES:
            await self._flush()

    async def finish(self) -> str:
        """Write the rest and return the SHA-256 (hex) of everything."""
        await self._flush()
        return self._digest.hexdigest()

    def discard(self) -> None:
        """Close and remove the file."""
        os.close(self._descriptor)
        self.path.unlink(missing_ok=True)

    async def _flush(self) -> None:
        block, self._waiting = bytes(self._waiting), bytearray()
        await anyio.to_thread.run_sync(self._write, block)

    def _write(self, block: bytes) -> None:
        self._digest.update(block)
        view: Any = memoryview(block)
        while view:
            view = view[os.write(self._descriptor, view) :]


async def _spoken(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks that hold anything; raises UploadInterrupted when the sender falls silent."""
    received = 0
    while True:
        try:
            with anyio.fail_after(SILENCE_SECONDS_MAX):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise UploadInterrupted(received_bytes=received) from None
        if chunk:
            received += len(chunk)
            yield chunk


def _check_digest(upload: Upload, sha256: str) -> None:
    announced = upload.announced_sha256
    if announced is not None and announced != sha256:
        raise UploadDigestMismatch(announced=announced, received=sha256)
