"""Every route × anonymous, wrong role, stranger: 401, 403, 404, and nothing changes.

The routes come from the application and the expected answer from what each route declares. A route
that the tables below do not cover fails the test, so whoever adds one says who may reach it.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import func
from sqlmodel import select

from exchange_market.app import create_app
from exchange_market.edge.access import Access, every_handler
from exchange_market.persistence.rows import OutboxRow
from exchange_market.trust.rows import AuditLeafRow
from tests.support.access_cases import bodies, hidden_objects
from tests.support.accounts import Member, add_member, register
from tests.support.exchange import Trade, open_trade

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

# What a route without a path parameter is about. For the last group a stranger sees the own things
# only: an empty page, the own account.
FOR_EVERYBODY = {
    "getHealth": 200,
    "getPublicKeys": 200,
    "getValuationCalibration": 200,
    "getVolume": 200,
    "listSubjects": 200,
    "searchProducts": 200,
    "getOrganisation": 200,
    "acceptInvitation": 400,
    "openSession": 401,
    "refreshSession": 401,
    "registerOrganisation": 409,
    "revokePresentedKey": 401,
}
ABOUT_ONESELF = {
    "getBalances",
    "getMe",
    "listContracts",
    "listInvoices",
    "listMyProducts",
    "listOwnAuditLeaves",
    "listPostings",
    "listTopUps",
    "listUsers",
}
CHANGES_ONESELF = {
    "changePassword",
    "confirmSecondFactor",
    "createProduct",
    "endSession",
    "enrolSecondFactor",
    "inviteUser",
}
NO_SAMPLE = {"getSample", "listSampleRows", "getSandbox"}
NAMED_IN_THE_BODY = {"requestContract"}
QUERIES = {"listReviews": "kind=listing", "uploadRevision": "format=csv"}
UNKNOWN = "none_00000000000000000000000000"


@dataclass(frozen=True, slots=True)
class Call:
    """One operation with a path, a query and a body that are valid."""

    operation: str
    method: str
    level: Access
    path: str
    unknown_path: str
    request: dict[str, Any]

    @property
    def names_an_object(self) -> bool:
        return self.path != self.unknown_path or self.operation in NAMED_IN_THE_BODY


@dataclass(frozen=True, slots=True)
class Matrix:
    """The exchange, the callers, and every call there is."""

    trade: Trade
    calls: tuple[Call, ...]
    hidden: dict[str, str]
    callers: dict[str, Member]

    async def send(self, caller: str | None, call: Call, path: str = "") -> Response:
        request = dict(call.request)
        headers = {"Idempotency-Key": f"{call.operation}-{caller}"} | request.pop("headers", {})
        if caller is not None:
            headers |= self.callers[caller].headers
        return await self.trade.client.request(
            call.method, path or call.path, headers=headers, **request
        )

    async def recorded(self) -> tuple[int, int]:
        """How many audit leaves and outbox events there are."""
        async with self.trade.exchange.database.read() as reading:
            leaves = await reading.session.scalar(select(func.count()).select_from(AuditLeafRow))
            events = await reading.session.scalar(select(func.count()).select_from(OutboxRow))
        return leaves or 0, events or 0


@pytest.fixture(scope="module")
def matrix_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("matrix") / "exchange.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(scope="module")
async def matrix(
    matrix_url: str, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Matrix]:
    del anyio_backend
    async with open_trade(matrix_url, tmp_path_factory.mktemp("exchange")) as trade:
        hidden = await hidden_objects(trade)
        valid = bodies(hidden)
        calls = tuple(
            _call(path, handler, hidden, valid)
            for path, handler in every_handler(create_app(trade.exchange))
            if not path.startswith("/schema")
        )
        callers = await _callers(trade)
        yield Matrix(trade, calls, hidden, callers)


async def _callers(trade: Trade) -> dict[str, Member]:
    await trade.sign_in_again("admin", "provider", "buyer", "stranger")
    callers = {
        **trade.people,
        "no provider": await register(trade.client, 4, may_provide=False),
        "no buyer": await register(trade.client, 5, may_buy=False),
        "unverified": await register(trade.client, 6),
        "administrator without code": await add_member(
            trade.client, trade.people["admin"], "third@example.com", "administrator"
        ),
    }
    for name in ("no provider", "no buyer"):
        path = f"/admin/organisations/{callers[name].organisation_id}/decision"
        decision = {"decision": "verify", "reason": "licence seen", "evidence": ["scan 1"]}
        await trade.call("admin", "POST", path, json=decision)
    return callers


def _call(
    path: str, handler: HTTPRouteHandler, hidden: dict[str, str], valid: dict[str, Any]
) -> Call:
    (method,) = handler.http_methods
    operation = str(handler.operation_id)
    request: dict[str, Any] = {}
    if operation in valid:
        request["json"] = valid[operation]
    elif operation == "uploadRevision":
        request["content"] = b"id\n1\n"
    else:
        assert "data" not in handler.parsed_fn_signature.parameters, f"{operation}: body missing"
    if operation in QUERIES:
        request["params"] = dict([QUERIES[operation].split("=")])
    return Call(
        operation,
        str(method),
        handler.opt["access"],
        path.format_map(hidden),
        path.format_map(dict.fromkeys(hidden, UNKNOWN) | {"number": "1", "kind": "contract"}),
        request,
    )


async def test_nobody_is_refused_wherever_a_session_or_key_is_needed(matrix: Matrix) -> None:
    before = await matrix.recorded()

    for call in matrix.calls:
        answer = await matrix.send(None, call)

        if call.level is not Access.PUBLIC:
            assert answer.status_code == 401, f"{call.operation}: {answer.text}"
            assert answer.headers["www-authenticate"] == "Bearer"
        elif call.operation in FOR_EVERYBODY:
            assert answer.status_code == FOR_EVERYBODY[call.operation], (
                f"{call.operation}: {answer.text}"
            )
        else:
            _assert_hidden(call, answer)
    assert await matrix.recorded() == before


@pytest.mark.parametrize(
    ("caller", "level", "code"),
    [
        ("no provider", Access.PROVIDER, "access.wrong_role"),
        ("no buyer", Access.BUYER, "access.wrong_role"),
        ("unverified", Access.PROVIDER, "access.organisation_not_verified"),
        ("unverified", Access.BUYER, "access.organisation_not_verified"),
    ],
)
async def test_the_wrong_role_is_refused(
    matrix: Matrix, caller: str, level: Access, code: str
) -> None:
    before = await matrix.recorded()

    for call in matrix.calls:
        if call.level is level:
            answer = await matrix.send(caller, call)

            assert answer.status_code == 403, f"{call.operation}: {answer.text}"
            assert answer.json()["code"] == code, call.operation
    assert await matrix.recorded() == before


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        ("stranger", "access.wrong_role"),
        ("administrator without code", "access.second_factor_required"),
    ],
)
async def test_only_administrators_with_a_second_factor_administer(
    matrix: Matrix, caller: str, code: str
) -> None:
    before = await matrix.recorded()

    for call in matrix.calls:
        if call.level is Access.ADMINISTRATOR:
            answer = await matrix.send(caller, call)

            assert answer.status_code == 403, f"{call.operation}: {answer.text}"
            assert answer.json()["code"] == code, call.operation
    assert await matrix.recorded() == before


async def test_a_stranger_finds_nothing_of_others(matrix: Matrix) -> None:
    before = await matrix.recorded()

    for call in matrix.calls:
        if call.level in (Access.ADMINISTRATOR, Access.API_KEY):
            continue
        if call.operation in FOR_EVERYBODY or call.operation in CHANGES_ONESELF:
            continue
        answer = await matrix.send("stranger", call)
        if call.operation in ABOUT_ONESELF:
            assert answer.status_code == 200, f"{call.operation}: {answer.text}"
            told = {value for value in matrix.hidden.values() if f'"{value}"' in answer.text}
            assert not told, f"{call.operation} tells of {told}"
            continue
        _assert_hidden(call, answer)
        if call.path != call.unknown_path:
            unknown = await matrix.send("stranger", call, call.unknown_path)
            assert unknown.status_code == 404, call.operation
            assert unknown.json()["code"] == answer.json()["code"], call.operation
    assert await matrix.recorded() == before


async def test_those_concerned_do_find_the_same_objects(matrix: Matrix) -> None:
    """Without this, an object that is not there would pass for one that is hidden."""
    for call in matrix.calls:
        if call.method != "GET" or call.path == call.unknown_path or call.operation in NO_SAMPLE:
            continue
        if call.level is Access.API_KEY:
            continue
        answers = [await matrix.send(caller, call) for caller in ("provider", "buyer", "admin")]

        assert 200 in {answer.status_code for answer in answers}, f"{call.operation}: {answers}"


async def test_callers_are_judged_before_their_bodies(matrix: Matrix) -> None:
    before = await matrix.recorded()

    for call in matrix.calls:
        if "json" not in call.request or call.level is Access.PUBLIC:
            continue
        broken = Call(
            call.operation,
            call.method,
            call.level,
            call.path,
            call.unknown_path,
            {"content": b'{"unclosed', "headers": {"Content-Type": "application/json"}},
        )
        assert (await matrix.send(None, broken)).status_code == 401, call.operation
        if call.level is not Access.SIGNED_IN:
            answer = await matrix.send("unverified", broken)
            assert answer.status_code == 403, f"{call.operation}: {answer.text}"
    assert await matrix.recorded() == before


async def test_a_key_of_one_product_opens_no_other(matrix: Matrix) -> None:
    contract = await matrix.trade.call("buyer", "GET", f"/contracts/{matrix.hidden['contract_id']}")
    key = await matrix.trade.key(contract)

    for call in matrix.calls:
        if call.level is Access.API_KEY:
            answer = await matrix.trade.client.request(
                call.method, call.path, headers={"Authorization": f"Bearer {key}"}
            )
            assert answer.status_code in (403, 404), call.operation


def _assert_hidden(call: Call, answer: Response) -> None:
    assert call.names_an_object, f"{call.operation} is in none of the tables"
    assert answer.status_code == 404, f"{call.operation}: {answer.status_code} {answer.text}"
