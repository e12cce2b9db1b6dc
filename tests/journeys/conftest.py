"""A served exchange with a product of some size, contracted and paid, for the journeys."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from exchange_market.demo import contract_steps, listing_steps
from exchange_market.demo.datasets import Offering
from exchange_market.demo.offerings import flights
from exchange_market.demo.person import wait_for
from exchange_market.demo.server import RunningServer
from exchange_market.demo.trade import Trade, start_trade
from tests.support.served import Served, served

ROWS = 150_000
VALUES = tuple(f"value_{number}" for number in range(8))
COLUMNS = ("id", "station", *VALUES)
STEPS = (
    listing_steps.register,
    listing_steps.verify_organisations,
    listing_steps.create_product,
    listing_steps.upload,
    listing_steps.profile,
    listing_steps.sample,
    listing_steps.appraise,
    listing_steps.submit,
    listing_steps.approve,
    contract_steps.negotiate,
    contract_steps.sign,
    contract_steps.top_up,
    contract_steps.issue_key,
)


@dataclass
class Journey:
    """The server, the people, and what they trade."""

    server: Served
    trade: Trade

    def revive(self) -> None:
        """Start the killed server again, on the same port, and wait until all of it works."""
        self.server.start()
        for name in ("web", "worker"):
            wait_for(f"the {name}", lambda name=name: self.server.child(name))


def write_readings(target: Path) -> Path:
    """A CSV of measured values, which hardly compress: its file takes a while to deliver."""
    chance = Random(20261123)  # noqa: S311 - data of a test
    with target.open("w", encoding="utf-8") as file:
        file.write(",".join(COLUMNS) + "\n")
        for number in range(ROWS):
            values = ",".join(f"{chance.gauss(20, 5):.15g}" for _ in VALUES)
            file.write(f"{number},station {number % 50},{values}\n")
    return target


def readings(path: Path) -> Offering:
    """The product of the journeys: no persons, sold by the row."""
    offering = flights(path)
    described = offering.description | {
        "title_zh": "监测站读数",
        "title_en": "Readings of stations",
        "key_columns": ["id"],
        "time_column": None,
    }
    meanings = dict.fromkeys(COLUMNS, ("含义", "Meaning"))
    return replace(offering, rows=ROWS, description=described, meanings=meanings, quality_rules=[])


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """One trade up to the issued key."""
    folder = tmp_path_factory.mktemp("journey")
    offering = readings(write_readings(folder / "readings.csv"))
    with served(folder / "data") as server:
        assert server.process is not None
        running = RunningServer(server.url, server.data_dir, server.log, server.process)
        trade = start_trade(running, (offering,), folder)
        for step in STEPS:
            step(trade)
        yield Journey(server, trade)
        trade.keyed_program().close()
        for person in trade.people():
            person.close()


@pytest.fixture
def journey(begun: Journey) -> Journey:
    """The same, with a server that runs."""
    assert begun.server.process is not None
    if begun.server.process.poll() is not None:
        begun.revive()
    return begun
