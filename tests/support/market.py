"""One real trade through the services of all slices, and governance's routes over it, for tests."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
from litestar import Litestar, Request
from litestar.di import Provide
from pyotp.totp import TOTP
from stdnum.cn import uscc

from contracts.receipts import ArtefactKind, DeliveryStatus, Receipt, request_digest
from contracts.terms import Operation
from exchange_market.accounts import store as accounts_store
from exchange_market.accounts.identifiers import OPERATOR_IDENTIFIER
from exchange_market.accounts.organisation import Organisation, OrganisationState
from exchange_market.accounts.second_factor import SecondFactor
from exchange_market.accounts.user import User, UserState
from exchange_market.agreements.contract import Contract
from exchange_market.agreements.drafting import party_keys
from exchange_market.agreements.keys import issue_key, key_pepper
from exchange_market.agreements.negotiation import accept_offer, make_offer, request_contract
from exchange_market.agreements.proposal import ProposedTerms
from exchange_market.agreements.service import find_contract
from exchange_market.agreements.signing import sign_contract
from exchange_market.appraisals.service import certify_document, set_price_plan
from exchange_market.catalog import service as catalog
from exchange_market.catalog.dictionary import ColumnEntry
from exchange_market.catalog.product import FactKind, Grade, Product, Revision, Subject
from exchange_market.catalog.receiving import Upload, begin_receiving, finish_receiving
from exchange_market.catalog.revision import ColumnRole, IngestedColumn, IngestResult
from exchange_market.catalog.revisions import (
    INGESTION,
    begin_ingest,
    finish_ingest,
    seal_commitment_secret,
)
from exchange_market.catalog.vocabulary import FileFormat, UpdateFrequency
from exchange_market.edge.access import SignInRequired, enforce_access, refuse_undeclared
from exchange_market.edge.authentication import BearerSessions
from exchange_market.edge.commands import Commands
from exchange_market.edge.problems import EXCEPTION_HANDLERS
from exchange_market.governance.api import CONTROLLERS
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal, Role
from exchange_market.kernel.secrets import Secrets
from exchange_market.kernel.settings import Settings
from exchange_market.metering.quota import Amounts, reserve
from exchange_market.metering.service import Delivery, settle, sign_waiting_receipts
from exchange_market.persistence.transaction import Database
from exchange_market.settlement.contract_money import pay_contract
from exchange_market.settlement.invoices import Invoice, issue_invoice, settle_invoice
from exchange_market.settlement.top_ups import TopUp, decide_top_up, record_top_up
from exchange_market.storage.objects import LocalFiles
from exchange_market.trust.audit import sequence_leaves
from exchange_market.trust.keyring import Keyring
from pricing.money import Money
from tests.support.clock import FrozenClock
from tests.support.database import open_database

ORGANISATIONS = {
    "provider": "org_01K00000000000000000000001",
    "buyer": "org_01K00000000000000000000002",
    "stranger": "org_01K00000000000000000000003",
    "operator": "org_01K00000000000000000000009",
}
PLAN: dict[str, Any] = {
    "currency": "CNY",
    "charges": [{"kind": "per_unit", "meter": "rows", "unit_price": "0.5"}],
}
ROWS = 250
PASSENGERS = [f"passenger {number}" for number in range(ROWS)]
_COMMISSION = 50


def person(name: str, organisation: str, *roles: Role) -> Principal:
    """Somebody with a second factor."""
    return Principal(
        user_id=f"usr_{name}",
        organisation_id=ORGANISATIONS[organisation],
        session_id=f"ses_{name}",
        roles=frozenset({Role.OWNER, Role.MEMBER, *roles}),
        may_provide=organisation == "provider",
        may_buy=organisation in ("buyer", "stranger"),
        is_verified=True,
        second_factor=True,
    )


PROVIDER = person("provider", "provider", Role.SIGNATORY)
BUYER = person("buyer", "buyer", Role.SIGNATORY)
STRANGER = person("stranger", "stranger")
ADMINISTRATOR = person("administrator", "operator", Role.ADMINISTRATOR)
SECOND_ADMINISTRATOR = person("second", "operator", Role.ADMINISTRATOR)
THIRD_ADMINISTRATOR = person("third", "operator", Role.ADMINISTRATOR)
PROVIDERS_ADMINISTRATOR = person("captive", "provider", Role.ADMINISTRATOR)
"""Cannot exist by the rules of accounts; two-person rules must hold without relying on those."""
PEOPLE = {
    someone.user_id: someone
    for someone in (
        PROVIDER,
        BUYER,
        STRANGER,
        ADMINISTRATOR,
        SECOND_ADMINISTRATOR,
        THIRD_ADMINISTRATOR,
        PROVIDERS_ADMINISTRATOR,
    )
}


@dataclass(frozen=True, slots=True)
class Market:
    """What a test works with."""

    database: Database
    objects: LocalFiles
    clock: FrozenClock
    secrets: Secrets
    keyring: Keyring
    second_factor: SecondFactor
    one_time_secrets: dict[str, str]
    client: httpx.AsyncClient
    folder: Path

    async def send(
        self, who: Principal | None, method: str, path: str, **request: Any
    ) -> httpx.Response:
        """The answer to a request by `who`; None is nobody."""
        headers = dict(request.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {who.user_id}"
        return await self.client.request(method, f"/v1{path}", headers=headers, **request)

    async def call(
        self, who: Principal | None, method: str, path: str, **request: Any
    ) -> tuple[int, Any]:
        """Status and decoded body."""
        answer = await self.send(who, method, path, **request)
        return answer.status_code, answer.json() if answer.content else None

    async def call_status(self, who: Principal | None, path: str) -> int:
        """The status of reading something that is not JSON."""
        return (await self.send(who, "GET", path)).status_code

    async def submitted(self, **members: Any) -> str:
        """The id of a complete product that waits for review."""
        async with self.database.write() as tx:
            product = await catalog.create_product(
                tx, PROVIDER, Subject.TRANSPORT, lambda draft: _described(draft, members)
            )
        revision = await self.revision(product.id)
        certified = certify_document(PLAN)
        async with self.database.write() as tx:
            await set_price_plan(tx, PROVIDER, product.id, certified, accept_repair=False)
            for kind, fact in _FACTS.items():
                await catalog.put_fact(tx, product.id, revision.id, kind, fact)
        async with self.database.write() as tx:
            await catalog.submit_listing(tx, PROVIDER, product.id)
        return product.id

    async def published(self, **members: Any) -> str:
        """The id of a product on offer."""
        product_id = await self.submitted(**members)
        async with self.database.write() as tx:
            await catalog.decide_listing(
                tx, ADMINISTRATOR, product_id, "approve", "complete", publish=True
            )
        return product_id

    async def revision(self, product_id: str) -> Revision:
        """A ready revision with a real Parquet file of several row groups, and scanned columns."""
        upload = Upload(
            product_id=product_id,
            file_format=FileFormat.PARQUET,
            file_name="flights.parquet",
            declared_bytes=None,
            announced_sha256=None,
            upload_key=None,
        )
        async with self.database.write() as tx:
            begun = await begin_receiving(tx, PROVIDER, upload, timedelta(minutes=10))
            arrived = replace(begun, received_bytes=1, sha256="ef" * 32, original_key="original")
            await finish_receiving(tx, PROVIDER, arrived)
        path, key = self.folder / f"{begun.id}.parquet", f"revisions/{begun.id}/data.parquet"
        pq.write_table(_flights(), path, row_group_size=100)
        await self.objects.put_file(key, path)
        result = IngestResult(
            rows=ROWS,
            columns=(
                IngestedColumn(name="flight", type="BIGINT"),
                IngestedColumn(name="passenger", type="VARCHAR"),
                IngestedColumn(name="departed_at", type="TIMESTAMP"),
            ),
            parquet_key=key,
            parquet_bytes=path.stat().st_size,
            parquet_sha256="ab" * 32,
            root="cd" * 32,
            sealed_commitment_secret=seal_commitment_secret(self.secrets, begun.id, bytes(32)),
        )
        async with self.database.write() as tx:
            assert await begin_ingest(tx, begun.id) is not None
            ready = await finish_ingest(tx, begun.id, result)
            await catalog.set_column_roles(tx, INGESTION, begun.id, _ROLES)
        entries = [
            ColumnEntry(name=name, meaning_zh="含义", meaning_en="meaning") for name in _ROLES
        ]
        async with self.database.write() as tx:
            await catalog.describe_columns(tx, PROVIDER, product_id, entries)
        return ready

    async def signed_contract(self, product_id: str, **limits: Any) -> Contract:
        """A contract signed by all three: negotiated over three moves."""
        keys = await party_keys(self.keyring, PROVIDER.organisation_id, BUYER.organisation_id)
        wished = _wishes(**limits)
        async with self.database.write() as tx:
            contract = await request_contract(tx, BUYER, product_id, wished, "", keys)
        async with self.database.write() as tx:
            await make_offer(tx, PROVIDER, contract.id, wished, "", keys)
        async with self.database.write() as tx:
            await accept_offer(tx, BUYER, contract.id, 2)
        for signer in (PROVIDER, BUYER):
            agreed = await self.contract(contract.id)
            async with self.database.write() as tx:
                await sign_contract(
                    tx,
                    signer,
                    contract.id,
                    agreed.document_digest or "",
                    self._code(signer),
                    keys,
                    self.second_factor,
                )
            self.clock.forward(seconds=30)
        return await self.contract(contract.id)

    async def paid_contract(self, product_id: str, **limits: Any) -> Contract:
        """A signed contract, paid from a balance that two administrators confirmed."""
        contract = await self.signed_contract(product_id, **limits)
        top_up = await self.recorded_top_up(Money(contract.max_charge_micro, contract.currency))
        async with self.database.write() as tx:
            await decide_top_up(
                tx, SECOND_ADMINISTRATOR, top_up.id, confirmed=True, reason="on the statement"
            )
        async with self.database.write() as tx:
            return await pay_contract(tx, BUYER, contract.id)

    async def recorded_top_up(self, amount: Money) -> TopUp:
        """A bank transfer for the buyer that one administrator noted."""
        self.clock.forward(seconds=1)
        async with self.database.write() as tx:
            return await record_top_up(
                tx,
                ADMINISTRATOR,
                organisation_id=BUYER.organisation_id,
                amount=amount,
                bank_reference=f"bank-{self.clock.now():%Y%m%d%H%M%S}",
            )

    async def key(self, contract: Contract) -> str:
        """The id of an API key of the contract."""
        async with self.database.write() as tx:
            issued = await issue_key(tx, BUYER, contract.id, "test", key_pepper(self.secrets))
        return issued.key.id

    async def deliver(self, contract: Contract, key_id: str, rows: int, size: int) -> Receipt:
        """One delivery: reserved, sent, settled."""
        started_at = self.clock.now()
        self.clock.forward(seconds=1)
        async with self.database.write() as tx:
            reservation = await reserve(tx, contract, Amounts(rows + 10, size + 1_000))
        delivery = Delivery(
            key_id=key_id,
            revision=1,
            artefact=ArtefactKind.REVISION,
            artefact_digest="sha256:" + "cd" * 32,
            operation=Operation.ROWS,
            request_digest=request_digest(b"s" * 32, {"limit": rows}),
            started_at=started_at,
            sent=Amounts(rows, size),
            content_digest="sha256:" + "12" * 32,
            status=DeliveryStatus.COMPLETE,
        )
        async with self.database.write() as tx:
            receipt = await settle(tx, contract, reservation, delivery)
        assert receipt is not None
        return receipt

    async def sign_receipts(self) -> None:
        """What the job worker does twice a second."""
        await sign_waiting_receipts(self.database, self.keyring)

    async def issued_invoice(self, contract: Contract) -> Invoice:
        """An invoice of everything delivered so far."""
        async with self.database.write() as tx:
            return await issue_invoice(
                tx, ADMINISTRATOR, contract.id, commission_per_mille=_COMMISSION
            )

    async def settled_invoice(self, contract: Contract) -> Invoice:
        """The same, settled by another administrator."""
        invoice = await self.issued_invoice(contract)
        async with self.database.write() as tx:
            return await settle_invoice(tx, SECOND_ADMINISTRATOR, invoice.id)

    async def place_leaves(self) -> None:
        """What the sequencer does four times a second."""
        async with self.database.write() as tx:
            await sequence_leaves(tx)

    async def contract(self, contract_id: str) -> Contract:
        """A contract as it stands."""
        async with self.database.read() as reading:
            contract = await find_contract(reading, contract_id)
        assert contract is not None
        return contract

    def _code(self, who: Principal) -> str:
        secret = self.one_time_secrets[who.user_id]
        return TOTP(secret).at(int(self.clock.now().timestamp()))


@asynccontextmanager
async def open_market(url: str, folder: Path) -> AsyncGenerator[Market]:
    """Four organisations and their people on an empty database, and governance's routes."""
    clock = FrozenClock()
    settings = Settings.model_validate({"data_dir": folder, "volume_target_bytes": 10**7})
    secrets = Secrets(bytes(range(32)))
    async with open_database(url, clock) as database:
        second_factor = SecondFactor(secrets, "Exchange")
        one_time_secrets = await _populate(database, second_factor)
        objects = LocalFiles(folder / "objects")
        keyring = Keyring(database, secrets)
        parts: dict[str, Any] = {
            "database": database,
            "objects": objects,
            "settings": settings,
            "keyring": keyring,
            "commands": Commands(database, bytes(32)),
            "cursors": CursorSeal(bytes(32)),
        }
        transport = httpx.ASGITransport(cast(Any, _app(parts)), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://exchange.test") as http:
            yield Market(
                database=database,
                objects=objects,
                clock=clock,
                secrets=secrets,
                keyring=keyring,
                second_factor=second_factor,
                one_time_secrets=one_time_secrets,
                client=http,
                folder=folder,
            )


async def _populate(database: Database, second_factor: SecondFactor) -> dict[str, str]:
    one_time_secrets: dict[str, str] = {}
    async with database.write() as tx:
        for number, name in enumerate(ORGANISATIONS):
            await accounts_store.insert_organisation(tx, organisation(name, number))
        for someone in PEOPLE.values():
            user = User(
                id=someone.user_id,
                organisation_id=someone.organisation_id,
                email=f"{someone.user_id}@example.com",
                display_name=someone.user_id,
                roles=someone.roles,
                state=UserState.ACTIVE,
                has_second_factor=True,
                created_at=tx.now(),
            )
            await accounts_store.insert_user(tx, user, "not a password hash")
            enrolment = await second_factor.impose(tx, user.id, user.email)
            one_time_secrets[user.id] = enrolment.secret
    return one_time_secrets


def organisation(
    name: str, number: int, state: OrganisationState = OrganisationState.VERIFIED
) -> Organisation:
    """An organisation of the test's cast, or another one under the next numbers."""
    is_operator = name == "operator"
    stem = f"91110000{number:09d}"
    return Organisation(
        id=ORGANISATIONS.get(name, f"org_01K0000000000000000000{number:04d}"),
        name_zh=f"数据{number}公司",
        name_en=f"{name} data",
        identifier_scheme=OPERATOR_IDENTIFIER.scheme.value if is_operator else "uscc",
        identifier=(
            OPERATOR_IDENTIFIER.value if is_operator else stem + uscc.calc_check_digit(stem)
        ),
        country="CN",
        may_provide=name == "provider",
        may_buy=not is_operator,
        is_operator=is_operator,
        state=state,
        contact_name="Li Si",
        contact_email="li@example.com",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


_ROLES = {
    "flight": ColumnRole.FREE,
    "passenger": ColumnRole.DIRECT_IDENTIFIER,
    "departed_at": ColumnRole.FREE,
}
_FACTS: dict[FactKind, dict[str, Any]] = {
    FactKind.QUALITY: {"completeness": 0.97},
    FactKind.VALUATION: {"low_micro": 1, "high_micro": 2},
    FactKind.SAMPLE: {"state": "approved", "rows": 200},
}


def _described(draft: Product, members: dict[str, Any]) -> Product:
    described = replace(
        draft,
        title_zh="纽约离港航班",
        title_en="Flights departing New York",
        description_zh="二〇一三年纽约三座机场全部离港航班。",
        description_en="All flights that departed the three airports of New York in 2013.",
        spatial="New York",
        temporal_start=date(2013, 1, 1),
        temporal_end=date(2014, 1, 1),
        granularity="one row per flight",
        update_frequency=UpdateFrequency.NEVER,
        language="en",
        licence_terms="CC0",
        source_statement="Bureau of Transportation Statistics",
        lawful_basis="Published by the authority",
        responsible_person="Zhang San",
        impact_assessment="assessed",
        security_assessment="assessed",
        holds_persons=True,
        grade=Grade.GENERAL,
        keywords=("delay",),
    )
    return replace(described, **members)


def _flights() -> pa.Table:
    start = datetime(2013, 1, 1)  # noqa: DTZ001 - a column of local times
    return pa.table(
        {
            "flight": pa.array(range(ROWS), pa.int64()),
            "passenger": PASSENGERS,
            "departed_at": [start + timedelta(hours=number) for number in range(ROWS)],
        }
    )


def _wishes(**limits: Any) -> ProposedTerms:
    wished = ProposedTerms(
        purpose_codes=("market_research",),
        purpose_statement="Plan connections",
        starts_on=date(2026, 11, 1),
        ends_on=date(2027, 11, 1),
        zone="Asia/Shanghai",
        operations=("rows", "file"),
        columns=("flight", "departed_at"),
        max_rows=10_000,
        max_bytes=10_000_000,
        max_calls=100,
        revision=None,
        prohibited_uses=("distribute",),
        purchase_order=None,
        plan=None,
    )
    return replace(wished, **limits)


def _app(parts: dict[str, Any]) -> Litestar:
    async def authenticate(token: str) -> Principal:
        if token not in PEOPLE:
            raise SignInRequired
        return PEOPLE[token]

    def constant(value: Any) -> Provide:
        return Provide(lambda: value, sync_to_thread=False)

    app = Litestar(
        route_handlers=list(CONTROLLERS),
        dependencies={
            **{name: constant(part) for name, part in parts.items()},
            "principal": Provide(_principal, sync_to_thread=False),
            "viewer": Provide(_viewer, sync_to_thread=False),
        },
        guards=[enforce_access],
        middleware=[BearerSessions(authenticate)],
        exception_handlers=EXCEPTION_HANDLERS,
        debug=False,
    )
    refuse_undeclared(app)
    return app


def _viewer(request: Request[Any, Any, Any]) -> Principal | None:
    return request.scope["user"]


def _principal(request: Request[Any, Any, Any]) -> Principal:
    if request.scope["user"] is None:
        raise SignInRequired
    return request.scope["user"]
