"""The child is small, alone, and answers for itself when it dies."""

import subprocess
import sys

_IMPORTS = """
import sys
import exchange_market.catalog.ingestion.outcome
print(sorted({"litestar", "sqlalchemy", "sqlmodel", "pydantic", "dbos"} & set(sys.modules)))
"""

_CONFINED = """
import os, resource, socket
from exchange_market.catalog.ingestion.confinement import confine
is_offline = confine(parent_pid=os.getppid(), memory_bytes_max=2**30, seconds_max=60)
try:
    socket.create_connection(("127.0.0.1", 9), timeout=1)
except OSError as error:
    print(is_offline, error.errno)
print(resource.getrlimit(resource.RLIMIT_CORE))
print(resource.getrlimit(resource.RLIMIT_DATA)[0] == 2**30)
try:
    bytes(2**31)
except MemoryError:
    print("no memory")
"""


def _run(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.splitlines()


def test_the_child_imports_neither_web_framework_nor_database() -> None:
    assert _run(_IMPORTS) == ["[]"]


def test_a_confined_process_has_no_network_no_core_and_little_memory() -> None:
    # ENETUNREACH, 101: in a new network namespace not even the loopback device is up.
    assert _run(_CONFINED) == ["True 101", "(0, 0)", "True", "no memory"]
