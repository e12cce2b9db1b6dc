"""Organisations register and are decided about."""

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from tests.support.accounts import (
    PASSWORD,
    Accounts,
    administrator,
    register,
    registration,
    sign_in,
    unified_code,
)

TABLES = ("organisation", "account", "audit_leaf", "outbox")


async def counts(accounts: Accounts) -> dict[str, int]:
    async with accounts.database.read() as reading:
        return {
            table: await reading.session.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608
            for table in TABLES
        }


async def test_registered_organisation_is_pending_and_its_founder_owns_it(
    client: AsyncClient, accounts: Accounts
) -> None:
    answer = await client.post("/v1/organisations", json=registration(1))

    assert answer.status_code == 201
    body = answer.json()
    assert body["organisation"]["state"] == "pending"
    assert body["organisation"]["identifier_scheme"] == "uscc"
    assert body["organisation"]["identifier"] == unified_code(1)
    assert body["organisation"]["country"] == "CN"
    assert body["owner"]["roles"] == ["member", "owner", "signatory"]
    assert PASSWORD not in answer.text
    assert await counts(accounts) == {
        "organisation": 1,
        "account": 1,
        "audit_leaf": 1,
        "outbox": 1,
    }


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"uscc": unified_code(1)[:-1] + "X"}, "accounts.uscc_refused", "uscc"),
        ({"uscc": "12345"}, "accounts.uscc_refused", "uscc"),
        ({"uscc": None}, "accounts.identifier_ambiguous", "uscc"),
        (
            {"foreign": {"scheme": "register", "identifier": "1", "country": "SG"}},
            "accounts.identifier_ambiguous",
            "uscc",
        ),
        ({"may_provide": False, "may_buy": False}, "accounts.purpose_missing", "may_provide"),
        ({"name_en": "Bank\u202egpj.exe"}, "text.characters_refused", "name_en"),
        ({"name_zh": "行\u0000"}, "text.characters_refused", "name_zh"),
        ({"name_zh": "   "}, "text.empty", "name_zh"),
        ({"contact_email": "nobody"}, "http.input_invalid", "contact_email"),
    ],
)
async def test_bad_registration_names_the_field_and_changes_nothing(
    client: AsyncClient, accounts: Accounts, changes: dict[str, object], code: str, field: str
) -> None:
    answer = await client.post("/v1/organisations", json=registration(1, **changes))

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert set((await counts(accounts)).values()) == {0}


async def test_wrong_credit_code_tells_the_remedy_in_both_languages(client: AsyncClient) -> None:
    body = registration(1, uscc="91110000600037341X")

    english = await client.post("/v1/organisations", json=body)
    chinese = await client.post(
        "/v1/organisations", json=body, headers={"Accept-Language": "zh-CN,zh;q=0.9"}
    )

    assert "business licence" in english.json()["detail"]
    assert "营业执照" in chinese.json()["detail"]


async def test_unknown_field_is_refused(client: AsyncClient, accounts: Accounts) -> None:
    answer = await client.post("/v1/organisations", json=registration(1, state="verified"))

    assert answer.status_code == 400
    assert "state" in answer.text
    assert set((await counts(accounts)).values()) == {0}


async def test_short_password_is_refused(client: AsyncClient, accounts: Accounts) -> None:
    body = registration(1)
    body["owner"]["password"] = "short"

    answer = await client.post("/v1/organisations", json=body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "owner.password"
    assert set((await counts(accounts)).values()) == {0}


async def test_identifier_registers_once(client: AsyncClient, accounts: Accounts) -> None:
    await register(client, 1)
    before = await counts(accounts)
    again = registration(2, uscc=unified_code(1).lower())

    answer = await client.post("/v1/organisations", json=again)

    assert answer.status_code == 409
    assert answer.json()["code"] == "accounts.identifier_taken"
    assert await counts(accounts) == before


async def test_email_address_has_one_account(client: AsyncClient, accounts: Accounts) -> None:
    owner = await register(client, 1)
    before = await counts(accounts)
    body = registration(2)
    body["owner"]["email"] = owner.email.upper()

    answer = await client.post("/v1/organisations", json=body)

    assert answer.status_code == 409
    assert answer.json()["code"] == "accounts.email_taken"
    assert await counts(accounts) == before


async def test_repeated_registration_gives_the_same_answer_and_hides_the_password(
    client: AsyncClient, accounts: Accounts
) -> None:
    headers = {"Idempotency-Key": "registration-1"}
    first = await client.post("/v1/organisations", json=registration(1), headers=headers)
    second = await client.post("/v1/organisations", json=registration(1), headers=headers)

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert (await counts(accounts))["organisation"] == 1


@pytest.mark.parametrize(
    ("foreign", "scheme", "stored"),
    [
        (
            {"scheme": "lei", "identifier": "213800KUD8LAJWSQ9D15", "country": "GB"},
            "lei",
            "213800KUD8LAJWSQ9D15",
        ),
        (
            {"scheme": "register", "identifier": "2015 12345 k", "country": "SG"},
            "register",
            "201512345K",
        ),
    ],
)
async def test_foreign_organisation_registers_with_its_own_identifier(
    client: AsyncClient, foreign: dict[str, str], scheme: str, stored: str
) -> None:
    answer = await client.post(
        "/v1/organisations", json=registration(1, uscc=None, foreign=foreign)
    )

    assert answer.status_code == 201
    organisation = answer.json()["organisation"]
    assert (organisation["identifier_scheme"], organisation["identifier"]) == (scheme, stored)
    assert organisation["country"] == foreign["country"]


@pytest.mark.parametrize(
    ("foreign", "code", "field"),
    [
        (
            {"scheme": "lei", "identifier": "213800KUD8LAJWSQ9D16", "country": "GB"},
            "accounts.lei_refused",
            "foreign.identifier",
        ),
        (
            {"scheme": "register", "identifier": "1234", "country": "CN"},
            "accounts.country_unknown",
            "foreign.country",
        ),
        (
            {"scheme": "register", "identifier": "1234", "country": "XX"},
            "accounts.country_unknown",
            "foreign.country",
        ),
        (
            {"scheme": "register", "identifier": "--", "country": "SG"},
            "accounts.identifier_malformed",
            "foreign.identifier",
        ),
        (
            {"scheme": "operator", "identifier": "operator", "country": "CN"},
            "http.input_invalid",
            "foreign.scheme",
        ),
    ],
)
async def test_bad_foreign_identifier_is_refused(
    client: AsyncClient, foreign: dict[str, str], code: str, field: str
) -> None:
    answer = await client.post(
        "/v1/organisations", json=registration(1, uscc=None, foreign=foreign)
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert answer.json()["errors"][0]["field"] == field


async def test_administrator_verifies_with_evidence(
    client: AsyncClient, accounts: Accounts
) -> None:
    owner = await register(client, 1)
    admin = await administrator(client, accounts)
    url = f"/v1/admin/organisations/{owner.organisation_id}/decision"
    decision = {"decision": "verify", "reason": "licence seen", "evidence": ["licence 1"]}

    bare = await client.post(url, json={**decision, "evidence": []}, headers=admin.headers)
    answer = await client.post(url, json=decision, headers=admin.headers)
    again = await client.post(url, json=decision, headers=admin.headers)
    me = await client.get("/v1/me", headers=owner.headers)

    assert (bare.status_code, bare.json()["code"]) == (400, "accounts.evidence_missing")
    assert answer.status_code == 200
    assert answer.json()["state"] == "verified"
    assert answer.json()["decision"]["administrator_id"] == admin.user_id
    assert (again.status_code, again.json()["code"]) == (409, "accounts.decision_impossible")
    assert me.json()["organisation"]["state"] == "verified"


async def test_suspension_ends_sessions_and_is_announced(
    client: AsyncClient, accounts: Accounts
) -> None:
    owner = await register(client, 1)
    admin = await administrator(client, accounts)
    url = f"/v1/admin/organisations/{owner.organisation_id}/decision"

    async def decide(decision: str) -> int:
        body = {"decision": decision, "reason": "because", "evidence": ["file 1"]}
        return (await client.post(url, json=body, headers=admin.headers)).status_code

    assert await decide("suspend") == 409
    assert await decide("verify") == 200
    assert await decide("suspend") == 200
    used = await client.get("/v1/me", headers=owner.headers)
    refreshed = await client.post(
        "/v1/sessions/refresh", json={"refresh_token": owner.tokens["refresh_token"]}
    )
    credentials = {"email": owner.email, "password": PASSWORD}
    signed_in = await client.post("/v1/sessions", json=credentials)
    assert await decide("reinstate") == 200
    after = await client.get("/v1/me", headers=owner.headers)
    back = await sign_in(client, owner.email)

    assert (used.status_code, used.json()["code"]) == (401, "accounts.session_ended")
    assert refreshed.status_code == 401
    assert signed_in.status_code == 403
    assert signed_in.json()["code"] == "accounts.organisation_suspended"
    assert after.status_code == 401
    assert back.organisation_id == owner.organisation_id
    async with accounts.database.read() as reading:
        topics = list(await reading.session.scalars(text("SELECT topic FROM outbox ORDER BY id")))
    assert topics == [
        "accounts.organisation_registered",
        "accounts.organisation_verified",
        "accounts.organisation_suspended",
        "accounts.organisation_verified",
    ]


async def test_administrators_do_not_decide_about_their_own_organisation(
    client: AsyncClient, accounts: Accounts
) -> None:
    admin = await administrator(client, accounts)

    answer = await client.post(
        f"/v1/admin/organisations/{admin.organisation_id}/decision",
        json={"decision": "suspend", "reason": "a try"},
        headers=admin.headers,
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "accounts.own_organisation")


async def test_strangers_see_public_facts_of_verified_organisations_only(
    client: AsyncClient, accounts: Accounts
) -> None:
    owner = await register(client, 1)
    stranger = await register(client, 2)
    admin = await administrator(client, accounts)
    url = f"/v1/organisations/{owner.organisation_id}"

    hidden = [await client.get(url), await client.get(url, headers=stranger.headers)]
    own = await client.get(url, headers=owner.headers)
    reviewed = await client.get(url, headers=admin.headers)
    await client.post(
        f"/v1/admin/organisations/{owner.organisation_id}/decision",
        json={"decision": "verify", "reason": "seen", "evidence": ["licence"]},
        headers=admin.headers,
    )
    public = await client.get(url)

    assert [answer.status_code for answer in hidden] == [404, 404]
    assert own.json()["contact_email"] == "contact1@example.com"
    assert reviewed.json()["contact_email"] == "contact1@example.com"
    assert public.status_code == 200
    assert public.json()["name_en"] == "Data Company 1"
    assert public.json()["contact_email"] is None
    assert public.json()["decision"] is None


@pytest.mark.parametrize("path", ["org_%00", "%ED%A0%80", "org_" + "0" * 500, "%F0%9F%98%80"])
async def test_no_identifier_in_a_path_is_an_accident(client: AsyncClient, path: str) -> None:
    answer = await client.get(f"/v1/organisations/{path}")

    # PostgreSQL cannot look for a null character at all; SQLite finds nothing.
    assert answer.status_code in {400, 404}
    assert answer.json()["code"] in {"text.null_character", "accounts.organisation_not_found"}


async def test_review_list_is_paged_filtered_and_for_administrators(
    client: AsyncClient, accounts: Accounts
) -> None:
    owners = [await register(client, number) for number in (1, 2, 3)]
    admin = await administrator(client, accounts)

    first = await client.get(
        "/v1/admin/organisations",
        params={"state": "pending", "limit": 2},
        headers=admin.headers,
    )
    second = await client.get(
        "/v1/admin/organisations",
        params={"state": "pending", "limit": 2, "cursor": first.json()["next_cursor"]},
        headers=admin.headers,
    )
    elsewhere = await client.get(
        "/v1/admin/organisations",
        params={"limit": 2, "cursor": first.json()["next_cursor"]},
        headers=admin.headers,
    )

    listed = [row["id"] for row in first.json()["items"] + second.json()["items"]]
    assert listed == sorted(owner.organisation_id for owner in owners)
    assert second.json()["next_cursor"] is None
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (400, "paging.cursor_refused")
    refused = await client.get("/v1/admin/organisations", headers=owners[0].headers)
    assert refused.status_code == 403
    assert (await client.get("/v1/admin/organisations")).status_code == 401


async def test_audit_leaves_name_nobody(client: AsyncClient, accounts: Accounts) -> None:
    await register(client, 1)
    wrong = {"email": "owner1@example.com", "password": "wrong password"}
    await client.post("/v1/sessions", json=wrong)

    async with accounts.database.read() as reading:
        leaves = (await reading.session.execute(text("SELECT * FROM audit_leaf"))).all()
        counters = (await reading.session.execute(text("SELECT * FROM failed_attempt"))).all()

    assert sorted(leaf.action for leaf in leaves) == [
        "accounts.organisation_registered",
        "accounts.session_opened",
        "trust.key_made",
    ]
    assert "example.com" not in str(leaves)
    assert len(counters) == 3
    assert "example.com" not in str(counters)
