"""The text form of API keys: a readable prefix, 256 random bits in base62 and a CRC-32.

A key reads ``<prefix><43 base62><6 base62>``. The checksum covers prefix and body, so that a
scanner or a server recognises a mistyped or made-up key before it asks any database. It protects
against accidents, not attackers: the secret is the 256 bits, and a server stores only
``fingerprint``.
"""

import hashlib
import hmac
import string
import zlib
from dataclasses import dataclass
from enum import StrEnum

from contracts.errors import MalformedKey

RANDOM_BYTES = 32
PEPPER_BYTES = 32
BODY_LENGTH = 43  # 62**43 > 2**256 > 62**42
CHECKSUM_LENGTH = 6  # 62**6 > 2**32 > 62**5
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_DIGITS = {character: value for value, character in enumerate(_ALPHABET)}


class KeyPrefix(StrEnum):
    """What a key opens: live data, the sample through the real delivery API, or sandbox queries."""

    LIVE = "dxk_live_"
    TEST = "dxk_test_"
    SANDBOX = "dxs_"


@dataclass(frozen=True, slots=True)
class ParsedKey:
    """What may be shown or logged about a key; the secret itself is not kept."""

    prefix: KeyPrefix
    hint: str


def mint(prefix: KeyPrefix, random_bytes: bytes) -> str:
    """Write 32 random bytes as an API key.

    The caller brings the randomness and shows the result once.
    """
    if len(random_bytes) != RANDOM_BYTES:
        raise ValueError(f"an API key is made of {RANDOM_BYTES} random bytes")
    signed = prefix.value + _base62(int.from_bytes(random_bytes), BODY_LENGTH)
    return signed + _checksum(signed)


def parse(text: str) -> ParsedKey:
    """Recognise a key, or raise ``MalformedKey`` with a message that does not repeat the text."""
    prefix = next((known for known in KeyPrefix if text.startswith(known.value)), None)
    if prefix is None:
        raise MalformedKey("an API key starts with " + ", ".join(KeyPrefix))
    if len(text) != len(prefix) + BODY_LENGTH + CHECKSUM_LENGTH:
        raise MalformedKey("an API key of this kind has another length")
    body = text[len(prefix) : -CHECKSUM_LENGTH]
    if any(character not in _DIGITS for character in text[len(prefix) :]):
        raise MalformedKey("an API key holds only letters and digits after its prefix")
    if _number(body).bit_length() > 8 * RANDOM_BYTES:
        raise MalformedKey("an API key holds at most 256 bits")
    if not hmac.compare_digest(_checksum(text[:-CHECKSUM_LENGTH]), text[-CHECKSUM_LENGTH:]):
        raise MalformedKey("the checksum does not fit: the key was mistyped or cut")
    return ParsedKey(prefix, display_hint(text))


def fingerprint(text: str, pepper: bytes) -> bytes:
    """HMAC-SHA256 of a key under a server secret: what is stored and looked up.

    A slow password hash would add nothing: the key holds 256 random bits that nobody can guess.
    """
    if len(pepper) < PEPPER_BYTES:
        raise ValueError(f"the pepper has at least {PEPPER_BYTES} bytes")
    return hmac.digest(pepper, text.encode(), hashlib.sha256)


def display_hint(text: str) -> str:
    """The last four characters, enough for an owner to tell two keys apart."""
    return text[-4:]


def _checksum(signed: str) -> str:
    return _base62(zlib.crc32(signed.encode()), CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    characters: list[str] = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        characters.append(_ALPHABET[digit])
    return "".join(reversed(characters))


def _number(text: str) -> int:
    number = 0
    for character in text:
        number = number * 62 + _DIGITS[character]
    return number
