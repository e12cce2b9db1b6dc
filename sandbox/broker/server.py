"""The broker's Unix-socket server: frames in, frames out, nothing else."""

import asyncio
import contextlib
import os
import signal
import threading
from pathlib import Path
from typing import Any

from sandbox.broker.pool import WorkerPool
from sandbox.broker.sample import locate_sample
from sandbox.broker.settings import BrokerSettings
from sandbox.worker import QueryFailed
from sandbox.worker.frames import (
    REQUEST_BYTES_MAX,
    FrameError,
    decode,
    encode,
    error_body,
    frame,
    read_frame,
)

_REQUEST_FIELDS = {"sample_id": str, "sample_path": str, "sql": str, "max_rows": int}
_SAMPLE_ID_MAX_CHARACTERS = 200


class BrokerAlreadyRunning(Exception):
    """Another broker answers on this socket."""


async def serve(socket_path: Path, settings: BrokerSettings) -> None:
    """Answer queries on `socket_path` (mode 0600) until SIGTERM, SIGINT or cancellation.

    Request: {sample_id, sample_path, sql, max_rows}. Answer: {columns: [{name, type}], rows,
    truncated, elapsed_ms, rows_in_sample} or {error: {code, en, zh, detail}}. On the way out no
    connection is accepted, running queries get `drain_seconds`, and every worker is killed.
    """
    await _require_free(socket_path)
    broker = _Broker(settings)
    server = await _listen(socket_path, broker)
    stop = asyncio.Event()
    _stop_on_signal(stop)
    try:
        await stop.wait()
    finally:
        server.close()
        socket_path.unlink(missing_ok=True)  # noqa: ASYNC240  a local name, at the very end
        await broker.drain()


class _Broker:
    def __init__(self, settings: BrokerSettings) -> None:
        self._settings = settings
        self._pool = WorkerPool(settings)
        self._connections: set[asyncio.Task[None]] = set()
        self._answering = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is None:
            return
        self._connections.add(task)
        try:
            if len(self._connections) <= self._settings.connections_max:
                await self._converse(reader, writer)
        except (FrameError, TimeoutError, ConnectionError):
            pass  # A client that breaks the protocol or leaves loses its connection, nothing else.
        except asyncio.CancelledError:
            pass  # The broker is stopping.
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def drain(self) -> None:
        """Let running queries end within the time for it, then end everything."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.drain_seconds):
                await self._quiet.wait()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._pool.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(self._settings.idle_seconds):
                body = await read_frame(reader, REQUEST_BYTES_MAX)
            if body is None:
                return
            self._answering += 1
            self._quiet.clear()
            try:
                writer.write(await self._answer(body))
                async with asyncio.timeout(self._settings.idle_seconds):
                    await writer.drain()
            finally:
                self._answering -= 1
                if not self._answering:
                    self._quiet.set()

    async def _answer(self, body: bytes) -> bytes:
        try:
            request = _request(body)
            sample = locate_sample(request["sample_id"], request["sample_path"], self._settings)
            query = {"sql": request["sql"], "max_rows": request["max_rows"]}
            return frame(await self._pool.run(sample, query))
        except QueryFailed as failure:
            return encode(error_body(failure))


def _request(body: bytes) -> dict[str, Any]:
    try:
        request = decode(body)
    except FrameError as error:
        raise QueryFailed("bad_request", message=str(error)) from None
    for name, kind in _REQUEST_FIELDS.items():
        if type(request.get(name)) is not kind:
            raise QueryFailed("bad_request", message=f"{name} must be a {kind.__name__}")
    if request.keys() != _REQUEST_FIELDS.keys():
        raise QueryFailed("bad_request", message="unknown fields")
    if request["max_rows"] < 1 or len(request["sample_id"]) > _SAMPLE_ID_MAX_CHARACTERS:
        raise QueryFailed("bad_request", message="max_rows or sample_id is out of range")
    return request


async def _require_free(socket_path: Path) -> None:
    try:
        _, writer = await asyncio.open_unix_connection(socket_path)
    except OSError:
        return  # Nobody answers; a leftover socket file is replaced when listening starts.
    writer.close()
    raise BrokerAlreadyRunning(str(socket_path))


async def _listen(socket_path: Path, broker: _Broker) -> asyncio.Server:
    # The mode comes from the umask: a chmod after binding would leave a moment for strangers.
    before = os.umask(0o177)
    try:
        return await asyncio.start_unix_server(broker.connected, socket_path)
    finally:
        os.umask(before)


def _stop_on_signal(stop: asyncio.Event) -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
