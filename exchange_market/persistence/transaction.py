"""Short, explicit transactions. Nothing outside this package ever commits.

    async with database.write() as tx:      # BEGIN IMMEDIATE on SQLite
        ...                                 # raise to roll back; leave the block to commit

Reading and writing have different types, so a query function that only needs `Reading` cannot
change anything by accident, and a function that changes something cannot be called without a
`Transaction`.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from exchange_market.kernel.clock import Clock, SystemClock
from exchange_market.kernel.ids import new_id
from exchange_market.persistence.engine import WRITE_OPTION, open_engine
from exchange_market.persistence.rows import OutboxRow


@dataclass(frozen=True, slots=True)
class Reading:
    """A read-only look at the database at one moment."""

    session: AsyncSession
    clock: Clock

    def now(self) -> datetime:
        """The present instant by the exchange's clock."""
        return self.clock.now()


@dataclass(frozen=True, slots=True)
class Transaction(Reading):
    """A change that happens completely or not at all."""

    def emit(self, topic: str, payload: Mapping[str, Any]) -> str:
        """Announce an event with this change; subscribers run after the commit, at least once.

        The payload holds ids, never names or data. Returns the event's id.
        """
        row = OutboxRow(
            id=new_id("evt"), topic=topic, payload=dict(payload), created_at=self.clock.now()
        )
        self.session.add(row)
        return row.id


class Database:
    """Opens transactions on one database."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self.url = url
        self.clock = clock or SystemClock()
        self._engine = open_engine(url)
        writing = self._engine.execution_options(**{WRITE_OPTION: True})
        self._read_sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._write_sessions = async_sessionmaker(writing, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self._engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Reading]:
        """A reading transaction, rolled back at the end; what was read stays readable."""
        # Closing the session rolls back. An explicit rollback would also expire every row read.
        async with self._read_sessions() as session:
            yield Reading(session, self.clock)

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Transaction]:
        """A writing transaction: committed when the block ends, rolled back when it raises."""
        async with self._write_sessions.begin() as session:
            yield Transaction(session, self.clock)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()
