"""Public keys: thumbprints of the RFCs, and keys that must not be accepted."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contracts import base64url, keys
from contracts.canonical import JsonObject
from contracts.edwards import check_public_point
from contracts.errors import InvalidKey
from contracts.keys import Custody, find_key, load_public_jwk, public_jwk, thumbprint

# RFC 8037, appendix A.1 and A.3.
RFC_8037_SECRET = base64url.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
RFC_8037_JWK: dict[str, Any] = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
RFC_8037_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
EC_KEY = generate_private_key(SECP256R1())
P = 2**255 - 19


def test_public_jwk_and_thumbprint_are_those_of_rfc_8037() -> None:
    key = Ed25519PrivateKey.from_private_bytes(RFC_8037_SECRET)

    assert public_jwk(key) == RFC_8037_JWK | {
        "kid": RFC_8037_THUMBPRINT,
        "use": "sig",
        "alg": "EdDSA",
    }
    assert thumbprint(RFC_8037_JWK) == RFC_8037_THUMBPRINT


def test_a_generated_key_can_be_loaded_from_its_jwk() -> None:
    key = keys.generate_private_key()

    loaded = load_public_jwk(public_jwk(key))

    assert loaded.algorithm == "EdDSA"
    assert loaded.kid == loaded.thumbprint
    assert isinstance(loaded.key, Ed25519PublicKey)
    loaded.key.verify(key.sign(b"x"), b"x")


def test_a_p256_key_can_be_loaded_from_its_jwk() -> None:
    jwk = public_jwk(EC_KEY.public_key())

    loaded = load_public_jwk(jwk)

    assert loaded.algorithm == "ES256"
    assert public_jwk(loaded.key) == jwk
    assert thumbprint(jwk) == jwk["kid"]


def test_a_key_says_its_custody_holder_and_history() -> None:
    jwk = RFC_8037_JWK | {
        "kid": "k1",
        "custody": "party",
        "holder": "org_1",
        "valid_from": "2026-01-01T00:00:00.000000Z",
        "valid_until": "2027-01-01T00:00:00.000000Z",
        "revoked_at": "2026-06-01T00:00:00.000000Z",
    }

    key = load_public_jwk(jwk)

    assert (key.kid, key.custody, key.holder) == ("k1", Custody.PARTY, "org_1")
    assert not key.was_valid_at(datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert key.was_valid_at(datetime(2026, 1, 1, tzinfo=UTC))
    assert key.was_valid_at(datetime(2026, 5, 31, tzinfo=UTC))
    assert not key.was_valid_at(datetime(2026, 6, 1, tzinfo=UTC))


def test_a_key_without_history_is_valid_at_any_time() -> None:
    assert load_public_jwk(RFC_8037_JWK).was_valid_at(datetime(1999, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "change",
    [
        {"d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"},
        {"k": "AAAA"},
        {"kty": "RSA"},
        {"kty": None},
        {"crv": "Ed448"},
        {"crv": "X25519"},
        {"kty": "EC"},
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"key_ops": []},
        {"alg": "ES256"},
        {"alg": "HS256"},
        {"alg": None},
        {"kid": ""},
        {"kid": "x" * 129},
        {"kid": 7},
        {"custody": "nobody"},
        {"custody": 1},
        {"holder": 1},
        {"valid_from": "2026-01-01"},
        {"revoked_at": 1},
        {"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
        {"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp"},
        {"x": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        {"x": "AAAA"},
        {"x": None},
    ],
    ids=str,
)
def test_a_jwk_that_is_not_a_public_signing_key_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidKey):
        load_public_jwk(RFC_8037_JWK | change)


def test_key_ops_that_allow_verification_are_accepted() -> None:
    operations: list[Any] = ["verify"]
    jwk = RFC_8037_JWK | {"key_ops": operations, "use": "sig"}

    assert load_public_jwk(jwk).algorithm == "EdDSA"


# The eight points of small order in their canonical encodings (RFC 7748 and 8032 arithmetic):
# identity, order 2, two of order 4, four of order 8.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]


@pytest.mark.parametrize("encoded", SMALL_ORDER)
def test_ed25519_points_of_small_order_are_refused(encoded: str) -> None:
    with pytest.raises(InvalidKey, match="weak"):
        check_public_point(bytes.fromhex(encoded))


def test_a_point_with_a_small_order_component_is_refused() -> None:
    """A good key plus the point of order 2: (x, y) becomes (-x, -y)."""
    good = bytearray(base64url.decode(RFC_8037_JWK["x"]))
    sign, y = good[31] >> 7, int.from_bytes(good, "little") & ((1 << 255) - 1)
    mixed = (P - y).to_bytes(32, "little")
    mixed = mixed[:31] + bytes([mixed[31] | (1 - sign) << 7])

    with pytest.raises(InvalidKey, match="weak"):
        check_public_point(mixed)


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        ((P + 3).to_bytes(32, "little"), "canonical"),
        (P.to_bytes(32, "little"), "canonical"),
        (b"\xff" * 32, "canonical"),
        ((1 | 1 << 255).to_bytes(32, "little"), "canonical"),
        ((P - 1 | 1 << 255).to_bytes(32, "little"), "canonical"),
        ((2).to_bytes(32, "little"), "not a point"),
        (b"\x01" * 31, "32 bytes"),
    ],
)
def test_ed25519_encodings_that_are_not_canonical_points_are_refused(
    encoded: bytes, reason: str
) -> None:
    with pytest.raises(InvalidKey, match=reason):
        check_public_point(encoded)


def test_every_generated_key_is_a_point_of_prime_order() -> None:
    for _ in range(20):
        check_public_point(keys.generate_private_key().public_key().public_bytes_raw())


def test_p256_points_off_the_curve_and_other_curves_are_refused() -> None:
    jwk = public_jwk(EC_KEY)

    with pytest.raises(InvalidKey, match="not a point"):
        load_public_jwk(jwk | {"y": jwk["x"], "x": jwk["y"]})
    with pytest.raises(InvalidKey, match="P-256"):
        public_jwk(generate_private_key(SECP384R1()))


def test_a_key_is_found_by_its_name_only_if_the_name_is_unique() -> None:
    one: JsonObject = public_jwk(EC_KEY)
    two: JsonObject = RFC_8037_JWK | {"kid": "two"}
    without: JsonObject = {"keys": [one]}
    twice: JsonObject = {"keys": [two, two]}

    assert find_key({"keys": [one, two]}, "two").algorithm == "EdDSA"
    for jwks in (without, twice):
        with pytest.raises(InvalidKey, match="keys are named 'two'"):
            find_key(jwks, "two")


@pytest.mark.parametrize("jwks", [{}, {"keys": {}}, {"keys": [1]}, {"keys": [{}] * 1001}], ids=repr)
def test_what_is_no_jwk_set_is_refused(jwks: Any) -> None:
    with pytest.raises(InvalidKey):
        find_key(jwks, "any")


def test_a_thumbprint_needs_the_required_members_as_text() -> None:
    with pytest.raises(InvalidKey, match="member x"):
        thumbprint({"kty": "OKP", "crv": "Ed25519"})
    with pytest.raises(InvalidKey, match="neither OKP nor EC"):
        thumbprint({"kty": "RSA"})
