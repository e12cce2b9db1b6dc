"""Signing in, staying signed in, signing out, and being locked out."""

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from tests.support.accounts import (
    PASSWORD,
    Accounts,
    Member,
    administrator,
    enrol,
    register,
    sign_in,
)

WRONG = "wrong horse battery"


async def try_to_sign_in(client: AsyncClient, email: str, password: str) -> Response:
    return await client.post("/v1/sessions", json={"email": email, "password": password})


async def refresh(client: AsyncClient, token: str) -> Response:
    return await client.post("/v1/sessions/refresh", json={"refresh_token": token})


async def status_of_me(client: AsyncClient, member: Member) -> int:
    return (await client.get("/v1/me", headers=member.headers)).status_code


async def test_session_shows_who_is_signed_in(client: AsyncClient, accounts: Accounts) -> None:
    owner = await register(client, 1)

    me = (await client.get("/v1/me", headers=owner.headers)).json()

    assert me["user"]["email"] == "owner1@example.com"
    assert me["organisation"]["id"] == owner.organisation_id
    assert me["session_id"] == owner.tokens["session_id"]
    assert me["second_factor"] is False
    assert owner.tokens["expires_in_seconds"] == accounts.settings.access_token_seconds


async def test_email_is_not_case_sensitive(client: AsyncClient) -> None:
    owner = await register(client, 1)

    assert (await sign_in(client, "Owner1@EXAMPLE.com")).user_id == owner.user_id


async def test_signed_out_session_is_worth_nothing(client: AsyncClient) -> None:
    owner = await register(client, 1)

    ended = await client.delete("/v1/sessions/current", headers=owner.headers)

    assert (ended.status_code, ended.content) == (204, b"")
    assert await status_of_me(client, owner) == 401
    assert (await refresh(client, owner.tokens["refresh_token"])).status_code == 401


async def test_access_token_expires_and_the_refresh_token_renews_it(
    client: AsyncClient, accounts: Accounts
) -> None:
    owner = await register(client, 1)
    accounts.clock.forward(seconds=accounts.settings.access_token_seconds - 1)
    last_second = await status_of_me(client, owner)
    accounts.clock.forward(seconds=1)
    expired = await status_of_me(client, owner)

    renewed = await refresh(client, owner.tokens["refresh_token"])

    assert (last_second, expired, renewed.status_code) == (200, 401, 201)
    assert renewed.json()["session_id"] == owner.tokens["session_id"]
    assert renewed.headers["cache-control"] == "no-store"
    fresh = Member(owner.organisation_id, owner.user_id, owner.email, renewed.json())
    assert await status_of_me(client, fresh) == 200


async def test_second_use_of_a_refresh_token_ends_the_session(client: AsyncClient) -> None:
    owner = await register(client, 1)
    first = await refresh(client, owner.tokens["refresh_token"])

    again = await refresh(client, owner.tokens["refresh_token"])

    assert first.status_code == 201
    assert (again.status_code, again.json()["code"]) == (401, "accounts.refresh_token_reused")
    assert await status_of_me(client, owner) == 401
    assert (await refresh(client, first.json()["refresh_token"])).status_code == 401


async def test_made_up_refresh_token_ends_nothing(client: AsyncClient) -> None:
    owner = await register(client, 1)

    answer = await refresh(client, "exr_made-up")

    assert (answer.status_code, answer.json()["code"]) == (401, "accounts.refresh_token_refused")
    assert await status_of_me(client, owner) == 200


async def test_session_expires_after_its_days(client: AsyncClient, accounts: Accounts) -> None:
    owner = await register(client, 1)
    accounts.clock.forward(days=accounts.settings.refresh_token_days)

    answer = await refresh(client, owner.tokens["refresh_token"])

    assert (answer.status_code, answer.json()["code"]) == (401, "accounts.session_ended")


@pytest.mark.parametrize("email", ["owner1@example.com", "nobody@example.com"])
async def test_fifth_failure_locks_the_address_known_or_not(
    client: AsyncClient, accounts: Accounts, email: str
) -> None:
    await register(client, 1)
    failures = [await try_to_sign_in(client, email, WRONG) for _ in range(5)]
    locked = await try_to_sign_in(client, email, PASSWORD)
    accounts.clock.forward(minutes=15, seconds=-1)
    still = await try_to_sign_in(client, email, PASSWORD)
    accounts.clock.forward(seconds=1)
    after = await try_to_sign_in(client, email, PASSWORD)

    assert {answer.status_code for answer in failures} == {401}
    assert {answer.json()["code"] for answer in failures} == {"accounts.credentials_refused"}
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "900")
    assert (still.status_code, still.headers["retry-after"]) == (429, "1")
    assert after.status_code == (201 if email.startswith("owner1") else 401)


async def test_each_lock_lasts_twice_as_long(client: AsyncClient, accounts: Accounts) -> None:
    await register(client, 1)
    waits: list[int] = []
    for _ in range(3):
        for _ in range(5):
            await try_to_sign_in(client, "owner1@example.com", WRONG)
        locked = await try_to_sign_in(client, "owner1@example.com", PASSWORD)
        waits.append(int(locked.headers["retry-after"]))
        accounts.clock.forward(seconds=waits[-1])

    assert waits == [900, 1800, 3600]


async def test_right_password_clears_the_failures(client: AsyncClient) -> None:
    await register(client, 1)
    for _ in range(3):
        for _ in range(4):
            await try_to_sign_in(client, "owner1@example.com", WRONG)
        assert (await sign_in(client, "owner1@example.com")).tokens["access_token"]


async def test_one_client_address_cannot_try_many_accounts(client: AsyncClient) -> None:
    owner = await register(client, 1)
    answers = [
        await try_to_sign_in(client, f"somebody{number}@example.com", WRONG) for number in range(30)
    ]

    locked = await try_to_sign_in(client, "owner1@example.com", PASSWORD)

    assert {answer.status_code for answer in answers} == {401}
    assert locked.status_code == 429
    assert await status_of_me(client, owner) == 200


async def test_enrolled_person_signs_in_with_a_code_only(
    client: AsyncClient, accounts: Accounts
) -> None:
    owner = await register(client, 1)
    other = await sign_in(client, owner.email)
    secret = await enrol(client, accounts, owner)

    me = await client.get("/v1/me", headers=owner.headers)
    without = await try_to_sign_in(client, owner.email, PASSWORD)
    code = accounts.code(secret, steps=1)
    accounts.clock.forward(seconds=30)
    opened = await sign_in(client, owner.email, code)

    assert me.json()["second_factor"] is True
    assert me.json()["user"]["has_second_factor"] is True
    assert await status_of_me(client, other) == 401
    assert (without.status_code, without.json()["code"]) == (401, "accounts.code_required")
    assert opened.tokens["second_factor"] is True


async def test_code_signs_in_once(client: AsyncClient, accounts: Accounts) -> None:
    owner = await register(client, 1)
    secret = await enrol(client, accounts, owner)
    accounts.clock.forward(seconds=60)
    credentials = {"email": owner.email, "password": PASSWORD, "code": accounts.code(secret)}

    first = await client.post("/v1/sessions", json=credentials)
    replayed = await client.post("/v1/sessions", json=credentials)
    older = {**credentials, "code": accounts.code(secret, steps=-1)}
    earlier = await client.post("/v1/sessions", json=older)

    assert first.status_code == 201
    assert (replayed.status_code, replayed.json()["code"]) == (400, "accounts.code_used")
    assert (earlier.status_code, earlier.json()["code"]) == (400, "accounts.code_used")


async def test_wrong_code_counts_like_a_wrong_password(
    client: AsyncClient, accounts: Accounts
) -> None:
    owner = await register(client, 1)
    secret = await enrol(client, accounts, owner)
    accounts.clock.forward(seconds=60)
    wrong = f"{(int(accounts.code(secret)) + 1) % 1_000_000:06d}"
    credentials = {"email": owner.email, "password": PASSWORD, "code": wrong}

    answers = [await client.post("/v1/sessions", json=credentials) for _ in range(5)]
    locked = await client.post("/v1/sessions", json={**credentials, "code": accounts.code(secret)})

    assert {answer.json()["code"] for answer in answers} == {"accounts.credentials_refused"}
    assert locked.status_code == 429


async def test_confirmation_locks_after_five_wrong_codes(
    client: AsyncClient, accounts: Accounts
) -> None:
    owner = await register(client, 1)
    offered = await client.post(
        "/v1/me/second-factor", json={"password": PASSWORD}, headers=owner.headers
    )
    secret = offered.json()["secret"]
    url = "/v1/me/second-factor/confirmation"
    wrong = {"code": f"{(int(accounts.code(secret)) + 1) % 1_000_000:06d}"}

    answers = [await client.post(url, json=wrong, headers=owner.headers) for _ in range(5)]
    locked = await client.post(url, json={"code": accounts.code(secret)}, headers=owner.headers)

    assert {answer.json()["code"] for answer in answers} == {"accounts.code_refused"}
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "900")
    me = await client.get("/v1/me", headers=owner.headers)
    assert me.json()["second_factor"] is False


async def test_secret_is_stored_encrypted_and_shown_once(
    client: AsyncClient, accounts: Accounts
) -> None:
    owner = await register(client, 1)
    headers = {**owner.headers, "Idempotency-Key": "enrol-1"}

    shown = await client.post("/v1/me/second-factor", json={"password": PASSWORD}, headers=headers)
    repeated = await client.post(
        "/v1/me/second-factor", json={"password": PASSWORD}, headers=headers
    )

    secret = shown.json()["secret"]
    assert shown.json()["otpauth_uri"].startswith("otpauth://totp/Exchange%20Market:owner1")
    assert repeated.json() == {"secret": None, "otpauth_uri": None}
    async with accounts.database.read() as reading:
        query = text("SELECT totp_candidate FROM account WHERE id = :id")
        stored = await reading.session.scalar(query, {"id": owner.user_id})
    assert isinstance(stored, bytes)
    assert len(stored) == 12 + len(secret) + 16
    assert secret.encode() not in stored


async def test_second_factor_is_replaced_only_with_a_code_of_the_present_one(
    client: AsyncClient, accounts: Accounts
) -> None:
    owner = await register(client, 1)
    old = await enrol(client, accounts, owner)
    url = "/v1/me/second-factor"
    accounts.clock.forward(seconds=60)

    without = await client.post(url, json={"password": PASSWORD}, headers=owner.headers)
    stolen = await client.post(url, json={"password": WRONG}, headers=owner.headers)
    offered = await client.post(
        url, json={"password": PASSWORD, "code": accounts.code(old)}, headers=owner.headers
    )
    new = offered.json()["secret"]
    accounts.clock.forward(seconds=60)
    still_old = await client.post(
        "/v1/sessions",
        json={"email": owner.email, "password": PASSWORD, "code": accounts.code(old)},
    )
    confirmed = await client.post(
        f"{url}/confirmation", json={"code": accounts.code(new)}, headers=owner.headers
    )
    accounts.clock.forward(seconds=60)
    opened = await sign_in(client, owner.email, accounts.code(new))

    assert (without.status_code, without.json()["code"]) == (
        409,
        "accounts.second_factor_enrolled",
    )
    assert stolen.status_code == 401
    assert still_old.status_code == 201
    assert confirmed.status_code == 204
    assert opened.tokens["second_factor"] is True


async def test_administrator_powers_need_the_second_factor(
    client: AsyncClient, accounts: Accounts
) -> None:
    admin = await administrator(client, accounts)
    assert (await client.get("/v1/admin/organisations", headers=admin.headers)).status_code == 200

    answer = await try_to_sign_in(client, admin.email, PASSWORD)

    assert (answer.status_code, answer.json()["code"]) == (401, "accounts.code_required")


async def test_password_change_ends_the_other_sessions(
    client: AsyncClient, accounts: Accounts
) -> None:
    del accounts
    owner = await register(client, 1)
    other = await sign_in(client, owner.email)
    url, new = "/v1/me/password", "another long password"

    wrong = await client.post(
        url, json={"current_password": WRONG, "new_password": new}, headers=owner.headers
    )
    changed = await client.post(
        url, json={"current_password": PASSWORD, "new_password": new}, headers=owner.headers
    )

    assert (wrong.status_code, changed.status_code) == (401, 204)
    assert await status_of_me(client, owner) == 200
    assert await status_of_me(client, other) == 401
    assert (await try_to_sign_in(client, owner.email, PASSWORD)).status_code == 401
    assert (await try_to_sign_in(client, owner.email, new)).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"email": "owner1@example.com", "password": PASSWORD, "remember": True},
        {"email": "owner1@example.com"},
        {"email": "owner1@example.com", "password": ["a"]},
        {"email": "owner1@example.com", "password": PASSWORD, "code": "12345\u0663"},
        {"email": "a\u0000@example.com", "password": PASSWORD},
        ["owner1@example.com", PASSWORD],
    ],
)
async def test_malformed_credentials_are_bad_input(client: AsyncClient, body: object) -> None:
    answer = await client.post("/v1/sessions", json=body)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
