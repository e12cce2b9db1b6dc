"""Samples and the sandbox over HTTP: real routes, real jobs, a real broker process."""

import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from httpx import ASGITransport, AsyncClient
from litestar import Litestar, Request
from litestar.di import Provide

from exchange_market.accounts import store as accounts_store
from exchange_market.catalog import api as catalog_api
from exchange_market.catalog import service as catalog
from exchange_market.catalog.jobs import ingest_revision
from exchange_market.catalog.product import Revision
from exchange_market.edge.access import SignInRequired, enforce_access, refuse_undeclared
from exchange_market.edge.authentication import BearerSessions
from exchange_market.edge.commands import Commands
from exchange_market.edge.problems import EXCEPTION_HANDLERS
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.secrets import Secrets
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.outbox import mark_dispatched, waiting_events
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import LocalFiles
from exchange_market.trials import api as trials_api
from exchange_market.trials.jobs import build_sample, prepare_sample, renew_outdated_sample
from exchange_market.trials.query_prices import QueryPrices
from exchange_market.trust.audit import AuditFilter, AuditLeaf, list_leaves, sequence_leaves
from sandbox.broker import BrokerClient
from tests.support.catalogue import (
    ADMINISTRATOR,
    FACTS,
    FULL_DESCRIPTION,
    OPERATOR_ORG,
    PEOPLE,
    PROVIDER,
    PROVIDER_ORG,
    STRANGER_ORG,
    organisation,
)
from tests.support.clock import FrozenClock
from tests.support.database import open_database
from tests.support.unix_sockets import listens

_START_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Trials:
    """What a test works with."""

    database: Database
    objects: LocalFiles
    settings: Settings
    secrets: Secrets
    client: AsyncClient
    clock: FrozenClock

    async def call(
        self, who: Principal | None, method: str, path: str, **request: Any
    ) -> tuple[int, Any]:
        """Status and decoded body of a request by `who`; None is nobody."""
        answer = await self.send(who, method, path, **request)
        return answer.status_code, answer.json() if answer.content else None

    async def send(self, who: Principal | None, method: str, path: str, **request: Any) -> Any:
        """The whole answer."""
        headers = dict(request.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {who.user_id}"
        return await self.client.request(method, f"/v1{path}", headers=headers, **request)

    async def draft(self, **members: Any) -> str:
        """The id of a new draft of the provider."""
        described = FULL_DESCRIPTION | {"key_columns": []} | members
        status, body = await self.call(PROVIDER, "POST", "/products", json=described)
        assert status == 201, body
        return body["listing"]["id"]

    async def upload(self, product_id: str, parquet: Path) -> Revision:
        """A revision that is ready, with every job that follows done."""
        status, body = await self.call(
            PROVIDER,
            "POST",
            f"/products/{product_id}/revisions?format=parquet",
            content=parquet.read_bytes(),  # noqa: ASYNC240 - a small file of the test
        )
        assert status == 202, body
        await self.work()
        async with self.database.read() as reading:
            revision = await catalog.find_revision(reading, body["id"])
        assert revision is not None
        assert revision.is_ready, revision.failure
        return revision

    async def work(self) -> None:
        """Run the jobs of all waiting events, and of those that these announce."""
        while True:
            async with self.database.read() as reading:
                events = await waiting_events(reading, 100)
            if not events:
                return
            for event in events:
                await self.handle(event.topic, event.payload)
                async with self.database.write() as tx:
                    await mark_dispatched(tx, event.id)

    async def handle(self, topic: str, payload: Mapping[str, Any]) -> None:
        """Run the job of one event, as the job worker does."""
        database, objects, settings = self.database, self.objects, self.settings
        match topic:
            case "catalog.revision_received":
                await ingest_revision(database, objects, self.secrets, settings, payload)
            case "catalog.revision_ready":
                await prepare_sample(database, objects, settings, payload)
            case "catalog.column_roles_changed" | "catalog.holds_persons_set":
                await renew_outdated_sample(database, objects, payload)
            case "trials.sample_wanted":
                await build_sample(database, objects, self.secrets, settings, payload)
            case _:
                pass

    async def decide(
        self, product_id: str, decision: str = "approve", who: Principal = PROVIDER, **more: Any
    ) -> tuple[int, Any]:
        """The provider's decision on the sample."""
        body = {"decision": decision} | more
        return await self.call(who, "POST", f"/products/{product_id}/sample/decision", json=body)

    async def publish(self, product_id: str) -> None:
        """Have the listing reviewed and published; what appraisals say of it is given."""
        async with self.database.write() as tx:
            revision = await catalog.latest_ready_revision(tx, product_id)
            for kind, fact in FACTS.items():
                if kind.value != "sample":
                    await catalog.put_fact(tx, product_id, revision.id, kind, fact)
            columns = await catalog.columns_of(tx, revision.id)
        entries = [{"name": c.name, "meaning_zh": "含义", "meaning_en": "meaning"} for c in columns]
        status, body = await self.call(
            PROVIDER, "PUT", f"/products/{product_id}/columns", json={"columns": entries}
        )
        assert status == 200, body
        status, body = await self.call(PROVIDER, "POST", f"/products/{product_id}/submission")
        assert status == 200, body
        async with self.database.write() as tx:
            await catalog.decide_listing(
                tx, ADMINISTRATOR, product_id, "approve", "complete", publish=True
            )

    async def published(self, parquet: Path, **members: Any) -> str:
        """The id of a published product with an approved sample."""
        product_id = await self.draft(**members)
        await self.upload(product_id, parquet)
        status, body = await self.decide(product_id)
        assert status == 200, body
        await self.publish(product_id)
        return product_id

    async def leaves(self, wanted: AuditFilter) -> Sequence[AuditLeaf]:
        """The audit leaves that match, placed by the sequencer."""
        async with self.database.write() as tx:
            await sequence_leaves(tx)
        async with self.database.read() as reading:
            return await list_leaves(reading, wanted, after=0, limit=100)

    async def ask(
        self, who: Principal | None, product_id: str, sql: str, **more: Any
    ) -> tuple[int, Any]:
        """One query on the sandbox."""
        body = {"sql": sql} | more
        return await self.call(who, "POST", f"/products/{product_id}/sandbox/queries", json=body)


@asynccontextmanager
async def open_trials(url: str, folder: Path, socket: Path) -> AsyncGenerator[Trials]:
    """The routes of catalogue and trials on empty tables, asking the broker at `socket`."""
    clock = FrozenClock()
    settings = Settings(data_dir=folder)  # pyright: ignore[reportCallIssue] - the others have defaults
    secrets = Secrets(bytes(range(32)))
    async with open_database(url, clock) as database:
        async with database.write() as tx:
            for organisation_id in (PROVIDER_ORG, STRANGER_ORG, OPERATOR_ORG):
                await accounts_store.insert_organisation(tx, organisation(organisation_id))
        objects = LocalFiles(folder / "objects")
        parts = {
            "database": database,
            "objects": objects,
            "settings": settings,
            "secrets": secrets,
            "commands": Commands(database),
            "cursors": CursorSeal(bytes(32)),
            "sandbox": BrokerClient(socket),
            "query_prices": QueryPrices(database, objects),
        }
        transport = ASGITransport(cast(Any, _app(parts)), raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://exchange.test") as client:
            yield Trials(database, objects, settings, secrets, client, clock)


@contextmanager
def running_broker(folder: Path, socket: Path) -> Generator[None]:
    """A broker process that listens on `socket` and opens samples below `folder`."""
    command = [sys.executable, "-m", "sandbox.broker", "--socket", str(socket)]
    process = subprocess.Popen([*command, "--root", str(folder), "--workers", "2"])
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not listens(socket):
            assert process.poll() is None, "the broker ended"
            assert time.monotonic() < deadline, "the broker does not listen"
            time.sleep(0.02)
        yield
    finally:
        process.kill()
        process.wait()


def _app(parts: Mapping[str, Any]) -> Litestar:
    async def authenticate(token: str) -> Principal:
        if token not in PEOPLE:
            raise SignInRequired
        return PEOPLE[token]

    app = Litestar(
        route_handlers=[*catalog_api.CONTROLLERS, *trials_api.CONTROLLERS],
        dependencies={
            **{name: _constant(part) for name, part in parts.items()},
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


def _constant(value: Any) -> Provide:
    return Provide(lambda: value, sync_to_thread=False)


def _viewer(request: Request[Any, Any, Any]) -> Principal | None:
    return request.scope["user"]


def _principal(request: Request[Any, Any, Any]) -> Principal:
    return request.scope["user"]
