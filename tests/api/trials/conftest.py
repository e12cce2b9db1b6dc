"""Samples and the sandbox over HTTP, on either engine; one broker process serves all tests."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.support.trials import Trials, open_trials, running_broker


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker that opens samples below `folder`, where each test has one of its own."""

    socket: Path
    folder: Path
    numbers: Iterator[int]

    def exchange_folder(self) -> Path:
        """The data folder of the next exchange."""
        folder = self.folder / str(next(self.numbers))
        folder.mkdir()
        return folder


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker, since starting one takes half a second."""
    folder = tmp_path_factory.mktemp("trials")
    socket = folder / "broker.sock"
    with running_broker(folder, socket):
        yield Broker(socket, folder, count(1))


@pytest.fixture
async def trials(database_url: str, broker: Broker) -> AsyncIterator[Trials]:
    """An empty exchange whose sandbox answers."""
    async with open_trials(database_url, broker.exchange_folder(), broker.socket) as opened:
        yield opened


@pytest.fixture
async def local_trials(sqlite_url: str, broker: Broker) -> AsyncIterator[Trials]:
    """The same on SQLite alone, for what no database decides."""
    async with open_trials(sqlite_url, broker.exchange_folder(), broker.socket) as opened:
        yield opened


@pytest.fixture
async def trials_without_broker(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Trials]:
    """An empty exchange whose sandbox is not running."""
    async with open_trials(sqlite_url, tmp_path, tmp_path / "broker.sock") as opened:
        yield opened
