"""Canonical JSON: the one byte form of a value that is hashed and signed.

Writing follows RFC 8785 (JSON Canonicalization Scheme). Values are narrower than JSON: no
fractions, no exponents, no integer beyond 2**53 - 1, so that every reader in every language sees
the same number. Amounts are integers or decimal strings, instants are strings.
"""

import hashlib
import json
import re
from typing import Any, NoReturn, TypeAlias, cast

import rfc8785

from contracts.errors import MalformedJson, NotCanonical

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | bool | None"
JsonObject: TypeAlias = dict[str, JsonValue]

MAX_INTEGER = 2**53 - 1
MAX_BYTES = 1 << 20
MAX_DEPTH = 32
_MAX_DIGITS = len(str(-MAX_INTEGER))

_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode
_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


def canonical_bytes(value: object) -> bytes:
    """Serialise dict, list, tuple, str, int, bool and None by RFC 8785.

    Anything else, and anything too deep or too large for a safe integer, raises ``NotCanonical``.
    """
    _check(value, MAX_DEPTH)
    written = _encode(value)
    # The standard library's encoder writes RFC 8785 several times faster, but for one rule: it
    # sorts names by code points, not by UTF-16 units. The two differ only beyond U+FFFF.
    if written.isascii() or max(written) <= "\uffff":
        return written.encode()
    return rfc8785.dumps(cast(Any, value))


def digest(value: object) -> str:
    """``sha256:<hex>`` of the canonical bytes of a value."""
    return bytes_digest(canonical_bytes(value))


def bytes_digest(raw: bytes) -> str:
    """``sha256:<hex>`` of bytes as they are: what ``sha256sum`` prints."""
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def parse_json(raw: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> JsonValue:
    """Read JSON strictly, or raise ``MalformedJson``.

    Refused besides bad syntax: repeated members, fractions and exponents (also ``1e400``), ``-0``,
    integers beyond 2**53 - 1, NaN and Infinity, lone surrogates, a byte order mark, more bytes or
    nesting than the limits allow.
    """
    if len(raw) > max_bytes:
        raise MalformedJson(f"more than {max_bytes} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJson(f"not UTF-8 at byte {error.start}") from error
    _check_depth(text, max_depth)
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_unique_members,
            parse_int=_safe_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except json.JSONDecodeError as error:
        raise MalformedJson(f"not JSON at character {error.pos}: {error.msg}") from error
    try:
        _check(value, max_depth)
    except NotCanonical as error:
        raise MalformedJson(str(error)) from error
    return value


def parse_object(
    raw: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> JsonObject:
    """Read strict JSON whose outermost value is an object."""
    value = parse_json(raw, max_bytes=max_bytes, max_depth=max_depth)
    if not isinstance(value, dict):
        raise MalformedJson("not a JSON object")
    return value


def parse_canonical(raw: bytes, *, max_bytes: int = MAX_BYTES) -> JsonObject:
    """Read an object whose bytes are already canonical.

    Any other spelling of the same value is refused.
    """
    value = parse_object(raw, max_bytes=max_bytes)
    if canonical_bytes(value) != raw:
        raise MalformedJson("the bytes are not in canonical form (RFC 8785)")
    return value


def _check(value: object, depth: int) -> None:
    match value:
        case str():
            _check_text(value)
        case None | bool():
            return
        case int():
            if not -MAX_INTEGER <= value <= MAX_INTEGER:
                raise NotCanonical("an integer is beyond 2**53 - 1: write it as a string")
        case dict() | list() | tuple():
            _check_members(cast("dict[object, object] | list[object]", value), depth - 1)
        case _:
            raise NotCanonical(f"a {type(value).__name__} has no canonical form")


def _check_members(value: dict[object, object] | list[object], depth: int) -> None:
    if depth < 0:
        raise NotCanonical("values are nested too deeply")
    if isinstance(value, dict):
        for name in value:
            if not isinstance(name, str):
                raise NotCanonical("a member name is not a string")
            _check_text(name)
    for member in value.values() if isinstance(value, dict) else value:
        if type(member) is not str or not member.isascii():
            _check(member, depth)


def _check_text(text: str) -> None:
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise NotCanonical("a string holds a lone surrogate")


def _check_depth(text: str, max_depth: int) -> None:
    # Counted before parsing, so that nesting can never exhaust the parser's stack.
    depth = 0
    for match in _STRUCTURE.finditer(text):
        if match[0] in "[{":
            depth += 1
            if depth > max_depth:
                raise MalformedJson(f"nested deeper than {max_depth} levels")
        elif match[0] in "]}":
            depth -= 1


def _unique_members(pairs: list[tuple[str, JsonValue]]) -> JsonObject:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        repeated = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise MalformedJson(f"the member {repeated[:64]!r} is repeated")
    return members


def _safe_integer(text: str) -> int:
    # The length comes first: Python refuses to convert thousands of digits with an error of its
    # own.
    if text == "-0" or len(text) > _MAX_DIGITS or abs(number := int(text)) > MAX_INTEGER:
        raise MalformedJson(f"the number {text[:32]} is not a safe integer")
    return number


def _refuse_number(text: str) -> NoReturn:
    raise MalformedJson(f"the number {text[:32]} is not an integer")
