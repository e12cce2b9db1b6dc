"""A write transaction happens completely or not at all, and loses nothing beside others."""

import asyncio

import pytest
from sqlalchemy import func, update
from sqlmodel import col, select

from exchange_market.kernel.secrets import Secrets
from exchange_market.metering.rows import QuotaRow
from exchange_market.persistence.rows import OutboxRow
from exchange_market.persistence.transaction import Database
from exchange_market.trust.keyring import Keyring

LIMIT = 2**40
WRITERS = 100


class OwnFailure(Exception):
    """What goes wrong in a test."""


async def with_quota(database: Database) -> None:
    """One counter to count on."""
    async with database.write() as tx:
        tx.session.add(QuotaRow(contract_id="con_1", meter="rows", limit_units=LIMIT))


async def used(database: Database) -> int:
    """What the counter says."""
    async with database.read() as reading:
        return await reading.session.scalar(select(QuotaRow.used)) or 0


async def test_concurrent_conditional_updates_lose_nothing(database_url: str) -> None:
    database = Database(database_url)
    await with_quota(database)

    async def increment() -> None:
        async with database.write() as tx:
            await tx.session.execute(
                update(QuotaRow)
                .where(col(QuotaRow.contract_id) == "con_1", col(QuotaRow.used) < LIMIT)
                .values(used=col(QuotaRow.used) + 1)
            )

    await asyncio.gather(*(increment() for _ in range(WRITERS)))

    assert await used(database) == WRITERS
    await database.close()


async def test_concurrent_read_and_write_of_a_held_row_loses_nothing(database_url: str) -> None:
    database = Database(database_url)
    await with_quota(database)

    async def increment() -> None:
        async with database.write() as tx:
            row = await tx.session.scalar(select(QuotaRow).with_for_update())
            assert row is not None
            await asyncio.sleep(0)
            row.used += 1

    await asyncio.gather(*(increment() for _ in range(WRITERS)))

    assert await used(database) == WRITERS
    await database.close()


async def test_a_block_that_raises_leaves_no_trace(database_url: str) -> None:
    database = Database(database_url)
    await with_quota(database)

    async def fail() -> None:
        async with database.write() as tx:
            await tx.session.execute(update(QuotaRow).values(used=7))
            tx.emit("test.happened", {"id": "x"})
            await tx.session.flush()
            raise OwnFailure

    with pytest.raises(OwnFailure):
        await fail()

    assert await used(database) == 0
    async with database.read() as reading:
        assert await reading.session.scalar(select(func.count()).select_from(OutboxRow)) == 0
    await database.close()


async def test_a_reading_block_keeps_nothing(database_url: str) -> None:
    database = Database(database_url)
    await with_quota(database)

    async with database.read() as reading:
        await reading.session.execute(update(QuotaRow).values(used=7))

    assert await used(database) == 0
    await database.close()


async def test_what_was_read_stays_readable_after_the_block(database_url: str) -> None:
    database = Database(database_url)
    await with_quota(database)

    async with database.read() as reading:
        row = (await reading.session.scalars(select(QuotaRow))).one()

    assert (row.contract_id, row.limit_units) == ("con_1", LIMIT)
    await database.close()


async def test_a_key_that_another_process_made_is_found(database_url: str) -> None:
    database = Database(database_url)
    secrets = Secrets(bytes(range(32)))
    made = await Keyring(database, secrets).signing_key("test")

    found = await Keyring(database, secrets).signing_key("test")

    assert found.kid == made.kid
    assert found.private_key.private_bytes_raw() == made.private_key.private_bytes_raw()
    await database.close()


async def test_a_cancelled_block_leaves_no_trace_and_no_lock(database_url: str) -> None:
    database = Database(database_url)
    await with_quota(database)
    inside = asyncio.Event()

    async def hang() -> None:
        async with database.write() as tx:
            await tx.session.execute(update(QuotaRow).values(used=7))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with asyncio.timeout(5), database.write() as tx:
        await tx.session.execute(update(QuotaRow).values(used=col(QuotaRow.used) + 1))
    assert await used(database) == 1
    await database.close()
