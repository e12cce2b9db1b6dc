"""The jobs of a sample: run twice, overtaken, interrupted, starved."""

from collections.abc import AsyncIterator
from os import getpid
from pathlib import Path

import pytest

from exchange_market.catalog import service as catalog
from exchange_market.catalog.revision import ColumnRole
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.outbox import waiting_events
from exchange_market.processes.broker import broker_settings
from exchange_market.trials import store
from exchange_market.trials.preparation.messages import Limits, Refused, ScanJob
from exchange_market.trials.preparation.process import PreparationInterrupted, run_child
from exchange_market.trials.sample import Sample, SampleState
from exchange_market.trials.sample_files import sample_key
from exchange_market.trust.audit import AuditFilter
from tests.support.catalogue import ADMINISTRATOR
from tests.support.trial_tables import write_patients, write_weather
from tests.support.trials import Trials, open_trials

pytestmark = pytest.mark.anyio


@pytest.fixture
async def trials(database_url: str, tmp_path: Path) -> AsyncIterator[Trials]:
    async with open_trials(database_url, tmp_path, tmp_path / "none.sock") as opened:
        yield opened


async def sample_of(trials: Trials, revision_id: str) -> Sample:
    async with trials.database.read() as reading:
        sample = await store.find_sample(reading, revision_id)
    assert sample is not None
    return sample


def ids(sample: Sample) -> dict[str, str]:
    return {
        "product_id": sample.product_id,
        "revision_id": sample.revision_id,
        "basis": sample.basis,
    }


async def test_every_job_may_run_again_without_a_trace(trials: Trials, tmp_path: Path) -> None:
    product_id = await trials.draft()
    revision = await trials.upload(product_id, write_patients(tmp_path / "p.parquet"))
    first = await sample_of(trials, revision.id)
    leaves = await trials.leaves(AuditFilter())

    for topic in (
        *("catalog.revision_ready", "catalog.column_roles_changed"),
        *("catalog.holds_persons_set", "trials.sample_wanted"),
    ):
        await trials.handle(topic, ids(first))

    assert await sample_of(trials, revision.id) == first
    assert await trials.leaves(AuditFilter()) == leaves
    async with trials.database.read() as reading:
        assert await waiting_events(reading, 10) == []
        product = await catalog.find_product(reading, product_id)
    # The provider had said no; the scan of names and telephone numbers knows better.
    assert product is not None
    assert product.holds_persons is True


async def test_the_same_revision_gives_the_same_file_on_every_run(
    trials: Trials, tmp_path: Path
) -> None:
    product_id = await trials.draft()
    revision = await trials.upload(product_id, write_patients(tmp_path / "p.parquet"))
    before = await sample_of(trials, revision.id)
    roles = {"visits": ColumnRole.DIRECT_IDENTIFIER}
    async with trials.database.write() as tx:
        await catalog.set_column_roles(tx, ADMINISTRATOR, revision.id, roles)
    await trials.work()
    between = await sample_of(trials, revision.id)

    async with trials.database.write() as tx:
        await catalog.set_column_roles(tx, ADMINISTRATOR, revision.id, {"visits": ColumnRole.FREE})
    await trials.work()

    after = await sample_of(trials, revision.id)
    assert before.built is not None
    assert between.built is not None
    assert between.built.sha256 != before.built.sha256
    assert after.built is not None
    assert after.built == before.built
    assert after.built.object_key == sample_key(revision.id, before.basis)
    folder = trials.settings.data_dir / "objects" / "samples"
    assert [path.stem for path in folder.rglob("*.parquet")] == [after.basis]


async def test_a_build_that_was_overtaken_is_dropped(trials: Trials, tmp_path: Path) -> None:
    product_id = await trials.draft()
    revision = await trials.upload(product_id, write_patients(tmp_path / "p.parquet"))
    stale = ids(await sample_of(trials, revision.id))
    async with trials.database.write() as tx:
        await catalog.set_column_roles(
            tx, ADMINISTRATOR, revision.id, {"visits": ColumnRole.DIRECT_IDENTIFIER}
        )
    await trials.handle("catalog.column_roles_changed", stale)

    await trials.handle("trials.sample_wanted", stale)

    waiting = await sample_of(trials, revision.id)
    assert (waiting.state, waiting.built) == (SampleState.PREPARING, None)
    await trials.work()
    assert (await sample_of(trials, revision.id)).state is SampleState.AWAITING_APPROVAL


async def test_a_scan_that_runs_out_of_time_ends_as_a_refusal(tmp_path: Path) -> None:
    source = str(write_weather(tmp_path / "weather.parquet"))
    pid = getpid()

    late = ScanJob(
        limits=Limits(parent_pid=pid, memory_bytes_max=2**31, seconds_max=0), source=source
    )

    assert await run_child(late) == Refused("out_of_time")


async def test_a_child_that_finds_no_file_asks_to_be_run_again(tmp_path: Path) -> None:
    limits = Limits(parent_pid=getpid(), memory_bytes_max=2**31, seconds_max=60)

    with pytest.raises(PreparationInterrupted):
        await run_child(ScanJob(limits=limits, source=str(tmp_path / "none.parquet")))


async def test_the_broker_opens_what_the_object_store_gives_and_nothing_beside_it(
    trials: Trials, tmp_path: Path
) -> None:
    product_id = await trials.draft()
    revision = await trials.upload(product_id, write_weather(tmp_path / "weather.parquet"))
    sample = await sample_of(trials, revision.id)
    assert sample.built is not None
    assert revision.parquet_key is not None

    root = broker_settings(trials.settings).sample_root

    assert (await trials.objects.as_file(sample.built.object_key)).is_relative_to(root)
    assert not (await trials.objects.as_file(revision.parquet_key)).is_relative_to(root)


def test_the_broker_kills_a_query_at_the_limit_of_the_exchange(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, sandbox_seconds_max=2.5, sandbox_workers=3)  # pyright: ignore[reportCallIssue]

    broker = broker_settings(settings)

    assert broker.workers_max == 3
    assert (broker.limits.query_seconds, broker.limits.kill_after_seconds) == (2, 2.5)
