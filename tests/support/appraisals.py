"""The routes of appraisals over a catalogue with real Parquet files, for tests."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import duckdb
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar, Request
from litestar.di import Provide

from exchange_market.appraisals.api import CONTROLLERS
from exchange_market.appraisals.jobs import profile_revision
from exchange_market.appraisals.report_files import ReportFiles
from exchange_market.appraisals.standards import open_standards
from exchange_market.catalog import service as catalog
from exchange_market.catalog.product import Revision
from exchange_market.catalog.revision import ColumnRole, IngestedColumn, IngestResult
from exchange_market.catalog.revisions import INGESTION, begin_ingest, finish_ingest
from exchange_market.documents.fonts import FontSearch
from exchange_market.documents.pdf import Typesetter
from exchange_market.edge.access import SignInRequired, enforce_access, refuse_undeclared
from exchange_market.edge.authentication import BearerSessions
from exchange_market.edge.commands import Commands
from exchange_market.edge.problems import EXCEPTION_HANDLERS
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.secrets import open_secrets
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.transaction import Database
from exchange_market.trust.keyring import Keyring
from tests.support.catalogue import ADMINISTRATOR, PEOPLE, Catalogue, open_catalogue

FLIGHTS = """
    SELECT range AS flight, CAST(range % 7 AS DOUBLE) AS delay,
           CASE WHEN range = 3 THEN NULL ELSE 'N' || range END AS tail,
           TIMESTAMP '2013-01-01' + INTERVAL (range) HOUR AS hour
    FROM range(48)
"""
"""Forty-eight flights, one an hour for two days; one of them has no tail number."""

FLIGHT_ROLES = {
    "flight": ColumnRole.FREE,
    "delay": ColumnRole.FREE,
    "tail": ColumnRole.QUASI_IDENTIFIER,
    "hour": ColumnRole.FREE,
}

CASE: dict[str, Any] = {
    "currency": "CNY",
    "purpose": "listing",
    "value_type": "market",
    "valued_on": "2026-11-23",
    "parameters": {
        "revenue": {"value": "1000000", "source": "sales ledger"},
        "royalty": {"low": "0.03", "mode": "0.05", "high": "0.08", "source": "licences seen"},
        "rate": {"low": "0.10", "mode": "0.12", "high": "0.18", "source": "build-up"},
        "tax": {"value": "0.25", "source": "law"},
        "collection": {"value": "20000", "source": "books"},
    },
    "methods": [
        {
            "name": "relief",
            "kind": "relief_from_royalty",
            "arguments": {
                "revenue": ["revenue"],
                "royalty_rate": "royalty",
                "tax_rate": "tax",
                "discount_rate": "rate",
            },
        },
        {"name": "cost", "kind": "replacement_cost", "arguments": {"items": ["collection"]}},
    ],
    "points": 256,
}
"""A cost and an income method; the figures of the parameters are confidential."""

PER_ROW: dict[str, Any] = {
    "currency": "CNY",
    "charges": [{"kind": "per_unit", "meter": "rows", "unit_price": "0.5"}],
}


@dataclass(frozen=True, slots=True)
class Appraisals:
    """What a test works with."""

    catalogue: Catalogue
    client: AsyncClient
    keyring: Keyring
    folder: Path

    @property
    def database(self) -> Database:
        """The database that the catalogue and the appraisals share."""
        return self.catalogue.database

    async def call(
        self, who: Principal | None, method: str, path: str, **request: Any
    ) -> tuple[int, Any]:
        """Status and decoded body of a request by `who`; None is nobody."""
        headers = dict(request.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {who.user_id}"
        answer = await self.client.request(method, f"/v1{path}", headers=headers, **request)
        return answer.status_code, answer.json() if answer.content else None

    async def fetch(self, who: Principal | None, path: str, **headers: str) -> Response:
        """The whole answer to a GET by `who`."""
        if who is not None:
            headers["Authorization"] = f"Bearer {who.user_id}"
        return await self.client.get(f"/v1{path}", headers=headers)

    async def revision(self, product_id: str, query: str = FLIGHTS) -> Revision:
        """A ready revision with the rows of a DuckDB query in a real Parquet file."""
        revision = await self.catalogue.upload(product_id)
        path = self.folder / f"{revision.id}.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
            described = connection.execute(f"DESCRIBE FROM '{path}'").fetchall()
            counted = connection.read_parquet(str(path)).count("*").fetchall()
        key = f"revisions/{revision.id}/data.parquet"
        await self.catalogue.objects.put_file(key, path)
        result = IngestResult(
            rows=counted[0][0],
            columns=tuple(IngestedColumn(name=row[0], type=row[1]) for row in described),
            parquet_key=key,
            parquet_bytes=path.stat().st_size,
            parquet_sha256="ab" * 32,
            root="cd" * 32,
            sealed_commitment_secret=b"sealed",
        )
        async with self.database.write() as tx:
            assert await begin_ingest(tx, revision.id) is not None
            return await finish_ingest(tx, revision.id, result)

    async def profile(self, revision: Revision) -> None:
        """Run the job as the worker does."""
        payload = {"product_id": revision.product_id, "revision_id": revision.id}
        await profile_revision(self.database, self.catalogue.objects, payload)

    async def give_roles(self, revision: Revision, roles: dict[str, ColumnRole]) -> None:
        """What the scan would find."""
        async with self.database.write() as tx:
            await catalog.set_column_roles(tx, INGESTION, revision.id, roles)

    async def measured(self, **members: Any) -> str:
        """The id of a draft with a scanned and measured revision."""
        product_id = await self.catalogue.draft(**members)
        revision = await self.revision(product_id)
        await self.give_roles(revision, FLIGHT_ROLES)
        await self.profile(revision)
        return product_id

    async def publish(self, product_id: str, provider: Principal) -> None:
        """Complete what other parts of the exchange add, submit, approve and publish."""
        async with self.database.write() as tx:
            revision = await catalog.latest_ready_revision(tx, product_id)
            await catalog.put_fact(tx, product_id, revision.id, "sample", {"state": "approved"})
        columns = [
            {"name": name, "meaning_zh": "含义", "meaning_en": "meaning"} for name in FLIGHT_ROLES
        ]
        path = f"/products/{product_id}"
        described = await self.catalogue.call(
            provider, "PUT", f"{path}/columns", json={"columns": columns}
        )
        assert described[0] == 200, described
        submitted = await self.catalogue.call(provider, "POST", f"{path}/submission")
        assert submitted[0] == 200, submitted
        async with self.database.write() as tx:
            await catalog.decide_listing(
                tx, ADMINISTRATOR, product_id, "approve", "complete", publish=True
            )

    async def facts(self, product_id: str) -> Any:
        """What the listing shows."""
        async with self.database.read() as reading:
            return await catalog.facts_of(reading, product_id)


@asynccontextmanager
async def open_appraisals(
    url: str, folder: Path, fonts: FontSearch | None = None
) -> AsyncGenerator[Appraisals]:
    """Appraisals on empty tables, beside the catalogue of the same database."""
    settings = Settings(data_dir=folder)
    typesetter = Typesetter(fonts or FontSearch())
    async with open_catalogue(url, folder) as catalogue:
        keyring = Keyring(catalogue.database, open_secrets(settings))
        files = ReportFiles(catalogue.objects, typesetter)
        transport = ASGITransport(cast(Any, _app(catalogue, keyring, settings, files)))
        async with AsyncClient(transport=transport, base_url="http://exchange") as client:
            yield Appraisals(catalogue, client, keyring, folder)


def _app(
    catalogue: Catalogue, keyring: Keyring, settings: Settings, files: ReportFiles
) -> Litestar:
    async def authenticate(token: str) -> Principal:
        if token not in PEOPLE:
            raise SignInRequired
        return PEOPLE[token]

    def constant(value: Any) -> Provide:
        return Provide(lambda: value, sync_to_thread=False)

    app = Litestar(
        route_handlers=list(CONTROLLERS),
        dependencies={
            "database": constant(catalogue.database),
            "commands": constant(Commands(catalogue.database)),
            "cursors": constant(CursorSeal(bytes(32))),
            "keyring": constant(keyring),
            "standards": constant(open_standards(None)),
            "settings": constant(settings),
            "report_files": constant(files),
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


def _principal(request: Request[Any, Any, Any]) -> Principal:
    return request.scope["user"]


def _viewer(request: Request[Any, Any, Any]) -> Principal | None:
    return request.scope["user"]
