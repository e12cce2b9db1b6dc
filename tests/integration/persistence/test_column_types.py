"""Values come back from either engine as they went in."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import StatementError
from sqlmodel import col, select

from exchange_market.metering.rows import QuotaRow, UsageEventRow
from exchange_market.persistence.rows import OutboxRow
from exchange_market.persistence.transaction import Database

SHANGHAI = timezone(timedelta(hours=8))
USAGE: dict[str, Any] = {
    "id": "use_1",
    "reservation_id": "rsv_1",
    "contract_id": "con_1",
    "sequence": 1,
    "key_id": "key_1",
    "product_id": "prd_1",
    "operation": "rows",
    "rows": 2**62,
    "body_bytes": 2**63 - 1,
    "calls": 1,
    "finished_at": datetime(2026, 11, 23, tzinfo=UTC),
    "receipt": b"\x00\xff",
    "receipt_hash": "sha256:00",
    "batch_id": None,
    "signed_receipt": None,
}


def event(at: datetime, payload: dict[str, Any] | None = None) -> OutboxRow:
    """A row with an instant and a document."""
    return OutboxRow(id="evt_1", topic="test", payload=payload or {}, created_at=at)


async def test_a_naive_instant_is_refused(database_url: str) -> None:
    database = Database(database_url)

    with pytest.raises(StatementError, match="naive"):
        async with database.write() as tx:
            tx.session.add(event(datetime(2026, 11, 23, 8, 0)))  # noqa: DTZ001 - the point

    await database.close()


async def test_an_instant_comes_back_aware_and_in_utc_to_the_microsecond(database_url: str) -> None:
    database = Database(database_url)
    at = datetime(2026, 11, 23, 16, 0, 0, 123_456, tzinfo=SHANGHAI)

    async with database.write() as tx:
        tx.session.add(event(at))
    async with database.read() as reading:
        row = (await reading.session.scalars(select(OutboxRow))).one()
        earlier = select(OutboxRow.id).where(
            col(OutboxRow.created_at) < at + timedelta(microseconds=1)
        )
        assert await reading.session.scalar(earlier) == "evt_1"
        assert row.created_at == at
        assert row.created_at.utcoffset() == timedelta(0)
        assert row.dispatched_at is None
    await database.close()


async def test_a_document_comes_back_whole(database_url: str) -> None:
    database = Database(database_url)
    payload = {"名": "北京", "deep": [{"n": None, "t": True}], "big": 2**53, "empty": {}}

    async with database.write() as tx:
        tx.session.add(event(datetime(2026, 11, 23, tzinfo=UTC), payload))
    async with database.read() as reading:
        row = (await reading.session.scalars(select(OutboxRow))).one()
        assert row.payload == payload
    await database.close()


@pytest.mark.parametrize("value", [2**31, 2**53 + 1, 2**63 - 1])
async def test_whole_numbers_are_64_bits_wide(database_url: str, value: int) -> None:
    database = Database(database_url)

    async with database.write() as tx:
        tx.session.add(QuotaRow(contract_id="con_1", meter="bytes", limit_units=value))
    async with database.read() as reading:
        assert await reading.session.scalar(select(QuotaRow.limit_units)) == value
    await database.close()


@pytest.mark.parametrize("by", ["object", "statement"])
async def test_an_absent_document_is_null_in_sql(database_url: str, by: str) -> None:
    database = Database(database_url)

    async with database.write() as tx:
        if by == "object":
            tx.session.add(UsageEventRow(**USAGE))
        else:
            await tx.session.execute(insert(UsageEventRow), [USAGE])
    async with database.read() as reading:
        unsigned = text("SELECT id FROM usage_event WHERE signed_receipt IS NULL")
        assert await reading.session.scalar(unsigned) == "use_1"
        row = (await reading.session.scalars(select(UsageEventRow))).one()
        assert (row.rows, row.body_bytes, row.receipt) == (2**62, 2**63 - 1, b"\x00\xff")
    await database.close()


async def test_foreign_keys_are_enforced(database_url: str) -> None:
    database = Database(database_url)
    signed = USAGE | {"batch_id": "bat_nowhere"}

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        async with database.write() as tx:
            await tx.session.execute(insert(UsageEventRow), [signed])

    await database.close()
