"""The parent's side: start the child with nothing but its job, and end it in time.

The child inherits no environment and no descriptors but its pipes, and dies with the thread that
started it (prctl(2), PR_SET_PDEATHSIG), hence it is started from the event loop.
"""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import anyio
import msgspec
from anyio.abc import Process

from exchange_market.trials.preparation.messages import Job, Outcome, Refused

_OUTCOME_BYTES_MAX = 16 * 1024 * 1024
_MODULE = "exchange_market.trials.preparation"
_SOURCE_ROOT = Path(__file__).parents[3]
_CRASHES = frozenset({-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE})


class PreparationInterrupted(RuntimeError):
    """The machine, not the data, was at fault; the job is to run again."""


async def run_child(job: Job) -> Outcome:
    """Run one job in a child process and wait for its end.

    Raises PreparationInterrupted when trying again may help. Cancelling ends the child.
    """
    process = await anyio.open_process(
        [sys.executable, "-P", "-m", _MODULE],
        env=_environment(),
        cwd="/",
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    answer = b""
    try:
        with anyio.move_on_after(job.limits.seconds_max) as deadline:
            answer = await _converse(process, job)
            await process.wait()
    finally:
        await _end(process)
    if deadline.cancelled_caught:
        return Refused("out_of_time")
    if process.returncode == 0:
        return msgspec.json.decode(answer, type=Outcome)
    return _verdict(process.returncode)


async def _converse(process: Process, job: Job) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise PreparationInterrupted("the child has no pipes")
    with suppress(anyio.BrokenResourceError):
        await process.stdin.send(msgspec.json.encode(job))
        await process.stdin.aclose()
    answer = bytearray()
    with suppress(anyio.EndOfStream):
        while len(answer) <= _OUTCOME_BYTES_MAX:
            answer += await process.stdout.receive()
        raise PreparationInterrupted("the child said too much")
    return bytes(answer)


async def _end(process: Process) -> None:
    # Shielded: whatever happened to us, no child may be left behind.
    with anyio.CancelScope(shield=True):
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        await process.aclose()


def _verdict(code: int | None) -> Refused:
    if code == -signal.SIGABRT:
        # Native code aborts when memory is refused to it.
        return Refused("out_of_memory")
    if code == -signal.SIGXCPU:
        return Refused("out_of_time")
    if code in _CRASHES:
        return Refused("reader_crashed")
    raise PreparationInterrupted(f"the preparation child ended with {code}")


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
