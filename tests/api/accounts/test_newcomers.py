"""How many accounts strangers may ask for, and what they are told before a password is hashed."""

import asyncio

from httpx import AsyncClient, Response
from sqlalchemy import text

from exchange_market.accounts.attempts import REGISTRATION_POLICY, Subjects
from exchange_market.accounts.lockout import count_use
from tests.support.accounts import (
    PASSWORD,
    Accounts,
    register,
    registration,
    sign_in,
    unified_code,
)

ALLOWED = 30
PATH = "/v1/organisations"


async def ask(client: AsyncClient, number: int) -> Response:
    """For an account with the e-mail address of somebody else, which costs a hash."""
    body = registration(number)
    body["owner"]["email"] = "owner1@example.com"
    return await client.post(PATH, json=body)


async def use_up(accounts: Accounts, times: int) -> None:
    """As many accounts asked for from the address of the client."""
    subject = Subjects(accounts.secrets.derive("attempts")).registrations("127.0.0.1")
    async with accounts.database.write() as tx:
        for _ in range(times):
            assert await count_use(tx, subject, REGISTRATION_POLICY) == 0


async def organisations(accounts: Accounts) -> int:
    async with accounts.database.read() as reading:
        return await reading.session.scalar(text("SELECT count(*) FROM organisation")) or 0


async def test_one_address_asks_for_so_many_accounts_and_then_waits(
    client: AsyncClient, accounts: Accounts
) -> None:
    owner = await register(client, 1)
    await use_up(accounts, ALLOWED - 2)
    last = await ask(client, 2)
    refused = await client.post(PATH, json=registration(ALLOWED + 1))

    assert (last.status_code, last.json()["code"]) == (409, "accounts.email_taken")
    assert (refused.status_code, refused.json()["code"]) == (429, "accounts.too_many_registrations")
    assert refused.headers["retry-after"] == "900"
    assert await organisations(accounts) == 1
    # Whoever has an account signs in from the same address all the same.
    assert (await sign_in(client, owner.email)).user_id == owner.user_id

    accounts.clock.forward(seconds=900)
    later = await client.post(PATH, json=registration(ALLOWED + 1))
    assert later.status_code == 201


async def test_no_more_than_allowed_pass_however_many_ask_at_once(
    client: AsyncClient, accounts: Accounts
) -> None:
    await register(client, 1)
    await use_up(accounts, ALLOWED - 5)

    answers = await asyncio.gather(*(ask(client, number) for number in range(100, 112)))

    codes = [each.json()["code"] for each in answers]
    assert codes.count("accounts.email_taken") == 4
    assert codes.count("accounts.too_many_registrations") == 8
    assert await organisations(accounts) == 1


async def test_an_organisation_that_is_registered_is_refused_without_a_hash(
    client: AsyncClient, accounts: Accounts
) -> None:
    await register(client, 1)
    for number in range(2, ALLOWED + 12):
        answer = await client.post(PATH, json=registration(number, uscc=unified_code(1)))
        assert (answer.status_code, answer.json()["code"]) == (409, "accounts.identifier_taken")

    # None of them was counted, so this one is not refused for their sake.
    assert (await client.post(PATH, json=registration(2))).status_code == 201
    assert await organisations(accounts) == 2


async def test_an_unknown_invitation_is_refused_without_a_hash(client: AsyncClient) -> None:
    body = {"token": "exi_nobody", "display_name": "Wang", "password": PASSWORD}
    for _ in range(ALLOWED + 1):
        answer = await client.post("/v1/invitations/acceptance", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "accounts.invitation_refused")

    assert (await client.post(PATH, json=registration(1))).status_code == 201


async def test_a_repeated_registration_is_neither_counted_nor_refused_as_taken(
    client: AsyncClient, accounts: Accounts
) -> None:
    headers = {"Idempotency-Key": "registration-1"}
    first = await client.post(PATH, json=registration(1), headers=headers)
    for _ in range(ALLOWED):
        again = await client.post(PATH, json=registration(1), headers=headers)
        assert (again.status_code, again.content) == (201, first.content)

    assert (await client.post(PATH, json=registration(2))).status_code == 201
    assert await organisations(accounts) == 2


async def test_twins_of_one_registration_get_one_answer(
    client: AsyncClient, accounts: Accounts
) -> None:
    headers = {"Idempotency-Key": "registration-1"}
    answers = await asyncio.gather(
        *(client.post(PATH, json=registration(1), headers=headers) for _ in range(6))
    )

    assert {(each.status_code, each.content) for each in answers} == {(201, answers[0].content)}
    assert await organisations(accounts) == 1
