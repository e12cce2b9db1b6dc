"""The worker child: hands events to durable jobs and repeats the periodic tasks.

An event's job is a DBOS workflow whose id is the event's id and the subscription's name, so handing
an event over twice starts one job. DBOS keeps its state in a database of its own; after a crash the
worker with the same executor id takes up what it had begun. A step may therefore run more than
once: every job handler is idempotent.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID

from exchange_market.kernel.settings import Settings
from exchange_market.persistence.outbox import (
    PeriodicTask,
    Subscription,
    mark_dispatched,
    waiting_events,
)
from exchange_market.persistence.transaction import Database
from exchange_market.schedule import periodic_tasks, subscriptions
from exchange_market.wiring import open_exchange

log = structlog.get_logger()
_POLL_SECONDS = 0.1
_EVENTS_AT_ONCE = 100
_JOBS_AT_ONCE = 2
_ATTEMPTS = 4
_BACK_OFF_SECONDS_MAX = 30.0

_known: dict[str, Subscription] = {}
_places = asyncio.Semaphore(_JOBS_AT_ONCE)


@DBOS.workflow(name="run_subscription")
async def run_subscription(name: str, payload: dict[str, Any]) -> None:
    """One job of one event."""
    async with _places:
        try:
            await run_handler(name, payload)
        except Exception:
            log.exception("job.gave_up", job=name, payload=payload)
            raise


@DBOS.step(name="run_handler", retries_allowed=True, max_attempts=_ATTEMPTS, interval_seconds=0.5)
async def run_handler(name: str, payload: dict[str, Any]) -> None:
    """The handler of a subscription; tried again, with growing pauses, when it raises."""
    await _known[name].run(payload)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop` is set."""
    async with open_exchange(settings) as exchange:
        known = subscriptions(exchange)
        _known.update({subscription.name: subscription for subscription in known})
        _open_jobs(settings)
        tasks = [asyncio.create_task(_repeat(task)) for task in periodic_tasks(exchange)]
        tasks.append(asyncio.create_task(_dispatch_forever(exchange.database, known)))
        log.info("worker.working", jobs=len(known), periodic_tasks=len(tasks) - 1)
        await stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        DBOS.destroy()


def _open_jobs(settings: Settings) -> None:
    url = settings.jobs_database
    if url.startswith("sqlite:///"):
        # DBOS does not ask for a write-ahead log; once the file has one it keeps it.
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.close()
    config: DBOSConfig = {
        "name": "exchange-market",
        "system_database_url": url,
        "executor_id": "worker-0",
        "application_version": "1",
        "log_level": "WARNING",
        "console_log_level": "WARNING",
        "enable_otlp": False,
    }
    DBOS(config=config)
    DBOS.launch()


async def _dispatch_forever(database: Database, known: Iterable[Subscription]) -> None:
    by_topic: dict[str, list[Subscription]] = {}
    for subscription in known:
        by_topic.setdefault(subscription.topic, []).append(subscription)
    pause = _POLL_SECONDS
    while True:
        try:
            handed_over = await _dispatch(database, by_topic)
            pause = 0.0 if handed_over == _EVENTS_AT_ONCE else _POLL_SECONDS
        except Exception:
            pause = min(_BACK_OFF_SECONDS_MAX, max(pause, _POLL_SECONDS) * 2)
            log.exception("outbox.dispatch_failed", again_in_seconds=pause)
        await asyncio.sleep(pause)


async def _dispatch(database: Database, by_topic: Mapping[str, list[Subscription]]) -> int:
    async with database.read() as reading:
        events = await waiting_events(reading, _EVENTS_AT_ONCE)
    for event in events:
        for subscription in by_topic.get(event.topic, []):
            with SetWorkflowID(f"{event.id}:{subscription.name}"):
                await DBOS.start_workflow_async(run_subscription, subscription.name, event.payload)
    if events:
        async with database.write() as tx:
            for event in events:
                await mark_dispatched(tx, event.id)
    return len(events)


async def _repeat(task: PeriodicTask) -> None:
    pause = task.seconds
    while True:
        try:
            await task.run()
            pause = task.seconds
        except Exception:
            pause = min(_BACK_OFF_SECONDS_MAX, pause * 2)
            log.exception("periodic_task.failed", task=task.name, again_in_seconds=pause)
        await asyncio.sleep(pause)
