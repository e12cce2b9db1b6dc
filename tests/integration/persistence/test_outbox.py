"""Events reach their subscribers at least once, and only with the change that announced them."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange_market.kernel.settings import Settings
from exchange_market.persistence.outbox import (
    Subscription,
    count_waiting,
    mark_dispatched,
    repeat_recent,
    waiting_events,
)
from exchange_market.persistence.transaction import Database
from exchange_market.processes import worker
from tests.support.clock import FrozenClock

TOPIC = "test.happened"


async def emit(database: Database, *numbers: int) -> list[str]:
    """Announce one event a number, each with a change of its own."""
    ids: list[str] = []
    for number in numbers:
        async with database.write() as tx:
            ids.append(tx.emit(TOPIC, {"number": number}))
    return ids


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something that the worker does."""
    for _ in range(600):
        if holds():
            return
        await asyncio.sleep(0.1)
    raise TimeoutError


async def test_events_wait_in_order_until_they_are_handed_over(database_url: str) -> None:
    database = Database(database_url)
    first, second, third = await emit(database, 1, 2, 3)

    async with database.read() as reading:
        assert [event.id for event in await waiting_events(reading, 2)] == [first, second]
    async with database.write() as tx:
        await mark_dispatched(tx, first)
    async with database.read() as reading:
        assert [event.id for event in await waiting_events(reading, 9)] == [second, third]
        assert await count_waiting(reading) == 2
        assert (await waiting_events(reading, 1))[0].payload == {"number": 2}
    await database.close()


async def test_an_event_whose_hand_over_was_not_noted_is_offered_again(database_url: str) -> None:
    database = Database(database_url)
    (event_id,) = await emit(database, 1)

    with contextlib.suppress(ConnectionError):
        async with database.write() as tx:
            await mark_dispatched(tx, event_id)
            raise ConnectionError

    async with database.read() as reading:
        assert [event.id for event in await waiting_events(reading, 9)] == [event_id]
    await database.close()


async def test_recent_events_can_be_repeated_and_old_ones_are_not(database_url: str) -> None:
    clock = FrozenClock()
    database = Database(database_url, clock)
    (old,) = await emit(database, 1)
    clock.forward(hours=25)
    recent = await emit(database, 2, 3)
    async with database.write() as tx:
        for event_id in (old, *recent):
            await mark_dispatched(tx, event_id)

    async with database.write() as tx:
        await repeat_recent(tx, timedelta(days=1))

    async with database.read() as reading:
        assert [event.id for event in await waiting_events(reading, 9)] == recent
    await database.close()


async def test_the_worker_runs_each_subscription_although_handlers_fail_and_hand_overs_repeat(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path, "database_url": sqlite_url})
    seen: list[tuple[str, int]] = []

    async def flaky(payload: Mapping[str, Any]) -> None:
        seen.append(("flaky", payload["number"]))
        if seen.count(("flaky", payload["number"])) == 1:
            raise ConnectionError

    async def steady(payload: Mapping[str, Any]) -> None:
        seen.append(("steady", payload["number"]))

    wanted = (Subscription("flaky", TOPIC, flaky), Subscription("steady", TOPIC, steady))
    monkeypatch.setattr(worker, "subscriptions", lambda exchange: wanted)
    monkeypatch.setattr(worker, "periodic_tasks", lambda exchange: ())
    database = Database(sqlite_url)
    ids = await emit(database, 1, 2)
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run(settings, stop))

    await until(lambda: sum(job == "flaky" for job, _ in seen) == 4)
    async with database.write() as tx:
        await repeat_recent(tx, timedelta(days=1))  # as after a crash before the note
    for _ in range(300):
        async with database.read() as reading:
            if not await count_waiting(reading):
                break
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)
    stop.set()
    await working

    assert len(ids) == 2
    # The failed run was tried again; the second hand-over of the same event started no new job.
    assert sorted(seen) == sorted([("flaky", 1), ("flaky", 2)] * 2 + [("steady", 1), ("steady", 2)])
    await database.close()
