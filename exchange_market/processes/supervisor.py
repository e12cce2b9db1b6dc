"""`exchange serve`: migrate, then keep the three children running until told to stop.

    supervisor ─┬─ web      HTTP; writes events to the outbox, runs no job
                ├─ worker   the only process that runs jobs and periodic tasks
                └─ broker   sandbox queries, in locked worker processes of its own

A child that ends by itself is started again, later each time. A child never outlives the
supervisor.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FrameType

import structlog

from exchange_market.kernel.secrets import MasterKeyMissing, open_secrets
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.migrations import upgrade

log = structlog.get_logger()
CHILDREN = ("broker", "worker", "web")
_POLL_SECONDS = 0.2
_STOP_SECONDS = 10.0
_RESTART_SECONDS_MAX = 30.0
_STEADY_SECONDS = 60.0


@dataclass
class Child:
    """One supervised process and when it may be started again."""

    name: str
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restarts: int = 0
    not_before: float = field(default=0.0)

    def start(self) -> None:
        """Start the process."""
        command = [sys.executable, "-m", "exchange_market.processes.child", self.name]
        self.process = subprocess.Popen(command, env=dict(self.environment))  # noqa: S603
        self.started_at = time.monotonic()

    def tend(self) -> None:
        """Notice an end and start again when it is time."""
        now = time.monotonic()
        if self.process is not None and (code := self.process.poll()) is not None:
            if now - self.started_at > _STEADY_SECONDS:
                self.restarts = 0
            delay = min(_RESTART_SECONDS_MAX, 0.5 * 2**self.restarts)
            log.warning("child.ended", child=self.name, code=code, restart_in_seconds=delay)
            self.process, self.not_before = None, now + delay
            self.restarts += 1
        if self.process is None and now >= self.not_before:
            self.start()

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self, deadline: float) -> None:
        """Wait for the end until `deadline` (monotonic seconds), then kill."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("child.killed", child=self.name)
            self.process.kill()
            self.process.wait()


def supervise(settings: Settings) -> None:
    """Run an exchange until SIGTERM or SIGINT; exits at once when production lacks a master key."""
    try:
        open_secrets(settings)
    except MasterKeyMissing as missing:
        raise SystemExit(f"exchange serve: {missing}") from None
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.sandbox_socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(settings.database)
    children = [Child(name, _environment(settings)) for name in CHILDREN]
    stopping = False

    def on_signal(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        del number, frame
        stopping = True

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    log.info("exchange.starting", url=settings.url, data_dir=str(settings.data_dir))
    while not stopping:
        for child in children:
            child.tend()
        time.sleep(_POLL_SECONDS)
    _stop_all(children)


def _stop_all(children: list[Child]) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.stop(deadline)


def _environment(settings: Settings) -> dict[str, str]:
    """The environment of every child: ours, with the settings that the command line decided."""
    decided = {
        "EXCHANGE_DATA_DIR": str(settings.data_dir.absolute()),
        "EXCHANGE_HOST": settings.host,
        "EXCHANGE_PORT": str(settings.port),
    }
    return {**os.environ, **decided}
