"""Whether somebody listens on a Unix socket: its file is there a moment earlier."""

import socket
from pathlib import Path


def listens(path: Path) -> bool:
    """Whether a connection is accepted."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
