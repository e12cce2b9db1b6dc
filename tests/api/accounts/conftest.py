"""The accounts API on either database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from tests.support.accounts import Accounts, open_accounts, serving


@pytest.fixture
async def accounts(database_url: str, tmp_path: Path) -> AsyncIterator[Accounts]:
    """The accounts slice on a frozen clock."""
    async with open_accounts(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def client(accounts: Accounts) -> AsyncIterator[AsyncClient]:
    """A client of its routes."""
    async with serving(accounts) as opened:
        yield opened
