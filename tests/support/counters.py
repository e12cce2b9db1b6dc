"""A small application behind the real command runner: counters that clients count up."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar, Request, post
from litestar.di import NamedDependency, Provide
from sqlalchemy import update
from sqlmodel import col, select

from exchange_market.edge.commands import Commands
from exchange_market.edge.problems import EXCEPTION_HANDLERS
from exchange_market.kernel.errors import Conflict
from exchange_market.kernel.principal import Service
from exchange_market.metering.rows import QuotaRow
from exchange_market.persistence.transaction import Database, Transaction

LIMIT = 10**12


class LimitReached(Conflict):
    """The counter would pass its limit."""

    code = "test.limit_reached"
    en = "The counter is at its limit."
    zh = "计数器已达上限。"


class Addition(msgspec.Struct, frozen=True):
    """How much to add."""

    amount: int


class Count(msgspec.Struct, frozen=True):
    """What the counter says afterwards."""

    used: int


@dataclass(frozen=True, slots=True)
class Counters:
    """The application, and a look past it into its database."""

    database: Database
    client: AsyncClient

    async def add(
        self, amount: int, key: str | None = None, *, actor: str = "ann", route: str = "count"
    ) -> Response:
        """Send one addition."""
        headers = {"X-Actor": actor} | ({"Idempotency-Key": key} if key is not None else {})
        return await self.client.post(f"/{route}", json={"amount": amount}, headers=headers)

    async def used(self) -> int:
        """What the counter says."""
        async with self.database.read() as reading:
            return await reading.session.scalar(select(QuotaRow.used)) or 0


@asynccontextmanager
async def open_counters(url: str) -> AsyncGenerator[Counters]:
    """The application over a migrated database."""
    database = Database(url)
    async with database.write() as tx:
        tx.session.add(QuotaRow(contract_id="con_1", meter="rows", limit_units=LIMIT))
    app = Litestar(
        route_handlers=[count],
        dependencies={
            "commands": Provide(lambda: Commands(database, b"secret"), sync_to_thread=False)
        },
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
    )
    transport = ASGITransport(cast(Any, app), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://counters.test") as client:
        yield Counters(database, client)
    await database.close()


@post(["/count", "/recount"], status_code=201)
async def count(request: Request[Any, Any, Any], commands: NamedDependency[Commands]) -> Any:
    """Add to the counter."""
    addition = msgspec.json.decode(await request.body(), type=Addition)

    async def work(tx: Transaction) -> int:
        used = await tx.session.scalar(
            update(QuotaRow)
            .where(col(QuotaRow.used) + addition.amount <= LIMIT)
            .values(used=col(QuotaRow.used) + addition.amount)
            .returning(col(QuotaRow.used))
        )
        if used is None:
            raise LimitReached
        return used

    actor = Service(request.headers["X-Actor"])
    return await commands.run(request, actor, work, view=Count, status=201)
