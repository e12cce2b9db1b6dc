"""What every test may use: the event loop, and a database of its own on either engine."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from exchange_market.persistence.migrations import upgrade
from tests.support.postgres import PostgresServer, running_server

ENGINES = ("sqlite", "postgresql")

# The same examples on every run, so that a red build means a change; the nightly run explores.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("nightly", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the exchange does."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_server(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[PostgresServer]:
    """The PostgreSQL server that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    # Not below the folder of pytest: each new session closes that to other users, and the server
    # runs as one.
    name = hashlib.sha256(str(shared).encode()).hexdigest()[:12]
    with running_server(Path(tempfile.gettempdir()) / f"exchange-postgres-{name}") as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of this test alone."""
    with postgres_server.database(migrated=True) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a PostgreSQL database without any table."""
    with postgres_server.database(migrated=False) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "exchange.sqlite"
    upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """The URL of a migrated SQLite database of this test alone."""
    path = shutil.copy(sqlite_template, tmp_path / "exchange.sqlite")
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite database that does not exist yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite'}"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database: the test runs once on each engine."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture(params=ENGINES)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database without tables: the test runs once on each engine."""
    engine = "sqlite" if request.param == "sqlite" else "postgres"
    return request.getfixturevalue(f"empty_{engine}_url")
