"""How often an organisation may ask the sandbox, however many of its people ask at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.catalogue import STRANGER
from tests.support.trial_tables import write_weather
from tests.support.trials import Trials, open_trials


@pytest.fixture
async def trials(database_url: str, tmp_path: Path) -> AsyncIterator[Trials]:
    """An empty exchange whose sandbox is not running: it is the asking that counts."""
    async with open_trials(database_url, tmp_path, tmp_path / "broker.sock") as opened:
        yield opened


async def test_exactly_the_allowed_number_pass_when_all_ask_at_once(
    trials: Trials, tmp_path: Path
) -> None:
    product_id = await trials.published(write_weather(tmp_path / "weather.parquet"))

    answers = await asyncio.gather(
        *(trials.ask(STRANGER, product_id, "SELECT 1") for _ in range(80))
    )

    assert Counter((status, problem["code"]) for status, problem in answers) == {
        (503, "trials.sandbox_unavailable"): 60,
        (429, "trials.too_many_queries"): 20,
    }
    async with trials.database.read() as reading:
        written = await reading.session.scalar(text("SELECT count(*) FROM sandbox_query"))
    assert written == 60
