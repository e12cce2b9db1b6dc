"""The database fixtures themselves: every test has an engine of its kind, to itself."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

_ENGINES = {"sqlite": "SELECT sqlite_version()", "postgresql": "SELECT version()"}


@pytest.mark.parametrize("round_", [1, 2])
async def test_each_test_has_a_database_to_itself(database_url: str, round_: int) -> None:
    engine = create_async_engine(database_url)

    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE only_here (round INTEGER)"))
        await connection.execute(text("INSERT INTO only_here VALUES (:round)"), {"round": round_})
        rows = (await connection.execute(text("SELECT round FROM only_here"))).all()

    assert [tuple(row) for row in rows] == [(round_,)]
    await engine.dispose()


async def test_the_url_leads_to_the_engine_it_names(database_url: str) -> None:
    engine = create_async_engine(database_url)

    async with engine.connect() as connection:
        version = (await connection.execute(text(_ENGINES[engine.dialect.name]))).scalar_one()

    assert version.startswith("3." if engine.dialect.name == "sqlite" else "PostgreSQL ")
    await engine.dispose()


async def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    engine = create_async_engine(empty_database_url)
    listing = {
        "sqlite": "SELECT count(*) FROM sqlite_master",
        "postgresql": "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'",
    }

    async with engine.connect() as connection:
        tables = (await connection.execute(text(listing[engine.dialect.name]))).scalar_one()

    assert tables == 0
    await engine.dispose()
