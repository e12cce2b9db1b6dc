"""Refusals of the edge: problem+json in the caller's language that names field and remedy."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from httpx import AsyncClient

from tests.support.accounts import Accounts, open_accounts, registration, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
async def accounts(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Accounts]:
    async with open_accounts(sqlite_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def client(accounts: Accounts) -> AsyncIterator[AsyncClient]:
    async with serving(accounts) as opened:
        yield opened
