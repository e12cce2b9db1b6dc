"""What counts as a credential, and what an authenticated answer carries."""

import pytest

from tests.api.edge.conftest import Edge
from tests.support.accounts import register

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
async def test_the_scheme_is_written_in_any_case(edge: Edge, scheme: str) -> None:
    member = await register(edge.client, next(edge.numbers))
    token = member.tokens["access_token"]

    answer = await edge.client.get("/v1/me", headers={"Authorization": scheme + token})

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token abc", "Bearer " + "x" * 4_097],
)
async def test_what_is_no_bearer_token_is_nobody(edge: Edge, value: str) -> None:
    answer = await edge.client.get("/v1/me", headers={"Authorization": value})

    assert answer.status_code == 401
    assert answer.json()["code"] == "access.sign_in_required"


@pytest.mark.parametrize("path", ["/v1/me", "/v1/products", "/health"])
async def test_a_token_that_is_not_good_is_refused_on_every_route(edge: Edge, path: str) -> None:
    answer = await edge.client.get(path, headers={"Authorization": "Bearer not.a.token"})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_in_the_address_is_not_looked_for(edge: Edge) -> None:
    member = await register(edge.client, next(edge.numbers))
    token = member.tokens["access_token"]

    answer = await edge.client.get(f"/v1/me?access_token={token}&authorization=Bearer%20{token}")

    assert answer.status_code == 401


async def test_what_a_session_is_shown_is_not_to_be_stored(edge: Edge) -> None:
    member = await register(edge.client, next(edge.numbers))

    own = await edge.client.get("/v1/me", headers=member.headers)
    public = await edge.client.get("/v1/subjects")
    figures = await edge.client.get("/v1/statistics/volume", headers=member.headers)

    assert own.headers["cache-control"] == "no-store"
    assert "cache-control" not in public.headers
    assert figures.headers["cache-control"] == "public, max-age=60"
    for answer in (own, public, figures):
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


async def test_the_document_is_served_as_it_is_written(edge: Edge) -> None:
    answer = await edge.client.get("/schema/openapi.json")

    assert answer.status_code == 200
    assert "/v1/me" in answer.json()["paths"]
