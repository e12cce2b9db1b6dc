"""What two callers at the same moment must not both achieve, on either engine."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from exchange_market.accounts import lockout, members, service
from exchange_market.accounts.administrators import create_administrator
from exchange_market.accounts.attempts import ACCOUNT_POLICY
from exchange_market.accounts.errors import (
    CodeRefused,
    CodeUsed,
    EmailTaken,
    IdentifierTaken,
    LastOwner,
    RefreshTokenReused,
    SecondFactorNotEnrolled,
    TooManyAttempts,
)
from exchange_market.accounts.members import Acceptance, MemberChange
from exchange_market.accounts.sessions import Credentials, OpenSession, forget_old_sessions
from exchange_market.accounts.wire import RegistrationIn
from exchange_market.kernel.principal import Principal, Role
from tests.support.accounts import PASSWORD, Accounts, open_accounts, registration

HASH = "not a hash, nobody signs in with it"


@pytest.fixture
async def accounts(database_url: str, tmp_path: Path) -> AsyncGenerator[Accounts]:
    """The accounts slice on a frozen clock."""
    async with open_accounts(database_url, tmp_path) as opened:
        yield opened


async def register(accounts: Accounts, number: int, password_hash: str = HASH) -> Principal:
    parsed = msgspec.convert(registration(number), RegistrationIn).parsed()
    async with accounts.database.write() as tx:
        organisation, owner = await service.register_organisation(tx, parsed, password_hash)
    return Principal(
        user_id=owner.id,
        organisation_id=organisation.id,
        session_id="ses_none",
        roles=owner.roles,
        may_provide=True,
        may_buy=True,
        is_verified=False,
        second_factor=False,
    )


async def sign_in(accounts: Accounts, email: str, code: str | None = None) -> OpenSession:
    return await accounts.sessions.sign_in(Credentials(email, PASSWORD, code, "192.0.2.1"))


async def enrolled_administrator(accounts: Accounts) -> tuple[Principal, str]:
    enrolment = await create_administrator(
        accounts.database, accounts.settings, "admin@example.com", "Zhang", PASSWORD
    )
    code = accounts.code(enrolment.secret)
    return (await sign_in(accounts, "admin@example.com", code)).principal, enrolment.secret


async def test_one_identifier_is_registered_once(accounts: Accounts) -> None:
    results = await asyncio.gather(
        *(register(accounts, 1) for _ in range(6)), return_exceptions=True
    )

    assert sum(isinstance(result, Principal) for result in results) == 1
    assert sum(isinstance(result, IdentifierTaken) for result in results) == 5


async def test_first_failures_at_the_same_moment_are_all_counted(accounts: Accounts) -> None:
    async def fail() -> None:
        async with accounts.database.write() as tx:
            await lockout.count_failure(tx, "subject", ACCOUNT_POLICY)

    await asyncio.gather(*(fail() for _ in range(4)))
    async with accounts.database.read() as reading:
        await lockout.refuse_locked(reading, "subject")
        counted = await reading.session.scalar(text("SELECT failures FROM failed_attempt"))
    await fail()

    assert counted == 4
    async with accounts.database.read() as reading:
        with pytest.raises(TooManyAttempts) as refusal:
            await lockout.refuse_locked(reading, "other", "subject")
    assert refusal.value.params == {"retry_after_seconds": 900}


async def test_burst_of_guesses_overshoots_by_no_more_than_the_turns(accounts: Accounts) -> None:
    async def guess(number: int) -> str:
        credentials = Credentials("owner1@example.com", f"wrong {number}", None, "192.0.2.1")
        try:
            await accounts.sessions.sign_in(credentials)
        except TooManyAttempts:
            return "locked"
        except Exception as refusal:  # noqa: BLE001
            return type(refusal).__name__
        return "open"

    results = await asyncio.gather(*(guess(number) for number in range(30)))

    assert set(results) == {"CredentialsRefused", "locked"}
    assert 5 <= results.count("CredentialsRefused") <= 5 + 3


async def test_refresh_token_is_spent_once(accounts: Accounts) -> None:
    await register(accounts, 1, await accounts.sessions.passwords.hash(PASSWORD))
    opened = await sign_in(accounts, "owner1@example.com")

    results = await asyncio.gather(
        *(accounts.sessions.refresh(opened.refresh_token) for _ in range(4)),
        return_exceptions=True,
    )

    assert sum(isinstance(result, OpenSession) for result in results) == 1
    assert sum(isinstance(result, RefreshTokenReused) for result in results) == 3


async def test_two_owners_cannot_demote_each_other(accounts: Accounts) -> None:
    first = await register(accounts, 1)
    async with accounts.database.write() as tx:
        issued = await members.invite(
            tx, accounts.secrets, first, "wang@example.com", frozenset({Role.OWNER})
        )
        user = await members.accept_invitation(
            tx, accounts.secrets, Acceptance(issued.token, "Wang", HASH)
        )

    async def demote(user_id: str) -> None:
        async with accounts.database.write() as tx:
            change = MemberChange(roles=frozenset({Role.MEMBER}))
            await members.change_member(tx, first, user_id, change)

    results = await asyncio.gather(demote(first.user_id), demote(user.id), return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["LastOwner", "NoneType"]
    assert any(isinstance(result, LastOwner) for result in results)


async def test_one_code_accepts_one_thing(accounts: Accounts) -> None:
    principal, secret = await enrolled_administrator(accounts)
    accounts.clock.forward(seconds=60)
    code = accounts.code(secret)

    async def use() -> None:
        async with accounts.database.write() as tx:
            await accounts.sessions.second_factor.verify_code(tx, principal, code)

    results = await asyncio.gather(*(use() for _ in range(5)), return_exceptions=True)

    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, CodeUsed) for result in results) == 4


async def test_codes_of_the_neighbouring_steps_are_accepted_and_no_others(
    accounts: Accounts,
) -> None:
    principal, secret = await enrolled_administrator(accounts)
    accounts.clock.forward(minutes=10)
    accepted: list[int] = []
    for steps in (-2, 2, -1, 0, 1):
        async with accounts.database.write() as tx:
            try:
                await accounts.sessions.second_factor.verify_code(
                    tx, principal, accounts.code(secret, steps)
                )
            except CodeRefused:
                continue
            accepted.append(steps)

    assert accepted == [-1, 0, 1]


async def test_refusal_after_the_code_gives_the_code_back(accounts: Accounts) -> None:
    principal, secret = await enrolled_administrator(accounts)
    accounts.clock.forward(seconds=60)
    code = accounts.code(secret)

    with pytest.raises(EmailTaken):  # noqa: PT012 - refused after the code, in one transaction
        async with accounts.database.write() as tx:
            await accounts.sessions.second_factor.verify_code(tx, principal, code)
            raise EmailTaken
    async with accounts.database.write() as tx:
        await accounts.sessions.second_factor.verify_code(tx, principal, code)


async def test_somebody_without_second_factor_has_no_code(accounts: Accounts) -> None:
    owner = await register(accounts, 1)

    with pytest.raises(SecondFactorNotEnrolled):
        async with accounts.database.write() as tx:
            await accounts.sessions.second_factor.verify_code(tx, owner, "123456")


async def test_second_administrator_of_the_command_line_joins_the_operator(
    accounts: Accounts,
) -> None:
    first, _ = await enrolled_administrator(accounts)
    enrolment = await create_administrator(
        accounts.database, accounts.settings, "second@example.com", "Liu", PASSWORD
    )
    second = await sign_in(accounts, "second@example.com", accounts.code(enrolment.secret))

    with pytest.raises(EmailTaken):
        await create_administrator(
            accounts.database, accounts.settings, "SECOND@example.com", "Liu", PASSWORD
        )

    assert second.principal.organisation_id == first.organisation_id
    assert second.principal.is_administrator


async def test_old_sessions_and_counters_are_forgotten(accounts: Accounts) -> None:
    await register(accounts, 1, await accounts.sessions.passwords.hash(PASSWORD))
    opened = await sign_in(accounts, "owner1@example.com")
    await accounts.sessions.refresh(opened.refresh_token)
    async with accounts.database.write() as tx:
        await lockout.count_failure(tx, "subject", ACCOUNT_POLICY)
    days = accounts.settings.refresh_token_days + 30

    accounts.clock.forward(days=days)
    async with accounts.database.write() as tx:
        early = await forget_old_sessions(tx)
    accounts.clock.forward(seconds=1)
    async with accounts.database.write() as tx:
        forgotten = await forget_old_sessions(tx)

    assert (early, forgotten) == (0, 1)
    async with accounts.database.read() as reading:
        for table in ("session", "refresh_token", "failed_attempt"):
            count = await reading.session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            assert count == 0
