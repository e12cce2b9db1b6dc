"""The job: from an uploaded file to a ready or failed revision, once, whatever dies in between."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import psutil
import pyarrow.parquet as pq
import pytest

from contracts.commitment import commit_row
from contracts.merkle import root
from exchange_market.catalog.jobs import ingest_revision
from exchange_market.catalog.pages import PageStore
from exchange_market.catalog.revision import Revision, RevisionState
from exchange_market.catalog.revisions import find_revision
from exchange_market.catalog.service import columns_of
from exchange_market.kernel.secrets import Secrets
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.outbox import waiting_events
from tests.support.catalogue import Catalogue, open_catalogue

pytestmark = pytest.mark.anyio
SECRETS = Secrets(bytes(32))
FLIGHTS = b"flight,delay,on\n007,2,2013-01-01\n008,,2013-01-02\n009,-3,2013-01-03\n"


@pytest.fixture
async def catalogue(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Catalogue]:
    """An empty catalogue."""
    async with open_catalogue(sqlite_url, tmp_path, upload_bytes_max=2**30) as opened:
        yield opened


async def ingest(catalogue: Catalogue, revision: Revision) -> Revision:
    await ingest_revision(
        catalogue.database,
        catalogue.objects,
        SECRETS,
        Settings(),  # pyright: ignore[reportCallIssue] - defaults are unknown to it
        {"revision_id": revision.id},
    )
    return await state_of(catalogue, revision)


async def state_of(catalogue: Catalogue, revision: Revision) -> Revision:
    async with catalogue.database.read() as reading:
        found = await find_revision(reading, revision.id)
    assert found is not None
    return found


async def announcements(catalogue: Catalogue, topic: str) -> int:
    async with catalogue.database.read() as reading:
        return sum(event.topic == topic for event in await waiting_events(reading, 100))


async def test_an_uploaded_file_becomes_a_ready_revision(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft(key_columns=["flight"])
    revision = await catalogue.upload(product_id, FLIGHTS)

    ready = await ingest(catalogue, revision)

    assert ready.state is RevisionState.READY
    assert ready.rows == 3
    assert ready.parquet_key is not None
    assert ready.pages_key is not None
    path = await catalogue.objects.as_file(ready.parquet_key)
    assert ready.parquet_bytes == path.stat().st_size
    rows = pq.read_table(path).to_pylist()
    secret = SECRETS.derive(f"commitment/{revision.id}")
    assert (
        ready.root
        == root(commit_row(secret, i, list(row.items())) for i, row in enumerate(rows)).hex()
    )
    async with catalogue.database.read() as reading:
        columns = await columns_of(reading, revision.id)
    assert [(c.name, c.type, c.is_key) for c in columns] == [
        ("flight", "VARCHAR", True),
        ("delay", "BIGINT", False),
        ("on", "DATE", False),
    ]
    with PageStore(await catalogue.objects.as_file(ready.pages_key)) as store:
        assert store.page(["flight", "delay"], limit=2).rows == [("007", 2), ("008", None)]
    assert list(catalogue.objects.scratch().iterdir()) == []


async def test_running_the_job_again_changes_nothing(catalogue: Catalogue) -> None:
    revision = await catalogue.upload(await catalogue.draft(key_columns=["flight"]), FLIGHTS)
    ready = await ingest(catalogue, revision)

    assert await ingest(catalogue, revision) == ready
    assert await announcements(catalogue, "catalog.revision_ready") == 1


async def test_a_bad_file_fails_the_revision_with_its_reason(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft(key_columns=[])
    revision = await catalogue.upload(product_id, b"a,b\n1,2\n3\n")

    failed = await ingest(catalogue, revision)

    assert failed.state is RevisionState.FAILED
    assert failed.failure is not None
    assert failed.failure.code == "ingestion.rows_ragged"
    assert failed.failure.details["rows"] == "2"
    assert (failed.rows, failed.root, failed.parquet_key) == (0, None, None)
    assert list(catalogue.objects.scratch().iterdir()) == []
    assert await announcements(catalogue, "catalog.revision_ready") == 0


async def test_a_killed_worker_takes_its_child_along_and_the_job_runs_again(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    product_id = await catalogue.draft(key_columns=["i"])
    content = b"i,t\n" + b"".join(b"%d,text %d\n" % (i, i) for i in range(1_500_000))
    revision = await catalogue.upload(product_id, content)
    worker = await anyio.open_process(
        [sys.executable, "-c", _WORKER, catalogue.database.url, str(tmp_path), revision.id],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    child = await _child_of(worker.pid)
    worker.send_signal(signal.SIGKILL)
    await worker.wait()

    with anyio.fail_after(10):
        # Another process has no event to wait for.
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110
            await anyio.sleep(0.05)
    interrupted = await state_of(catalogue, revision)
    assert interrupted.state is RevisionState.INGESTING
    assert (await ingest(catalogue, revision)).rows == 1_500_000
    assert (await state_of(catalogue, revision)).state is RevisionState.READY
    assert await announcements(catalogue, "catalog.revision_ready") == 1
    assert list(catalogue.objects.scratch().iterdir()) == []


async def _child_of(pid: int) -> psutil.Process:
    with anyio.fail_after(60):
        while True:
            for child in psutil.Process(pid).children():
                # Its environment and arguments hold neither the secret nor ours.
                if "exchange_market.catalog.ingestion" in child.cmdline():
                    await anyio.sleep(1)
                    assert len(child.cmdline()) == 4
                    return child
            await anyio.sleep(0.05)


_WORKER = """
import asyncio, sys
from pathlib import Path
from exchange_market.catalog.jobs import ingest_revision
from exchange_market.kernel.secrets import Secrets
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import LocalFiles
url, folder, revision_id = sys.argv[1:]
asyncio.run(ingest_revision(
    Database(url), LocalFiles(Path(folder) / "objects"), Secrets(bytes(32)), Settings(),
    {"revision_id": revision_id},
))
"""
