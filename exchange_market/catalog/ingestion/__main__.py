"""The child process: one job from standard input, JSON lines to standard output, exit code 0, 1 or
75.

0: finished. 1: the file was refused (a line says why). 75: a fault of the machine, such as a full
disk; trying again may help (EX_TEMPFAIL of sysexits.h). Anything else, a signal above all, is a
crash.
"""

import os
import sys
import threading
import time

import msgspec

from exchange_market.catalog.ingestion.confinement import confine
from exchange_market.catalog.ingestion.messages import IngestJob, Message, Progress, Refused

_JOB_BYTES_MAX = 1024 * 1024
_PROGRESS_SECONDS = 0.5
_EXIT_REFUSED = 1
_EXIT_TRY_AGAIN = 75


class _Reporter:
    """Says about twice a second how far the work is, for as long as it lasts."""

    def __init__(self) -> None:
        self._stage = ("starting", 0)
        self._lock = threading.Lock()
        threading.Thread(target=self._repeat, daemon=True).start()

    def note(self, stage: str, rows: int) -> None:
        """Remember where the work is."""
        self._stage = (stage, rows)

    def say(self, message: Message) -> None:
        """Write one message."""
        with self._lock:
            sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
            sys.stdout.buffer.flush()

    def _repeat(self) -> None:
        while True:
            time.sleep(_PROGRESS_SECONDS)
            self.say(Progress(*self._stage))


def main() -> int:
    """Run the job on standard input."""
    job = msgspec.json.decode(sys.stdin.buffer.read(_JOB_BYTES_MAX), type=IngestJob)
    is_offline = confine(
        parent_pid=job.parent_pid,
        memory_bytes_max=job.memory_bytes_max,
        seconds_max=job.seconds_max,
    )
    # SQLite sorts its index there, not in a folder shared with others.
    os.environ["SQLITE_TMPDIR"] = job.scratch
    # After the confinement, since the libraries start threads when they are imported.
    from exchange_market.catalog.ingestion.outcome import run  # noqa: PLC0415

    reporter = _Reporter()
    message = run(job, reporter.note, is_offline=is_offline)
    if message is None:
        return _EXIT_TRY_AGAIN
    reporter.say(message)
    return _EXIT_REFUSED if isinstance(message, Refused) else 0


if __name__ == "__main__":
    sys.exit(main())
