"""Money, usage, invoices and the audit trail cannot be changed, whatever the program tries; what
it really does with them goes through."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from exchange_market.governance.checks import run_checks
from exchange_market.kernel.clock import SystemClock
from exchange_market.persistence.migrations import downgrade, upgrade_async
from exchange_market.persistence.transaction import Database
from exchange_market.trust.audit import sequence_leaves
from tests.support.exchange import Trade, open_trade

GUARDED = ("audit_leaf", "invoice", "ledger_entry", "ledger_transaction", "usage_event")


@asynccontextmanager
async def completed_trade(url: str, folder: Path) -> AsyncGenerator[Trade]:
    """A trade up to the settled invoice, with signed receipts and a placed audit trail."""
    async with open_trade(url, folder) as trade:
        contract = await trade.paid(await trade.product())
        key = await trade.key(contract)
        answer = await trade.fetch(key, f"{contract['product_id']}/rows?limit=40&format=json")
        assert answer.status_code == 200, answer.text
        assert [entry["signed"] is not None for entry in await trade.receipts(contract)] == [True]
        invoice = await trade.call(
            "admin",
            "POST",
            f"/contracts/{contract['id']}/invoices",
            headers={"Idempotency-Key": "invoice"},
        )
        await trade.call(
            "second",
            "POST",
            f"/invoices/{invoice['id']}/settlement",
            headers={"Idempotency-Key": "settle"},
        )
        async with trade.exchange.database.write() as tx:
            await sequence_leaves(tx)
        yield trade


def changed_value(table: Table, column: str) -> Any:
    """Something of the column's type that no row holds."""
    match table.c[column].type:
        case BigInteger() | Integer():
            return 987_654_321
        case LargeBinary():
            return b"forged"
        case kind if isinstance(getattr(kind, "impl", kind), DateTime):
            return SystemClock().now()
        case kind if type(kind).__name__ == "OpaqueJson":
            return {"forged": True}
        case _:
            return "forged"


async def contents(database: Database, table: Table) -> list[tuple[Any, ...]]:
    """All rows in order."""
    async with database.read() as reading:
        rows = await reading.session.execute(select(table).order_by(*table.primary_key.columns))
        return [tuple(row) for row in rows]


async def test_the_database_refuses_to_change_or_delete_what_was_recorded(
    database_url: str, tmp_path: Path
) -> None:
    async with completed_trade(database_url, tmp_path) as trade:
        database = trade.exchange.database
        assert all(check.ok for check in await run_checks(database))
        for name in GUARDED:
            table = SQLModel.metadata.tables[name]
            before = await contents(database, table)
            assert before, name

            for column in table.columns:
                forged = update(table).values({column.name: changed_value(table, column.name)})
                with pytest.raises(IntegrityError, match=r"append-only"):
                    async with database.write() as tx:
                        await tx.session.execute(forged)
            with pytest.raises(IntegrityError, match=r"append-only"):
                async with database.write() as tx:
                    await tx.session.execute(delete(table))

            assert await contents(database, table) == before, name
        assert all(check.ok for check in await run_checks(database))


async def test_a_signature_cannot_be_taken_away_again(database_url: str, tmp_path: Path) -> None:
    filled = {
        "usage_event": ("batch_id", "signed_receipt"),
        "audit_leaf": ("sequence", "chain_hash"),
        "invoice": ("settled_at", "settled_by"),
    }
    async with completed_trade(database_url, tmp_path) as trade:
        for name, members in filled.items():
            table = SQLModel.metadata.tables[name]
            for member in members:
                emptied = update(table).values({member: None})
                with pytest.raises(IntegrityError, match=r"append-only"):
                    async with trade.exchange.database.write() as tx:
                        await tx.session.execute(emptied)


async def test_a_row_cannot_be_replaced_on_sqlite(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    row = "INSERT OR REPLACE INTO ledger_transaction VALUES ('ltx_1', 'top_up', :reference, '2026')"
    async with database.write() as tx:
        await tx.session.execute(text(row), {"reference": "a"})

    with pytest.raises(IntegrityError, match=r"append-only"):
        async with database.write() as tx:
            await tx.session.execute(text(row), {"reference": "b"})

    await database.close()


@pytest.mark.parametrize("name", GUARDED)
async def test_a_table_cannot_be_truncated_on_postgresql(postgres_url: str, name: str) -> None:
    database = Database(postgres_url)

    with pytest.raises(IntegrityError, match=r"append-only"):
        async with database.write() as tx:
            await tx.session.execute(text(f"TRUNCATE {name} CASCADE"))

    await database.close()


def test_taking_the_revision_back_removes_its_triggers(empty_database_url: str) -> None:
    import asyncio  # noqa: PLC0415 - this test alone stands outside an event loop

    async def count_triggers() -> int:
        database = Database(empty_database_url)
        listing = (
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
            if database.is_sqlite
            else "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
        )
        async with database.read() as reading:
            found = await reading.session.scalar(text(listing))
        await database.close()
        return int(found)

    asyncio.run(upgrade_async(empty_database_url))
    assert asyncio.run(count_triggers()) >= 2 * len(GUARDED)

    downgrade(empty_database_url, "0001")

    assert asyncio.run(count_triggers()) == 0
