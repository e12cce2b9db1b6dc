# ruff: noqa: ASYNC110, ASYNC221, PT017  local files only; a kill is one of two right outcomes
"""The broker as a process: answers, limits, isolation between products, and its end."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.broker import BrokerClient, BrokerSettings, QueryFailed, StatementRefused, serve
from sandbox.worker import WorkerLimits
from sandbox.worker.frames import decode, encode, read_frame
from tests.support.sandbox_sample import write_sample
from tests.support.sandbox_statements import HONEST, HOSTILE
from tests.support.unix_sockets import listens

pytestmark = pytest.mark.anyio


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    folder = tmp_path / "samples"
    folder.mkdir()
    for name in "abcdef":
        write_sample(folder / f"{name}.parquet", rows=1_000)
    return folder


@pytest.fixture
def broker(root: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    socket = tmp_path / "broker.sock"
    command = [sys.executable, "-m", "sandbox.broker", "--socket", str(socket)]
    process = subprocess.Popen([*command, "--root", str(root), "--workers", "2"])
    deadline = time.monotonic() + 15
    while not listens(socket) and time.monotonic() < deadline:
        time.sleep(0.02)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def client(broker: subprocess.Popen[bytes], tmp_path: Path) -> BrokerClient:
    return BrokerClient(tmp_path / "broker.sock")


def rows_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


async def ask(client: BrokerClient, root: Path, sql: str, name: str = "a") -> list[list[object]]:
    path = root / f"{name}.parquet"
    result = await client.query(sample_id=name, sample_path=path, sql=sql, max_rows=100)
    return [list(row) for row in result.rows]


async def test_honest_statements_give_exact_values(client: BrokerClient, root: Path) -> None:
    for sql, rows in HONEST.items():
        assert await ask(client, root, sql) == rows, sql


async def test_answer_describes_columns_rows_and_sample(client: BrokerClient, root: Path) -> None:
    result = await client.query(
        sample_id="a", sample_path=root / "a.parquet", sql="SELECT id, city FROM sample", max_rows=3
    )

    assert [(c.name, c.type) for c in result.columns] == [("id", "BIGINT"), ("city", "VARCHAR")]
    assert (len(result.rows), result.truncated, result.rows_in_sample) == (3, True, 1_000)
    assert result.elapsed_ms > 0


async def test_hostile_statements_are_refused_and_workers_stay(
    client: BrokerClient, broker: subprocess.Popen[bytes], root: Path
) -> None:
    await ask(client, root, "SELECT 1")
    workers = {child.pid for child in rows_of(broker)}

    for sql, code in HOSTILE.items():
        with pytest.raises(StatementRefused) as refused:
            await ask(client, root, sql)
        assert refused.value.code == code

    assert {child.pid for child in rows_of(broker)} == workers
    assert await ask(client, root, "SELECT count(*) FROM sample") == [[1_000]]


async def test_runaway_query_of_one_product_does_not_stop_another(
    client: BrokerClient, root: Path
) -> None:
    bomb = "SELECT sum(a.id*b.id*c.id*d.id) FROM sample a, sample b, sample c, sample d"
    await ask(client, root, "SELECT 1")
    await ask(client, root, "SELECT 1", "b")
    runaway = asyncio.create_task(ask(client, root, bomb))
    await asyncio.sleep(0.5)

    started = time.monotonic()
    assert await ask(client, root, "SELECT max(id) FROM sample", "b") == [[999]]
    assert time.monotonic() - started < 2.0
    assert not runaway.done()
    with pytest.raises(QueryFailed) as failed:
        await runaway
    assert failed.value.code == "query_timeout"
    assert await ask(client, root, "SELECT max(id) FROM sample") == [[999]]


async def test_killed_worker_costs_one_query(
    client: BrokerClient, broker: subprocess.Popen[bytes], root: Path
) -> None:
    bomb = "SELECT sum(a.id*b.id*c.id*d.id) FROM sample a, sample b, sample c, sample d"
    await ask(client, root, "SELECT 1")
    running = asyncio.create_task(ask(client, root, bomb))
    await asyncio.sleep(0.5)
    for child in rows_of(broker):
        child.kill()

    with pytest.raises(QueryFailed) as failed:
        await running
    assert failed.value.code == "worker_lost"
    assert await ask(client, root, "SELECT count(*) FROM sample") == [[1_000]]


async def test_more_products_than_workers_share_the_places_and_no_process_is_reused(
    client: BrokerClient, broker: subprocess.Popen[bytes], root: Path
) -> None:
    seen: dict[int, str] = {}
    for name in "abcdefab":
        before = {child.pid for child in rows_of(broker)}
        assert await ask(client, root, "SELECT count(*) FROM sample", name) == [[1_000]]
        new = {child.pid for child in rows_of(broker)} - before
        assert len(rows_of(broker)) <= 2
        assert not new & seen.keys()
        seen |= dict.fromkeys(new, name)

    assert len(seen) == 8


async def test_concurrent_buyers_of_many_products_all_get_their_own_rows(
    client: BrokerClient, root: Path
) -> None:
    for position, name in enumerate("abcdef"):
        write_sample(root / f"{name}.parquet", rows=100 + position)

    answers = await asyncio.gather(
        *(ask(client, root, "SELECT count(*) FROM sample", name) for name in "abcdef" * 5)
    )

    assert answers == [[[100 + position]] for position in range(6)] * 5


async def test_replaced_sample_file_is_loaded_anew(client: BrokerClient, root: Path) -> None:
    assert await ask(client, root, "SELECT count(*) FROM sample") == [[1_000]]
    write_sample(root / "new.parquet", rows=7).rename(root / "a.parquet")

    assert await ask(client, root, "SELECT count(*) FROM sample") == [[7]]


async def test_sample_outside_the_root_is_not_opened(
    client: BrokerClient, root: Path, tmp_path: Path
) -> None:
    outside = write_sample(tmp_path / "outside.parquet")
    (root / "link.parquet").symlink_to(outside)
    (root / "broken.parquet").write_bytes(b"PAR1 not parquet")
    codes: list[str] = []
    for path in (
        outside,
        root / "link.parquet",
        root / ".." / "outside.parquet",
        root / "missing.parquet",
        root / "broken.parquet",
        root,
    ):
        with pytest.raises(QueryFailed) as failed:
            await client.query(sample_id="x", sample_path=path, sql="SELECT 1", max_rows=1)
        codes.append(failed.value.code)

    assert codes == ["sample_outside_root"] * 3 + ["sample_not_found"] + ["sample_unreadable"] * 2


async def test_malformed_requests_are_answered_and_the_broker_goes_on(
    client: BrokerClient, root: Path, tmp_path: Path
) -> None:
    good = {
        "sample_id": "a",
        "sample_path": str(root / "a.parquet"),
        "sql": "SELECT 1",
        "max_rows": 1,
    }
    for bad in (
        {}, good | {"max_rows": 0}, good | {"max_rows": True}, good | {"sql": 1},
        good | {"extra": 1}, good | {"sample_id": "x" * 500},
    ):  # fmt: skip
        reader, writer = await asyncio.open_unix_connection(tmp_path / "broker.sock")
        writer.write(encode(bad))
        answer = decode(await read_frame(reader, 10_000) or b"")
        writer.close()
        assert answer["error"]["code"] == "bad_request"
    reader, writer = await asyncio.open_unix_connection(tmp_path / "broker.sock")
    writer.write(b"\xff\xff\xff\xff")
    assert await reader.read() == b""
    writer.close()

    assert await ask(client, root, "SELECT 1") == [[1]]


async def test_full_queue_is_answered_busy(root: Path, tmp_path: Path) -> None:
    socket = tmp_path / "own.sock"
    settings = BrokerSettings(
        root, workers_max=1, queue_max=2, limits=WorkerLimits(query_seconds=1)
    )
    server = asyncio.create_task(serve(socket, settings))
    while not listens(socket):
        await asyncio.sleep(0.02)
    client = BrokerClient(socket)
    bomb = "SELECT sum(a.id*b.id*c.id*d.id) FROM sample a, sample b, sample c, sample d"

    results = await asyncio.gather(
        *(ask(client, root, bomb) for _ in range(5)), return_exceptions=True
    )

    codes = sorted(error.code for error in results if isinstance(error, QueryFailed))
    assert codes == ["busy"] * 3 + ["query_timeout"] * 2
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)
    assert not socket.exists()


async def test_socket_is_private_and_a_second_broker_refuses_to_start(
    client: BrokerClient, root: Path, tmp_path: Path
) -> None:
    socket = tmp_path / "broker.sock"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600

    command = [sys.executable, "-m", "sandbox.broker", "--socket", str(socket)]
    second = subprocess.run([*command, "--root", str(root)], timeout=20, check=False)
    assert second.returncode == 1
    assert await ask(client, root, "SELECT 1") == [[1]]


async def test_killed_broker_leaves_no_worker_even_during_a_query(
    client: BrokerClient, broker: subprocess.Popen[bytes], root: Path, tmp_path: Path
) -> None:
    bomb = "SELECT sum(a.id*b.id*c.id*d.id) FROM sample a, sample b, sample c, sample d"
    await ask(client, root, "SELECT 1", "b")
    await ask(client, root, "SELECT 1")
    running = asyncio.create_task(ask(client, root, bomb))
    await asyncio.sleep(0.5)
    workers = rows_of(broker)
    assert len(workers) == 2

    os.kill(broker.pid, signal.SIGKILL)
    broker.wait()
    await asyncio.sleep(0.5)
    # An orphan is reaped by init when it comes to it; a zombie runs nothing and holds nothing.
    alive = [w for w in workers if w.is_running() and w.status() != psutil.STATUS_ZOMBIE]

    assert alive == []
    with pytest.raises(QueryFailed) as failed:
        await running
    assert failed.value.code == "broker_unavailable"


async def test_terminated_broker_finishes_the_running_query_and_leaves_nothing(
    client: BrokerClient, broker: subprocess.Popen[bytes], root: Path, tmp_path: Path
) -> None:
    slow = "SELECT count(*) FROM sample a, sample b, sample c WHERE a.id + b.id + c.id = 3"
    await ask(client, root, "SELECT 1")
    running = asyncio.create_task(ask(client, root, slow))
    await asyncio.sleep(0.3)
    workers = rows_of(broker)

    broker.terminate()

    try:
        assert await running == [[10]]
    except QueryFailed as failure:
        assert failure.code == "query_timeout"  # A slow machine: the limit, not the stop, ended it.
    assert broker.wait(timeout=10) == 0
    assert psutil.wait_procs(workers, timeout=1)[1] == []
    assert not (tmp_path / "broker.sock").exists()


async def test_client_without_broker_says_so(tmp_path: Path) -> None:
    with pytest.raises(QueryFailed) as failed:
        await ask(BrokerClient(tmp_path / "none.sock"), tmp_path, "SELECT 1")

    assert failed.value.code == "broker_unavailable"
    assert failed.value.zh


async def test_sample_of_thirty_thousand_rows_is_ready_quickly(
    client: BrokerClient, root: Path
) -> None:
    write_sample(root / "large.parquet", rows=30_000)
    times: list[float] = []
    for copy in range(3):
        started = time.monotonic()
        await client.query(
            sample_id=f"large{copy}", sample_path=root / "large.parquet", sql="SELECT 1", max_rows=1
        )
        times.append(time.monotonic() - started)

    assert min(times) < 1.5  # The start of the process included, on a machine that may be busy.
