"""Whatever somebody writes into a bundle, its verification answers and never breaks off."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.bundle import sealed_by, verify_bundle, write_bundle
from contracts.canonical import canonical_bytes
from contracts.container import SEAL, SUMS, read_zip, sums, write_zip
from contracts.errors import UnreadableBundle
from tests.support.trade_evidence import EXCHANGE_KEY, SIGNED_AT, key_set, trade

SEALED = sealed_by(EXCHANGE_KEY, signed_at=SIGNED_AT)
MEMBERS = dict(read_zip(write_bundle(trade().evidence, SEALED)).contents)
STRANGE: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 0, 2**53 - 1, "", "é", "a.b.c", [], {}, [1], {"a": 1}, "party", "A" * 86]
)


def with_one_change(value: Any, data: st.DataObject) -> Any:
    """A copy of a JSON value with one member, at any depth, removed or made strange."""
    if not isinstance(value, (dict, list)) or not value or data.draw(st.integers(0, 5)) == 0:
        return data.draw(STRANGE)
    copy: Any = value.copy()
    places = sorted(value) if isinstance(value, dict) else range(len(value))
    place = data.draw(st.sampled_from(places))
    if data.draw(st.integers(0, 5)) == 0:
        del copy[place]
    else:
        copy[place] = with_one_change(copy[place], data)
    return copy


@settings(max_examples=40)
@given(
    st.sampled_from(["contract.json", "contract.jws.json", "receipts.jsonl", "audit.jsonl"]),
    st.data(),
)
def test_a_strange_member_is_refused_even_if_the_exchange_sealed_it(
    name: str, data: st.DataObject
) -> None:
    lines = [json.loads(line) for line in MEMBERS[name].splitlines()]
    place = data.draw(st.integers(0, len(lines) - 1))
    changed = [*lines[:place], with_one_change(lines[place], data), *lines[place + 1 :]]
    end = b"\n" if name.endswith(".jsonl") else b""
    content = b"".join(canonical_bytes(line) + end for line in changed)
    members = {**MEMBERS, name: content}
    members[SUMS] = sums(members)
    members[SEAL] = SEALED(members[SUMS]).encode()

    report = verify_bundle(write_zip(members), data.draw(st.sampled_from([None, key_set()])))

    assert report.ok == (content == MEMBERS[name])
    if not report.ok:
        assert name in {check.name for check in report.checks if not check.ok}


@settings(max_examples=40)
@given(st.integers(0), st.integers(0, 7))
def test_a_flipped_bit_of_the_file_never_changes_what_was_proved(place: int, bit: int) -> None:
    raw = bytearray(write_zip(MEMBERS))
    raw[place % len(raw)] ^= 1 << bit
    try:
        members = read_zip(bytes(raw)).contents
    except UnreadableBundle:
        return

    # A bit of the container's dates or modes may change; a restored content may not.
    assert all(MEMBERS[name] == content for name, content in members.items())
