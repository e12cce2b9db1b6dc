"""The whole exchange on either database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.exchange import Trade, open_trade


@pytest.fixture
async def trade(database_url: str, tmp_path: Path) -> AsyncIterator[Trade]:
    """The application with verified people on a frozen clock."""
    async with open_trade(database_url, tmp_path) as opened:
        yield opened
