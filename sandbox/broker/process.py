"""A worker process as its parent sees it: started, asked under a wall clock, killed."""

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, Self

import sandbox
from sandbox.broker.sample import Sample
from sandbox.broker.settings import BrokerSettings
from sandbox.worker import QueryFailed
from sandbox.worker.frames import (
    ANSWER_BYTES_MAX,
    REQUEST_BYTES_MAX,
    FrameError,
    decode,
    encode,
    read_frame,
)

WORKER_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); from sandbox.worker.process import main; main()"
)
"""The package's own folder is passed in: the isolated interpreter does not look anywhere else."""


class WorkerProcess:
    """One running worker that holds one sample and never another."""

    def __init__(self, process: asyncio.subprocess.Process, settings: BrokerSettings) -> None:
        self._process = process
        self._settings = settings
        self.queries = 0
        self.protections: frozenset[str] = frozenset()

    @classmethod
    async def start(
        cls, sample: Sample, settings: BrokerSettings, program: str = WORKER_PROGRAM
    ) -> Self:
        """Start a worker and wait until the sample is loaded; raises `QueryFailed`."""
        order = {
            "sample_path": str(sample.path),
            "parent_pid": os.getpid(),
            "limits": dataclasses.asdict(settings.limits),
        }
        package_root = str(Path(sandbox.__file__).parent.parent)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-X", "utf8", "-c", program, package_root, json.dumps(order)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
        )
        worker = cls(process, settings)
        try:
            hello = decode(await worker._receive(settings.limits.load_seconds))
            worker.protections = frozenset(hello["protections"])
        except (FrameError, TimeoutError):
            await worker.kill()
            raise QueryFailed("sample_unreadable", sample_id=sample.sample_id) from None
        except BaseException:
            await worker.kill()
            raise
        if missing := settings.required_protections - worker.protections:
            await worker.kill()
            raise QueryFailed("protection_missing", protections=", ".join(sorted(missing)))
        return worker

    @property
    def pid(self) -> int:
        """Process id of the worker."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs, as far as the parent has heard."""
        return self._process.returncode is None

    async def ask(self, request: dict[str, Any]) -> bytes:
        """Send one query and return the body of its answer, unparsed.

        A worker that dies, babbles or exceeds the wall clock is killed: `QueryFailed`.
        """
        self.queries += 1
        limits = self._settings.limits
        try:
            async with asyncio.timeout(limits.kill_after_seconds):
                await self._send(request)
                return await self._receive(limits.kill_after_seconds)
        except TimeoutError:
            await self.kill()
            raise QueryFailed("query_timeout", seconds=limits.kill_after_seconds) from None
        except (FrameError, OSError):
            await self.kill()
            raise QueryFailed("worker_lost") from None
        except BaseException:
            # Cancelled between request and answer: the next query would read this one's rows.
            await self.kill()
            raise

    async def kill(self) -> None:
        """End the process and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    async def _send(self, request: dict[str, Any]) -> None:
        message = encode(request)
        if len(message) > REQUEST_BYTES_MAX or self._process.stdin is None:
            raise FrameError("the request is too long")
        self._process.stdin.write(message)
        await self._process.stdin.drain()

    async def _receive(self, seconds: float) -> bytes:
        if self._process.stdout is None:
            raise FrameError("no pipe")
        async with asyncio.timeout(seconds):
            body = await read_frame(self._process.stdout, ANSWER_BYTES_MAX)
        if body is None:
            raise FrameError("the worker ended")
        return body
