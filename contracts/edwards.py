"""Validation of Ed25519 public keys as points of the curve.

A signature check alone does not refuse weak keys: with a point of small order one signature can fit
many messages, and with a point outside the prime-order group two correct verifiers may disagree.
Keys are therefore examined once, when they are registered or read. This is public data, so nothing
here needs constant time.

Source: RFC 8032, section 5.1 (curve constants), 5.1.3 (decoding), 5.1.4 (point addition).
"""

from functools import lru_cache

from contracts.errors import InvalidKey

KEY_BYTES = 32
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_SQRT_MINUS_ONE = pow(2, (_P - 1) // 4, _P)

_Point = tuple[int, int, int, int]
_IDENTITY: _Point = (0, 1, 1, 0)


@lru_cache(maxsize=1024)
def check_public_point(encoded: bytes) -> None:
    """Raise ``InvalidKey`` unless 32 bytes canonically encode a point of prime order."""
    if len(encoded) != KEY_BYTES:
        raise InvalidKey("an Ed25519 public key has 32 bytes")
    point = _decode(encoded)
    if _same(point, _IDENTITY) or not _same(_multiply(_L, point), _IDENTITY):
        raise InvalidKey(
            "the Ed25519 public key is a weak point: its order is not the group's prime"
        )


def _decode(encoded: bytes) -> _Point:
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= _P:
        raise InvalidKey("the Ed25519 public key is not canonically encoded")
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P != u:
        x = x * _SQRT_MINUS_ONE % _P
    if v * x * x % _P != u:
        raise InvalidKey("the Ed25519 public key is not a point of the curve")
    if x == 0 and sign == 1:
        raise InvalidKey("the Ed25519 public key is not canonically encoded")
    if x & 1 != sign:
        x = _P - x
    return (x, y, 1, x * y % _P)


def _add(left: _Point, right: _Point) -> _Point:
    a = (left[1] - left[0]) * (right[1] - right[0]) % _P
    b = (left[1] + left[0]) * (right[1] + right[0]) % _P
    c = 2 * left[3] * right[3] * _D % _P
    d = 2 * left[2] * right[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _multiply(scalar: int, point: _Point) -> _Point:
    result = _IDENTITY
    for bit in f"{scalar:b}":
        result = _add(result, result)
        if bit == "1":
            result = _add(result, point)
    return result


def _same(left: _Point, right: _Point) -> bool:
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % _P == 0
