"""What a running exchange consists of, and which job follows which event.

This module and `app` are the only places that know all slices.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from exchange_market.accounts.sessions import Sessions, forget_old_sessions
from exchange_market.agreements.keys import key_pepper
from exchange_market.agreements.service import expire_contracts, suspend_contracts_of
from exchange_market.appraisals.jobs import profile_revision
from exchange_market.catalog.jobs import ingest_revision
from exchange_market.catalog.revisions import fail_abandoned_revisions
from exchange_market.catalog.uploads import remove_leftovers
from exchange_market.delivery.credentials import Credentials
from exchange_market.delivery.files import FileViews
from exchange_market.delivery.source import Sources
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.secrets import Secrets, open_secrets
from exchange_market.kernel.settings import Settings
from exchange_market.metering.quota import release_expired
from exchange_market.metering.service import sign_waiting_receipts
from exchange_market.persistence.outbox import PeriodicTask, Subscription
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectStore, open_objects
from exchange_market.trials.jobs import build_sample, prepare_sample, renew_outdated_sample
from exchange_market.trust import audit
from exchange_market.trust.keyring import Keyring
from sandbox.broker import BrokerClient

_SEQUENCER_SECONDS = 0.25
_SIGNING_SECONDS = 0.5
_EXPIRY_SECONDS = 0.5
_SWEEP_SECONDS = 30.0
_UPLOAD_ABANDONED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Exchange:
    """The parts that the processes of the exchange share."""

    settings: Settings
    secrets: Secrets
    database: Database
    objects: ObjectStore
    keyring: Keyring
    cursors: CursorSeal
    sessions: Sessions
    sandbox: BrokerClient
    credentials: Credentials
    sources: Sources
    views: FileViews


@asynccontextmanager
async def open_exchange(settings: Settings) -> AsyncGenerator[Exchange]:
    """Open everything an exchange needs; close it at the end."""
    exchange = assemble(settings)
    try:
        yield exchange
    finally:
        await exchange.database.close()


def assemble(settings: Settings) -> Exchange:
    """The parts over these settings; nothing is connected before it is used."""
    secrets = open_secrets(settings)
    database = Database(settings.database)
    objects = open_objects(settings)
    keyring = Keyring(database, secrets)
    return Exchange(
        settings=settings,
        secrets=secrets,
        database=database,
        objects=objects,
        keyring=keyring,
        cursors=CursorSeal(secrets.derive("cursors")),
        sessions=Sessions(database, keyring, secrets, settings),
        sandbox=BrokerClient(settings.sandbox_socket),
        credentials=Credentials(database, key_pepper(secrets)),
        sources=Sources(database, objects),
        views=FileViews(objects),
    )


def subscriptions(exchange: Exchange) -> tuple[Subscription, ...]:
    """Which job follows which event."""
    database, objects = exchange.database, exchange.objects
    secrets, settings = exchange.secrets, exchange.settings

    async def ingest(payload: Mapping[str, Any]) -> None:
        await ingest_revision(database, objects, secrets, settings, payload)

    async def profile(payload: Mapping[str, Any]) -> None:
        await profile_revision(database, objects, payload)

    async def scan(payload: Mapping[str, Any]) -> None:
        await prepare_sample(database, objects, settings, payload)

    async def renew_sample(payload: Mapping[str, Any]) -> None:
        await renew_outdated_sample(database, objects, payload)

    async def sample(payload: Mapping[str, Any]) -> None:
        await build_sample(database, objects, secrets, settings, payload)

    async def stop_contracts(payload: Mapping[str, Any]) -> None:
        async with database.write() as tx:
            await suspend_contracts_of(tx, str(payload["organisation_id"]))

    return (
        Subscription("ingest_revision", "catalog.revision_received", ingest),
        Subscription("profile_revision", "catalog.revision_ready", profile),
        Subscription("profile_again", "catalog.column_roles_changed", profile),
        Subscription("prepare_sample", "catalog.revision_ready", scan),
        Subscription("renew_sample_for_roles", "catalog.column_roles_changed", renew_sample),
        Subscription("renew_sample_for_persons", "catalog.holds_persons_set", renew_sample),
        Subscription("build_sample", "trials.sample_wanted", sample),
        Subscription("stop_contracts", "accounts.organisation_suspended", stop_contracts),
    )


def periodic_tasks(exchange: Exchange) -> tuple[PeriodicTask, ...]:
    """What the job worker repeats."""
    database = exchange.database

    async def sequence_audit_leaves() -> None:
        async with database.read() as reading:
            waiting = await audit.count_unplaced(reading)
        if waiting:
            async with database.write() as tx:
                await audit.sequence_leaves(tx)

    async def sign_receipts() -> None:
        await sign_waiting_receipts(database, exchange.keyring)

    async def expire() -> None:
        async with database.write() as tx:
            await expire_contracts(tx)

    async def sweep() -> None:
        async with database.write() as tx:
            await release_expired(tx)
        async with database.write() as tx:
            abandoned = await fail_abandoned_revisions(tx, _UPLOAD_ABANDONED)
        await remove_leftovers(exchange.objects, abandoned)
        async with database.write() as tx:
            await forget_old_sessions(tx)

    return (
        PeriodicTask("sequence_audit_leaves", _SEQUENCER_SECONDS, sequence_audit_leaves),
        PeriodicTask("sign_receipts", _SIGNING_SECONDS, sign_receipts),
        PeriodicTask("expire_contracts", _EXPIRY_SECONDS, expire),
        PeriodicTask("sweep", _SWEEP_SECONDS, sweep),
    )
