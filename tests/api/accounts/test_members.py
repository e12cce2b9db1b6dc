"""Owners invite members and change what they may do."""

import pytest
from httpx import AsyncClient

from tests.support.accounts import (
    PASSWORD,
    Accounts,
    add_member,
    administrator,
    register,
    sign_in,
)


async def test_invited_person_becomes_a_member(client: AsyncClient) -> None:
    owner = await register(client, 1)
    member = await add_member(client, owner, "wang@example.com", "member", "signatory")

    people = await client.get("/v1/users", headers=member.headers)

    assert member.organisation_id == owner.organisation_id
    assert [(person["email"], person["roles"]) for person in people.json()["items"]] == [
        ("owner1@example.com", ["member", "owner", "signatory"]),
        ("wang@example.com", ["member", "signatory"]),
    ]


async def test_invitation_is_good_once_and_for_a_week(
    client: AsyncClient, accounts: Accounts
) -> None:
    owner = await register(client, 1)

    async def invite(email: str) -> str:
        answer = await client.post(
            "/v1/users", json={"email": email, "roles": ["member"]}, headers=owner.headers
        )
        return answer.json()["token"]

    async def accept(token: str) -> tuple[int, str]:
        answer = await client.post(
            "/v1/invitations/acceptance",
            json={"token": token, "display_name": "Wang", "password": PASSWORD},
        )
        return answer.status_code, answer.json().get("code", "")

    token = await invite("wang@example.com")
    late = await invite("late@example.com")
    taken = await invite("owner1@example.com")

    assert await accept(token) == (201, "")
    assert await accept(token) == (400, "accounts.invitation_refused")
    assert await accept("exi_made-up") == (400, "accounts.invitation_refused")
    assert await accept(taken) == (409, "accounts.email_taken")
    accounts.clock.forward(days=7)
    assert await accept(late) == (400, "accounts.invitation_refused")


async def test_repeated_invitation_hides_the_token(client: AsyncClient) -> None:
    owner = await register(client, 1)
    headers = {**owner.headers, "Idempotency-Key": "invite-1"}
    body = {"email": "wang@example.com", "roles": ["member"]}

    first = await client.post("/v1/users", json=body, headers=headers)
    second = await client.post("/v1/users", json=body, headers=headers)

    assert first.json()["token"].startswith("exi_")
    assert second.json() == {**first.json(), "token": None}


async def test_members_cannot_invite_or_change_anybody(client: AsyncClient) -> None:
    owner = await register(client, 1)
    member = await add_member(client, owner, "wang@example.com", "member")

    invited = await client.post(
        "/v1/users", json={"email": "x@example.com", "roles": ["owner"]}, headers=member.headers
    )
    changed = await client.patch(
        f"/v1/users/{member.user_id}", json={"roles": ["owner"]}, headers=member.headers
    )

    assert (invited.status_code, changed.status_code) == (403, 403)
    assert changed.json()["code"] == "accounts.owner_required"


async def test_stranger_finds_nobody_to_change(client: AsyncClient) -> None:
    owner = await register(client, 1)
    stranger = await register(client, 2)

    answer = await client.patch(
        f"/v1/users/{owner.user_id}", json={"state": "suspended"}, headers=stranger.headers
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "accounts.user_not_found")
    assert (await client.get("/v1/me", headers=owner.headers)).status_code == 200
    listed = await client.get("/v1/users", headers=stranger.headers)
    assert [person["id"] for person in listed.json()["items"]] == [stranger.user_id]


@pytest.mark.parametrize("change", [{"roles": ["member", "signatory"]}, {"state": "suspended"}])
async def test_change_of_a_member_ends_their_sessions(
    client: AsyncClient, change: dict[str, object]
) -> None:
    owner = await register(client, 1)
    member = await add_member(client, owner, "wang@example.com", "member")

    answer = await client.patch(f"/v1/users/{member.user_id}", json=change, headers=owner.headers)
    used = await client.get("/v1/me", headers=member.headers)
    refreshed = await client.post(
        "/v1/sessions/refresh", json={"refresh_token": member.tokens["refresh_token"]}
    )

    assert answer.status_code == 200
    assert (used.status_code, refreshed.status_code) == (401, 401)


async def test_suspended_member_cannot_sign_in_until_readmitted(client: AsyncClient) -> None:
    owner = await register(client, 1)
    member = await add_member(client, owner, "wang@example.com", "member")
    url = f"/v1/users/{member.user_id}"
    credentials = {"email": member.email, "password": PASSWORD}

    await client.patch(url, json={"state": "suspended"}, headers=owner.headers)
    refused = await client.post("/v1/sessions", json=credentials)
    await client.patch(url, json={"state": "active"}, headers=owner.headers)
    opened = await client.post("/v1/sessions", json=credentials)

    assert (refused.status_code, refused.json()["code"]) == (403, "accounts.user_suspended")
    assert opened.status_code == 201


@pytest.mark.parametrize("change", [{"roles": ["member"]}, {"state": "suspended"}])
async def test_last_owner_stays(client: AsyncClient, change: dict[str, object]) -> None:
    owner = await register(client, 1)
    second = await add_member(client, owner, "wang@example.com", "owner")
    first_url, second_url = f"/v1/users/{owner.user_id}", f"/v1/users/{second.user_id}"

    allowed = await client.patch(second_url, json=change, headers=owner.headers)
    refused = await client.patch(first_url, json=change, headers=owner.headers)

    assert allowed.status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (409, "accounts.last_owner")
    assert (await client.get("/v1/me", headers=owner.headers)).status_code == 200


async def test_no_administrator_outside_the_operator(client: AsyncClient) -> None:
    owner = await register(client, 1)
    body = {"email": "wang@example.com", "roles": ["administrator"]}

    invited = await client.post("/v1/users", json=body, headers=owner.headers)
    changed = await client.patch(
        f"/v1/users/{owner.user_id}",
        json={"roles": ["owner", "administrator"]},
        headers=owner.headers,
    )

    for answer in (invited, changed):
        assert (answer.status_code, answer.json()["code"]) == (400, "accounts.roles_refused")
    me = await client.get("/v1/me", headers=owner.headers)
    assert me.json()["user"]["roles"] == ["member", "owner", "signatory"]


async def test_administrator_appoints_another_inside_the_operator(
    client: AsyncClient, accounts: Accounts
) -> None:
    admin = await administrator(client, accounts)
    second = await add_member(client, admin, "second@example.com", "member", "administrator")

    listed = await client.get("/v1/admin/organisations", headers=second.headers)

    assert second.organisation_id == admin.organisation_id
    assert (listed.status_code, listed.json()["code"]) == (
        403,
        "access.second_factor_required",
    )


async def test_owner_of_the_operator_who_is_no_administrator_appoints_none(
    client: AsyncClient, accounts: Accounts
) -> None:
    admin = await administrator(client, accounts)
    plain_owner = await add_member(client, admin, "plain@example.com", "owner")

    answer = await client.post(
        "/v1/users",
        json={"email": "x@example.com", "roles": ["administrator"]},
        headers=plain_owner.headers,
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "accounts.roles_refused")


async def test_invitations_of_a_dismissed_owner_are_void(client: AsyncClient) -> None:
    owner = await register(client, 1)
    second = await add_member(client, owner, "wang@example.com", "owner")
    invited = await client.post(
        "/v1/users", json={"email": "back@example.com", "roles": ["owner"]}, headers=second.headers
    )
    await client.patch(
        f"/v1/users/{second.user_id}", json={"state": "suspended"}, headers=owner.headers
    )

    answer = await client.post(
        "/v1/invitations/acceptance",
        json={"token": invited.json()["token"], "display_name": "Wang", "password": PASSWORD},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "accounts.invitation_refused")


async def test_list_of_members_is_paged(client: AsyncClient) -> None:
    owner = await register(client, 1)
    await add_member(client, owner, "a@example.com", "member")
    await add_member(client, owner, "b@example.com", "member")

    first = await client.get("/v1/users", params={"limit": 2}, headers=owner.headers)
    cursor = first.json()["next_cursor"]
    second = await client.get(
        "/v1/users", params={"limit": 2, "cursor": cursor}, headers=owner.headers
    )
    other = await sign_in(client, "a@example.com")
    stolen = await client.get("/v1/users", params={"cursor": cursor}, headers=other.headers)

    assert [len(page.json()["items"]) for page in (first, second)] == [2, 1]
    assert second.json()["next_cursor"] is None
    assert stolen.status_code == 400
