"""The whole exchange on either database, with its people registered and verified."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.support.exchange import Cast, Trade, make_cast, open_trade
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="session")
def sqlite_cast(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """A populated exchange on SQLite, to copy."""
    folder = tmp_path_factory.mktemp("cast")
    path = shutil.copy(sqlite_template, folder / "exchange.sqlite")
    return asyncio.run(make_cast(f"sqlite+aiosqlite:///{path}", folder))


@pytest.fixture(scope="session")
def postgres_cast(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """A populated exchange on PostgreSQL, to copy."""
    with postgres_server.database(migrated=True) as url:
        yield asyncio.run(make_cast(url, tmp_path_factory.mktemp("cast")))


@pytest.fixture
def sqlite_copy(sqlite_cast: Cast, tmp_path: Path) -> tuple[str, Cast]:
    """The URL of a copy of the populated SQLite exchange."""
    original = Path(sqlite_cast.url.partition(":///")[2])
    path = shutil.copy(original, tmp_path / "exchange.sqlite")
    return f"sqlite+aiosqlite:///{path}", sqlite_cast


@pytest.fixture
def postgres_copy(
    postgres_server: PostgresServer, postgres_cast: Cast
) -> Iterator[tuple[str, Cast]]:
    """The URL of a copy of the populated PostgreSQL exchange."""
    with postgres_server.copy_of(postgres_cast.url) as url:
        yield url, postgres_cast


@pytest.fixture(params=ENGINES)
def populated(request: pytest.FixtureRequest) -> tuple[str, Cast]:
    """A populated exchange of this test alone: the test runs once on each engine."""
    engine = "sqlite" if request.param == "sqlite" else "postgres"
    return request.getfixturevalue(f"{engine}_copy")


@pytest.fixture
async def trade(populated: tuple[str, Cast], tmp_path: Path) -> AsyncIterator[Trade]:
    """The application with verified people on a frozen clock."""
    url, cast_of = populated
    async with open_trade(url, tmp_path, cast_of) as opened:
        yield opened
