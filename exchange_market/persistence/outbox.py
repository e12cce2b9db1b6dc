"""Reading the outbox: what the job worker hands to subscribers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, update
from sqlmodel import col, select

from exchange_market.persistence.rows import OutboxRow
from exchange_market.persistence.transaction import Reading, Transaction


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as announced by `Transaction.emit`."""

    id: str
    topic: str
    payload: dict[str, Any]


async def waiting_events(tx: Reading, limit: int) -> Sequence[Event]:
    """The oldest events that were not handed over yet."""
    rows = await tx.session.scalars(
        select(OutboxRow)
        .where(col(OutboxRow.dispatched_at).is_(None))
        .order_by(col(OutboxRow.id))
        .limit(limit)
    )
    return [Event(row.id, row.topic, row.payload) for row in rows]


async def count_waiting(tx: Reading) -> int:
    """How many events were not handed over yet."""
    query = select(func.count()).select_from(OutboxRow)
    return await tx.session.scalar(query.where(col(OutboxRow.dispatched_at).is_(None))) or 0


async def mark_dispatched(tx: Transaction, event_id: str) -> None:
    """Record that every subscriber's job of this event now exists in the job runner."""
    await tx.session.execute(
        update(OutboxRow).where(col(OutboxRow.id) == event_id).values(dispatched_at=tx.now())
    )


async def repeat_recent(tx: Transaction, since: timedelta) -> None:
    """Let the events of the last `since` before the newest one be handed over again."""
    newest = await tx.session.scalar(select(func.max(col(OutboxRow.created_at))))
    if newest is not None:
        await tx.session.execute(
            update(OutboxRow)
            .where(col(OutboxRow.created_at) > newest - since)
            .values(dispatched_at=None)
        )


@dataclass(frozen=True, slots=True)
class Subscription:
    """A job that runs for every event of a topic, at least once, outside the change that announced
    it.

    `name` is part of the job's identity: renaming it makes old events run again.
    """

    name: str
    topic: str
    run: Callable[[Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """Something the job worker does again and again, `seconds` after the last time it ended."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[object]]
