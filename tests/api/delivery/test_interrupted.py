"""Deliveries that break off: what was accepted is billed, nothing more, and quota comes back."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from contracts.receipts import ArtefactKind
from contracts.terms import Operation
from exchange_market.agreements.service import find_contract
from exchange_market.delivery.credentials import Grant
from exchange_market.delivery.errors import ContractStopped
from exchange_market.delivery.metered import Artefact, Held, MeteredAnswer, Order, set_aside
from exchange_market.delivery.turns import Turns
from exchange_market.metering.quota import Amounts, release_expired
from tests.support.exchange import Trade

CHUNK = b"x" * 1_000
CHUNKS = 6


class Transport:
    """The server's side of one request: counts what it accepts; may do something on the way."""

    def __init__(self, on_chunk: Callable[[int], Any] | None = None) -> None:
        self.accepted = 0
        self.chunks = 0
        self.ended = False
        self.gone = asyncio.Event()
        self.on_chunk = on_chunk

    async def receive(self) -> Any:
        """The end of the connection, when it comes."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Accept a part of the answer."""
        body = message.get("body", b"")
        if body:
            self.chunks += 1
            if self.on_chunk is not None:
                await self.on_chunk(self.chunks)
            self.accepted += len(body)
        self.ended |= message["type"] == "http.response.body" and not message["more_body"]


async def body(fail_at: int | None = None) -> AsyncGenerator[bytes]:
    for number in range(CHUNKS):
        if number == fail_at:
            raise OSError("the disk is gone")
        yield CHUNK
        await asyncio.sleep(0)


class Running:
    """A paid contract and a delivery of six chunks under it."""

    def __init__(self, trade: Trade, contract: Any, key: str, grant: Grant) -> None:
        self.trade, self.contract, self.key, self.grant = trade, contract, key, grant

    @classmethod
    async def of(cls, trade: Trade) -> "Running":
        contract = await trade.paid(await trade.product(), max_bytes=100_000)
        key = await trade.key(contract)
        return cls(trade, contract, key, await trade.exchange.credentials.grant(key))

    async def deliver(
        self, transport: Transport, *, fail_at: int | None = None, stall_seconds: float = 5.0
    ) -> None:
        database = self.trade.exchange.database
        size = CHUNKS * len(CHUNK)
        order = Order(
            grant=self.grant,
            key=self.key,
            operation=Operation.ROWS,
            artefact=Artefact(1, ArtefactKind.REVISION, "sha256:" + "0" * 64),
            request_digest="hmac-sha256:" + "0" * 64,
            amounts=Amounts(60, size),
            rows_sent=lambda sent: 60 * sent // size,
        )
        answer = MeteredAnswer(
            database=database,
            credentials=self.trade.exchange.credentials,
            order=order,
            held=Held(
                Turns().enter(self.contract["id"]),
                await set_aside(database, self.grant, order.amounts, order.amounts),
            ),
            status=200,
            headers={},
            body=body(fail_at),
            stall_seconds=stall_seconds,
        )
        scope: Any = {"type": "http"}
        await answer(scope, transport.receive, transport.send)  # pyright: ignore[reportArgumentType]

    async def used(self) -> tuple[int, int, int]:
        usage = await self.trade.usage(self.contract)
        assert all(quota["reserved"] == 0 for quota in usage["quotas"])
        return usage["deliveries"], usage["rows"], usage["bytes"]

    async def status(self) -> str:
        return (await self.trade.receipts(self.contract))[-1]["receipt"]["status"]


async def test_a_whole_delivery_ends_after_its_receipt_is_in_the_books(trade: Trade) -> None:
    running, transport = await Running.of(trade), Transport()
    await running.deliver(transport)
    assert (transport.ended, transport.accepted) == (True, 6_000)
    assert await running.used() == (1, 60, 6_000)
    assert await running.status() == "complete"
    assert "dxk_live" not in repr(running.grant)


async def test_a_client_that_leaves_pays_for_what_it_got(trade: Trade) -> None:
    async def leave(number: int) -> None:
        if number == 2:
            transport.gone.set()
            await asyncio.sleep(0.01)

    running, transport = await Running.of(trade), Transport(leave)
    await running.deliver(transport)
    assert (transport.accepted, transport.ended) == (2_000, False)
    assert await running.used() == (1, 20, 2_000)
    assert await running.status() == "partial"


async def test_a_transport_that_fails_is_not_counted(trade: Trade) -> None:
    async def fail(number: int) -> None:
        if number == 4:
            raise ConnectionResetError

    running, transport = await Running.of(trade), Transport(fail)
    with pytest.raises(ConnectionResetError):
        await running.deliver(transport)
    assert await running.used() == (1, 30, 3_000)


async def test_a_source_that_fails_settles_what_was_sent(trade: Trade) -> None:
    running, transport = await Running.of(trade), Transport()
    with pytest.raises(OSError, match="disk"):
        await running.deliver(transport, fail_at=1)
    assert await running.used() == (1, 10, 1_000)
    with pytest.raises(OSError, match="disk"):
        await running.deliver(Transport(), fail_at=0)
    assert await running.used() == (1, 10, 1_000)


async def test_a_cancelled_delivery_still_settles(trade: Trade) -> None:
    async def cancel(number: int) -> None:
        if number == 3:
            task.cancel()
            await asyncio.sleep(0)

    running, transport = await Running.of(trade), Transport(cancel)
    task = asyncio.create_task(running.deliver(transport))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await running.used() == (1, 20, 2_000)


async def test_a_client_that_accepts_nothing_is_cut_off(trade: Trade) -> None:
    async def stall(number: int) -> None:
        if number == 2:
            await asyncio.sleep(60)

    running, transport = await Running.of(trade), Transport(stall)
    with pytest.raises(ConnectionAbortedError):
        await running.deliver(transport, stall_seconds=0.05)
    assert await running.used() == (1, 10, 1_000)


@pytest.mark.parametrize("how", ["revoked", "suspended", "expired"])
async def test_a_running_delivery_stops_between_chunks(trade: Trade, how: str) -> None:
    async def stop(number: int) -> None:
        if number != 2:
            return
        if how == "revoked":
            await trade.call(None, "POST", "/keys/revocation", json={"key": running.key})
        elif how == "suspended":
            path = f"/contracts/{running.contract['id']}/suspension"
            await trade.call("buyer", "POST", path, json={"reason": "stop"})
        else:
            trade.clock.at = running.grant.rule.ends_at
        await asyncio.sleep(0.6)

    running, transport = await Running.of(trade), Transport(stop)
    with pytest.raises(ConnectionAbortedError):
        await running.deliver(transport)
    assert (transport.accepted, transport.ended) == (2_000, False)
    if how == "expired":
        await trade.sign_in_again("buyer")
    assert await running.used() == (1, 20, 2_000)


async def test_a_long_delivery_keeps_its_reservation(trade: Trade) -> None:
    database = trade.exchange.database

    async def take_long(number: int) -> None:
        trade.clock.forward(minutes=6)
        async with database.write() as tx:
            assert await release_expired(tx) == 0

    running, transport = await Running.of(trade), Transport(take_long)
    await running.deliver(transport)
    await trade.sign_in_again("buyer")
    assert await running.used() == (1, 60, 6_000)


async def test_a_delivery_that_cannot_settle_is_not_billed_and_its_quota_comes_back(
    trade: Trade,
) -> None:
    running, transport = await Running.of(trade), Transport()
    database = trade.exchange.database

    async def lose_the_reservation(number: int) -> None:
        if number == CHUNKS:  # as if this process had been cut off from the database for long
            trade.clock.forward(minutes=16)
            async with database.write() as tx:
                assert await release_expired(tx) == 1

    transport.on_chunk = lose_the_reservation
    await running.deliver(transport)
    await trade.sign_in_again("buyer")
    assert await running.used() == (0, 0, 0)


async def test_nothing_is_set_aside_once_the_contract_has_stopped(trade: Trade) -> None:
    running = await Running.of(trade)
    stale = running.grant
    path = f"/contracts/{running.contract['id']}/suspension"
    await trade.call("buyer", "POST", path, json={"reason": "stop"})
    assert stale.contract.is_active
    with pytest.raises(ContractStopped):
        await running.deliver(Transport())
    async with trade.exchange.database.read() as reading:
        found = await find_contract(reading, running.contract["id"])
    assert found is not None
    assert not found.is_active
