"""Taking rights away from the worker process, as far as the system lets it.

Each step reports whether it is active; what the kernel or the user's rights do not allow is left
out and named, so that an operator can refuse to run without it.
"""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

from sandbox.worker.landlock import restrict_files

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWNET = 0x40000000
_NOBODY = 65534
_IS_LINUX = sys.platform == "linux"


def confine_process(parent_pid: int) -> list[str]:
    """Cut the network off and die with the parent; returns the protections now active.

    Call it before DuckDB starts threads: a namespace binds to the calling thread and its children.
    """
    if not _IS_LINUX:
        return []
    active: list[str] = []
    libc = ctypes.CDLL(None, use_errno=True)
    _die_with_parent(libc, parent_pid)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        active.append("no_new_privileges")
    own_network = _CLONE_NEWNET | _CLONE_NEWIPC
    if libc.unshare(own_network) == 0 or libc.unshare(_CLONE_NEWUSER | own_network) == 0:
        active.append("no_network")
    return active


def confine_files(sample_path: Path) -> list[str]:
    """Forbid every file but reading `sample_path`; returns the protections now active.

    DuckDB reads its control group when it starts and aborts if it cannot, so this comes after; the
    threads it has started by then are stopped from opening files by `confine_after_load`.
    """
    if _IS_LINUX and restrict_files(ctypes.CDLL(None, use_errno=True), sample_path):
        return ["landlock"]
    return []


def confine_after_load(address_space_bytes: int | None, parent_pid: int) -> list[str]:
    """Give up root, new files, new processes and growth; returns the protections now active."""
    active: list[str] = []
    if os.geteuid() == 0:
        try:
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
            active.append("own_user")
        except OSError:
            pass  # No mapping for that user inside this user namespace: reported as not active.
    if _IS_LINUX:
        # The kernel clears the parent-death signal when the user changes.
        _die_with_parent(ctypes.CDLL(None, use_errno=True), parent_pid)
    if address_space_bytes is not None:
        resource.setrlimit(resource.RLIMIT_AS, (address_space_bytes, address_space_bytes))
        active.append("address_space")
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
        resource.setrlimit(limit, (0, 0))
    # Descriptors that are open stay usable; no file, socket or pipe can be added.
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    return [*active, "no_new_files", "no_new_processes", "cpu"]


def limit_processor_time(seconds: int) -> None:
    """Let the kernel kill this process after `seconds` more of processor time.

    RLIMIT_CPU counts from the start of the process, so the limit moves before every query.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _die_with_parent(libc: ctypes.CDLL, parent_pid: int) -> None:
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:  # The parent died before the signal was asked for.
        os._exit(1)
