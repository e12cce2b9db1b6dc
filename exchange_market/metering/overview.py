"""Usage seen from above: totals of many contracts, and the volume of a period."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from exchange_market.metering.rows import UsageEventRow
from exchange_market.persistence.transaction import Reading


@dataclass(frozen=True, slots=True)
class Delivered:
    """Totals of some deliveries; bytes are body bytes."""

    deliveries: int
    rows: int
    body_bytes: int
    calls: int
    last_finished_at: datetime | None


NOTHING = Delivered(0, 0, 0, 0, None)

_TOTALS = (
    func.count(),
    func.coalesce(func.sum(col(UsageEventRow.rows)), 0),
    func.coalesce(func.sum(col(UsageEventRow.body_bytes)), 0),
    func.coalesce(func.sum(col(UsageEventRow.calls)), 0),
    func.max(col(UsageEventRow.finished_at)),
)


async def delivered_under(reading: Reading, contract_ids: Collection[str]) -> dict[str, Delivered]:
    """Totals of those contracts that were ever delivered, by contract, in one query."""
    query = (
        select(col(UsageEventRow.contract_id), *_TOTALS)
        .where(col(UsageEventRow.contract_id).in_(contract_ids))
        .group_by(col(UsageEventRow.contract_id))
    )
    return {row[0]: _delivered(tuple(row)[1:]) for row in await reading.session.execute(query)}


async def delivered_first(reading: Reading, contract_id: str, events: int) -> Delivered:
    """Totals of the first `events` deliveries of a contract: what an invoice was computed from."""
    query = select(*_TOTALS).where(
        col(UsageEventRow.contract_id) == contract_id, col(UsageEventRow.sequence) <= events
    )
    return _delivered(tuple((await reading.session.execute(query)).one()))


async def delivered_between(reading: Reading, since: datetime, until: datetime) -> Delivered:
    """Totals of all deliveries that finished in [since, until)."""
    finished = col(UsageEventRow.finished_at)
    query = select(*_TOTALS).where(finished >= since, finished < until)
    return _delivered(tuple((await reading.session.execute(query)).one()))


def _delivered(totals: Sequence[Any]) -> Delivered:
    deliveries, rows, body_bytes, calls, last = totals
    return Delivered(int(deliveries), int(rows), int(body_bytes), int(calls), last)
