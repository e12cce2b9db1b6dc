"""The parent's side: start the child with nothing but its job, listen, and end it in time.

The child inherits no environment, no descriptors but its pipes, and dies with the thread that
started it (prctl(2), PR_SET_PDEATHSIG), which is why it is started from the event loop and not from
a thread pool.
"""

import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import anyio
import msgspec
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from exchange_market.catalog.ingestion.messages import (
    Finished,
    IngestJob,
    Message,
    Progress,
    Refused,
    as_message,
)
from exchange_market.catalog.ingestion.refusals import (
    MemoryExhausted,
    ReaderCrashed,
    TimeExhausted,
)

_LINE_BYTES_MAX = 4 * 1024 * 1024
_MODULE = "exchange_market.catalog.ingestion"
_FAULTS = (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)
_SOURCE_ROOT = Path(__file__).parents[3]


class IngestionInterrupted(RuntimeError):
    """The machine, not the file, was at fault; the job is to run again."""


async def run_child(
    job: IngestJob, on_progress: Callable[[Progress], Awaitable[None]]
) -> Finished | Refused:
    """Run one job in a child process and wait for its end.

    Raises IngestionInterrupted when trying again may help. Cancelling ends the child.
    """
    process = await anyio.open_process(
        [sys.executable, "-P", "-m", _MODULE],
        env=_environment(),
        cwd=job.scratch,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    outcome: Finished | Refused | None = None
    try:
        with anyio.move_on_after(job.seconds_max) as deadline:
            outcome = await _converse(process, job, on_progress)
            await process.wait()
    finally:
        await _end(process)
    if outcome is not None:
        return outcome
    if deadline.cancelled_caught:
        return as_message(TimeExhausted(seconds=job.seconds_max))
    return _verdict(process.returncode, job)


async def _converse(
    process: Process, job: IngestJob, on_progress: Callable[[Progress], Awaitable[None]]
) -> Finished | Refused | None:
    if process.stdin is None or process.stdout is None:
        raise IngestionInterrupted("the child has no pipes")
    with suppress(anyio.BrokenResourceError):
        await process.stdin.send(msgspec.json.encode(job))
        await process.stdin.aclose()
    lines = BufferedByteReceiveStream(process.stdout)
    decoder = msgspec.json.Decoder(Message)
    while True:
        try:
            line = await lines.receive_until(b"\n", _LINE_BYTES_MAX)
        except (anyio.IncompleteRead, anyio.EndOfStream, anyio.DelimiterNotFound):
            return None
        message = decoder.decode(line)
        if not isinstance(message, Progress):
            return message
        await on_progress(message)


async def _end(process: Process) -> None:
    # Shielded: whatever happened to us, no child may be left behind.
    with anyio.CancelScope(shield=True):
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        await process.aclose()


def _verdict(code: int | None, job: IngestJob) -> Refused:
    if code == -signal.SIGABRT:
        # Native code aborts when memory is refused to it.
        return as_message(MemoryExhausted())
    if code == -signal.SIGXCPU:
        return as_message(TimeExhausted(seconds=job.seconds_max))
    if code is not None and -code in _FAULTS:
        return as_message(ReaderCrashed(kind=signal.Signals(-code).name))
    # A kill from outside, or a fault of the machine: the job's retries decide.
    raise IngestionInterrupted(f"the ingestion child ended with {code}")


def _environment() -> dict[str, str]:
    # Two malloc arenas instead of eight per core: freed memory is reused rather than kept apart.
    return {
        "PYTHONPATH": str(_SOURCE_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        "MALLOC_ARENA_MAX": "2",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
