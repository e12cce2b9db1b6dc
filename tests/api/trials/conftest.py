"""Samples and the sandbox over HTTP, on either engine, with a broker process of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.trials import Trials, answering, open_trials, running_broker


@pytest.fixture
async def trials(empty_database_url: str, tmp_path: Path) -> AsyncIterator[Trials]:
    """An empty exchange whose sandbox answers."""
    socket = tmp_path / "broker.sock"
    with running_broker(tmp_path, socket):
        async with open_trials(empty_database_url, tmp_path, socket) as opened:
            await answering(socket)
            yield opened


@pytest.fixture
async def local_trials(empty_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Trials]:
    """The same on SQLite alone, for what no database decides."""
    socket = tmp_path / "broker.sock"
    with running_broker(tmp_path, socket):
        async with open_trials(empty_sqlite_url, tmp_path, socket) as opened:
            await answering(socket)
            yield opened


@pytest.fixture
async def trials_without_broker(empty_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Trials]:
    """An empty exchange whose sandbox is not running."""
    async with open_trials(empty_sqlite_url, tmp_path, tmp_path / "broker.sock") as opened:
        yield opened
