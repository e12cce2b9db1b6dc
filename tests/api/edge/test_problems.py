"""Refusals of the edge: problem+json in the caller's language that names field and remedy."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.api.edge.conftest import Edge
from tests.support.accounts import registration

pytestmark = pytest.mark.anyio
JSON = {"Content-Type": "application/json"}
PATH = "/v1/organisations"


def problem(answer: Response, status: int, code: str) -> dict[str, Any]:
    """The members of a problem with this status and code."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    found = answer.json()
    assert found["status"] == status
    assert found["code"] == code
    assert found["type"] == f"/problems/{code}"
    assert found["title"]
    assert found["detail"]
    return found


def fields(found: dict[str, Any]) -> list[str]:
    return [each["field"] for each in found["errors"]]


async def test_a_refusal_is_told_in_the_language_asked_for(edge: Edge) -> None:
    path = "/v1/organisations/org_unknown"

    english = problem(await edge.client.get(path), 404, "accounts.organisation_not_found")
    chinese = problem(
        await edge.client.get(path, headers={"Accept-Language": "zh-CN,en;q=0.5"}),
        404,
        "accounts.organisation_not_found",
    )

    assert english["title"] == "Not found"
    assert chinese["title"] == "未找到"
    assert english["detail"].isascii()
    assert not chinese["detail"].isascii()
    assert english["instance"] == chinese["instance"] == path


async def test_an_unknown_route_is_a_problem(edge: Edge) -> None:
    problem(await edge.client.get("/v1/nothing"), 404, "http.no_such_route")


async def test_a_wrong_method_is_told_what_is_allowed(edge: Edge) -> None:
    answer = await edge.client.delete(PATH)

    problem(answer, 405, "http.method_not_allowed")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"name_zh": ',
        b"{'name_zh': 1}",
        b"\xff\xfe",
        b'{"a": NaN}',
        b"[]",
        b'"text"',
        b"null",
        b"",
        b"{}",
    ],
)
async def test_what_is_not_the_expected_json_is_invalid(edge: Edge, body: bytes) -> None:
    answer = await edge.client.post(PATH, content=body, headers=JSON)

    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_json_nested_a_hundred_thousand_times_is_invalid(edge: Edge) -> None:
    body = b'{"owner":' * 50_000 + b"1" + b"}" * 50_000

    answer = await edge.client.post(PATH, content=body, headers=JSON)

    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name_en": "x" * 201}, "name_en"),
        ({"contact_email": "no address"}, "contact_email"),
        ({"may_buy": "yes"}, "may_buy"),
        ({"owner": registration()["owner"] | {"password": "short"}}, "owner.password"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_the_offending_field_is_named(edge: Edge, change: dict[str, Any], field: str) -> None:
    answer = await edge.client.post(PATH, json=registration() | change)

    found = problem(answer, 400, "http.input_invalid")
    named = " ".join([*fields(found), *(each["message"] for each in found["errors"])])
    assert field.rpartition(".")[2] in named, found


async def test_a_missing_field_is_named(edge: Edge) -> None:
    body = registration()
    del body["contact_name"]

    found = problem(await edge.client.post(PATH, json=body), 400, "http.input_invalid")

    assert "contact_name" in json.dumps(found["errors"])


async def test_an_organisation_number_that_is_wrong_names_its_field_in_both_languages(
    edge: Edge,
) -> None:
    body = registration() | {"uscc": "911100000000000019"}

    english = (await edge.client.post(PATH, json=body)).json()
    chinese = (await edge.client.post(PATH, json=body, headers={"Accept-Language": "zh"})).json()

    assert fields(english) == fields(chinese) == ["uscc"]
    assert english["errors"][0]["message"] == english["detail"] != chinese["detail"]


async def test_a_body_over_a_mebibyte_is_too_large(edge: Edge) -> None:
    body = json.dumps(registration() | {"name_en": "x" * 1024 * 1024}).encode()

    problem(await edge.client.post(PATH, content=body, headers=JSON), 413, "http.status_413")


async def test_a_body_whose_length_was_not_announced_is_too_large_too(edge: Edge) -> None:
    async def pieces() -> AsyncGenerator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    answer = await edge.client.post(PATH, content=pieces(), headers=JSON)

    problem(answer, 413, "http.status_413")


@pytest.mark.parametrize(
    "declared",
    ["text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data"],
)
async def test_a_body_in_another_format_is_not_supported(edge: Edge, declared: str) -> None:
    answer = await edge.client.post(
        PATH,
        content=json.dumps(registration(next(edge.numbers))),
        headers={"Content-Type": declared},
    )

    assert fields(problem(answer, 415, "http.json_expected")) == ["Content-Type"]


@pytest.mark.parametrize("declared", ["application/json", "Application/JSON; charset=utf-8"])
async def test_json_is_supported_however_it_is_written(edge: Edge, declared: str) -> None:
    answer = await edge.client.post(
        PATH,
        content=json.dumps(registration(next(edge.numbers))),
        headers={"Content-Type": declared},
    )

    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=ten", "cursor=" + "x" * 2_001])
async def test_a_query_out_of_bounds_is_invalid(edge: Edge, query: str) -> None:
    found = problem(await edge.client.get(f"/v1/products?{query}"), 400, "http.input_invalid")

    assert fields(found) == [query.partition("=")[0]]


async def test_a_fault_of_ours_is_logged_under_the_number_the_caller_is_given(edge: Edge) -> None:
    async with edge.database.write() as tx:
        await tx.session.execute(text("ALTER TABLE organisation RENAME TO lost"))

    with capture_logs() as logged:
        answer = await edge.client.get("/v1/organisations/org_secret")
    async with edge.database.write() as tx:
        await tx.session.execute(text("ALTER TABLE lost RENAME TO organisation"))

    found = problem(answer, 500, "http.internal_error")
    incident = found["params"]["incident"]
    assert incident in found["detail"]
    assert "organisation" not in found["detail"].lower()
    assert "SELECT" not in answer.text
    assert [(each["event"], each["incident"]) for each in logged] == [("request.failed", incident)]


async def test_a_refusal_for_lack_of_a_session_says_how_to_authenticate(edge: Edge) -> None:
    answer = await edge.client.get("/v1/me")

    problem(answer, 401, "access.sign_in_required")
    assert answer.headers["www-authenticate"] == "Bearer"
