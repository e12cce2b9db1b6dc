"""The revisions on both engines: up from nothing, down, up again, equal to the declared tables."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from exchange_market.persistence.migrations import downgrade, matches_tables, upgrade

VERSIONS = Path(__file__).parents[3] / "alembic" / "versions"


def tables(url: str) -> set[str]:
    """Names of the tables that are there."""

    def look(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    async def run() -> set[str]:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            found = await connection.run_sync(look)
        await engine.dispose()
        return found

    return asyncio.run(run())


def test_revisions_lead_from_an_empty_database_to_the_declared_tables(
    empty_database_url: str,
) -> None:
    upgrade(empty_database_url)
    upgrade(empty_database_url)

    assert matches_tables(empty_database_url)
    assert {"outbox", "ledger_entry", "audit_leaf", "usage_event"} <= tables(empty_database_url)


def test_one_revision_can_be_taken_back_and_applied_again(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    complete = tables(empty_database_url)

    downgrade(empty_database_url, "-1")
    upgrade(empty_database_url)

    assert matches_tables(empty_database_url)
    assert tables(empty_database_url) == complete


def test_all_revisions_can_be_taken_back_and_applied_again(empty_database_url: str) -> None:
    upgrade(empty_database_url)

    downgrade(empty_database_url, "base")

    assert tables(empty_database_url) == {"alembic_version"}
    assert not matches_tables(empty_database_url)
    upgrade(empty_database_url)
    assert matches_tables(empty_database_url)


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("*.py")), ids=lambda path: path.stem)
def test_a_revision_does_not_need_the_code_of_today(path: Path, tmp_path: Path) -> None:
    program = (
        "import runpy, sys; runpy.run_path(sys.argv[1]); "
        "ours = {'exchange_market', 'sqlmodel', 'pricing', 'contracts'} & set(sys.modules); "
        "sys.exit(str(ours) if ours else 0)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
