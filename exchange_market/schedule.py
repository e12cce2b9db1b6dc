"""Which job follows which event, and what is repeated: the work of the job worker."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from exchange_market.accounts.sessions import forget_old_sessions
from exchange_market.agreements.service import (
    count_overdue,
    expire_contracts,
    suspend_contracts_about,
    suspend_contracts_of,
)
from exchange_market.appraisals.jobs import profile_revision
from exchange_market.catalog.jobs import ingest_revision
from exchange_market.catalog.uploads import sweep_uploads
from exchange_market.metering.quota import release_expired
from exchange_market.metering.service import sign_waiting_receipts
from exchange_market.persistence.outbox import PeriodicTask, Subscription
from exchange_market.settlement.deal_facts import tell_deal
from exchange_market.settlement.invoices import INVOICE_SETTLED
from exchange_market.trials.jobs import build_sample, prepare_sample, renew_outdated_sample
from exchange_market.trust import audit
from exchange_market.wiring import Exchange

_SEQUENCER_SECONDS = 0.25
_SIGNING_SECONDS = 0.5
_EXPIRY_SECONDS = 0.5
_SWEEP_SECONDS = 30.0


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

    async def stop_deliveries(payload: Mapping[str, Any]) -> None:
        async with database.write() as tx:
            await suspend_contracts_about(tx, str(payload["product_id"]))

    return (
        Subscription("ingest_revision", "catalog.revision_received", ingest),
        Subscription("profile_revision", "catalog.revision_ready", profile),
        Subscription("profile_again", "catalog.column_roles_changed", profile),
        Subscription("profile_by_new_rules", "appraisals.quality_rules_set", profile),
        Subscription("prepare_sample", "catalog.revision_ready", scan),
        Subscription("renew_sample_for_roles", "catalog.column_roles_changed", renew_sample),
        Subscription("renew_sample_for_persons", "catalog.holds_persons_set", renew_sample),
        Subscription("build_sample", "trials.sample_wanted", sample),
        Subscription("stop_deliveries", "catalog.listing_suspended", stop_deliveries),
        Subscription("tell_deal", INVOICE_SETTLED, partial(tell_deal, database, secrets)),
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
        async with database.read() as reading:
            overdue = await count_overdue(reading)
        if overdue:
            async with database.write() as tx:
                await expire_contracts(tx)

    async def sweep() -> None:
        async with database.write() as tx:
            await release_expired(tx)
        await sweep_uploads(database, exchange.objects)
        async with database.write() as tx:
            await forget_old_sessions(tx)

    return (
        PeriodicTask("sequence_audit_leaves", _SEQUENCER_SECONDS, sequence_audit_leaves),
        PeriodicTask("sign_receipts", _SIGNING_SECONDS, sign_receipts),
        PeriodicTask("expire_contracts", _EXPIRY_SECONDS, expire),
        PeriodicTask("sweep", _SWEEP_SECONDS, sweep),
    )
