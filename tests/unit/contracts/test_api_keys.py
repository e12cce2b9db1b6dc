"""API keys: their text form, and what is recognised before any database is asked."""

import hashlib
import hmac
import zlib

import pytest

from contracts.api_keys import KeyPrefix, display_hint, fingerprint, mint, parse
from contracts.errors import MalformedKey

RANDOM = bytes(range(32))


def test_a_key_is_prefix_43_characters_and_6_of_checksum() -> None:
    key = mint(KeyPrefix.LIVE, RANDOM)

    assert key.startswith("dxk_live_")
    assert len(key) == len("dxk_live_") + 43 + 6
    assert key[len("dxk_live_") :].isalnum()
    assert parse(key).prefix is KeyPrefix.LIVE
    assert parse(key).hint == key[-4:] == display_hint(key)


def test_the_checksum_is_crc32_of_prefix_and_body_in_base62() -> None:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    key = mint(KeyPrefix.SANDBOX, RANDOM)

    number = 0
    for character in key[-6:]:
        number = number * 62 + alphabet.index(character)

    assert number == zlib.crc32(key[:-6].encode())


@pytest.mark.parametrize("raw", [bytes(32), b"\xff" * 32])
def test_the_smallest_and_the_largest_secret_fit(raw: bytes) -> None:
    for prefix in KeyPrefix:
        assert parse(mint(prefix, raw)).prefix is prefix


def checksummed(text: str) -> str:
    """A text with the checksum of a key, whatever it says."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = alphabet[digit] + digits
    return text + digits


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dxk_live_",
        "dxk_prod_" + "0" * 49,
        "sk_live_" + "0" * 49,
        mint(KeyPrefix.LIVE, RANDOM)[:-1],
        mint(KeyPrefix.LIVE, RANDOM) + "0",
        " " + mint(KeyPrefix.LIVE, RANDOM),
        mint(KeyPrefix.LIVE, RANDOM).replace("dxk_live_", "dxk_test_"),
        checksummed("dxk_live_" + "-" * 43),
        checksummed("dxk_live_" + "é" * 43),
        checksummed("dxk_live_" + "z" * 43),
        "dxk_live_" + "0" * 49,
    ],
)
def test_what_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(MalformedKey) as refused:
        parse(text)
    assert len(text) < 12 or text not in str(refused.value)


def test_a_key_is_made_of_exactly_256_bits() -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        mint(KeyPrefix.LIVE, bytes(31))


def test_the_stored_form_is_keyed_by_the_server() -> None:
    key, pepper = mint(KeyPrefix.LIVE, RANDOM), b"p" * 32

    assert fingerprint(key, pepper) == hmac.new(pepper, key.encode(), hashlib.sha256).digest()
    assert fingerprint(key, b"q" * 32) != fingerprint(key, pepper)
    with pytest.raises(ValueError, match="pepper"):
        fingerprint(key, b"short")


def test_a_parsed_key_does_not_hold_the_secret() -> None:
    key = mint(KeyPrefix.TEST, RANDOM)

    assert key[len("dxk_test_") : -6] not in repr(parse(key))
