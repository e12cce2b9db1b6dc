"""Canonical JSON: one form for each value, whoever writes it."""

import json
from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import MAX_INTEGER, canonical_bytes, parse_canonical, parse_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=25,
)


@given(VALUES)
def test_the_form_is_that_of_the_reference_library(value: Any) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)


@given(VALUES)
def test_reading_and_writing_again_changes_nothing(value: Any) -> None:
    written = canonical_bytes(value)

    assert parse_json(written) == value
    assert canonical_bytes(parse_json(written)) == written


@given(st.dictionaries(TEXT, VALUES, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_members_and_the_white_space_do_not_matter(
    value: dict[str, Any], random: Any
) -> None:
    items = list(value.items())
    random.shuffle(items)
    loose = json.dumps(dict(items), indent=3, ensure_ascii=True).encode()

    assert canonical_bytes(parse_json(loose)) == canonical_bytes(value)
    assert parse_canonical(canonical_bytes(value)) == value
