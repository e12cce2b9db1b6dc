"""The parent's side of a PDF: a job for a confined child, and no more than it may use.

The child dies with the thread that started it (prctl(2), PR_SET_PDEATHSIG), so it is started from
the event loop and not from a thread pool. It has no environment, no files and no network.
"""

import os
import subprocess
import sys
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import anyio
import anyio.to_thread
import msgspec
from anyio.abc import ByteReceiveStream, Process

from exchange_market.documents.errors import (
    DocumentTimedOut,
    DocumentTooLarge,
    TypesettingBusy,
)
from exchange_market.documents.fonts import Font, FontSearch
from exchange_market.documents.job import TypesettingJob
from exchange_market.documents.report import Report, report_values

JOB_BYTES_MAX: Final = 8 * 1024 * 1024
PDF_BYTES_MAX: Final = 32 * 1024 * 1024
SECONDS_MAX: Final = 20
WAIT_SECONDS_MAX: Final = 30
NO_PROXY_THERE: Final = "http://127.0.0.1:9"
"""The discard port (RFC 863), on which nothing listens."""
_AT_ONCE: Final = 2
_MESSAGE_BYTES_MAX: Final = 8 * 1024
_SOURCE_ROOT: Final = Path(__file__).parents[2]


class TypesettingFailed(RuntimeError):
    """A fault of ours: the template does not fit its values, or the child died."""


class Typesetter:
    """Lays out reports as PDF, few at a time; one for a process."""

    def __init__(self, fonts: FontSearch) -> None:
        self._fonts = fonts
        self._slots = anyio.CapacityLimiter(_AT_ONCE)

    async def font(self) -> Font:
        """The font that PDFs are set in; raises ChineseFontMissing."""
        return await anyio.to_thread.run_sync(self._fonts.font)

    async def pdf(self, report: Report) -> bytes:
        """The report as PDF/A-2b; the same values, font and typst give the same bytes.

        Raises ChineseFontMissing, DocumentTooLarge, DocumentTimedOut or TypesettingBusy.
        """
        font = await self.font()
        with TemporaryDirectory(prefix="typeset-") as folder:
            job = report_job(report, font, Path(folder))
            return await self.run(job)

    async def run(self, job: TypesettingJob) -> bytes:
        """Run one job in a child of its own, when it is its turn."""
        try:
            with anyio.fail_after(WAIT_SECONDS_MAX):
                await self._slots.acquire()
        except TimeoutError:
            raise TypesettingBusy from None
        try:
            return await _run_child(job)
        finally:
            self._slots.release()


def report_job(report: Report, font: Font, folder: Path) -> TypesettingJob:
    """What the child is told: the template, the report as values, and a folder with the font."""
    Path(folder, f"font{font.path.suffix}").symlink_to(font.path)
    values = report_values(report, font.face.covers)
    return TypesettingJob(
        template=template("report.typ"),
        values={"report": values, "family": font.face.family},
        folder=str(folder),
        font_file=str(font.path.resolve()),
        issued_at=int(report.issued_at.timestamp()),
        parent_pid=os.getpid(),
        seconds_max=SECONDS_MAX,
    )


@lru_cache
def template(name: str) -> str:
    """The text of a template of this package."""
    return files("exchange_market.documents").joinpath("templates", name).read_text("utf-8")


async def _run_child(job: TypesettingJob) -> bytes:
    encoded = msgspec.json.encode(job)
    if len(encoded) > JOB_BYTES_MAX:
        raise DocumentTooLarge(bytes_max=JOB_BYTES_MAX)
    process = await anyio.open_process(
        [sys.executable, "-P", "-m", "exchange_market.documents"],
        env=_environment(),
        cwd=job.folder,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        with anyio.fail_after(job.seconds_max):
            return await _converse(process, encoded)
    except TimeoutError:
        raise DocumentTimedOut(seconds=job.seconds_max) from None
    finally:
        await _end(process)


async def _converse(process: Process, encoded: bytes) -> bytes:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise TypesettingFailed("the child has no pipes")
    with suppress(anyio.BrokenResourceError):
        await process.stdin.send(encoded)
    await process.stdin.aclose()
    # The child writes either the PDF or a short message, so one pipe after the other cannot block.
    pdf = await _at_most(process.stdout, PDF_BYTES_MAX)
    message = await _at_most(process.stderr, _MESSAGE_BYTES_MAX)
    if await process.wait() != 0:
        raise TypesettingFailed(f"{process.returncode}: {message.decode(errors='replace')}")
    return pdf


async def _at_most(stream: ByteReceiveStream, bytes_max: int) -> bytes:
    chunks: list[bytes] = []
    left = bytes_max
    async for chunk in stream:
        left -= len(chunk)
        if left < 0:
            raise DocumentTooLarge(bytes_max=bytes_max)
        chunks.append(chunk)
    return b"".join(chunks)


async def _end(process: Process) -> None:
    # Shielded: whatever happened to us, no child may be left behind.
    with anyio.CancelScope(shield=True):
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        await process.aclose()


def _environment() -> dict[str, str]:
    # Should the kernel have no namespaces, a proxy that is not there ends a download.
    return {
        "PYTHONPATH": str(_SOURCE_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        "RAYON_NUM_THREADS": "1",
        **dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), NO_PROXY_THERE),
    }
