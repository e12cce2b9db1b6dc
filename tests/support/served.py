"""A real `exchange serve` in processes of its own, to be stopped, killed and started again."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from exchange_market.demo.person import wait_for

START_SECONDS = 120.0


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**settings: str) -> dict[str, str]:
    """Ours without settings of an exchange, with these: `environment(port="8000")`."""
    inherited = {name: value for name, value in os.environ.items() if "EXCHANGE_" not in name}
    return inherited | {f"EXCHANGE_{name.upper()}": value for name, value in settings.items()}


@dataclass
class Served:
    """A server over a data folder, always on the same port."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it wrote."""
        return self.data_dir / "server.log"

    def start(self) -> None:
        """Start and wait until it answers."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "exchange_market", "serve"],
                env=environment(data_dir=str(self.data_dir), port=str(self.port)),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        wait_for("the start of the server", self.answers, START_SECONDS)

    def answers(self) -> bool:
        """Whether it says that it is well; raises when it has ended."""
        assert self.process is None or self.process.poll() is None, self.log.read_text()[-3000:]
        try:
            return httpx.get(f"{self.url}/health", timeout=5).is_success
        except httpx.TransportError:
            return False

    def processes(self) -> list[psutil.Process]:
        """The supervisor's descendants."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, name: str) -> psutil.Process | None:
        """A supervised child by its name, once it runs."""
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                if process.cmdline()[-2:] == ["exchange_market.processes.child", name]:
                    return process
        return None

    def terminate(self, seconds: float = 20.0) -> int:
        """Ask it to stop; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self) -> None:
        """SIGKILL to the supervisor and every process below it, at once."""
        assert self.process is not None
        below = self.processes()
        os.killpg(self.process.pid, signal.SIGKILL)
        for process in below:  # those with a session of their own
            with contextlib.suppress(psutil.Error):
                process.kill()
        self.process.wait(10)
        psutil.wait_procs(below, timeout=10)


@contextmanager
def served(data_dir: Path) -> Generator[Served]:
    """A started server, killed at the end if it still runs."""
    server = Served(data_dir)
    try:
        server.start()
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
