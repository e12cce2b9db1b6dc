# ruff: noqa: ASYNC240, PT017  local files only; a kill is one of two right outcomes
"""The worker alone: what its confinement holds when the gate is taken away."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from sandbox.broker import BrokerSettings, QueryFailed, WorkerLimits
from sandbox.broker.process import WorkerProcess
from sandbox.broker.sample import locate_sample
from tests.support.sandbox_sample import write_sample
from tests.support.sandbox_statements import HONEST, HOSTILE

UNGATED = (
    "import sys; sys.path.append(sys.argv[1]); from sandbox.worker.process import main;"
    " main(lambda sql, sample: None)"
)
SECRET = "the-secret-of-another-product"

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(tmp_path: Path) -> BrokerSettings:
    tmp_path.chmod(0o755)
    write_sample(tmp_path / "sample.parquet")
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "secret.txt").chmod(0o644)
    limits = WorkerLimits(query_seconds=1, kill_after_seconds=3.0)
    return BrokerSettings(sample_root=tmp_path, limits=limits)


async def start(settings: BrokerSettings) -> WorkerProcess:
    path = str(settings.sample_root / "sample.parquet")
    return await WorkerProcess.start(locate_sample("s", path, settings), settings, UNGATED)


@pytest.fixture
async def worker(settings: BrokerSettings) -> AsyncIterator[WorkerProcess]:
    worker = await start(settings)
    yield worker
    await worker.kill()


async def ask(worker: WorkerProcess, sql: str) -> dict[str, Any]:
    return json.loads(await worker.ask({"sql": sql, "max_rows": 100}))


async def test_honest_statements_give_exact_values(worker: WorkerProcess) -> None:
    for sql, rows in HONEST.items():
        answer = await ask(worker, sql)
        assert answer.get("rows") == rows, (sql, answer)


async def test_protections_of_this_system_are_reported(worker: WorkerProcess) -> None:
    assert {"no_new_files", "no_new_processes", "cpu"} <= worker.protections
    status = Path(f"/proc/{worker.pid}/status")
    if status.exists():
        assert "no_new_privileges" in worker.protections
        assert "NoNewPrivs:\t1" in status.read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into the worker's namespaces")
async def test_worker_has_own_network_own_user_and_empty_environment(worker: WorkerProcess) -> None:
    process = psutil.Process(worker.pid)

    assert {"no_network", "own_user"} <= worker.protections
    assert Path(f"/proc/{worker.pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    assert process.uids().real == process.uids().effective == 65534
    assert process.environ() == {}
    assert os.getsid(worker.pid) == worker.pid


async def test_every_hostile_statement_leaves_nothing_and_reads_nothing(
    settings: BrokerSettings, tmp_path: Path
) -> None:
    files = {path.name for path in tmp_path.iterdir()}
    worker = await start(settings)
    try:
        for sql in HOSTILE:
            statement = sql.replace("/stolen/", f"{tmp_path}/").replace("'/etc/", f"'{tmp_path}/")
            if not worker.is_alive:
                worker = await start(settings)
            try:
                answer = await ask(worker, statement)
            except QueryFailed:
                continue  # Killed within its limits: that costs this query only.
            assert SECRET not in json.dumps(answer)
            assert str(tmp_path) not in json.dumps(answer.get("rows", []))
        fresh = worker if worker.is_alive else await start(settings)
        assert (await ask(fresh, "SELECT count(*), sum(id) FROM sample"))["rows"] == [
            [1000, 499500]
        ]
        await fresh.kill()
    finally:
        await worker.kill()
    assert {path.name for path in tmp_path.iterdir()} == files


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{root}/secret.txt')",
        "SELECT * FROM read_blob('{root}/sample.parquet')",
        "SELECT * FROM read_csv('{root}/secret.txt')",
        "SELECT * FROM glob('{root}/*')",
        "SELECT * FROM '{root}/sample.parquet'",
        "WITH x AS (COPY sample TO '{root}/stolen.csv') SELECT 1",
        "WITH x AS (COPY sample TO '{root}/sample.parquet.wal') SELECT 1",
        "WITH x AS (INSERT INTO sample SELECT * FROM sample RETURNING id) SELECT count(*) FROM x",
        "WITH x AS (DELETE FROM sample RETURNING id) SELECT count(*) FROM x",
        "SELECT * FROM query('SELECT * FROM read_text(''{root}/secret.txt'')')",
        "COPY sample TO '{root}/stolen.csv'",
        "EXPORT DATABASE '{root}/dump'",
        "ATTACH '{root}/evil.db'",
        "ATTACH ':memory:' AS other",
        "CREATE TEMP TABLE t AS SELECT 1",
        "CREATE MACRO f() AS 1",
        "SET VARIABLE leak = 1",
        "PREPARE p AS SELECT 1",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "PRAGMA temp_directory='{root}'",
        "INSTALL httpfs",
        "DROP TABLE sample",
        "SELECT 1; COMMIT; DROP TABLE sample",
    ],
)
async def test_locked_database_refuses_without_the_gate(
    worker: WorkerProcess, tmp_path: Path, sql: str
) -> None:
    files = sorted(tmp_path.iterdir())

    answer = await ask(worker, sql.format(root=tmp_path))

    assert answer["error"]["code"] == "query_error"
    assert sorted(tmp_path.iterdir()) == files
    assert (await ask(worker, "SELECT count(*) FROM sample"))["rows"] == [[1000]]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT length(lpad('x', 2000000000, 'y'))",
        "SELECT sum(a.id * b.id * c.id * d.id) FROM sample a, sample b, sample c, sample d",
        "SELECT count(*) FROM range(1000000000000)",
        "SELECT levenshtein(repeat('ab', 200000), repeat('ba', 200000))",
        "SELECT sum(length(repeat('x', 80000000) || i)) FROM range(1000) r(i)",
        "SELECT list(repeat('x', 1000000)) FROM range(100000)",
        "WITH a AS (" * 14,
    ],
    ids=lambda sql: str(sql)[:40],
)
async def test_bombs_are_stopped_in_time_and_memory(settings: BrokerSettings, sql: str) -> None:
    worker = await start(settings)
    highest = 0
    started = asyncio.get_running_loop().time()
    question = asyncio.create_task(ask(worker, sql))
    while not question.done():
        try:
            highest = max(highest, psutil.Process(worker.pid).memory_info().rss)
        except psutil.NoSuchProcess:
            break
        await asyncio.sleep(0.05)
    try:
        answer = await question
        assert answer["error"]["code"] in {"query_timeout", "memory_exceeded", "query_error"}
    except QueryFailed as failure:
        assert failure.code in {"query_timeout", "worker_lost"}
        assert not worker.is_alive
    await worker.kill()

    assert asyncio.get_running_loop().time() - started < 6.0
    assert highest < 1_000 * 1024 * 1024


async def test_rows_and_bytes_of_an_answer_are_capped(worker: WorkerProcess) -> None:
    rows = await ask(worker, "SELECT * FROM range(1000000)")
    wide = await ask(worker, "SELECT repeat('x', 1000000) FROM range(100)")

    assert (len(rows["rows"]), rows["truncated"]) == (100, True)
    assert (len(wide["rows"]), wide["truncated"]) == (4, True)


async def test_nothing_persists_between_two_queries(worker: WorkerProcess) -> None:
    await ask(worker, "CREATE TEMP TABLE left_behind AS SELECT 1")
    await ask(worker, "SET VARIABLE leak = 7")

    assert "error" in await ask(worker, "SELECT * FROM left_behind")
    assert (await ask(worker, "SELECT getvariable('leak')"))["rows"] == [[None]]
