"""The catalogue over HTTP, on either engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.catalogue import Catalogue, open_catalogue


@pytest.fixture
async def catalogue(database_url: str, tmp_path: Path) -> AsyncIterator[Catalogue]:
    """An empty catalogue with three organisations and a small upload limit."""
    async with open_catalogue(database_url, tmp_path, upload_bytes_max=100_000) as opened:
        yield opened
