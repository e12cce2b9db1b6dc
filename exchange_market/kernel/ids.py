"""Identifiers: a prefix that names the kind, then a ULID that sorts by time of creation.

Format of the ULID part: 48 bits of milliseconds and 80 random bits in Crockford base 32
(ULID specification, section "String Representation").
"""

import secrets
import time
from datetime import datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH_MAX = 40
"""No identifier is longer; columns that hold one have this length."""


def new_id(prefix: str) -> str:
    """A fresh identifier such as `prd_01K9…`; later ids sort after earlier ones (per
    millisecond)."""
    return f"{prefix}_{_encode(time.time_ns() // 1_000_000, secrets.randbits(80))}"


def lowest_id_at(prefix: str, instant: datetime) -> str:
    """The smallest id that could have been made at `instant`; for ranges over time by id."""
    return f"{prefix}_{_encode(int(instant.timestamp() * 1000), 0)}"


def _encode(milliseconds: int, random_bits: int) -> str:
    number = (milliseconds << 80) | random_bits
    characters: list[str] = []
    for _ in range(26):
        number, digit = divmod(number, 32)
        characters.append(_ALPHABET[digit])
    return "".join(reversed(characters))
