"""The engine: how a connection is opened and how a transaction begins on either database."""

from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

WRITE_OPTION = "exchange_write"
_BUSY_TIMEOUT_SECONDS = 15
_POOL_SIZE = 8


def open_engine(url: str) -> AsyncEngine:
    """An async engine for `sqlite+aiosqlite://…` or `postgresql+asyncpg://…`."""
    if url.startswith("sqlite"):
        engine = create_async_engine(url, pool_size=_POOL_SIZE)
        _prepare_sqlite(engine)
        return engine
    return create_async_engine(url, pool_size=_POOL_SIZE, pool_pre_ping=True)


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        del record
        # The driver must not begin transactions itself: it would begin deferred ones, and two
        # writers that both read first would then lose one update without any error.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        # Else a row replaced by INSERT OR REPLACE would be deleted past the triggers.
        cursor.execute("PRAGMA recursive_triggers = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        is_write = connection.get_execution_options().get(WRITE_OPTION, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")
