"""How much of a web process one contract may take: deliveries that run, pages that are being read.

Searches run in a few threads that all contracts share. Without turns one buyer's slow pages would
keep everybody else's waiting.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from exchange_market.delivery.errors import PagesBusy, TooManyDeliveries

RUNNING_MAX = 16
READING_MAX = 2
WAIT_SECONDS = 5.0
_RETRY_SECONDS = 2


@dataclass(slots=True)
class _Lane:
    readers: asyncio.Semaphore
    running: int = 0


class Turns:
    """The places of all contracts in this process."""

    def __init__(
        self,
        running_max: int = RUNNING_MAX,
        reading_max: int = READING_MAX,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._running_max = running_max
        self._reading_max = reading_max
        self._wait_seconds = wait_seconds
        self._lanes: dict[str, _Lane] = {}

    def enter(self, contract_id: str) -> "Place":
        """A place for one more delivery, to be left at its end; raises TooManyDeliveries."""
        lane = self._lanes.get(contract_id) or _Lane(asyncio.Semaphore(self._reading_max))
        if lane.running >= self._running_max:
            raise TooManyDeliveries(running=lane.running, retry_after_seconds=_RETRY_SECONDS)
        lane.running += 1
        self._lanes[contract_id] = lane
        return Place(self, contract_id)

    @asynccontextmanager
    async def reading(self, contract_id: str) -> AsyncGenerator[None]:
        """Wait for the turn to read a page, within a place; raises PagesBusy after a while."""
        readers = self._lanes[contract_id].readers
        try:
            async with asyncio.timeout(self._wait_seconds):
                await readers.acquire()
        except TimeoutError:
            raise PagesBusy(
                seconds=self._wait_seconds, retry_after_seconds=_RETRY_SECONDS
            ) from None
        try:
            yield
        finally:
            readers.release()

    def leave(self, contract_id: str) -> None:
        """Give a place back; what `Place.leave` does once."""
        lane = self._lanes[contract_id]
        lane.running -= 1
        if not lane.running:
            del self._lanes[contract_id]


@dataclass(slots=True)
class Place:
    """The place of one delivery. As a block it is given back when the block fails; else the
    delivery that took it over gives it back at its end."""

    turns: Turns = field(repr=False)
    contract_id: str
    is_left: bool = False

    def leave(self) -> None:
        """Give it back, however often it is called."""
        if not self.is_left:
            self.is_left = True
            self.turns.leave(self.contract_id)

    def reading(self) -> AbstractAsyncContextManager[None]:
        """Wait for the turn to read a page; raises PagesBusy after a while."""
        return self.turns.reading(self.contract_id)

    def __enter__(self) -> Self:
        """Prepare the delivery."""
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        """Give it back if the delivery will not begin."""
        if failed is not None:
            self.leave()
