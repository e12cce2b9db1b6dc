"""Every query on samples and on the history of sandbox queries."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, update
from sqlmodel import col, select

from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trials.query import SandboxQuery
from exchange_market.trials.rows import SampleRow, SandboxQueryRow
from exchange_market.trials.sample import Sample, SampleState

_PLAIN = ("id", "product_id", "revision_id", "revision_number", "basis", "holds_persons", "scan")
_DATED = ("engine", "created_at", "updated_at", "decided_by", "decided_at", "reason")


async def find_sample(reading: Reading, revision_id: str) -> Sample | None:
    """The sample of a revision."""
    query = select(SampleRow).where(col(SampleRow.revision_id) == revision_id)
    row = await reading.session.scalar(query)
    return None if row is None else _sample(row)


async def lock_sample(tx: Transaction, revision_id: str) -> Sample | None:
    """The sample of a revision, held against other writers until the transaction ends."""
    query = select(SampleRow).where(col(SampleRow.revision_id) == revision_id)
    row = await tx.session.scalar(query.with_for_update().execution_options(populate_existing=True))
    return None if row is None else _sample(row)


async def newest_sample(
    reading: Reading, product_id: str, state: SampleState | None = None
) -> Sample | None:
    """The sample of the newest revision that has one, or has one in `state`."""
    query = select(SampleRow).where(col(SampleRow.product_id) == product_id)
    if state is not None:
        query = query.where(col(SampleRow.state) == state.value)
    newest = query.order_by(col(SampleRow.revision_number).desc()).limit(1)
    row = await reading.session.scalar(newest)
    return None if row is None else _sample(row)


async def save_sample(tx: Transaction, sample: Sample) -> None:
    """Insert a sample, or write back one that was locked in this transaction."""
    row = await tx.session.get(SampleRow, sample.id)
    if row is None:
        tx.session.add(SampleRow(**_columns(sample)))
    else:
        for name, value in _columns(sample).items():
            setattr(row, name, value)
    await tx.session.flush()


async def add_query(tx: Transaction, query: SandboxQuery) -> None:
    """Insert a query."""
    tx.session.add(SandboxQueryRow(**asdict(query)))
    await tx.session.flush()


async def close_query(tx: Transaction, query: SandboxQuery) -> None:
    """Write down what became of a query."""
    await tx.session.execute(
        update(SandboxQueryRow)
        .where(col(SandboxQueryRow.id) == query.id)
        .values(
            outcome=query.outcome, answered_rows=query.answered_rows, elapsed_ms=query.elapsed_ms
        )
    )


async def count_queries_since(reading: Reading, organisation_id: str, since: datetime) -> int:
    """How many queries an organisation sent after an instant."""
    count = select(func.count()).select_from(SandboxQueryRow)
    return (
        await reading.session.scalar(
            count.where(
                col(SandboxQueryRow.organisation_id) == organisation_id,
                col(SandboxQueryRow.asked_at) > since,
            )
        )
        or 0
    )


async def queries_of(
    reading: Reading, organisation_id: str, product_id: str, *, before: str | None, limit: int
) -> Sequence[SandboxQuery]:
    """The queries of an organisation on a product, newest first, from below the id `before`."""
    query = select(SandboxQueryRow).where(
        col(SandboxQueryRow.product_id) == product_id,
        col(SandboxQueryRow.organisation_id) == organisation_id,
    )
    if before is not None:
        query = query.where(col(SandboxQueryRow.id) < before)
    rows = await reading.session.scalars(
        query.order_by(col(SandboxQueryRow.id).desc()).limit(limit)
    )
    return [SandboxQuery(**row.model_dump()) for row in rows]


def _columns(sample: Sample) -> dict[str, Any]:
    return {
        **{name: getattr(sample, name) for name in (*_PLAIN, *_DATED)},
        "state": sample.state.value,
        "roles": {name: role.value for name, role in sample.roles.items()},
        "built": msgspec.to_builtins(sample.built),
        "refusal": msgspec.to_builtins(sample.refusal),
    }


def _sample(row: SampleRow) -> Sample:
    return msgspec.convert(row.model_dump(), Sample)
