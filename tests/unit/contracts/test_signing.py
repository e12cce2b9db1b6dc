"""JSON Web Signatures: agreement with another library, and what the strict wrapper refuses."""

import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import ECKey, KeySet, OKPKey

from contracts import base64url
from contracts.canonical import JsonObject
from contracts.errors import InvalidKey, InvalidSignature
from contracts.keys import Custody, PrivateKey, public_jwk
from contracts.signing import (
    MAX_HEADER_BYTES,
    MAX_PAYLOAD_BYTES,
    MAX_SIGNATURES,
    add_signature,
    sign_compact,
    unverified_header,
    verify_compact,
    verify_general,
)

# joserfc prefers the newer name Ed25519 (RFC 9864); EdDSA is what the other libraries read.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")

TYP = "test+jws"
ED_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
EC_KEY = generate_private_key(SECP256R1())
JWKS: JsonObject = {"keys": [public_jwk(ED_KEY), public_jwk(EC_KEY)]}
PAYLOAD = b'{"a":1}'
ALGORITHMS = ["EdDSA", "ES256"]


def kid_of(key: PrivateKey) -> str:
    return str(public_jwk(key)["kid"])


def signed(key: PrivateKey = ED_KEY, **extra: Any) -> str:
    return sign_compact(PAYLOAD, key, kid=kid_of(key), typ=TYP, extra_header=extra)


def forged(header: dict[str, Any] | bytes, payload: bytes = PAYLOAD) -> str:
    """A token whose signature is right and whose header is whatever the test wants."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    signing_input = f"{base64url.encode(raw)}.{base64url.encode(payload)}"
    return f"{signing_input}.{base64url.encode(ED_KEY.sign(signing_input.encode()))}"


def plain_header(**changes: Any) -> dict[str, Any]:
    return {"alg": "EdDSA", "kid": kid_of(ED_KEY), "typ": TYP} | changes


@pytest.mark.parametrize("key", [ED_KEY, EC_KEY], ids=ALGORITHMS)
def test_a_signature_verifies_with_the_key_it_names(key: PrivateKey) -> None:
    verified = verify_compact(signed(key, iat=7), JWKS, typ=TYP)

    assert verified.payload == PAYLOAD
    assert verified.header["iat"] == 7
    assert verified.key.kid == kid_of(key)
    assert verified.custody is None


@pytest.mark.parametrize("key", [ED_KEY, EC_KEY], ids=ALGORITHMS)
def test_another_library_verifies_our_signatures(key: PrivateKey) -> None:
    imported = KeySet.import_key_set(JWKS)  # pyright: ignore[reportArgumentType]

    verified = jws.deserialize_compact(signed(key), imported, algorithms=ALGORITHMS)

    assert verified.payload == PAYLOAD


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_we_verify_the_signatures_of_another_library(algorithm: str) -> None:
    key = OKPKey.generate_key("Ed25519") if algorithm == "EdDSA" else ECKey.generate_key("P-256")
    public: Any = key.as_dict(private=False) | {"kid": "other"}
    token = jws.serialize_compact(
        {"alg": algorithm, "kid": "other", "typ": TYP}, PAYLOAD, key, algorithms=ALGORITHMS
    )

    assert verify_compact(token, {"keys": [public]}, typ=TYP).payload == PAYLOAD


def test_several_signers_sign_the_same_bytes_and_another_library_agrees() -> None:
    general = add_signature(None, PAYLOAD, ED_KEY, typ=TYP, signer={"custody": "exchange"})
    general = add_signature(general, PAYLOAD, EC_KEY, typ=TYP, signer={"custody": "party"})
    foreign_form: Any = general
    foreign_keys: Any = JWKS

    ours = verify_general(general, JWKS, typ=TYP)
    theirs = jws.deserialize_json(
        foreign_form,
        KeySet.import_key_set(foreign_keys),
        registry=jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False),
    )

    assert [(each.payload, each.custody) for each in ours] == [
        (PAYLOAD, Custody.EXCHANGE),
        (PAYLOAD, Custody.PARTY),
    ]
    assert theirs.payload == PAYLOAD


def test_a_signature_over_other_bytes_is_not_added() -> None:
    general = add_signature(None, PAYLOAD, ED_KEY, typ=TYP, signer={})

    with pytest.raises(InvalidSignature, match="other bytes"):
        add_signature(general, b"other", EC_KEY, typ=TYP, signer={})


def test_signatures_are_limited_in_number() -> None:
    general = add_signature(None, PAYLOAD, ED_KEY, typ=TYP, signer={})
    for _ in range(MAX_SIGNATURES - 1):
        general = add_signature(general, PAYLOAD, ED_KEY, typ=TYP, signer={})

    with pytest.raises(InvalidSignature, match="more than 16"):
        add_signature(general, PAYLOAD, ED_KEY, typ=TYP, signer={})
    general["signatures"] = [*general["signatures"], general["signatures"][0]]  # type: ignore[misc,index]
    with pytest.raises(InvalidSignature, match="1 to 16"):
        verify_general(general, JWKS, typ=TYP)


def test_one_wrong_signature_fails_the_whole_document() -> None:
    general = add_signature(None, PAYLOAD, ED_KEY, typ=TYP, signer={})
    general = add_signature(general, PAYLOAD, EC_KEY, typ=TYP, signer={})
    entries: Any = general["signatures"]
    entries[1] = entries[1] | {"signature": entries[0]["signature"]}

    with pytest.raises(InvalidSignature):
        verify_general(general, JWKS, typ=TYP)


@pytest.mark.parametrize(
    "change",
    [
        {"payload": 1},
        {"signatures": []},
        {"signatures": {}},
        {"signatures": [1]},
        {"signatures": [{"protected": "e30"}]},
        {"signatures": [{"protected": 1, "signature": "x"}]},
        {"signatures": [{"protected": "e30", "signature": 1}]},
        {"signatures": [{"protected": "e30", "signature": "x", "header": {}}]},
        {"extra": 1},
    ],
    ids=str,
)
def test_a_document_that_is_no_general_serialisation_is_refused(change: Any) -> None:
    general = add_signature(None, PAYLOAD, ED_KEY, typ=TYP, signer={}) | change

    with pytest.raises(InvalidSignature):
        verify_general(general, JWKS, typ=TYP)


@pytest.mark.parametrize(
    "header",
    [
        plain_header(alg="none"),
        plain_header(alg="HS256"),
        plain_header(alg="ES256"),
        plain_header(alg="ed25519"),
        plain_header(alg=1),
        plain_header(kid=1),
        plain_header(typ="other+jws"),
        plain_header(crit=["exp"], exp=1),
        plain_header(crit=[]),
        plain_header(b64=False, crit=["b64"]),
        plain_header(b64=True),
        plain_header(jwk=public_jwk(ED_KEY)),
        plain_header(jku="https://attacker.example/keys"),
        plain_header(x5c=[]),
        plain_header(x5u="https://attacker.example/chain"),
        plain_header(custody="nobody"),
        plain_header(custody=["exchange"]),
        {"alg": "EdDSA", "typ": TYP},
        {"alg": "EdDSA", "kid": kid_of(ED_KEY)},
        {"kid": kid_of(ED_KEY), "typ": TYP},
        b'{"alg":"EdDSA","alg":"EdDSA","kid":"k","typ":"test+jws"}',
        b'{"alg":"EdDSA","typ":"test+jws","iat":1.5}',
        b"[]",
        b"not json",
    ],
    ids=str,
)
def test_headers_that_ask_for_something_else_are_refused(header: Any) -> None:
    with pytest.raises(InvalidSignature):
        verify_compact(forged(header), JWKS, typ=TYP)


def test_the_forged_headers_fail_for_their_header_and_not_for_their_signature() -> None:
    assert verify_compact(forged(plain_header()), JWKS, typ=TYP).payload == PAYLOAD


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(InvalidKey, match="0 keys are named"):
        verify_compact(forged(plain_header(kid="stranger")), JWKS, typ=TYP)


def test_hmac_with_the_public_key_as_secret_is_refused() -> None:
    public = ED_KEY.public_key().public_bytes_raw()
    token = jwt.PyJWS().encode(
        PAYLOAD, public, algorithm="HS256", headers=plain_header(alg="HS256")
    )

    with pytest.raises(InvalidSignature, match="64 bytes"):
        verify_compact(token, JWKS, typ=TYP)


@pytest.mark.parametrize("change", [{"use": "enc"}, {"key_ops": ["sign"]}], ids=str)
def test_a_key_that_is_not_for_verifying_is_refused(change: JsonObject) -> None:
    with pytest.raises(InvalidKey):
        verify_compact(signed(), {"keys": [public_jwk(ED_KEY) | change]}, typ=TYP)


def spoil(part: int, change: Callable[[str], str]) -> str:
    parts = signed().split(".")
    parts[part] = change(parts[part])
    return ".".join(parts)


def unused_bits(text: str) -> str:
    """The same bytes with a bit set that base64url leaves unused."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) + 1]


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "=",
        lambda text: text + "==",
        lambda text: text + "\n",
        lambda text: " " + text,
        lambda text: text + "A",
        lambda text: text[:-1] + "é",
        lambda text: text[:4] + "+" + text[5:],
        lambda text: "",
    ],
    ids=["pad", "two pads", "newline", "space", "longer", "not ascii", "plus", "empty"],
)
def test_other_spellings_of_a_part_are_refused(part: int, change: Callable[[str], str]) -> None:
    with pytest.raises(InvalidSignature):
        verify_compact(spoil(part, change), JWKS, typ=TYP)


def test_unused_bits_of_base64url_are_refused() -> None:
    for part in (1, 2):
        with pytest.raises(InvalidSignature, match="canonical"):
            verify_compact(spoil(part, unused_bits), JWKS, typ=TYP)


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c.d", "..", "a..c"])
def test_what_is_no_compact_jws_is_refused(token: str) -> None:
    with pytest.raises(InvalidSignature):
        verify_compact(token, JWKS, typ=TYP)


def test_oversized_parts_are_refused() -> None:
    over = b"x" * (MAX_PAYLOAD_BYTES + 1)
    tokens = [
        forged(plain_header(), over),
        forged(plain_header(pad="x" * MAX_HEADER_BYTES)),
        "a" * 3_000_000 + ".b.c",
    ]
    for token in tokens:
        with pytest.raises(InvalidSignature):
            verify_compact(token, JWKS, typ=TYP)


def test_every_changed_bit_of_a_signature_is_refused() -> None:
    protected, payload, signature = signed().split(".")
    raw = base64url.decode(signature)
    for position in range(len(raw)):
        flipped = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
        with pytest.raises(InvalidSignature):
            verify_compact(f"{protected}.{payload}.{base64url.encode(flipped)}", JWKS, typ=TYP)


def test_signer_and_key_set_must_agree_on_custody() -> None:
    published: JsonObject = {"keys": [public_jwk(ED_KEY) | {"custody": "exchange"}]}

    assert verify_compact(signed(), published, typ=TYP).custody is Custody.EXCHANGE
    assert (
        verify_compact(signed(custody="exchange"), published, typ=TYP).custody is Custody.EXCHANGE
    )
    with pytest.raises(InvalidSignature, match="disagree"):
        verify_compact(signed(custody="party"), published, typ=TYP)


@pytest.mark.parametrize("name", ["alg", "kid", "typ", "crit", "b64", "jwk"])
def test_a_caller_cannot_set_the_headers_that_decide_verification(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        sign_compact(PAYLOAD, ED_KEY, kid="k", typ=TYP, extra_header={name: "x"})


def test_a_header_can_be_looked_at_before_it_is_verified() -> None:
    general = add_signature(None, PAYLOAD, ED_KEY, typ=TYP, signer={"role": "buyer"})
    entries: Any = general["signatures"]

    assert unverified_header(entries[0])["role"] == "buyer"
