"""The OpenAPI document: the same every time, complete for whoever writes a client."""

import json
from typing import Any

import pytest

from exchange_market.app import openapi_document
from exchange_market.edge.problems import PROBLEM_MEDIA_TYPE


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi_document()


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def test_two_documents_are_the_same_json(document: dict[str, Any]) -> None:
    assert json.dumps(openapi_document()) == json.dumps(document)


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(
    document: dict[str, Any],
) -> None:
    found = operations(document)

    assert len(found) > 90
    assert len({operation["operationId"] for _, operation in found}) == len(found)
    for name, operation in found:
        assert operation.get("summary") or operation.get("description"), name
        assert operation["tags"], name


def test_every_operation_says_who_may_call_it(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]

    assert set(schemes) == {"session", "api_key"}
    for name, operation in operations(document):
        declared = {scheme for entry in operation.get("security", []) for scheme in entry}
        assert declared <= set(schemes), name
        refusals = set(operation["responses"])
        assert "401" in refusals, name
        assert ("403" in refusals) or not declared, name


def test_every_refusal_is_a_problem(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == [PROBLEM_MEDIA_TYPE], f"{name} {status}"


def test_a_body_may_be_refused_for_its_size_type_and_content(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        if "requestBody" in operation:
            assert {"400", "413", "415"} <= set(operation["responses"]), name


def test_answers_without_content_declare_none(document: dict[str, Any]) -> None:
    empty = [
        answer
        for _, operation in operations(document)
        for status, answer in operation["responses"].items()
        if status in ("204", "304")
    ]

    assert len(empty) >= 4
    assert not [answer for answer in empty if answer.get("content")]


def test_commands_and_uploads_take_an_idempotency_key(document: dict[str, Any]) -> None:
    taking = {
        operation["operationId"]
        for _, operation in operations(document)
        if "Idempotency-Key" in [each["name"] for each in operation.get("parameters", [])]
    }

    assert {"uploadRevision", "payContract", "createProduct"} <= taking
    assert not {"openSession", "quotePrice", "getMe"} & taking
