"""The child process: one job from standard input, its outcome to standard output.

Exit code 0: the outcome was written. 75: a fault of the machine, such as a full disk; trying again
may help (EX_TEMPFAIL of sysexits.h).
"""

import sys

import msgspec

from exchange_market.catalog.ingestion.confinement import confine
from exchange_market.trials.preparation.messages import Job

_JOB_BYTES_MAX = 4 * 1024 * 1024
_EXIT_TRY_AGAIN = 75


def main() -> int:
    """Run the job on standard input."""
    job = msgspec.json.decode(sys.stdin.buffer.read(_JOB_BYTES_MAX), type=Job)
    limits = job.limits
    confine(
        parent_pid=limits.parent_pid,
        memory_bytes_max=limits.memory_bytes_max,
        seconds_max=limits.seconds_max,
    )
    # After the confinement, since the libraries start threads when they are imported.
    from exchange_market.trials.preparation.work import run  # noqa: PLC0415

    try:
        outcome = run(job)
    except OSError:
        return _EXIT_TRY_AGAIN
    sys.stdout.buffer.write(msgspec.json.encode(outcome))
    return 0


if __name__ == "__main__":
    sys.exit(main())
