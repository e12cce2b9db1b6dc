"""The people of the trade, what they share, and what they have done so far."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exchange_market.demo.buyer_program import BuyerProgram
from exchange_market.demo.datasets import Offering
from exchange_market.demo.person import Person
from exchange_market.demo.server import RunningServer


@dataclass
class Trade:
    """State of the demo: each step reads what earlier ones left here."""

    server: RunningServer
    offerings: tuple[Offering, ...]
    folder: Path
    administrator: Person
    second_administrator: Person
    provider: Person
    buyer: Person
    products: dict[str, str] = field(default_factory=dict[str, str])
    revisions: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    contract: dict[str, Any] = field(default_factory=dict[str, Any])
    invoice: dict[str, Any] = field(default_factory=dict[str, Any])
    program: BuyerProgram | None = None

    @property
    def flights(self) -> Offering:
        """The dataset that is bought."""
        return self.offerings[0]

    @property
    def flights_id(self) -> str:
        """The product that is bought."""
        return self.products[self.flights.name]

    @property
    def contract_path(self) -> str:
        """The contract's path in the API."""
        return f"/v1/contracts/{self.contract['id']}"

    def keyed_program(self) -> BuyerProgram:
        """The buyer's program, once it has a key."""
        if self.program is None:
            raise RuntimeError("no key was issued yet")
        return self.program

    def people(self) -> tuple[Person, ...]:
        """Everybody with an account."""
        return (self.administrator, self.second_administrator, self.provider, self.buyer)


def start_trade(server: RunningServer, offerings: tuple[Offering, ...], folder: Path) -> Trade:
    """The four people, without accounts yet."""

    def person(name: str, language: str) -> Person:
        return Person(server.url, f"{name}@demo.example", language)

    return Trade(
        server=server,
        offerings=offerings,
        folder=folder,
        administrator=person("chen", "zh"),
        second_administrator=person("guo", "zh"),
        provider=person("zhou", "zh"),
        buyer=person("li", "en"),
    )
