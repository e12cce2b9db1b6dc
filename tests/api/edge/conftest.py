"""The whole application on SQLite: the edge does not depend on the database."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest
from httpx import ASGITransport, AsyncClient

from exchange_market.app import create_app
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.transaction import Database
from exchange_market.wiring import assemble


@dataclass(frozen=True, slots=True)
class Edge:
    """A client and the database behind it."""

    client: AsyncClient
    database: Database
    numbers: Iterator[int]
    """Each is an organisation that nobody registered yet."""


@pytest.fixture(scope="module")
async def edge(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Edge]:
    """One application for all tests of a file, since making it is what takes time."""
    del anyio_backend
    folder = tmp_path_factory.mktemp("edge")
    url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, folder / 'exchange.sqlite')}"
    settings = Settings.model_validate({"data_dir": folder / "data", "database_url": url})
    exchange = assemble(settings)
    transport = ASGITransport(cast(Any, create_app(exchange)), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://exchange.test") as client:
        yield Edge(client, exchange.database, count(1))
    await exchange.database.close()
