"""No token that this exchange did not sign for this audience and moment opens anything."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from httpx import AsyncClient

from exchange_market.trust.keyring import CONTRACTS, SESSIONS, SigningKey
from tests.support.accounts import Accounts, register

Body = dict[str, Any]
Header = dict[str, Any]
Forgery = Callable[[Body, Header, SigningKey], str]


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _signed(body: Body, header: Header, key: Any) -> str:
    return jwt.encode(body, key, algorithm="EdDSA", headers=header)


def without_signature(body: Body, header: Header, key: SigningKey) -> str:
    del key
    return f"{_part({**header, 'alg': 'none'})}.{_part(body)}."


def hmac_with_the_public_key(body: Body, header: Header, key: SigningKey) -> str:
    public = key.private_key.public_key()
    return _hmac(body, header, public.public_bytes(Encoding.Raw, PublicFormat.Raw))


def hmac_with_the_public_pem(body: Body, header: Header, key: SigningKey) -> str:
    public = key.private_key.public_key()
    return _hmac(body, header, public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _hmac(body: Body, header: Header, secret: bytes) -> str:
    # By hand: the library refuses to use a public key as an HMAC secret.

    signed = f"{_part({**header, 'alg': 'HS256'})}.{_part(body)}"
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def by_another_key_under_our_kid(body: Body, header: Header, key: SigningKey) -> str:
    del key
    return _signed(body, header, Ed25519PrivateKey.generate())


def under_another_kid(body: Body, header: Header, key: SigningKey) -> str:
    return _signed(body, {**header, "kid": "another"}, key.private_key)


def without_kid(body: Body, header: Header, key: SigningKey) -> str:
    return _signed(body, {"typ": header["typ"]}, key.private_key)


def of_another_type(body: Body, header: Header, key: SigningKey) -> str:
    return _signed(body, {**header, "typ": "JWT"}, key.private_key)


def for_another_audience(body: Body, header: Header, key: SigningKey) -> str:
    return _signed({**body, "aud": "https://elsewhere.example/v1"}, header, key.private_key)


def for_several_audiences(body: Body, header: Header, key: SigningKey) -> str:
    return _signed({**body, "aud": [body["aud"], "other"]}, header, key.private_key)


def by_another_issuer(body: Body, header: Header, key: SigningKey) -> str:
    return _signed({**body, "iss": "https://elsewhere.example"}, header, key.private_key)


def expired(body: Body, header: Header, key: SigningKey) -> str:
    return _signed({**body, "exp": body["iat"]}, header, key.private_key)


def for_ever(body: Body, header: Header, key: SigningKey) -> str:
    return _signed({n: v for n, v in body.items() if n != "exp"}, header, key.private_key)


def without_audience(body: Body, header: Header, key: SigningKey) -> str:
    return _signed({n: v for n, v in body.items() if n != "aud"}, header, key.private_key)


def for_another_person(body: Body, header: Header, key: SigningKey) -> str:
    return _signed({**body, "sub": "usr_another"}, header, key.private_key)


def for_another_session(body: Body, header: Header, key: SigningKey) -> str:
    return _signed({**body, "sid": "ses_another"}, header, key.private_key)


def for_a_session_that_is_no_text(body: Body, header: Header, key: SigningKey) -> str:
    return _signed({**body, "sid": {"$ne": ""}}, header, key.private_key)


FORGERIES = (
    without_signature,
    hmac_with_the_public_key,
    hmac_with_the_public_pem,
    by_another_key_under_our_kid,
    under_another_kid,
    without_kid,
    of_another_type,
    for_another_audience,
    for_several_audiences,
    by_another_issuer,
    expired,
    for_ever,
    without_audience,
    for_another_person,
    for_another_session,
    for_a_session_that_is_no_text,
)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
async def test_forged_token_is_refused(
    client: AsyncClient, accounts: Accounts, forge: Forgery
) -> None:
    owner = await register(client, 1)
    good: str = owner.tokens["access_token"]
    key = await accounts.keyring.signing_key(SESSIONS)
    body = jwt.decode(good, options={"verify_signature": False})
    header = {n: v for n, v in jwt.get_unverified_header(good).items() if n != "alg"}

    copied = _signed(body, header, key.private_key)
    forged = forge(body, header, key)
    accepted = await client.get("/v1/me", headers={"Authorization": f"Bearer {copied}"})
    refused = await client.get("/v1/me", headers={"Authorization": f"Bearer {forged}"})

    assert accepted.status_code == 200
    assert refused.status_code == 401, refused.text
    assert refused.headers["www-authenticate"] == "Bearer"


async def test_key_of_another_purpose_signs_no_token(
    client: AsyncClient, accounts: Accounts
) -> None:
    owner = await register(client, 1)
    key = await accounts.keyring.signing_key(CONTRACTS)
    body = jwt.decode(owner.tokens["access_token"], options={"verify_signature": False})

    forged = _signed(body, {"kid": key.kid, "typ": "at+jwt"}, key.private_key)
    answer = await client.get("/v1/me", headers={"Authorization": f"Bearer {forged}"})

    assert answer.status_code == 401


@pytest.mark.parametrize("token", ["x", "a.b.c", "dxk_live_key", "e30.e30.e30", "." * 100])
async def test_rubbish_is_refused_on_public_routes_too(client: AsyncClient, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}

    answer = await client.get("/v1/organisations/org_1", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "accounts.access_token_refused")
