"""The checksum of API keys finds every slip of one character, and most others."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.api_keys import KeyPrefix, mint, parse
from contracts.errors import MalformedKey

SECRETS = st.binary(min_size=32, max_size=32)
PREFIXES = st.sampled_from(KeyPrefix)


@given(PREFIXES, SECRETS)
def test_every_minted_key_is_recognised(prefix: KeyPrefix, secret: bytes) -> None:
    key = mint(prefix, secret)

    assert parse(key).prefix is prefix
    assert len(key) == len(prefix) + 49


@given(SECRETS, SECRETS)
def test_different_secrets_give_different_keys(one: bytes, other: bytes) -> None:
    assert (mint(KeyPrefix.LIVE, one) == mint(KeyPrefix.LIVE, other)) == (one == other)


@given(PREFIXES, SECRETS, st.data())
def test_no_single_changed_character_is_accepted(
    prefix: KeyPrefix, secret: bytes, data: st.DataObject
) -> None:
    key = mint(prefix, secret)
    place = data.draw(st.integers(0, len(key) - 1))
    alphabet = string.digits + string.ascii_letters + "_-é "
    changed = data.draw(st.sampled_from(alphabet.replace(key[place], "")))

    with pytest.raises(MalformedKey):
        parse(key[:place] + changed + key[place + 1 :])


def test_no_single_changed_character_of_one_key_is_accepted() -> None:
    key = mint(KeyPrefix.LIVE, bytes(range(32)))
    for place, right in enumerate(key):
        for wrong in (string.digits + string.ascii_letters + "_").replace(right, ""):
            with pytest.raises(MalformedKey):
                parse(key[:place] + wrong + key[place + 1 :])


@given(PREFIXES, SECRETS, st.data())
def test_no_two_swapped_neighbours_are_accepted(
    prefix: KeyPrefix, secret: bytes, data: st.DataObject
) -> None:
    key = mint(prefix, secret)
    place = data.draw(st.integers(0, len(key) - 2))
    if key[place] == key[place + 1]:
        return

    with pytest.raises(MalformedKey):
        parse(key[:place] + key[place + 1] + key[place] + key[place + 2 :])


@given(st.text(max_size=80))
def test_any_text_is_a_key_or_refused(text: str) -> None:
    with pytest.raises(MalformedKey):
        parse(text)
