"""What every process of a running exchange holds: settings, keys, database, objects, sessions.

Only this module, `app` (the routes) and `schedule` (the jobs) know all slices.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from exchange_market.accounts.sessions import Sessions
from exchange_market.agreements.keys import key_pepper
from exchange_market.appraisals.report_files import ReportFiles
from exchange_market.appraisals.standards import Standards, open_standards
from exchange_market.delivery.credentials import Credentials
from exchange_market.delivery.files import FileViews
from exchange_market.delivery.source import Sources
from exchange_market.delivery.turns import Turns
from exchange_market.documents.fonts import FontSearch
from exchange_market.documents.pdf import Typesetter
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.secrets import Secrets, open_secrets
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectStore, open_objects
from exchange_market.trials.query_prices import QueryPrices
from exchange_market.trust.keyring import Keyring
from sandbox.broker import BrokerClient


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
    query_prices: QueryPrices
    standards: Standards
    turns: Turns
    report_files: ReportFiles


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
        query_prices=QueryPrices(database, objects),
        standards=open_standards(settings.valuation_standards_file),
        turns=Turns(),
        report_files=ReportFiles(objects, Typesetter(FontSearch(settings.font_dir))),
    )
