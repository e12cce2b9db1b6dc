"""A folder for each test that ingests."""

from pathlib import Path

import pytest

from tests.support.ingestion import Ingestion


@pytest.fixture
def ingestion(tmp_path: Path) -> Ingestion:
    """Files of this test go through the real child process here."""
    return Ingestion(tmp_path)
