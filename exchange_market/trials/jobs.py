"""Background work: scanning a new revision, and making its sample again whenever that is wanted."""

import shutil
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from os import getpid
from pathlib import Path
from typing import Any

import anyio.to_thread

from exchange_market.catalog import service as catalog
from exchange_market.kernel.secrets import Secrets
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectStore
from exchange_market.trials.policy import K, L, sample_rows_max
from exchange_market.trials.preparation.messages import (
    BuildJob,
    Built,
    Limits,
    Outcome,
    Refused,
    ScanJob,
    Scanned,
)
from exchange_market.trials.preparation.process import PreparationInterrupted, run_child
from exchange_market.trials.preparing import (
    accept_scan,
    finish_sample,
    refuse_scan,
    renew_sample,
    revision_to_scan,
    sample_to_build,
)
from exchange_market.trials.refusals import refusal
from exchange_market.trials.sample import BuiltSample, Sample, SampleRefusal
from exchange_market.trials.sample_files import sample_key


async def prepare_sample(
    database: Database, objects: ObjectStore, settings: Settings, payload: Mapping[str, Any]
) -> None:
    """For `catalog.revision_ready`: scan the revision, tell the catalogue, want the sample.

    Runs at least once; nothing changes before the last step commits. Raises PreparationInterrupted
    when it should be run again.
    """
    async with database.read() as reading:
        revision = await revision_to_scan(reading, str(payload["revision_id"]))
    if revision is None or revision.parquet_key is None:
        return
    source = await objects.as_file(revision.parquet_key)
    outcome = await run_child(ScanJob(limits=_limits(settings), source=str(source.absolute())))
    async with database.write() as tx:
        match outcome:
            case Scanned():
                await accept_scan(
                    tx,
                    revision,
                    outcome.report,
                    outcome.roles,
                    holds_persons=outcome.holds_persons,
                )
            case Refused():
                await refuse_scan(tx, revision, refusal(outcome.reason, outcome.remedy))
            case Built():
                raise PreparationInterrupted("the child did another job")


async def renew_outdated_sample(
    database: Database, objects: ObjectStore, payload: Mapping[str, Any]
) -> None:
    """For `catalog.column_roles_changed` and `catalog.holds_persons_set`: want the sample anew.

    Without a revision in the payload it is that of the latest one. The outdated file is removed.
    """
    async with database.write() as tx:
        revision_id = payload.get("revision_id")
        if revision_id is None:
            latest = await catalog.find_latest_ready_revision(tx, str(payload["product_id"]))
            revision_id = latest and latest.id
        outdated = None if revision_id is None else await renew_sample(tx, str(revision_id))
    if outdated is not None:
        await objects.delete(outdated)


async def build_sample(
    database: Database,
    objects: ObjectStore,
    secrets: Secrets,
    settings: Settings,
    payload: Mapping[str, Any],
) -> None:
    """For `trials.sample_wanted`: make the sample on the basis that is wanted.

    The rows drawn follow from a secret of the revision, so every run makes the same file. Raises
    PreparationInterrupted when it should be run again.
    """
    revision_id, basis = str(payload["revision_id"]), str(payload["basis"])
    async with database.read() as reading:
        sample = await sample_to_build(reading, revision_id, basis)
        revision = await catalog.find_revision(reading, revision_id)
    if sample is None or revision is None or revision.parquet_key is None:
        return
    source = await objects.as_file(revision.parquet_key)
    rows_max = sample_rows_max(revision.rows or 0)
    async with _scratch(objects, f"sample-{sample.id}-{basis[:16]}") as folder:
        target = folder / "sample.parquet"
        job = BuildJob(
            limits=_limits(settings),
            source=str(source.absolute()),
            target=str(target),
            roles=dict(sample.roles),
            holds_persons=sample.holds_persons,
            k=K,
            l=L,
            rows_max=rows_max,
            secret=secrets.derive(f"sample/{revision_id}"),
        )
        outcome = await _concluded(objects, sample, job, await run_child(job))
    async with database.write() as tx:
        await finish_sample(tx, revision_id, basis, outcome)


async def _concluded(
    objects: ObjectStore, sample: Sample, job: BuildJob, outcome: Outcome
) -> BuiltSample | SampleRefusal:
    match outcome:
        case Refused():
            return refusal(outcome.reason, outcome.remedy)
        case Built() if outcome.shortfalls:
            return refusal("risk_too_high", figures=outcome.shortfalls)
        case Built():
            key = sample_key(sample.revision_id, sample.basis)
            await objects.put_file(key, Path(job.target))
            return _built_sample(key, outcome, job.rows_max)
        case Scanned():
            raise PreparationInterrupted("the child did another job")


def _built_sample(key: str, built: Built, rows_max: int) -> BuiltSample:
    return BuiltSample(
        object_key=key,
        sha256=built.sha256,
        file_bytes=built.file_bytes,
        rows=built.rows,
        k=built.k,
        l=built.l,
        columns=built.columns,
        policy={"k": K, "l": L, "rows_max": rows_max},
        release=built.release,
        risk=built.risk,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        parent_pid=getpid(),
        memory_bytes_max=settings.ingest_memory_bytes_max,
        seconds_max=settings.ingest_seconds_max,
    )


@asynccontextmanager
async def _scratch(objects: ObjectStore, name: str) -> AsyncGenerator[Path]:
    # The name is the same in every run, so that the next one sweeps up after one that was killed.
    folder = objects.scratch().absolute() / name
    await anyio.to_thread.run_sync(_remove, folder)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(_remove, folder)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
