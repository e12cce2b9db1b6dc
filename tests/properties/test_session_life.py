"""Whatever happens to a person, a session is worth exactly what the rules say at that moment.

The model is a handful of variables; the exchange is the real one on its embedded database.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from exchange_market.accounts import members, service
from exchange_market.accounts.access_tokens import AccessClaims
from exchange_market.accounts.administrators import create_administrator
from exchange_market.accounts.errors import (
    OrganisationSuspended,
    RefreshTokenReused,
    SessionEnded,
    UserSuspended,
)
from exchange_market.accounts.members import Acceptance, MemberChange
from exchange_market.accounts.organisation import TRANSITIONS, Decision, OrganisationState
from exchange_market.accounts.sessions import Credentials, OpenSession, end_session
from exchange_market.accounts.user import UserState
from exchange_market.accounts.wire import RegistrationIn
from exchange_market.kernel.errors import ExchangeError
from exchange_market.kernel.principal import Principal, Role
from exchange_market.persistence.migrations import upgrade
from tests.support.accounts import PASSWORD, open_accounts, registration

Result = TypeVar("Result")


class MigratedTemplate:
    """A migrated database file, made for the first life and copied for every other."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()

    def path(self) -> Path:
        """Where the file is."""
        path = Path(self._folder.name) / "template.db"
        if not path.exists():
            upgrade(f"sqlite+aiosqlite:///{path}")
        return path


TEMPLATE = MigratedTemplate()
EMAIL = "wang@example.com"
ROLE_SETS = (frozenset({Role.MEMBER}), frozenset({Role.MEMBER, Role.SIGNATORY}))


class SessionLife(RuleBasedStateMachine):
    """One member of one organisation, with any number of sessions."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.live: dict[str, OpenSession] = {}
        self.dead: dict[str, OpenSession] = {}
        self.spent: list[OpenSession] = []
        self.roles = ROLE_SETS[0]
        self.state = UserState.ACTIVE
        self.organisation = OrganisationState.PENDING
        TEMPLATE.path()  # made outside the loop, in which no migration can run
        self.run(self.prepare())

    def run(self, work: Coroutine[None, None, Result]) -> Result:
        """Run in the loop that all connections belong to."""
        return self.loop.run_until_complete(work)

    async def prepare(self) -> None:
        """An organisation with an owner and the member whose sessions are watched."""
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite+aiosqlite:///{shutil.copy(TEMPLATE.path(), folder / 'exchange.db')}"
        self.accounts = await self.stack.enter_async_context(open_accounts(url, folder))
        database, secrets = self.accounts.database, self.accounts.secrets
        enrolment = await create_administrator(
            database, self.accounts.settings, "admin@example.com", "Zhang", PASSWORD
        )
        code = self.accounts.code(enrolment.secret)
        self.administrator = (await self.sign_in_as("admin@example.com", code)).principal
        body = msgspec.convert(registration(1), RegistrationIn)
        hashed = await self.accounts.sessions.passwords.hash(PASSWORD)
        async with database.write() as tx:
            await service.register_organisation(tx, body.parsed(), hashed)
        self.owner = (await self.sign_in_as("owner1@example.com", None)).principal
        async with database.write() as tx:
            issued = await members.invite(tx, secrets, self.owner, EMAIL, self.roles)
            acceptance = Acceptance(issued.token, "Wang", hashed)
            self.user = await members.accept_invitation(tx, secrets, acceptance)

    async def sign_in_as(self, email: str, code: str | None) -> OpenSession:
        """Open a session with the right password."""
        credentials = Credentials(email, PASSWORD, code, "192.0.2.1")
        return await self.accounts.sessions.sign_in(credentials)

    def everything_ends(self) -> None:
        """In the model: all sessions are dead from now on."""
        self.dead.update(self.live)
        self.live.clear()

    @rule()
    def sign_in(self) -> None:
        """A session opens unless person or organisation is suspended."""
        expected: type[ExchangeError] | None = None
        if self.state is UserState.SUSPENDED:
            expected = UserSuspended
        elif self.organisation is OrganisationState.SUSPENDED:
            expected = OrganisationSuspended
        try:
            opened = self.run(self.sign_in_as(EMAIL, None))
        except ExchangeError as refusal:
            assert type(refusal) is expected  # noqa: PT017
        else:
            assert expected is None
            self.live[opened.principal.session_id] = opened

    @precondition(lambda self: self.live)
    @rule(choice=st.integers(0, 1_000))
    def sign_out(self, choice: int) -> None:
        """One session ends, the others stay."""
        session_id = sorted(self.live)[choice % len(self.live)]
        principal = self.live[session_id].principal

        async def end() -> None:
            async with self.accounts.database.write() as tx:
                await end_session(tx, principal)

        self.run(end())
        self.dead[session_id] = self.live.pop(session_id)

    @precondition(lambda self: self.live)
    @rule(choice=st.integers(0, 1_000))
    def refresh(self, choice: int) -> None:
        """A live session gets its next pair of tokens."""
        session_id = sorted(self.live)[choice % len(self.live)]
        self.spent.append(self.live[session_id])
        self.live[session_id] = self.run(
            self.accounts.sessions.refresh(self.live[session_id].refresh_token)
        )

    @precondition(lambda self: self.spent)
    @rule(choice=st.integers(0, 1_000))
    def refresh_with_a_spent_token(self, choice: int) -> None:
        """The session of the token ends, whoever sent it."""
        stolen = self.spent[choice % len(self.spent)]
        try:
            self.run(self.accounts.sessions.refresh(stolen.refresh_token))
        except RefreshTokenReused:
            session_id = stolen.principal.session_id
            if session_id in self.live:
                self.dead[session_id] = self.live.pop(session_id)
        else:
            raise AssertionError("a spent refresh token was accepted")

    @rule(roles=st.sampled_from(ROLE_SETS), state=st.sampled_from(UserState))
    def change_member(self, roles: frozenset[Role], state: UserState) -> None:
        """A change ends all sessions; no change ends none."""

        async def change() -> None:
            async with self.accounts.database.write() as tx:
                await members.change_member(
                    tx, self.owner, self.user.id, MemberChange(roles, state)
                )

        self.run(change())
        if (roles, state) != (self.roles, self.state):
            self.everything_ends()
        self.roles, self.state = roles, state

    @rule(decision=st.sampled_from([Decision.VERIFY, Decision.SUSPEND, Decision.REINSTATE]))
    def decide(self, decision: Decision) -> None:
        """Only a suspension ends sessions; sessions do not come back with a reinstatement."""

        async def work() -> None:
            async with self.accounts.database.write() as tx:
                await service.decide_organisation(
                    tx,
                    self.administrator,
                    self.owner.organisation_id,
                    decision,
                    "because",
                    ["file"],
                )

        after = TRANSITIONS.get((self.organisation, decision))
        try:
            self.run(work())
        except ExchangeError:
            assert after is None
        else:
            assert after is not None
            self.organisation = after
        if after is OrganisationState.SUSPENDED:
            self.everything_ends()

    @rule(days=st.sampled_from([0.0001, 1, 14]))
    def time_passes(self, days: float) -> None:
        """Sessions expire after their days."""
        self.accounts.clock.forward(days=days)
        now = self.accounts.clock.now()
        over = [name for name, opened in self.live.items() if opened.expires_at <= now]
        for session_id in over:
            self.dead[session_id] = self.live.pop(session_id)

    @invariant()
    def live_sessions_have_the_rights_of_this_moment(self) -> None:
        """Authentication agrees with the model for every session that ever was."""
        for session_id, opened in self.live.items():
            principal = self.run(self.authenticate(opened))
            assert principal == Principal(
                user_id=self.user.id,
                organisation_id=self.owner.organisation_id,
                session_id=session_id,
                roles=self.roles,
                may_provide=True,
                may_buy=True,
                is_verified=self.organisation is OrganisationState.VERIFIED,
                second_factor=False,
            )

    @invariant()
    def ended_sessions_stay_ended(self) -> None:
        """No later event makes an ended session usable, by either token."""
        for opened in self.dead.values():
            try:
                self.run(self.authenticate(opened))
            except SessionEnded:
                continue
            raise AssertionError("an ended session was accepted")

    async def authenticate(self, opened: OpenSession) -> Principal:
        """With a token that is not expired, so that only the session's own state decides."""
        sessions = self.accounts.sessions
        claims = AccessClaims(opened.principal.user_id, opened.principal.session_id)
        token = await sessions._tokens.issue(claims, self.accounts.clock.now())
        return await sessions.authenticate(token)

    def teardown(self) -> None:
        """Close the database and the loop."""
        self.run(self.stack.aclose())
        self.loop.close()


TestSessionLife = pytest.mark.slow(SessionLife.TestCase)
TestSessionLife.settings = settings(max_examples=6, stateful_step_count=12, deadline=None)
