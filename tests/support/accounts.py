"""The accounts slice behind the real edge, and the steps its users take, for tests."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from httpx import ASGITransport, AsyncClient
from litestar import Litestar, Request
from litestar.di import Provide
from pyotp.totp import TOTP
from stdnum.cn import uscc

from exchange_market.accounts.administrators import create_administrator
from exchange_market.accounts.api import CONTROLLERS
from exchange_market.accounts.session_api import count_refused_codes
from exchange_market.accounts.sessions import Sessions
from exchange_market.edge.access import SignInRequired, enforce_access, refuse_undeclared
from exchange_market.edge.authentication import BearerSessions
from exchange_market.edge.commands import Commands
from exchange_market.edge.problems import EXCEPTION_HANDLERS
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.secrets import Secrets, open_secrets
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.transaction import Database
from exchange_market.trust.keyring import Keyring
from tests.support.clock import FrozenClock
from tests.support.database import open_database

PASSWORD = "correct horse battery"
STEP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Accounts:
    """The slice with everything it needs, on a clock that stands still."""

    database: Database
    clock: FrozenClock
    settings: Settings
    secrets: Secrets
    keyring: Keyring
    sessions: Sessions

    def code(self, secret: str, steps: int = 0) -> str:
        """The one-time code of a secret now, or some steps later."""
        return TOTP(secret).at(int(self.clock.now().timestamp()) + steps * STEP_SECONDS)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with an open session."""

    organisation_id: str
    user_id: str
    email: str
    tokens: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        """The header that authenticates this person."""
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}


@asynccontextmanager
async def open_accounts(url: str, folder: Path) -> AsyncGenerator[Accounts]:
    """The slice over a database with all tables; keys and secrets in `folder`."""
    clock = FrozenClock()
    settings = Settings(data_dir=folder)  # pyright: ignore[reportCallIssue] - the others have defaults
    secrets = open_secrets(settings)
    async with open_database(url, clock) as database:
        keyring = Keyring(database, secrets)
        sessions = Sessions(database, keyring, secrets, settings)
        yield Accounts(database, clock, settings, secrets, keyring, sessions)


@asynccontextmanager
async def serving(accounts: Accounts) -> AsyncGenerator[AsyncClient]:
    """A client of the slice's routes behind the real edge."""
    parts: dict[str, Any] = {
        "settings": accounts.settings,
        "secrets": accounts.secrets,
        "database": accounts.database,
        "keyring": accounts.keyring,
        "sessions": accounts.sessions,
        "cursors": CursorSeal(accounts.secrets.derive("cursors")),
        "commands": Commands(accounts.database, accounts.secrets.derive("idempotency")),
    }
    app = Litestar(
        route_handlers=[*CONTROLLERS],
        dependencies={
            **{
                name: Provide(_constant(part), sync_to_thread=False) for name, part in parts.items()
            },
            "principal": Provide(_principal, sync_to_thread=False),
            "viewer": Provide(_viewer, sync_to_thread=False),
        },
        guards=[enforce_access],
        middleware=[BearerSessions(accounts.sessions.authenticate)],
        after_exception=[count_refused_codes(accounts.database, accounts.sessions)],
        exception_handlers=EXCEPTION_HANDLERS,
        debug=False,
    )
    refuse_undeclared(app)
    # Not Litestar's own test client: that one runs the application in another event loop, where the
    # connections of this one must not be used.
    transport = ASGITransport(cast(Any, app), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://exchange.test") as client:
        yield client


def unified_code(number: int) -> str:
    """A unified social credit code with the right check character."""
    stem = f"91110000{number:09d}"
    return stem + uscc.calc_check_digit(stem)


def registration(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The body of a registration; different numbers are different organisations."""
    return {
        "name_zh": f"数据有限公司{number}",
        "name_en": f"Data Company {number}",
        "uscc": unified_code(number),
        "contact_name": "Li Na",
        "contact_email": f"contact{number}@example.com",
        "may_provide": True,
        "may_buy": True,
        "owner": {
            "email": f"owner{number}@example.com",
            "display_name": "Li Na",
            "password": PASSWORD,
        },
        **changes,
    }


async def sign_in(client: AsyncClient, email: str, code: str | None = None) -> Member:
    """Open a session with the password that all test users have."""
    credentials = {"email": email, "password": PASSWORD, "code": code}
    answer = await client.post("/v1/sessions", json=credentials)
    assert answer.status_code == 201, answer.text
    tokens = answer.json()
    return Member(tokens["organisation_id"], tokens["user_id"], email, tokens)


async def register(client: AsyncClient, number: int = 1, **changes: Any) -> Member:
    """A pending organisation whose owner is signed in."""
    body = registration(number, **changes)
    answer = await client.post("/v1/organisations", json=body)
    assert answer.status_code == 201, answer.text
    return await sign_in(client, body["owner"]["email"])


async def add_member(client: AsyncClient, owner: Member, email: str, *roles: str) -> Member:
    """A person invited by an owner who accepted and signed in."""
    invited = await client.post(
        "/v1/users", json={"email": email, "roles": list(roles)}, headers=owner.headers
    )
    assert invited.status_code == 201, invited.text
    accepted = await client.post(
        "/v1/invitations/acceptance",
        json={"token": invited.json()["token"], "display_name": "Wang", "password": PASSWORD},
    )
    assert accepted.status_code == 201, accepted.text
    return await sign_in(client, email)


async def enrol(client: AsyncClient, accounts: Accounts, member: Member) -> str:
    """Set up the second factor of a member, in the session they have; returns the secret."""
    offered = await client.post(
        "/v1/me/second-factor", json={"password": PASSWORD}, headers=member.headers
    )
    assert offered.status_code == 201, offered.text
    secret: str = offered.json()["secret"]
    confirmed = await client.post(
        "/v1/me/second-factor/confirmation",
        json={"code": accounts.code(secret)},
        headers=member.headers,
    )
    assert confirmed.status_code == 204, confirmed.text
    return secret


async def administrator(client: AsyncClient, accounts: Accounts) -> Member:
    """The first administrator, signed in with the second factor."""
    email = "admin@example.com"
    enrolment = await create_administrator(
        accounts.database, accounts.settings, email, "Zhang", PASSWORD
    )
    return await sign_in(client, email, accounts.code(enrolment.secret))


def _constant(value: Any) -> Callable[[], Any]:
    def provide() -> Any:
        return value

    return provide


def _viewer(request: Request[Any, Any, Any]) -> Principal | None:
    return request.scope["user"]


def _principal(request: Request[Any, Any, Any]) -> Principal:
    if request.scope["user"] is None:
        raise SignInRequired
    return request.scope["user"]
