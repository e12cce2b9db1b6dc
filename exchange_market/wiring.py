"""What a running exchange consists of, and which job follows which event.

This module and `app` are the only places that know all slices.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.secrets import Secrets, open_secrets
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.outbox import PeriodicTask, Subscription
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectStore, open_objects
from exchange_market.trust import audit
from exchange_market.trust.keyring import Keyring

_SEQUENCER_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Exchange:
    """The parts that every process of the exchange shares."""

    settings: Settings
    secrets: Secrets
    database: Database
    objects: ObjectStore
    keyring: Keyring
    cursors: CursorSeal


@asynccontextmanager
async def open_exchange(settings: Settings) -> AsyncIterator[Exchange]:
    """Open everything an exchange needs; close it at the end."""
    secrets = open_secrets(settings)
    database = Database(settings.database)
    try:
        yield Exchange(
            settings=settings,
            secrets=secrets,
            database=database,
            objects=open_objects(settings),
            keyring=Keyring(database, secrets),
            cursors=CursorSeal(secrets.derive("cursors")),
        )
    finally:
        await database.close()


def subscriptions(exchange: Exchange) -> tuple[Subscription, ...]:
    """Which job follows which event."""
    del exchange
    return ()


def periodic_tasks(exchange: Exchange) -> tuple[PeriodicTask, ...]:
    """What the job worker repeats."""

    async def sequence() -> None:
        async with exchange.database.read() as reading:
            waiting = await audit.count_unplaced(reading)
        if waiting:
            async with exchange.database.write() as tx:
                await audit.sequence_leaves(tx)

    return (PeriodicTask("sequence_audit_leaves", _SEQUENCER_SECONDS, sequence),)
