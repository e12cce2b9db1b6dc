"""`kill -9` in the middle of an upload, an ingestion, a delivery and a settlement: after a restart
there is no half state and nothing is charged twice.

What would take its time (an upload is given up after five silent minutes, a reservation after
fifteen) is moved into the past while the server is down.
"""

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from exchange_market.demo.datasets import chunks
from exchange_market.demo.person import Refused, wait_for
from exchange_market.kernel.clock import SystemClock
from tests.support.served import environment

pytestmark = pytest.mark.slow

KIB = 1024
LARGER_THAN_ALL_BUFFERS = 8 * KIB * KIB


def look(journey: Any, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of the exchange's database."""
    connection = sqlite3.connect(journey.server.data_dir / "exchange.db", timeout=15)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def move_into_the_past(journey: Any, table: str, column: str, where: str) -> None:
    """Let an hour pass for some rows of the stopped exchange."""
    earlier = SystemClock().now() - timedelta(hours=1)
    connection = sqlite3.connect(journey.server.data_dir / "exchange.db", timeout=15)
    with connection:
        connection.execute(
            f"UPDATE {table} SET {column} = ? WHERE {where}",  # noqa: S608 - names of this module
            (f"{earlier:%Y-%m-%d %H:%M:%S.%f}",),
        )
    connection.close()


def require_sound_books(journey: Any) -> None:
    """`exchange audit` finds nothing wrong."""
    done = subprocess.run(
        [sys.executable, "-m", "exchange_market", "audit"],
        env=environment(data_dir=str(journey.server.data_dir)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert done.stdout.count("ok  ") == 6


def draft(journey: Any) -> str:
    """The path of the revisions of a new product."""
    described = journey.trade.flights.description
    product = journey.trade.provider.post("/v1/products", described)
    return f"/v1/products/{product['listing']['id']}/revisions"


def upload(journey: Any, path: str) -> dict[str, Any]:
    """Send the file."""
    source = journey.trade.flights.path
    return journey.trade.provider.upload(path, chunks(source), format="csv", name=source.name)


def ready(journey: Any, path: str, number: int) -> Callable[[], dict[str, Any] | None]:
    """Looks whether a revision is ready."""

    def find() -> dict[str, Any] | None:
        revision = journey.trade.provider.get(f"{path}/{number}")
        assert revision["state"] != "failed", revision
        return revision if revision["state"] == "ready" else None

    return find


def test_an_upload_that_was_cut_leaves_nothing_and_can_be_repeated(journey: Any) -> None:
    path = draft(journey)
    product_id = path.split("/")[3]
    source: Path = journey.trade.flights.path

    def half_and_kill() -> Iterator[bytes]:
        sent = 0
        for piece in chunks(source):
            yield piece
            sent += len(piece)
            if sent > source.stat().st_size // 2:
                journey.server.kill()
                return

    with pytest.raises(httpx.TransportError):
        journey.trade.provider.upload(path, half_and_kill(), format="csv", name="half.csv")
    states = look(journey, "SELECT state FROM revision WHERE product_id = ?", product_id)
    assert states == [("receiving",)]
    move_into_the_past(journey, "revision", "updated_at", "state = 'receiving'")
    journey.revive()

    wait_for(
        "the sweep of the cut upload",
        lambda: (
            look(journey, "SELECT state FROM revision WHERE product_id = ?", product_id)
            != [("receiving",)]
        ),
    )
    scratch = [
        found for found in journey.server.data_dir.rglob("upload-*") if found.stat().st_size > 0
    ]
    assert not scratch
    sent = upload(journey, path)
    revision = wait_for("ingestion", ready(journey, path, sent["number"]))
    assert revision["rows"] == journey.trade.flights.rows
    usable = look(
        journey,
        "SELECT count(*) FROM revision WHERE product_id = ? AND state != 'failed'",
        product_id,
    )
    assert usable == [(1,)]
    require_sound_books(journey)


def test_an_ingestion_that_was_cut_is_done_once(journey: Any) -> None:
    path = draft(journey)
    product_id = path.split("/")[3]
    sent = upload(journey, path)

    def ingesting() -> psutil.Process | None:
        for process in journey.server.processes():
            if "exchange_market.catalog.ingestion" in process.cmdline():
                return process
        return None

    wait_for("the ingestion's process", ingesting)
    journey.server.kill()
    query = "SELECT state, rows FROM revision WHERE product_id = ?"
    assert look(journey, query, product_id)[0][0] == "ingesting"
    journey.revive()

    revision = wait_for("ingestion", ready(journey, path, sent["number"]))
    assert revision["rows"] == journey.trade.flights.rows
    assert len(revision["root"]) == 64
    assert look(journey, query, product_id) == [("ready", journey.trade.flights.rows)]
    announced = look(
        journey,
        "SELECT count(*) FROM audit_leaf WHERE object_id = ? AND action LIKE '%ready%'",
        revision["id"],
    )
    assert announced == [(1,)]
    require_sound_books(journey)


def drain(pieces: Iterator[bytes]) -> int:
    """How many bytes still come until the connection breaks."""
    received = 0
    try:
        for piece in pieces:
            received += len(piece)
    except httpx.TransportError:
        return received
    raise AssertionError("the delivery ended as if it were complete")


def test_a_delivery_that_was_cut_gives_its_quota_back_and_bills_no_byte_too_many(
    journey: Any,
) -> None:
    trade = journey.trade
    before = trade.buyer.get(f"{trade.contract_path}/usage")
    received = 0
    # A small window, so that the file cannot be on its way as a whole when the server dies.
    small = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * KIB)]
    headers = {"Authorization": trade.keyed_program()._http.headers["Authorization"]}
    with (
        httpx.Client(transport=httpx.HTTPTransport(socket_options=small), timeout=30) as client,
        client.stream(
            "GET", f"{journey.server.url}/v1/data/{trade.flights_id}/file", headers=headers
        ) as answer,
    ):
        assert answer.status_code == 200
        assert int(answer.headers["Content-Length"]) > LARGER_THAN_ALL_BUFFERS
        pieces = answer.iter_raw(64 * KIB)
        received += len(next(pieces))
        assert look(journey, "SELECT count(*) FROM reservation WHERE state = 'open'") == [(1,)]
        journey.server.kill()
        received += drain(pieces)
        assert received < int(answer.headers["Content-Length"])
    reserved = look(journey, "SELECT max(reserved) FROM quota WHERE meter = 'bytes'")
    assert reserved[0][0] > 0
    move_into_the_past(journey, "reservation", "expires_at", "state = 'open'")
    journey.revive()

    wait_for(
        "the sweep of the reservation",
        lambda: look(journey, "SELECT max(reserved) FROM quota") == [(0,)],
    )
    after = trade.buyer.get(f"{trade.contract_path}/usage")
    assert after["bytes"] - before["bytes"] <= received
    assert after["deliveries"] == before["deliveries"]
    require_sound_books(journey)


def test_a_settlement_whose_answer_was_lost_books_once_when_it_is_repeated(journey: Any) -> None:
    trade = journey.trade
    program = trade.keyed_program()
    program.rows("csv", limit=100)
    invoice = trade.administrator.post(f"{trade.contract_path}/invoices")
    path = f"/v1/invoices/{invoice['id']}/settlement"
    settle = trade.second_administrator._http
    key = {"Idempotency-Key": "settlement-of-the-journey"}
    entries = "SELECT count(*) FROM ledger_transaction WHERE reference = ?"

    address = (settle.base_url.host, journey.server.port)
    request = settle.build_request("POST", path, headers=key)
    with socket.create_connection(address, timeout=30) as raw:
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in wire(request))]
        raw.sendall("\r\n".join([*lines, "", ""]).encode())
        # The answer is never read: the server dies as soon as the books say that it is settled.
        wait_for("the settlement", lambda: look(journey, entries, invoice["id"]) != [(0,)], 30)
        journey.server.kill()
    booked = look(journey, entries, invoice["id"])
    journey.revive()

    answers = [settle.post(path, headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert answers[0].content == answers[1].content
    assert answers[0].headers["Idempotent-Replay"] == "true"
    assert look(journey, entries, invoice["id"]) == booked
    held = trade.provider.get("/v1/balances")["balances"]
    assert sum(balance["balance_micro"] for balance in held) == invoice["provider_share_micro"]
    with pytest.raises(Refused, match="invoice"):
        trade.second_administrator.post(path)
    require_sound_books(journey)


def wire(request: httpx.Request) -> list[tuple[str, str]]:
    """The headers of a request without a body."""
    return [(name, value) for name, value in request.headers.items() if name != "connection"]
