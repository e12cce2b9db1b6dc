"""A metered answer: reserve, send, settle.

The quota is reserved in one transaction before the first byte and settled in another after the
last; bytes count once the transport has accepted them. Between two chunks the delivery looks
whether it is still allowed, and keeps its reservation from expiring. A client that accepts nothing
for a while is taken for gone. If this process dies or cannot settle, the reservation expires and
nothing is billed.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Any

import structlog
from litestar.types import HTTPResponseStartEvent, Receive, Scope, Send

from contracts.receipts import ArtefactKind, DeliveryStatus
from contracts.terms import Operation
from exchange_market.agreements.contract import Contract
from exchange_market.agreements.keys import require_open
from exchange_market.delivery.credentials import Credentials, Grant
from exchange_market.delivery.errors import ContractStopped
from exchange_market.delivery.turns import Place
from exchange_market.metering.quota import (
    RESERVATION_LASTS,
    Amounts,
    Reservation,
    extend,
    release,
    reserve_within,
)
from exchange_market.metering.service import Delivery, settle
from exchange_market.persistence.transaction import Database, Transaction

log = structlog.get_logger()
_EXTEND_AFTER = RESERVATION_LASTS / 3
STALL_SECONDS = 60.0
"""How long a client may accept nothing of a chunk; well below the life of a reservation."""


_TRIES = 20
_PAUSE_SECONDS = 0.1
"""How often a new delivery looks whether running ones gave something back, and how long between."""


class _End(Enum):
    WHOLE = auto()
    CLIENT_GONE = auto()
    STOPPED = auto()


@dataclass(frozen=True, slots=True)
class Artefact:
    """What is delivered from: a revision or a contract's view of it, and the digest it answers
    to."""

    revision: int
    kind: ArtefactKind
    digest: str


@dataclass(frozen=True, slots=True)
class Order:
    """One delivery about to happen, under a grant, for a presented key.

    `amounts` is all of it, at most what was reserved; `rows_sent` tells how many rows a number of
    body bytes holds.
    """

    grant: Grant
    key: str = field(repr=False)
    operation: Operation
    artefact: Artefact
    request_digest: str
    amounts: Amounts
    rows_sent: Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Held:
    """What a delivery holds until its end: a place among the contract's deliveries, and quota."""

    place: Place
    reservation: Reservation


class MeteredAnswer:
    """An ASGI application that answers one request with metered bytes."""

    def __init__(  # noqa: PLR0913 - an answer, told completely
        self,
        *,
        database: Database,
        credentials: Credentials,
        order: Order,
        held: Held,
        status: int,
        headers: Mapping[str, str],
        body: AsyncGenerator[bytes],
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self._database = database
        self._credentials = credentials
        self._order = order
        self._held = held
        self._status = status
        self._headers = headers
        self._body = body
        self._stall_seconds = stall_seconds
        self._kept_at = database.clock.now()
        self._sent_bytes = 0
        self._hash = hashlib.sha256()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the body and settle, whatever happens on the way."""
        started_at = self._database.clock.now()
        gone = asyncio.create_task(_disconnected(receive))
        end = _End.STOPPED
        try:
            async with aclosing(self._body):
                await send(_start(self._status, self._headers))
                end = await self._send_body(send, gone)
        finally:
            gone.cancel()
            try:
                await _to_the_end(self._settle(started_at, whole=end is _End.WHOLE))
            finally:
                self._held.place.leave()
        # The end of the body follows the settlement. Of a page, whose length is not announced, that
        # is what the client waits for; a file with a length may look complete a moment earlier.
        if end is _End.WHOLE:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        elif end is _End.STOPPED:
            # Raised so that the server breaks the connection: a clean end would look complete.
            raise ConnectionAbortedError("the delivery was stopped")

    async def _send_body(self, send: Send, gone: "asyncio.Task[None]") -> _End:
        async for chunk in self._body:
            if gone.done():
                return _End.CLIENT_GONE
            if not await self._may_go_on():
                return _End.STOPPED
            try:
                async with asyncio.timeout(self._stall_seconds):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except TimeoutError:
                return _End.STOPPED
            self._sent_bytes += len(chunk)
            self._hash.update(chunk)
        return _End.WHOLE

    async def _may_go_on(self) -> bool:
        order = self._order
        if not await self._credentials.still_allows(order.grant, order.key, order.operation):
            return False
        now = self._database.clock.now()
        if now - self._kept_at < _EXTEND_AFTER:
            return True
        self._kept_at = now
        async with self._database.write() as tx:
            return await extend(tx, self._held.reservation)

    async def _settle(self, started_at: datetime, *, whole: bool) -> None:
        order = self._order
        if not self._sent_bytes and not whole:
            async with self._database.write() as tx:
                await release(tx, self._held.reservation)
            return
        rows = order.amounts.rows if whole else order.rows_sent(self._sent_bytes)
        delivery = Delivery(
            key_id=order.grant.key_id,
            revision=order.artefact.revision,
            artefact=order.artefact.kind,
            artefact_digest=order.artefact.digest,
            operation=order.operation,
            request_digest=order.request_digest,
            started_at=started_at,
            sent=Amounts(rows, self._sent_bytes),
            content_digest=f"sha256:{self._hash.hexdigest()}",
            status=DeliveryStatus.COMPLETE if whole else DeliveryStatus.PARTIAL,
        )
        async with self._database.write() as tx:
            receipt = await settle(tx, order.grant.contract, self._held.reservation, delivery)
        if receipt is None:
            log.warning("delivery.reservation_gone", reservation=self._held.reservation.id)


async def set_aside(database: Database, grant: Grant, least: Amounts, most: Amounts) -> Reservation:
    """Reserve what a delivery may take: up to `most` of what is left, never below `least`.

    Looks at key and contract afresh, so that no delivery begins after the contract has ended, not
    even in the moment before this process hears of it. Waits a little for running deliveries that
    may give something back. Raises QuotaExhausted, ContractStopped or KeyRefused.
    """
    for _ in range(_TRIES):
        async with database.write() as tx:
            contract = await _open_contract(tx, grant)
            reserved = await reserve_within(tx, contract, least, most, may_wait=True)
        if reserved is not None:
            return reserved
        await asyncio.sleep(_PAUSE_SECONDS)
    async with database.write() as tx:
        return await reserve_within(tx, await _open_contract(tx, grant), least, most)


async def _open_contract(tx: Transaction, grant: Grant) -> Contract:
    contract = await require_open(tx, grant.key_id)
    if not (contract.is_active and contract.is_paid):
        raise ContractStopped(state=contract.state.value, is_paid=contract.is_paid)
    return contract


async def give_back(database: Database, reservation: Reservation) -> None:
    """Free what was set aside for a delivery of which nothing was sent, whatever happens."""

    async def free() -> None:
        async with database.write() as tx:
            await release(tx, reservation)

    await _to_the_end(free())


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end even when this task is cancelled meanwhile; then be cancelled."""
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:  # noqa: BLE001 - raised below by the task's result
            break
    if cancelled is not None:
        with suppress(Exception):
            task.result()
        raise cancelled
    task.result()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _start(status: int, headers: Mapping[str, str]) -> HTTPResponseStartEvent:
    raw = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]
    return {"type": "http.response.start", "status": status, "headers": raw}
