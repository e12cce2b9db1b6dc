"""Appraisals over real Parquet files, on either engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.appraisals import Appraisals, open_appraisals


@pytest.fixture
async def appraisals(database_url: str, tmp_path: Path) -> AsyncIterator[Appraisals]:
    """Appraisals beside an empty catalogue with three organisations."""
    async with open_appraisals(database_url, tmp_path) as opened:
        yield opened
