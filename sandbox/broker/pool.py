"""A bounded pool of workers that all samples share, served in the order of arrival."""

import asyncio
import collections
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

from sandbox.broker.process import WorkerProcess
from sandbox.broker.sample import Sample
from sandbox.broker.settings import BrokerSettings
from sandbox.worker import QueryFailed

_OVERTAKERS_MAX = 8
"""Queries of a loaded sample that may pass a request which waits for a place."""


class _Place:
    """One of the pool's places: a sample, its worker once started, and who uses it."""

    def __init__(self) -> None:
        self.worker: WorkerProcess | None = None
        self.users = 0
        self.overtakers = 0
        self.turn = asyncio.Lock()


class WorkerPool:
    """Runs queries on at most `workers_max` processes.

    When every place is taken, the idle sample that was used longest ago gives way: its process is
    killed, never handed to another sample. A request that waits for a place holds up those behind
    it, except a few that a loaded sample can answer: a popular sample cannot keep the others out,
    and samples do not take turns for every single query.
    """

    def __init__(self, settings: BrokerSettings) -> None:
        self._settings = settings
        self._places: collections.OrderedDict[Sample, _Place] = collections.OrderedDict()
        self._changed = asyncio.Condition()
        self._line: collections.deque[object] = collections.deque()
        self._queries = 0

    async def run(self, sample: Sample, request: dict[str, Any]) -> bytes:
        """Answer one query with the unparsed body of the worker's frame; raises `QueryFailed`."""
        if self._queries >= self._settings.queue_max:
            raise QueryFailed("busy")
        self._queries += 1
        try:
            async with self._turn(sample) as place:
                return await self._ask(place, sample, request)
        finally:
            self._queries -= 1

    async def close(self) -> None:
        """Kill every worker."""
        places, self._places = self._places, collections.OrderedDict()
        for place in places.values():
            if place.worker is not None:
                await place.worker.kill()

    @contextlib.asynccontextmanager
    async def _turn(self, sample: Sample) -> AsyncGenerator[_Place]:
        """Wait for a place of the sample and for the queries before this one to end."""
        deadline = asyncio.get_running_loop().time() + self._settings.queue_seconds
        try:
            async with asyncio.timeout_at(deadline):
                place = await self._enter(sample)
        except TimeoutError:
            raise QueryFailed("busy") from None
        try:
            try:
                async with asyncio.timeout_at(deadline):
                    await place.turn.acquire()
            except TimeoutError:
                raise QueryFailed("busy") from None
            try:
                yield place
            finally:
                place.turn.release()
        finally:
            async with self._changed:
                place.users -= 1
                self._changed.notify_all()

    async def _enter(self, sample: Sample) -> _Place:
        ticket = object()
        self._line.append(ticket)
        evicted: WorkerProcess | None = None
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: self._may_enter(ticket, sample))
                if sample not in self._places:
                    evicted = self._make_room()
                    self._places[sample] = _Place()
                place = self._places[sample]
                self._places.move_to_end(sample)
                place.users += 1
                place.overtakers = 0 if self._line[0] is ticket else place.overtakers + 1
        finally:
            self._line.remove(ticket)
            async with self._changed:
                self._changed.notify_all()
        if evicted is not None:
            await evicted.kill()
        return place

    def _may_enter(self, ticket: object, sample: Sample) -> bool:
        if self._line[0] is ticket:
            return self._has_place(sample)
        place = self._places.get(sample)
        return place is not None and place.overtakers < _OVERTAKERS_MAX

    def _has_place(self, sample: Sample) -> bool:
        if sample in self._places or len(self._places) < self._settings.workers_max:
            return True
        return any(place.users == 0 for place in self._places.values())

    def _make_room(self) -> WorkerProcess | None:
        if len(self._places) < self._settings.workers_max:
            return None
        longest_unused = next(s for s, place in self._places.items() if place.users == 0)
        return self._places.pop(longest_unused).worker

    async def _ask(self, place: _Place, sample: Sample, request: dict[str, Any]) -> bytes:
        worker = place.worker
        if worker is not None and self._is_worn(worker):
            await worker.kill()
            worker = None
        if worker is None:
            place.worker = None
            place.worker = worker = await WorkerProcess.start(sample, self._settings)
        return await worker.ask(request)

    def _is_worn(self, worker: WorkerProcess) -> bool:
        return not worker.is_alive or worker.queries >= self._settings.recycle_after_queries
