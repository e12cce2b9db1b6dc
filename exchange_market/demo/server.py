"""The server of the demo: a real `exchange serve` on a free loopback port."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from exchange_market.demo.person import wait_for

_START_SECONDS = 120.0
_STOP_SECONDS = 15.0


class ServerEnded(RuntimeError):
    """The server ended before it answered; its log tells why."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server process and where it is."""

    url: str
    data_dir: Path
    log: Path
    process: "subprocess.Popen[bytes]"

    def wait(self) -> None:
        """Wait until somebody stops it."""
        with contextlib.suppress(KeyboardInterrupt):
            self.process.wait()


@contextmanager
def running_server(data_dir: Path) -> Generator[RunningServer]:
    """Start a server over a data folder, wait until it answers, stop it at the end."""
    port = _free_port()
    log = data_dir / "server.log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EXCHANGE_")},
        "EXCHANGE_DATA_DIR": str(data_dir),
        "EXCHANGE_PORT": str(port),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "exchange_market", "serve"],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    server = RunningServer(f"http://127.0.0.1:{port}", data_dir, log, process)
    try:
        wait_for("the start of the server", lambda: _answers(server), _START_SECONDS)
        yield server
    finally:
        _stop(process)


def make_first_administrator(server: RunningServer, email: str, password: str) -> str:
    """`exchange admin`, as the operator would type it; returns the secret of the one-time codes."""
    environment = {**os.environ, "EXCHANGE_DATA_DIR": str(server.data_dir)}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "exchange_market", "admin", "--email", email, "--name", "Chen Gong"],
        env=environment,
        input=f"{password}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"exchange admin failed: {done.stderr[-2000:]}")
    return next(line.split()[-1] for line in done.stdout.splitlines() if line.startswith("secret"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(server: RunningServer) -> bool:
    if server.process.poll() is not None:
        tail = server.log.read_text(errors="replace")[-3000:]
        raise ServerEnded(f"the server ended with {server.process.returncode}:\n{tail}")
    try:
        return httpx.get(f"{server.url}/health", timeout=5).is_success
    except httpx.TransportError:
        return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
