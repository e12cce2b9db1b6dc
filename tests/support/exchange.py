"""The whole application on a clock that stands still, and one real trade over HTTP, for tests."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
from httpx import ASGITransport, AsyncClient, Response

from exchange_market.accounts.administrators import create_administrator
from exchange_market.app import create_app
from exchange_market.appraisals.service import certify_document, set_price_plan
from exchange_market.catalog import service as catalog
from exchange_market.catalog.jobs import ingest_revision
from exchange_market.catalog.product import FactKind
from exchange_market.catalog.revision import ColumnRole
from exchange_market.catalog.revisions import INGESTION
from exchange_market.kernel.settings import Settings
from exchange_market.metering.service import sign_waiting_receipts
from exchange_market.wiring import Exchange, assemble
from tests.support.accounts import (
    PASSWORD,
    Accounts,
    Member,
    add_member,
    enrol,
    register,
    sign_in,
)
from tests.support.catalogue import FULL_DESCRIPTION
from tests.support.clock import FrozenClock

ROW_PLAN: dict[str, Any] = {
    "currency": "CNY",
    "charges": [{"kind": "per_unit", "meter": "rows", "unit_price": "0.5"}],
}
ROWS = 120
TABLE = pa.table(
    {
        "id": pa.array([(number * 37) % ROWS for number in range(ROWS)], pa.int64()),
        "name": [
            None if number % 7 == 0 else ["", "北京, “机场”", 'say "hi"\r\n', "plain"][number % 4]
            for number in range(ROWS)
        ],
        "price": pa.array(
            [None if number == 3 else Decimal(f"{number}.0700") for number in range(ROWS)],
            pa.decimal128(18, 4),
        ),
        "wide": pa.array(
            [Decimal(10) ** 27 + number - 60 for number in range(ROWS)], pa.decimal128(38, 2)
        ),
        "huge": pa.array([2**64 - 1 - number for number in range(ROWS)], pa.uint64()),
        "flag": [None if number == 5 else number % 2 == 0 for number in range(ROWS)],
        "day": [date(1969, 12, 31), date(2026, 2, 28), None, date(9999, 12, 31)] * (ROWS // 4),
        "at": pa.array(
            [datetime(1900, 1, 1, 0, 0, 0, number) for number in range(ROWS)],  # noqa: DTZ001
            pa.timestamp("us"),
        ),
        "ratio": [0.1, float("nan"), float("inf"), None] * (ROWS // 4),
        "raw": [b"\x00\xff", b"", None, bytes(range(8))] * (ROWS // 4),
        "secret": [f"secret-{(number * 53) % ROWS:03}" for number in range(ROWS)],
    }
)
OPEN_COLUMNS = [name for name in TABLE.column_names if name != "secret"]


@dataclass
class Trade:
    """An opened exchange, its people, and what they do."""

    exchange: Exchange
    client: AsyncClient
    clock: FrozenClock
    accounts: Accounts
    folder: Path
    people: dict[str, Member] = field(default_factory=dict[str, Member])
    codes: dict[str, str] = field(default_factory=dict[str, str])

    async def populate(self) -> None:
        """Two administrators of the operator; a provider, a buyer and a stranger, verified."""
        enrolment = await create_administrator(
            self.exchange.database, self.exchange.settings, "admin@example.com", "Zhang", PASSWORD
        )
        self.codes["admin"] = enrolment.secret
        code = self.accounts.code(enrolment.secret)
        admin = await sign_in(self.client, "admin@example.com", code)
        second = await add_member(
            self.client, admin, "second@example.com", "member", "administrator"
        )
        self.people["admin"] = admin
        await self._enrolled("second", second)
        for number, name in enumerate(("provider", "buyer", "stranger"), start=1):
            member = await register(self.client, number)
            answer = await self.client.post(
                f"/v1/admin/organisations/{member.organisation_id}/decision",
                json={"decision": "verify", "reason": "licence seen", "evidence": ["scan 1"]},
                headers=admin.headers,
            )
            assert answer.status_code == 200, answer.text
            await self._enrolled(name, await sign_in(self.client, member.email))

    async def _enrolled(self, name: str, member: Member) -> None:
        self.codes[name] = await enrol(self.client, self.accounts, member)
        self.people[name] = member

    async def sign_in_again(self, *names: str) -> None:
        """Fresh sessions, after the clock has moved on."""
        for name in names:
            self.clock.forward(seconds=60)
            code = self.accounts.code(self.codes[name])
            self.people[name] = await sign_in(self.client, self.people[name].email, code)

    def code(self, name: str) -> str:
        """A one-time code that was not used before."""
        self.clock.forward(seconds=30)
        return self.accounts.code(self.codes[name])

    def org(self, name: str) -> str:
        """Whose person that is."""
        return self.people[name].organisation_id

    async def send(self, who: str | None, method: str, path: str, **request: Any) -> Response:
        """The answer to a request by a person of the cast; None is nobody."""
        headers = dict(request.pop("headers", {}))
        if who is not None:
            headers |= self.people[who].headers
        return await self.client.request(method, f"/v1{path}", headers=headers, **request)

    async def call(self, who: str | None, method: str, path: str, **request: Any) -> Any:
        """The body of an answer that must be a success."""
        answer = await self.send(who, method, path, **request)
        assert answer.status_code in (200, 201), f"{path} {answer.status_code} {answer.text}"
        return answer.json()

    async def refusal(self, who: str | None, method: str, path: str, **request: Any) -> Any:
        """Status and code of an answer that must be a problem."""
        answer = await self.send(who, method, path, **request)
        assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
        return answer.status_code, answer.json()["code"]

    async def product(
        self,
        plan: dict[str, Any] = ROW_PLAN,
        keys: tuple[str, ...] = ("id",),
        table: pa.Table = TABLE,
    ) -> str:
        """The id of a published product with a really ingested revision."""
        exchange = self.exchange
        described = FULL_DESCRIPTION | {"key_columns": list(keys)}
        product_id = (await self.call("provider", "POST", "/products", json=described))["listing"][
            "id"
        ]
        await self.revision(product_id, table)
        async with exchange.database.read() as reading:
            revision = await catalog.latest_ready_revision(reading, product_id)
        principal = await exchange.sessions.authenticate(
            self.people["provider"].tokens["access_token"]
        )
        certified = certify_document(plan)
        async with exchange.database.write() as tx:
            roles = dict.fromkeys(table.column_names, ColumnRole.FREE)
            await catalog.set_column_roles(tx, INGESTION, revision.id, roles)
            await set_price_plan(tx, principal, product_id, certified, accept_repair=False)
            facts: dict[FactKind, dict[str, Any]] = {
                FactKind.QUALITY: {"completeness": 0.97},
                FactKind.VALUATION: {"low_micro": 1, "high_micro": 2},
                FactKind.SAMPLE: {"state": "approved", "rows": 200},
            }
            for kind, fact in facts.items():
                await catalog.put_fact(tx, product_id, revision.id, kind, fact)
        entries = [
            {"name": name, "meaning_zh": "含义", "meaning_en": "meaning"}
            for name in table.column_names
        ]
        await self.call(
            "provider", "PUT", f"/products/{product_id}/columns", json={"columns": entries}
        )
        await self.call("provider", "POST", f"/products/{product_id}/submission")
        admin = await exchange.sessions.authenticate(self.people["admin"].tokens["access_token"])
        async with exchange.database.write() as tx:
            await catalog.decide_listing(tx, admin, product_id, "approve", "complete", publish=True)
        return product_id

    async def revision(self, product_id: str, table: pa.Table = TABLE) -> None:
        """Upload a table and run the real ingestion."""
        path = self.folder / "table.parquet"
        pq.write_table(table, path, row_group_size=50)
        answer = await self.send(
            "provider",
            "POST",
            f"/products/{product_id}/revisions?format=parquet",
            content=path.read_bytes(),
        )
        assert answer.status_code == 202, answer.text
        exchange = self.exchange
        await ingest_revision(
            exchange.database,
            exchange.objects,
            exchange.secrets,
            exchange.settings,
            {"product_id": product_id, "revision_id": answer.json()["id"]},
        )
        async with exchange.database.read() as reading:
            found = await catalog.find_revision(reading, answer.json()["id"])
        assert found is not None
        assert found.is_ready, found.failure

    async def requested(self, product_id: str, **terms: Any) -> Any:
        """A negotiation that the buyer has opened."""
        body = {"product_id": product_id, "terms": wishes(**terms), "note": ""}
        return await self.call("buyer", "POST", "/contracts", json=body)

    async def accepted(self, product_id: str, **terms: Any) -> Any:
        """A contract whose terms both sides agreed on."""
        contract = await self.requested(product_id, **terms)
        path = f"/contracts/{contract['id']}"
        body = {"terms": wishes(**terms)}
        await self.call("provider", "POST", f"{path}/offers", json=body)
        return await self.call("buyer", "POST", f"{path}/acceptance", json={"offer_number": 2})

    async def sign(self, who: str, contract: Any) -> Response:
        """One signature over the document as this contract shows it."""
        body = {"document_digest": contract["document_digest"], "code": self.code(who)}
        return await self.send(who, "POST", f"/contracts/{contract['id']}/signatures", json=body)

    async def signed(self, product_id: str, **terms: Any) -> Any:
        """A contract signed by all three."""
        contract = await self.accepted(product_id, **terms)
        for who in ("provider", "buyer"):
            answer = await self.sign(who, contract)
            assert answer.status_code == 201, answer.text
        return answer.json()

    async def top_up(self, amount_micro: int, reference: str) -> None:
        """Money for the buyer, recorded by one administrator and confirmed by another."""
        body = {
            "organisation_id": self.org("buyer"),
            "amount_micro": amount_micro,
            "currency": "CNY",
            "bank_reference": reference,
        }
        key = {"Idempotency-Key": reference}
        recorded = await self.call("admin", "POST", "/admin/top-ups", json=body, headers=key)
        path = f"/admin/top-ups/{recorded['id']}/decision"
        await self.call("second", "POST", path, json={"decision": "confirm"})

    async def paid(self, product_id: str, **terms: Any) -> Any:
        """A contract signed and paid, with some money to spare."""
        contract = await self.signed(product_id, **terms)
        await self.top_up(contract["max_charge_micro"] + 7_000_000, f"ref-{contract['id'][-8:]}")
        path = f"/contracts/{contract['id']}"
        await self.call("buyer", "POST", f"{path}/payment", headers={"Idempotency-Key": "pay"})
        return await self.call("buyer", "GET", path)

    async def key(self, contract: Any) -> str:
        """A fresh API key of a paid contract."""
        path = f"/contracts/{contract['id']}/keys"
        return (await self.call("buyer", "POST", path, json={"label": "job"}))["key"]

    async def fetch(self, key: str, path: str, **request: Any) -> Response:
        """A delivery, or its refusal."""
        headers = {"Authorization": f"Bearer {key}"} | request.pop("headers", {})
        method = request.pop("method", "GET")
        return await self.client.request(method, f"/v1/data/{path}", headers=headers, **request)

    async def usage(self, contract: Any) -> Any:
        """What the exchange says was used."""
        return await self.call("buyer", "GET", f"/contracts/{contract['id']}/usage")

    async def receipts(self, contract: Any) -> list[Any]:
        """All receipts, signed as the job worker signs them, page by page."""
        await sign_waiting_receipts(self.exchange.database, self.exchange.keyring)
        found: list[Any] = []
        cursor = ""
        while True:
            path = f"/contracts/{contract['id']}/receipts?limit=3{cursor}"
            page = await self.call("buyer", "GET", path)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"


def wishes(**terms: Any) -> dict[str, Any]:
    """Terms of a year over all open columns."""
    return {
        "purpose_codes": ["market_research"],
        "purpose_statement": "Plan connections",
        "starts_on": "2026-11-01",
        "ends_on": "2027-11-01",
        "columns": OPEN_COLUMNS,
        "max_rows": 1_000,
        **terms,
    }


@dataclass(frozen=True, slots=True)
class Cast:
    """A populated exchange that tests copy, since registering everybody takes over a second."""

    url: str
    folder: Path
    at: datetime
    people: dict[str, Member]
    codes: dict[str, str]


async def make_cast(url: str, folder: Path) -> Cast:
    """Populate the migrated database at `url`; the secrets of the exchange are in `folder`."""
    async with open_trade(url, folder) as trade:
        return Cast(url, folder, trade.clock.at, trade.people, trade.codes)


@asynccontextmanager
async def open_trade(url: str, folder: Path, cast_of: Cast | None = None) -> AsyncGenerator[Trade]:
    """The real application, its people registered and verified.

    `url` is a migrated database, or with `cast_of` a copy of that database.
    """
    if cast_of is not None:
        shutil.copytree(cast_of.folder / "data", folder / "data")
    settings = Settings.model_validate({"data_dir": folder / "data", "database_url": url})
    exchange = assemble(settings)
    clock = FrozenClock() if cast_of is None else FrozenClock(cast_of.at)
    exchange.database.clock = clock
    accounts = Accounts(
        exchange.database, clock, settings, exchange.secrets, exchange.keyring, exchange.sessions
    )
    app = create_app(exchange)
    transport = ASGITransport(cast(Any, app), raise_app_exceptions=False)
    try:
        async with (
            exchange.credentials.watching(),
            AsyncClient(transport=transport, base_url="http://exchange.test") as client,
        ):
            trade = Trade(exchange, client, clock, accounts, folder)
            if cast_of is None:
                await trade.populate()
            else:
                trade.people |= cast_of.people
                trade.codes |= cast_of.codes
            yield trade
    finally:
        await exchange.database.close()
