"""`exchange serve`: one supervisor, three children, none of which outlives it."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from exchange_market.demo.person import wait_for
from exchange_market.kernel.secrets import open_secrets
from exchange_market.kernel.settings import Settings
from exchange_market.processes.supervisor import CHILDREN
from tests.support.served import Served, environment, free_port, served

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "data") as running:
        yield running


def is_open(port: int) -> bool:
    """Whether anybody listens."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_killed_supervisor_leaves_no_child_and_nobody_on_the_port(server: Served) -> None:
    wait_for("all children", lambda: all(server.child(name) for name in CHILDREN))
    below = server.processes()
    assert is_open(server.port)
    assert server.process is not None

    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(5)

    gone, alive = psutil.wait_procs(below, timeout=3)
    assert not alive
    assert len(gone) >= len(CHILDREN)
    assert not is_open(server.port)


def test_sigterm_ends_everything_cleanly(server: Served) -> None:
    wait_for("all children", lambda: all(server.child(name) for name in CHILDREN))
    below = server.processes()
    begun = time.monotonic()

    code = server.terminate()

    assert code == 0
    assert time.monotonic() - begun < 10
    _, alive = psutil.wait_procs(below, timeout=1)
    assert not alive
    assert not is_open(server.port)
    assert "child.killed" not in server.log.read_text()


def test_a_killed_child_is_started_again(server: Served) -> None:
    for name in ("web", "worker"):
        killed = wait_for(f"the {name}", lambda name=name: server.child(name))

        killed.kill()

        fresh = wait_for(
            f"a new {name}",
            lambda name=name, killed=killed: (
                (found := server.child(name)) and found.pid != killed.pid and found
            ),
        )
        assert fresh.is_running()
    wait_for("an answer", server.answers)
    assert server.process is not None
    assert server.process.poll() is None


def test_the_master_key_it_makes_is_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path / "data"})
    before = os.umask(0)
    try:
        made = open_secrets(settings)
    finally:
        os.umask(before)

    key = settings.data_dir / "secrets" / "master.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert open_secrets(settings).derive("test") == made.derive("test")
    assert os.listdir(key.parent) == ["master.key"]  # noqa: PTH208 - names, not paths


def test_production_mode_refuses_to_make_a_master_key(tmp_path: Path) -> None:
    port = free_port()
    settings = environment(data_dir=str(tmp_path), port=str(port), production="true")

    done = subprocess.run(
        [sys.executable, "-m", "exchange_market", "serve"],
        env=settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode not in (0, None)
    assert "EXCHANGE_MASTER_KEY" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "secrets").exists()
    assert not is_open(port)
