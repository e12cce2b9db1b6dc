"""A child dies with its parent, however the parent ends.

On Linux the kernel sends the signal (prctl(2), PR_SET_PDEATHSIG); everywhere a thread watches
whether the parent is still the one that started us.
"""

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_WATCH_SECONDS = 0.5


def die_with_parent() -> None:
    """Make this process end when the one that started it ends, even by `kill -9`."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended between our start and the call above
        os._exit(1)
    threading.Thread(target=_watch, args=(parent,), name="lineage", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)
