"""Uploading a revision over HTTP: what is accepted, and that a refusal keeps nothing."""

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import anyio
import pytest
from sqlalchemy import func
from sqlmodel import col, select

from exchange_market.catalog import service, uploads
from exchange_market.catalog.errors import UploadInterrupted, UploadTooLarge
from exchange_market.catalog.product import FileFormat, RevisionFailure, RevisionState
from exchange_market.catalog.receiving import Upload, begin_receiving
from exchange_market.catalog.revisions import (
    begin_ingest,
    commitment_secret_of,
    fail_ingest,
    finish_ingest,
    report_progress,
    seal_commitment_secret,
)
from exchange_market.catalog.rows import RevisionRow
from exchange_market.kernel.secrets import Secrets
from exchange_market.persistence.outbox import waiting_events
from tests.support.catalogue import PROVIDER, Catalogue, ingested

pytestmark = pytest.mark.anyio
SECRETS = Secrets(bytes(32))
CSV = b"flight,delay\n1545,2\n1714,4\n"


async def test_an_upload_is_stored_as_it_came_and_announced(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    path = f"/products/{product_id}/revisions"

    answer = await catalogue.client.post(
        f"/v1{path}?name=flights.csv",
        content=CSV,
        headers={"Authorization": f"Bearer {PROVIDER.user_id}", "Content-Type": "text/csv"},
    )

    body = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1{path}/1"
    assert (body["state"], body["number"], body["file_format"]) == ("ingesting", 1, "csv")
    assert body["received_bytes"] == len(CSV)
    assert body["sha256"] == hashlib.sha256(CSV).hexdigest()
    stored = await catalogue.objects.as_file(uploads.original_key(body["id"]))
    assert stored.read_bytes() == CSV
    assert list(catalogue.objects.scratch().iterdir()) == []
    async with catalogue.database.read() as reading:
        events = list(await waiting_events(reading, 10))
    assert [(event.topic, event.payload) for event in events] == [
        ("catalog.revision_received", {"product_id": product_id, "revision_id": body["id"]})
    ]


async def _nothing_kept(catalogue: Catalogue) -> bool:
    async with catalogue.database.read() as reading:
        count = select(func.count()).select_from(RevisionRow)
        revisions = await reading.session.scalar(count)
        events = await waiting_events(reading, 10)
    files = [path for path in catalogue.objects.scratch().parent.rglob("*") if path.is_file()]
    return revisions == 0 and events == [] and files == []


@pytest.mark.parametrize(
    ("content", "headers", "query", "status", "code"),
    [
        (b"", {}, "?format=csv", 400, "catalog.upload_empty"),
        (b"x" * 100_001, {}, "?format=csv", 413, "catalog.upload_too_large"),
        (CSV, {}, "", 415, "catalog.format_unknown"),
        (CSV, {"Content-Type": "image/png"}, "", 415, "catalog.format_unknown"),
        (CSV, {}, "?format=doc", 400, "http.input_invalid"),
        (CSV, {"X-Content-SHA256": "0" * 64}, "?format=csv", 400, "catalog.upload_digest_mismatch"),
        (CSV, {"X-Content-SHA256": "zz"}, "?format=csv", 400, "catalog.upload_digest_malformed"),
        (CSV, {"Content-Digest": "md5=:x:"}, "?format=csv", 400, "catalog.upload_digest_malformed"),
        (CSV, {"Idempotency-Key": "é".encode()}, "?format=csv", 400, "idempotency.key_malformed"),
        (CSV, {}, "?format=csv&name=a%00b", 400, "text.characters_refused"),
    ],
)
async def test_a_refused_upload_keeps_nothing(
    catalogue: Catalogue,
    content: bytes,
    headers: dict[str, str],
    query: str,
    status: int,
    code: str,
) -> None:
    product_id = await catalogue.draft()

    got, problem = await catalogue.call(
        PROVIDER,
        "POST",
        f"/products/{product_id}/revisions{query}",
        content=content,
        headers=headers,
    )

    assert (got, problem["code"]) == (status, code)
    assert await _nothing_kept(catalogue)


async def test_the_limit_holds_without_an_announced_length(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    receiver = uploads.Uploads(catalogue.database, catalogue.objects, 100_000)
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1_000
            yield b"x" * 1_000

    with pytest.raises(UploadTooLarge):
        await receiver.receive(PROVIDER, _upload(product_id), endless())

    assert taken == 101_000
    assert await _nothing_kept(catalogue)


async def test_fewer_bytes_than_announced_are_refused(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    receiver = uploads.Uploads(catalogue.database, catalogue.objects, 100_000)
    announced = replace(_upload(product_id), declared_bytes=1_000)

    with pytest.raises(UploadInterrupted):
        await receiver.receive(PROVIDER, announced, _chunks(b"x" * 999))

    assert await _nothing_kept(catalogue)


async def test_a_silent_sender_is_given_up(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SILENCE_SECONDS_MAX", 0.05)
    product_id = await catalogue.draft()
    receiver = uploads.Uploads(catalogue.database, catalogue.objects, 100_000)

    async def silent() -> AsyncIterator[bytes]:
        yield b"x"
        await anyio.sleep_forever()

    with pytest.raises(UploadInterrupted):
        await receiver.receive(PROVIDER, _upload(product_id), silent())

    assert await _nothing_kept(catalogue)


async def test_an_announced_checksum_that_fits_is_accepted(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    digest = base64.b64encode(hashlib.sha256(CSV).digest()).decode()

    got, body = await catalogue.call(
        PROVIDER,
        "POST",
        f"/products/{product_id}/revisions?format=csv",
        content=CSV,
        headers={"Content-Digest": f"sha-512=:AAAA:, sha-256=:{digest}:"},
    )

    assert got == 202, body


async def test_the_same_upload_sent_twice_is_one_revision(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    path, headers = f"/products/{product_id}/revisions?format=csv", {"Idempotency-Key": "up-1"}

    first = await catalogue.call(PROVIDER, "POST", path, content=CSV, headers=headers)
    second = await catalogue.call(PROVIDER, "POST", path, content=CSV, headers=headers)
    other = await catalogue.call(PROVIDER, "POST", path, content=CSV + b"9,9\n", headers=headers)

    assert first == second
    assert (other[0], other[1]["code"]) == (409, "idempotency.key_reused")
    _, listed = await catalogue.call(PROVIDER, "GET", f"/products/{product_id}/revisions")
    assert [revision["number"] for revision in listed["items"]] == [1]


def _chunks(*parts: bytes) -> AsyncIterator[bytes]:
    async def generate() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    return generate()


def _upload(product_id: str, key: str | None = None) -> Upload:
    return Upload(
        product_id=product_id,
        file_format=FileFormat.CSV,
        file_name="",
        declared_bytes=None,
        announced_sha256=None,
        upload_key=key,
    )


async def test_numbers_have_no_gaps_when_uploads_race_or_fail(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    path = f"/products/{product_id}/revisions?format=csv"
    statuses: list[int] = []

    async def send(content: bytes) -> None:
        statuses.append((await catalogue.call(PROVIDER, "POST", path, content=content))[0])

    for _ in range(3):
        async with anyio.create_task_group() as group:
            for size in (10, 100_001, 20):
                group.start_soon(send, b"x" * size)

    accepted = statuses.count(202)
    _, listed = await catalogue.call(PROVIDER, "GET", f"/products/{product_id}/revisions")
    assert accepted >= 3
    assert [item["number"] for item in listed["items"]] == list(range(accepted, 0, -1))


async def test_a_broken_upload_leaves_nothing_and_frees_its_key(catalogue: Catalogue) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    product_id = await catalogue.draft()
    receiver = uploads.Uploads(catalogue.database, catalogue.objects, 1_000)

    with pytest.raises(ConnectionResetError):
        await receiver.receive(PROVIDER, _upload(product_id, "k"), breaking())

    assert await _nothing_kept(catalogue)
    again = await receiver.receive(PROVIDER, _upload(product_id, "k"), _chunks(CSV))
    assert (again.revision.number, again.replayed) == (1, False)


async def test_progress_is_seen_while_the_upload_runs(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_PROGRESS_SECONDS", 0.0)
    product_id = await catalogue.draft()
    seen: list[tuple[str, int]] = []

    async def watched() -> AsyncIterator[bytes]:
        for part in (b"a" * 10, b"b" * 10, b"c" * 10):
            yield part
            _, body = await catalogue.call(PROVIDER, "GET", f"/products/{product_id}/revisions/1")
            seen.append((body.get("state", "none"), body.get("received_bytes", 0)))

    receiver = uploads.Uploads(catalogue.database, catalogue.objects, 1_000)
    received = await receiver.receive(PROVIDER, _upload(product_id), watched())

    assert seen == [("receiving", 0), ("receiving", 20), ("receiving", 30)]
    assert received.revision.received_bytes == 30


async def test_the_sweep_fails_uploads_whose_process_died(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    upload = _upload(product_id, "k")
    async with catalogue.database.write() as tx:
        dead = await begin_receiving(tx, PROVIDER, upload, timedelta(minutes=5))
    scratch = uploads.scratch_path(catalogue.objects, dead.id)
    scratch.write_bytes(b"half")

    assert await uploads.sweep_uploads(catalogue.database, catalogue.objects) == []
    catalogue.clock.forward(minutes=6)
    failed = await uploads.sweep_uploads(catalogue.database, catalogue.objects)

    assert [revision.id for revision in failed] == [dead.id]
    assert not scratch.exists()
    _, body = await catalogue.call(PROVIDER, "GET", f"/products/{product_id}/revisions/1")
    assert (body["state"], body["failure"]["code"]) == ("failed", "catalog.upload_abandoned")
    receiver = uploads.Uploads(catalogue.database, catalogue.objects, 1_000)
    again = await receiver.receive(PROVIDER, upload, _chunks(CSV))
    assert again.revision.number == 2


async def test_a_listing_under_review_takes_no_upload(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    await catalogue.complete(product_id)
    await catalogue.call(PROVIDER, "POST", f"/products/{product_id}/submission")

    status, problem = await catalogue.call(
        PROVIDER, "POST", f"/products/{product_id}/revisions?format=csv", content=CSV
    )

    assert (status, problem["code"]) == (409, "catalog.product_not_uploadable")


async def test_ingestion_reports_progress_and_ends_once(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    revision = await catalogue.upload(product_id)
    async with catalogue.database.write() as tx:
        await begin_ingest(tx, revision.id)
        await report_progress(tx, revision.id, 500)
    _, halfway = await catalogue.call(PROVIDER, "GET", f"/products/{product_id}/revisions/1")

    async with catalogue.database.write() as tx:
        sealed = seal_commitment_secret(SECRETS, revision.id, b"s" * 32)
        result = replace(ingested(("flight", "delay")), sealed_commitment_secret=sealed)
        ready = await finish_ingest(tx, revision.id, result)
    async with catalogue.database.write() as tx:
        again = await finish_ingest(tx, revision.id, ingested(("other",)))
        assert await begin_ingest(tx, revision.id) is None
        await report_progress(tx, revision.id, 1)

    assert (halfway["state"], halfway["rows"]) == ("ingesting", 500)
    assert (ready.state, ready.rows, again) == (RevisionState.READY, 1, ready)
    columns = await catalogue.columns(revision.id)
    assert [(column.name, column.is_key) for column in columns] == [
        ("flight", True),
        ("delay", False),
    ]
    async with catalogue.database.read() as reading:
        assert await commitment_secret_of(reading, SECRETS, revision.id) == b"s" * 32
        topics = [event.topic for event in await waiting_events(reading, 10)]
    assert topics == ["catalog.revision_received", "catalog.revision_ready"]


async def test_a_failed_ingestion_says_why_to_its_provider_only(catalogue: Catalogue) -> None:
    product_id = await catalogue.published()
    revision = await catalogue.upload(product_id)
    failure = RevisionFailure("ingest.ragged", "Ragged rows.", "行长度不一。", {"rows": [3, 9]})
    async with catalogue.database.write() as tx:
        await fail_ingest(tx, revision.id, failure)

    _, own = await catalogue.call(PROVIDER, "GET", f"/products/{product_id}/revisions/2")
    stranger = await catalogue.call(None, "GET", f"/products/{product_id}/revisions/2")
    _, listed = await catalogue.call(None, "GET", f"/products/{product_id}/revisions")

    assert own["failure"] == {
        "code": "ingest.ragged",
        "en": "Ragged rows.",
        "zh": "行长度不一。",
        "details": {"rows": [3, 9]},
    }
    assert stranger[0] == 404
    assert [item["number"] for item in listed["items"]] == [1]
    async with catalogue.database.read() as reading:
        latest = await service.latest_ready_revision(reading, product_id)
        rows = await reading.session.scalar(select(func.count(col(RevisionRow.id))))
    assert (latest.number, rows) == (1, 2)
