"""A whole market, on either engine."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.support.market import Market, open_market


@pytest.fixture
async def market(database_url: str, tmp_path: Path) -> AsyncGenerator[Market]:
    """Four organisations and nothing traded yet."""
    async with open_market(database_url, tmp_path) as opened:
        yield opened
