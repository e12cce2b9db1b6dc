"""Public signing keys as JSON Web Keys: Ed25519 by default, P-256 accepted.

Sources: RFC 7517 (JWK), RFC 8037 (OKP keys), RFC 7518 section 6.2 (EC keys), RFC 7638 (thumbprint).
Members of our own beside the registered ones: ``custody`` (who held the private key: ``exchange``
or ``party``), ``holder`` (organisation id), and the instants ``valid_from``, ``valid_until`` and
``revoked_at`` of the key history.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contracts import base64url
from contracts.canonical import JsonObject, JsonValue, canonical_bytes
from contracts.edwards import check_public_point
from contracts.errors import InvalidKey, InvalidValue
from contracts.instants import parse_instant

PrivateKey: TypeAlias = Ed25519PrivateKey | EllipticCurvePrivateKey
VerifyingKey: TypeAlias = Ed25519PublicKey | EllipticCurvePublicKey

COORDINATE_BYTES = 32
MAX_KEYS = 1000
MAX_KID_LENGTH = 128
# RFC 7518 sections 6.2.2, 6.3.2, 6.4 and RFC 8037 section 2: members that only a private or shared
# key has.
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class Custody(StrEnum):
    """Who held a private key: the exchange on the party's behalf, or the party alone."""

    EXCHANGE = "exchange"
    PARTY = "party"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A checked public key with what its JWK says about it.

    ``algorithm`` is the only one it may verify.
    """

    kid: str
    algorithm: str
    key: VerifyingKey
    thumbprint: str
    custody: Custody | None
    holder: str | None
    valid_from: datetime | None
    valid_until: datetime | None
    revoked_at: datetime | None

    def was_valid_at(self, moment: datetime) -> bool:
        """Whether the key history allows a signature made at ``moment`` (ends are exclusive)."""
        ends = [end for end in (self.valid_until, self.revoked_at) if end is not None]
        return (self.valid_from is None or self.valid_from <= moment) and all(
            moment < end for end in ends
        )


def generate_private_key() -> Ed25519PrivateKey:
    """A fresh Ed25519 key from the operating system's randomness."""
    return Ed25519PrivateKey.generate()


def public_jwk(key: PrivateKey | VerifyingKey) -> JsonObject:
    """The JWK of a key's public half, with ``kid`` = thumbprint, ``use`` and ``alg`` set."""
    public = (
        key.public_key() if isinstance(key, (Ed25519PrivateKey, EllipticCurvePrivateKey)) else key
    )
    if isinstance(public, Ed25519PublicKey):
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        jwk: JsonObject = {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(raw)}
    elif isinstance(public.curve, SECP256R1):
        numbers = public.public_numbers()
        x, y = (base64url.encode(number.to_bytes(32)) for number in (numbers.x, numbers.y))
        jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
    else:
        raise InvalidKey("an EC key must be on the curve P-256")
    return jwk | {
        "kid": thumbprint(jwk),
        "use": "sig",
        "alg": "EdDSA" if jwk["kty"] == "OKP" else "ES256",
    }


def thumbprint(jwk: Mapping[str, JsonValue]) -> str:
    """Base64url SHA-256 of the required members in canonical form (RFC 7638, section 3)."""
    match jwk.get("kty"):
        case "OKP":
            names = ("crv", "kty", "x")
        case "EC":
            names = ("crv", "kty", "x", "y")
        case _:
            raise InvalidKey("the key type is neither OKP nor EC")
    members = {name: _text(jwk, name) for name in names}
    return base64url.encode(hashlib.sha256(canonical_bytes(members)).digest())


def load_public_jwk(jwk: Mapping[str, JsonValue]) -> PublicKey:
    """Read a public signing key, or raise ``InvalidKey``.

    Refused: private members, unknown types and curves, a ``use`` or ``key_ops`` that does not allow
    verification, an ``alg`` that is not the key's, weak or non-canonical Ed25519 points, and P-256
    points off the curve.
    """
    if _PRIVATE_MEMBERS & jwk.keys():
        raise InvalidKey("a public key holds private members")
    algorithm, key = _load_point(jwk)
    if jwk.get("alg", algorithm) != algorithm:
        raise InvalidKey(f"the key's alg is not {algorithm}")
    if jwk.get("use", "sig") != "sig":
        raise InvalidKey("the key is not for signatures (use)")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise InvalidKey("the key is not for verifying signatures (key_ops)")
    printed = thumbprint(jwk)
    kid = _text(jwk, "kid") if "kid" in jwk else printed
    if not 0 < len(kid) <= MAX_KID_LENGTH:
        raise InvalidKey("the kid is empty or too long")
    try:
        return PublicKey(
            kid=kid,
            algorithm=algorithm,
            key=key,
            thumbprint=printed,
            custody=Custody(_text(jwk, "custody")) if "custody" in jwk else None,
            holder=_text(jwk, "holder") if "holder" in jwk else None,
            valid_from=_instant(jwk, "valid_from"),
            valid_until=_instant(jwk, "valid_until"),
            revoked_at=_instant(jwk, "revoked_at"),
        )
    except (InvalidValue, ValueError) as error:
        raise InvalidKey(f"the key history cannot be read: {error}") from error


def find_key(jwks: Mapping[str, JsonValue], kid: str) -> PublicKey:
    """The one key of a JWK Set (RFC 7517, section 5) named ``kid``.

    None or several raise ``InvalidKey``.
    """
    named = [jwk for jwk in jwk_members(jwks) if jwk.get("kid") == kid]
    if len(named) != 1:
        raise InvalidKey(f"{len(named)} keys are named {kid[:MAX_KID_LENGTH]!r}")
    return load_public_jwk(named[0])


def jwk_members(jwks: Mapping[str, JsonValue]) -> tuple[JsonObject, ...]:
    """The JWKs of a JWK Set as objects, at most ``MAX_KEYS``."""
    keys = jwks.get("keys")
    if not isinstance(keys, list) or len(keys) > MAX_KEYS:
        raise InvalidKey(f"a JWK Set has a list of at most {MAX_KEYS} keys")
    members = tuple(jwk for jwk in keys if isinstance(jwk, dict))
    if len(members) != len(keys):
        raise InvalidKey("a key of the JWK Set is not an object")
    return members


def _load_point(jwk: Mapping[str, JsonValue]) -> tuple[str, VerifyingKey]:
    match jwk.get("kty"), jwk.get("crv"):
        case "OKP", "Ed25519":
            raw = _coordinate(jwk, "x")
            check_public_point(raw)
            return "EdDSA", Ed25519PublicKey.from_public_bytes(raw)
        case "EC", "P-256":
            x, y = (int.from_bytes(_coordinate(jwk, name)) for name in ("x", "y"))
            try:
                return "ES256", EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
            except ValueError as error:
                raise InvalidKey("the P-256 public key is not a point of the curve") from error
        case _:
            raise InvalidKey("only Ed25519 and P-256 keys are accepted")


def _coordinate(jwk: Mapping[str, JsonValue], name: str) -> bytes:
    try:
        raw = base64url.decode(_text(jwk, name))
    except ValueError as error:
        raise InvalidKey(f"the member {name} is {error}") from error
    if len(raw) != COORDINATE_BYTES:
        raise InvalidKey(f"the member {name} does not have {COORDINATE_BYTES} bytes")
    return raw


def _instant(jwk: Mapping[str, JsonValue], name: str) -> datetime | None:
    return parse_instant(_text(jwk, name), name) if name in jwk else None


def _text(jwk: Mapping[str, JsonValue], name: str) -> str:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise InvalidKey(f"the member {name} is missing or not text")
    return value
