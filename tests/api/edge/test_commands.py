"""The Idempotency-Key header: its form, and whose it is."""

import pytest

from tests.api.edge.conftest import Edge
from tests.support.accounts import registration

pytestmark = pytest.mark.anyio
PATH = "/v1/organisations"


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\tinside", "caf\u00e9".encode(), b"\x7f"])
async def test_a_malformed_key_is_refused_and_nothing_happens(edge: Edge, key: str | bytes) -> None:
    body = registration(next(edge.numbers))
    name = b"Idempotency-Key"
    value = key.encode() if isinstance(key, str) else key
    answer = await edge.client.post(PATH, json=body, headers=[(name, value)])

    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "idempotency.key_malformed"
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert (await edge.client.post(PATH, json=body)).status_code == 201


async def test_a_repetition_gets_the_same_bytes_and_says_so(edge: Edge) -> None:
    key, body = {"Idempotency-Key": "x" * 200}, registration(next(edge.numbers))

    first = await edge.client.post(PATH, json=body, headers=key)
    again = await edge.client.post(PATH, json=body, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["idempotent-replay"] == "true"
    assert "idempotent-replay" not in first.headers


async def test_another_body_under_the_same_key_is_a_conflict(edge: Edge) -> None:
    key = {"Idempotency-Key": "k"}
    await edge.client.post(PATH, json=registration(next(edge.numbers)), headers=key)

    other = await edge.client.post(PATH, json=registration(next(edge.numbers)), headers=key)

    assert other.status_code == 409
    assert other.json()["code"] == "idempotency.key_reused"
