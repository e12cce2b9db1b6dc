"""The catalogue's own routes over a real database and a real object store, and people to use
them.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar, Request
from litestar.di import Provide

from exchange_market.accounts import store as accounts_store
from exchange_market.accounts.organisation import Organisation, OrganisationState
from exchange_market.catalog import service
from exchange_market.catalog.api import CONTROLLERS
from exchange_market.catalog.completeness import MissingItem
from exchange_market.catalog.product import Column, FactKind, Revision
from exchange_market.catalog.revision import ColumnRole, IngestedColumn, IngestResult
from exchange_market.catalog.revisions import INGESTION, begin_ingest, finish_ingest
from exchange_market.edge.access import SignInRequired, enforce_access, refuse_undeclared
from exchange_market.edge.authentication import BearerSessions
from exchange_market.edge.commands import Commands
from exchange_market.edge.problems import EXCEPTION_HANDLERS
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal, Role
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import LocalFiles
from tests.support.clock import FrozenClock
from tests.support.database import open_database

PROVIDER_ORG = "org_01K00000000000000000000001"
STRANGER_ORG = "org_01K00000000000000000000002"
OPERATOR_ORG = "org_01K00000000000000000000003"


def person(name: str, organisation_id: str, *, administrator: bool = False) -> Principal:
    """Somebody of a verified organisation."""
    roles = {Role.OWNER, Role.MEMBER} | ({Role.ADMINISTRATOR} if administrator else set())
    return Principal(
        user_id=f"usr_{name}",
        organisation_id=organisation_id,
        session_id=f"ses_{name}",
        roles=frozenset(roles),
        may_provide=not administrator,
        may_buy=True,
        is_verified=True,
        second_factor=administrator,
    )


PROVIDER = person("provider", PROVIDER_ORG)
COLLEAGUE = person("colleague", PROVIDER_ORG)
STRANGER = person("stranger", STRANGER_ORG)
ADMINISTRATOR = person("administrator", OPERATOR_ORG, administrator=True)
SECOND_ADMINISTRATOR = person("second", OPERATOR_ORG, administrator=True)
PEOPLE = {
    someone.user_id: someone
    for someone in (PROVIDER, COLLEAGUE, STRANGER, ADMINISTRATOR, SECOND_ADMINISTRATOR)
}

FULL_DESCRIPTION: dict[str, Any] = {
    "title_zh": "纽约离港航班",
    "title_en": "Flights departing New York",
    "description_zh": "二〇一三年纽约三座机场全部离港航班。",
    "description_en": "All flights that departed the three airports of New York in 2013.",
    "subject": "transport",
    "keywords": ["航空", "delay"],
    "spatial": "New York",
    "temporal_start": "2013-01-01",
    "temporal_end": "2014-01-01",
    "granularity": "one row per flight",
    "update_frequency": "never",
    "language": "en",
    "licence_terms": "CC0",
    "source_statement": "Bureau of Transportation Statistics",
    "lawful_basis": "Published by the authority",
    "responsible_person": "Zhang San",
    "holds_persons": False,
    "key_columns": ["flight"],
}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a test works with."""

    database: Database
    objects: LocalFiles
    client: httpx.AsyncClient
    clock: FrozenClock

    async def call(
        self, who: Principal | None, method: str, path: str, **request: Any
    ) -> tuple[int, Any]:
        """Status and decoded body of a request by `who`; None is nobody."""
        headers = dict(request.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {who.user_id}"
        answer = await self.client.request(method, f"/v1{path}", headers=headers, **request)
        return answer.status_code, answer.json() if answer.content else None

    async def draft(self, **members: Any) -> str:
        """The id of a new draft of the provider."""
        status, body = await self.call(
            PROVIDER, "POST", "/products", json=FULL_DESCRIPTION | members
        )
        assert status == 201, body
        return body["listing"]["id"]

    async def upload(self, product_id: str, body: bytes = b"flight,delay\n1,2\n") -> Revision:
        """A received revision, not yet ingested."""
        status, answer = await self.call(
            PROVIDER, "POST", f"/products/{product_id}/revisions?format=csv", content=body
        )
        assert status == 202, answer
        async with self.database.read() as reading:
            revision = await service.find_revision(reading, answer["id"])
        assert revision is not None
        return revision

    async def ready_revision(
        self, product_id: str, columns: tuple[str, ...] = ("flight", "delay")
    ) -> Revision:
        """A revision that the ingestion has finished."""
        revision = await self.upload(product_id)
        async with self.database.write() as tx:
            assert await begin_ingest(tx, revision.id) is not None
            return await finish_ingest(tx, revision.id, ingested(columns))

    async def complete(self, product_id: str) -> Revision:
        """Give the product all that a review needs; returns its revision."""
        revision = await self.ready_revision(product_id)
        entries = [
            {"name": name, "meaning_zh": f"{name} 的含义", "meaning_en": f"meaning of {name}"}
            for name in ("flight", "delay")
        ]
        status, body = await self.call(
            PROVIDER, "PUT", f"/products/{product_id}/columns", json={"columns": entries}
        )
        assert status == 200, body
        async with self.database.write() as tx:
            await service.set_column_roles(
                tx, INGESTION, revision.id, {"flight": ColumnRole.FREE, "delay": ColumnRole.FREE}
            )
            for kind, fact in FACTS.items():
                await service.put_fact(tx, product_id, revision.id, kind, fact)
        return revision

    async def published(self, **members: Any) -> str:
        """The id of a published product, reviewed as it should be."""
        product_id = await self.draft(**members)
        await self.complete(product_id)
        status, body = await self.call(PROVIDER, "POST", f"/products/{product_id}/submission")
        assert status == 200, body
        async with self.database.write() as tx:
            await service.decide_listing(
                tx, ADMINISTRATOR, product_id, "approve", "complete", publish=True
            )
        return product_id

    async def missing(self, product_id: str) -> tuple[MissingItem, ...]:
        """What the listing lacks."""
        async with self.database.read() as reading:
            product = await service.own_product(reading, PROVIDER, product_id)
            return await service.still_missing(reading, product)

    async def columns(self, revision_id: str) -> tuple[Column, ...]:
        """The dictionary of a revision."""
        async with self.database.read() as reading:
            return await service.columns_of(reading, revision_id)


FACTS: dict[FactKind, dict[str, Any]] = {
    FactKind.QUALITY: {"completeness": 0.97},
    FactKind.VALUATION: {"low_micro": 1, "high_micro": 2},
    FactKind.SAMPLE: {"state": "approved", "rows": 200},
    FactKind.PRICE: {"price_mode": "per_row"},
}


def ingested(columns: tuple[str, ...]) -> IngestResult:
    """What an ingestion of these columns hands over."""
    return IngestResult(
        rows=1,
        columns=tuple(IngestedColumn(name=name, type="BIGINT") for name in columns),
        parquet_key="revisions/r/data.parquet",
        parquet_bytes=100,
        parquet_sha256="ab" * 32,
        root="cd" * 32,
        sealed_commitment_secret=b"sealed",
    )


@asynccontextmanager
async def open_catalogue(
    url: str, folder: Path, *, upload_bytes_max: int = 1_000_000
) -> AsyncGenerator[Catalogue]:
    """The catalogue on empty tables, with three organisations."""
    clock = FrozenClock()
    async with open_database(url, clock) as database:
        async with database.write() as tx:
            for organisation_id in (PROVIDER_ORG, STRANGER_ORG, OPERATOR_ORG):
                await accounts_store.insert_organisation(tx, organisation(organisation_id))
        objects = LocalFiles(folder / "objects")
        settings = Settings.model_validate(
            {"data_dir": folder, "upload_bytes_max": upload_bytes_max}
        )
        # Not the framework's test client: it runs the application on a loop of its own, and
        # connections of the pool would meet two loops.
        application: Any = _app(database, objects, settings)
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://exchange") as client:
            yield Catalogue(database, objects, client, clock)


def organisation(organisation_id: str) -> Organisation:
    return Organisation(
        id=organisation_id,
        name_zh="上海数据集团",
        name_en=f"Shanghai Data {organisation_id[-1]}",
        identifier_scheme="uscc",
        identifier=organisation_id,
        country="CN",
        may_provide=True,
        may_buy=True,
        is_operator=organisation_id == OPERATOR_ORG,
        state=OrganisationState.VERIFIED,
        contact_name="Li Si",
        contact_email="li@example.com",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def _app(database: Database, objects: LocalFiles, settings: Settings) -> Litestar:
    async def authenticate(token: str) -> Principal:
        if token not in PEOPLE:
            raise SignInRequired
        return PEOPLE[token]

    def constant(value: Any) -> Provide:
        return Provide(lambda: value, sync_to_thread=False)

    app = Litestar(
        route_handlers=list(CONTROLLERS),
        dependencies={
            "database": constant(database),
            "objects": constant(objects),
            "settings": constant(settings),
            "commands": constant(Commands(database)),
            "cursors": constant(CursorSeal(bytes(32))),
            "principal": Provide(_principal, sync_to_thread=False),
            "viewer": Provide(_viewer, sync_to_thread=False),
        },
        guards=[enforce_access],
        middleware=[BearerSessions(authenticate)],
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=1024 * 1024,
        debug=False,
    )
    refuse_undeclared(app)
    return app


def _viewer(request: Request[Any, Any, Any]) -> Principal | None:
    return request.scope["user"]


def _principal(request: Request[Any, Any, Any]) -> Principal:
    return request.scope["user"]
