"""The database of a test, below the HTTP edge."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import text

from exchange_market.kernel.clock import Clock
from exchange_market.persistence.transaction import Database


@asynccontextmanager
async def open_database(url: str, clock: Clock | None = None) -> AsyncGenerator[Database]:
    """A Database on a migrated `url`; closed at the end."""
    database = Database(url, clock)
    try:
        yield database
    finally:
        await database.close()


async def take_guards_away(database: Database) -> None:
    """Remove the triggers that keep records from being changed, as somebody who owns the database
    could."""
    listing = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if database.is_sqlite
        else "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    )
    async with database.write() as tx:
        for name, table in (await tx.session.execute(text(listing))).all():
            place = "" if database.is_sqlite else f" ON {table}"
            await tx.session.execute(text(f"DROP TRIGGER {name}{place}"))
