"""JSON Web Signatures (RFC 7515) with EdDSA and ES256, checked more strictly than the RFC asks.

The wrapper round PyJWT takes the algorithm from the key and never from the header, so ``none`` and
HMAC cannot be asked for; requires ``kid`` and ``typ``; refuses ``crit``, unencoded payloads (RFC
7797), keys carried in headers, repeated header members, other spellings of base64url, and oversized
parts. Every signature names in its protected header who held the private key (``custody``), so that
a verifier can say what the signature is worth.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts import base64url
from contracts.canonical import JsonObject, JsonValue, parse_object
from contracts.errors import InvalidSignature, MalformedJson
from contracts.keys import Custody, PrivateKey, PublicKey, find_key, public_jwk

MAX_PAYLOAD_BYTES = 1 << 20
MAX_HEADER_BYTES = 16 << 10
MAX_SIGNATURES = 16
SIGNATURE_BYTES = 64
_MAX_TOKEN_LENGTH = 2 * (MAX_PAYLOAD_BYTES + MAX_HEADER_BYTES)
_SEPARATORS = 2
# Header members that would bring a key or another encoding along; a verifier that obeyed them would
# trust the sender.
_REFUSED_HEADERS = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"})

_JWS = jwt.PyJWS(algorithms=["EdDSA", "ES256"])


@dataclass(frozen=True, slots=True)
class VerifiedJws:
    """Payload and protected header of a signature that verified, and the key that made it."""

    payload: bytes
    header: JsonObject
    key: PublicKey

    @property
    def custody(self) -> Custody | None:
        """Who held the private key; None if neither the signer nor the key set says so."""
        return _custody(self.header, self.key)


def sign_compact(
    payload: bytes,
    key: PrivateKey,
    *,
    kid: str,
    typ: str,
    extra_header: Mapping[str, JsonValue] | None = None,
) -> str:
    """Sign bytes as a compact JWS; the algorithm follows from the key."""
    extra = dict(extra_header or {})
    if reserved := sorted(extra.keys() & (_REFUSED_HEADERS | {"alg", "kid", "typ"})):
        raise ValueError(f"the header members {reserved} are not the caller's to set")
    algorithm = "EdDSA" if isinstance(key, Ed25519PrivateKey) else "ES256"
    return _JWS.encode(payload, key, algorithm=algorithm, headers=extra | {"kid": kid, "typ": typ})


def add_signature(
    general: Mapping[str, JsonValue] | None,
    payload: bytes,
    key: PrivateKey,
    *,
    typ: str,
    signer: Mapping[str, JsonValue],
) -> JsonObject:
    """Sign ``payload`` and append the signature to a general JSON serialisation.

    RFC 7515, section 7.2.1. ``signer`` are protected header members that say who signs; ``kid`` is
    the key's thumbprint. A document over other bytes is refused.
    """
    kid = str(public_jwk(key)["kid"])
    token = sign_compact(payload, key, kid=kid, typ=typ, extra_header=signer)
    protected, encoded, signature = token.split(".")
    present = [] if general is None else signature_entries(general)
    if general is not None and general.get("payload") != encoded:
        raise InvalidSignature("the earlier signatures are over other bytes")
    entries: list[JsonValue] = [*present, {"protected": protected, "signature": signature}]
    if len(entries) > MAX_SIGNATURES:
        raise InvalidSignature(f"more than {MAX_SIGNATURES} signatures")
    return {"payload": encoded, "signatures": entries}


def verify_compact(token: str, jwks: Mapping[str, JsonValue], *, typ: str) -> VerifiedJws:
    """Verify a compact JWS with the key its ``kid`` names in ``jwks``, or raise."""
    if len(token) > _MAX_TOKEN_LENGTH or token.count(".") != _SEPARATORS:
        raise InvalidSignature("not a compact JWS of acceptable size")
    protected, encoded, signature = token.split(".")
    header = _read_header(protected, typ)
    _decode(encoded, MAX_PAYLOAD_BYTES, "payload")
    decode_signature(signature)
    key = find_key(jwks, str(header["kid"]))
    if header["alg"] != key.algorithm:
        raise InvalidSignature(f"the header's alg is not the key's ({key.algorithm})")
    try:
        payload: bytes = _JWS.decode(token, key.key, algorithms=[key.algorithm])
    except jwt.PyJWTError as error:
        raise InvalidSignature("the signature does not fit the bytes and the key") from error
    verified = VerifiedJws(payload, header, key)
    _custody(header, key)
    return verified


def verify_general(
    document: Mapping[str, JsonValue], jwks: Mapping[str, JsonValue], *, typ: str
) -> tuple[VerifiedJws, ...]:
    """Verify every signature of a general JSON serialisation; one that fails fails all."""
    payload = document.get("payload")
    if set(document) != {"payload", "signatures"} or not isinstance(payload, str):
        raise InvalidSignature("a general JWS has exactly the members payload and signatures")
    entries = signature_entries(document)
    if not 0 < len(entries) <= MAX_SIGNATURES:
        raise InvalidSignature(f"a general JWS has 1 to {MAX_SIGNATURES} signatures")
    return tuple(verify_compact(compact(payload, entry), jwks, typ=typ) for entry in entries)


def compact(payload: str, entry: Mapping[str, JsonValue]) -> str:
    """One signature of a general serialisation as the compact JWS that any JOSE library reads."""
    protected, signature = entry.get("protected"), entry.get("signature")
    if (
        set(entry) != {"protected", "signature"}
        or not isinstance(protected, str)
        or not isinstance(signature, str)
    ):
        raise InvalidSignature("a signature has exactly the members protected and signature")
    return f"{protected}.{payload}.{signature}"


def signature_entries(document: Mapping[str, JsonValue]) -> list[JsonObject]:
    """The signatures of a general serialisation as objects, not verified."""
    entries = document.get("signatures", [])
    if not isinstance(entries, list):
        raise InvalidSignature("signatures is not a list")
    objects = [entry for entry in entries if isinstance(entry, dict)]
    if len(objects) != len(entries):
        raise InvalidSignature("a signature is not an object")
    return objects


def decode_signature(signature: str) -> bytes:
    """The 64 bytes of a signature part; both algorithms have this length."""
    raw = _decode(signature, SIGNATURE_BYTES, "signature")
    if len(raw) != SIGNATURE_BYTES:
        raise InvalidSignature(f"the signature does not have {SIGNATURE_BYTES} bytes")
    return raw


def unverified_header(entry: Mapping[str, JsonValue]) -> JsonObject:
    """The protected header of one signature as it claims to be; nothing in it has been verified."""
    return _parse_header(str(entry.get("protected")))


def _read_header(protected: str, typ: str) -> JsonObject:
    header = _parse_header(protected)
    if refused := sorted(header.keys() & _REFUSED_HEADERS):
        raise InvalidSignature(f"the header members {refused} are refused")
    if header.get("typ") != typ:
        raise InvalidSignature(f"the header's typ is not {typ}")
    if not all(isinstance(header.get(name), str) for name in ("alg", "kid")):
        raise InvalidSignature("the header lacks alg or kid")
    return header


def _parse_header(protected: str) -> JsonObject:
    raw = _decode(protected, MAX_HEADER_BYTES, "header")
    try:
        return parse_object(raw, max_bytes=MAX_HEADER_BYTES)
    except MalformedJson as error:
        raise InvalidSignature(f"the protected header cannot be read: {error}") from error


def _decode(text: str, max_bytes: int, part: str) -> bytes:
    try:
        raw = base64url.decode(text)
    except ValueError as error:
        raise InvalidSignature(f"the {part} is {error}") from error
    if len(raw) > max_bytes:
        raise InvalidSignature(f"the {part} exceeds {max_bytes} bytes")
    return raw


def _custody(header: Mapping[str, JsonValue], key: PublicKey) -> Custody | None:
    stated = header.get("custody")
    if stated is None:
        return key.custody
    if not isinstance(stated, str) or stated not in set(Custody):
        raise InvalidSignature("the header's custody is unknown")
    if key.custody is not None and key.custody != stated:
        raise InvalidSignature("signer and key set disagree on who held the key")
    return Custody(stated)
