"""The catalogue's background work: making a revision out of an uploaded file."""

import os
import shutil
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio.to_thread

from contracts.commitment import SECRET_BYTES
from exchange_market.catalog.ingestion.messages import Finished, IngestJob, Progress, Refused
from exchange_market.catalog.ingestion.process import run_child
from exchange_market.catalog.products import find_product
from exchange_market.catalog.revision import (
    IngestedColumn,
    IngestResult,
    Revision,
    RevisionFailure,
)
from exchange_market.catalog.revisions import (
    begin_ingest,
    fail_ingest,
    finish_ingest,
    report_progress,
    seal_commitment_secret,
)
from exchange_market.kernel.secrets import Secrets
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectStore


async def ingest_revision(
    database: Database,
    objects: ObjectStore,
    secrets: Secrets,
    settings: Settings,
    payload: Mapping[str, Any],
) -> None:
    """Turn the received file of `payload["revision_id"]` into a ready revision, or fail it with a
        reason.

    Runs at least once: until the last step commits, nothing but objects under the revision's own
    keys has changed, and a later run writes those again. Raises IngestionInterrupted when it should
    be run again.
    """
    revision_id = str(payload["revision_id"])
    async with database.write() as tx:
        revision = await begin_ingest(tx, revision_id)
        product = revision and await find_product(tx, revision.product_id)
    if revision is None or product is None or revision.original_key is None:
        return
    original = await objects.as_file(revision.original_key)
    # A run that is repeated takes another one; root and secret become the revision's together.
    secret = os.urandom(SECRET_BYTES)
    async with _scratch(objects, revision_id) as scratch:
        job = IngestJob(
            original=str(original.absolute()),
            file_format=revision.file_format.value,
            scratch=str(scratch),
            secret=secret,
            key_columns=product.key_columns,
            parent_pid=os.getpid(),
            memory_bytes_max=settings.ingest_memory_bytes_max,
            seconds_max=settings.ingest_seconds_max,
        )
        match await run_child(job, _ProgressNote(database, revision_id)):
            case Finished() as finished:
                sealed = seal_commitment_secret(secrets, revision_id, secret)
                result = await _store(objects, revision, finished, sealed)
                async with database.write() as tx:
                    await finish_ingest(tx, revision_id, result)
            case Refused() as refused:
                failure = RevisionFailure(refused.code, refused.en, refused.zh, refused.params)
                async with database.write() as tx:
                    await fail_ingest(tx, revision_id, failure)


class _ProgressNote:
    """Writes the row count down when it has changed."""

    def __init__(self, database: Database, revision_id: str) -> None:
        self._database = database
        self._revision_id = revision_id
        self._rows = 0

    async def __call__(self, progress: Progress) -> None:
        """Note one message of the child."""
        if progress.rows == self._rows:
            return
        self._rows = progress.rows
        async with self._database.write() as tx:
            await report_progress(tx, self._revision_id, progress.rows)


async def _store(
    objects: ObjectStore, revision: Revision, finished: Finished, sealed: bytes
) -> IngestResult:
    parquet_key = f"revisions/{revision.id}/data.parquet"
    pages_key = f"revisions/{revision.id}/pages.sqlite"
    await objects.put_file(parquet_key, Path(finished.parquet))
    await objects.put_file(pages_key, Path(finished.pages))
    return IngestResult(
        rows=finished.rows,
        columns=tuple(IngestedColumn(name=c.name, type=c.type) for c in finished.columns),
        parquet_key=parquet_key,
        parquet_bytes=finished.parquet_bytes,
        parquet_sha256=finished.parquet_sha256,
        root=finished.root,
        sealed_commitment_secret=sealed,
        pages_key=pages_key,
    )


@asynccontextmanager
async def _scratch(objects: ObjectStore, revision_id: str) -> AsyncGenerator[Path]:
    # Named after the revision, so that the next run sweeps up after one that was killed.
    folder = objects.scratch() / f"ingest-{revision_id}"
    await anyio.to_thread.run_sync(_remove, folder)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(_remove, folder)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
