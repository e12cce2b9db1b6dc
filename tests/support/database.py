"""A database with every table, for tests below the HTTP edge."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from exchange_market.kernel.clock import Clock
from exchange_market.persistence.migrations import import_all_rows
from exchange_market.persistence.transaction import Database


@asynccontextmanager
async def fresh_database(url: str, clock: Clock | None = None) -> AsyncGenerator[Database]:
    """A Database on an empty `url` in which all tables were just made; closed at the end."""
    import_all_rows()
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    await engine.dispose()
    database = Database(url, clock)
    try:
        yield database
    finally:
        await database.close()
