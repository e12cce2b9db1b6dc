"""What the child gives up before it looks at a single byte of the file."""

import ctypes
import os
import resource
import signal
import sys

from exchange_market.catalog.ingestion import limits

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38


class ParentGone(RuntimeError):
    """The parent died before the child could ask to die with it."""


def confine(*, parent_pid: int, memory_bytes_max: int, seconds_max: int) -> bool:
    """Give up network, privileges and resources; True if the network is really out of reach.

    To be called while the process has one thread (a user namespace cannot be entered otherwise).
    Sources: unshare(2), prctl(2), setrlimit(2). Elsewhere than on Linux only the limits are set.
    """
    is_offline = False
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent_pid:
            raise ParentGone
        is_offline = _leave_network(libc)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    # Too big a file becomes an error of the write, which is reported, instead of a silent death.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_DATA, memory_bytes_max)
    # All cores together may be busy for the whole of the allowed time.
    _limit(resource.RLIMIT_CPU, seconds_max * max(1, os.cpu_count() or 1))
    _limit(resource.RLIMIT_NOFILE, limits.OPEN_FILES_MAX)
    _limit(resource.RLIMIT_FSIZE, limits.SCRATCH_FILE_BYTES_MAX)
    return is_offline


def _leave_network(libc: ctypes.CDLL) -> bool:
    # Without privileges a network namespace needs a user namespace, which some systems forbid.
    return libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (most, most))
