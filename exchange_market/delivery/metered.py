"""A metered answer: reserve, send, settle.

The quota is reserved in one transaction before the first byte and settled in another after the
last; bytes count once the transport has accepted them. If this process dies in between, the
reservation expires and nothing is billed.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from litestar.types import HTTPResponseStartEvent, Receive, Scope, Send

from contracts.receipts import ArtefactKind, DeliveryStatus
from contracts.terms import Operation
from exchange_market.delivery.credentials import Credentials, Grant
from exchange_market.metering.quota import Amounts, Reservation, release, reserve
from exchange_market.metering.service import Delivery, settle
from exchange_market.persistence.transaction import Database

log = structlog.get_logger()


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

    `amounts` is the most it can take; `rows_sent` tells how many rows a number of body bytes holds.
    """

    grant: Grant
    key: str
    operation: Operation
    artefact: Artefact
    request_digest: str
    amounts: Amounts
    rows_sent: Callable[[int], int]


class MeteredAnswer:
    """An ASGI application that answers one request with metered bytes."""

    def __init__(  # noqa: PLR0913 - an answer, told completely
        self,
        *,
        database: Database,
        credentials: Credentials,
        order: Order,
        reservation: Reservation,
        status: int,
        headers: Mapping[str, str],
        body: AsyncIterator[bytes],
    ) -> None:
        self._database = database
        self._credentials = credentials
        self._order = order
        self._reservation = reservation
        self._status = status
        self._headers = headers
        self._body = body
        self._sent_bytes = 0
        self._hash = hashlib.sha256()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the body and settle, whatever happens on the way."""
        started_at = self._database.clock.now()
        gone = asyncio.create_task(_disconnected(receive))
        whole = False
        try:
            await send(_start(self._status, self._headers))
            whole = await self._send_body(send, gone)
        finally:
            gone.cancel()
            await asyncio.shield(self._settle(started_at, whole=whole))
        # The end of the body follows the settlement: who sees it finds the receipt in the books.
        if whole:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            raise ConnectionAbortedError("the delivery was stopped")

    async def _send_body(self, send: Send, gone: "asyncio.Task[None]") -> bool:
        async for chunk in self._body:
            if gone.done() or not await self._credentials.still_allows(
                self._order.grant, self._order.key, self._order.operation
            ):
                return False
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            self._sent_bytes += len(chunk)
            self._hash.update(chunk)
        return True

    async def _settle(self, started_at: datetime, *, whole: bool) -> None:
        order = self._order
        if not self._sent_bytes and not whole:
            async with self._database.write() as tx:
                await release(tx, self._reservation)
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
            receipt = await settle(tx, order.grant.contract, self._reservation, delivery)
        if receipt is None:
            log.warning("delivery.reservation_gone", reservation=self._reservation.id)


async def set_aside(database: Database, order: Order) -> Reservation:
    """Reserve what a delivery may take; raises QuotaExhausted."""
    async with database.write() as tx:
        return await reserve(tx, order.grant.contract, order.amounts)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _start(status: int, headers: Mapping[str, str]) -> HTTPResponseStartEvent:
    raw = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]
    return {"type": "http.response.start", "status": status, "headers": raw}
