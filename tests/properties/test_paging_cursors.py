"""Cursors: nobody makes one, nobody carries one elsewhere, and pages lose and repeat no row."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_market.kernel.paging import CursorRefused, CursorSeal

SEAL = CursorSeal(b"s" * 32)
KEYS = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.none(),
    ),
    min_size=1,
    max_size=4,
)
CONTEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(KEYS, CONTEXTS)
def test_a_cursor_gives_back_the_key_where_it_was_sealed(
    key: list[str | int | float | bool | None], context: str
) -> None:
    cursor = SEAL.seal(key, context)

    opened = SEAL.unseal(cursor, context)
    assert opened == key
    assert [type(each) for each in opened] == [type(each) for each in key]
    assert cursor.isascii()
    assert not set(cursor) & set("+/= &?#")


@given(KEYS, CONTEXTS, CONTEXTS)
def test_a_cursor_is_good_in_its_own_list_only(
    key: list[str | int | float | bool | None], context: str, other: str
) -> None:
    cursor = SEAL.seal(key, context)

    if context != other:
        with pytest.raises(CursorRefused):
            SEAL.unseal(cursor, other)
    with pytest.raises(CursorRefused):
        CursorSeal(b"t" * 32).unseal(cursor, context)


@given(KEYS, st.data())
def test_a_changed_byte_is_noticed(
    key: list[str | int | float | bool | None], data: st.DataObject
) -> None:
    cursor = SEAL.seal(key, "list")
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    forged = base64.urlsafe_b64encode(raw).decode().rstrip("=")

    with pytest.raises(CursorRefused):
        SEAL.unseal(forged, "list")


@given(KEYS, st.integers(0, 60))
def test_a_shortened_cursor_is_refused(
    key: list[str | int | float | bool | None], length: int
) -> None:
    cursor = SEAL.seal(key, "list")

    if length < len(cursor):
        with pytest.raises(CursorRefused):
            SEAL.unseal(cursor[:length], "list")


@given(st.text(max_size=200))
def test_anything_else_is_refused_with_the_name_of_the_field(text: str) -> None:
    with pytest.raises(CursorRefused) as caught:
        SEAL.unseal(text, "list")

    assert caught.value.params == {"field": "cursor"}


def test_a_cursor_without_end_is_refused_unread() -> None:
    with pytest.raises(CursorRefused):
        SEAL.unseal("A" * 2_001, "list")


def test_the_secret_context_and_key_cannot_be_shifted_into_each_other() -> None:
    """`a` + `\\0b` and `a\\0b` would be one message if the context were not told apart."""
    cursor = SEAL.seal(["x"], "list\0")

    with pytest.raises(CursorRefused):
        SEAL.unseal(cursor, "list")


@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10_000)), unique=True, max_size=60),
    limit=st.integers(1, 12),
)
def test_pages_cover_each_row_exactly_once_in_order(
    rows: list[tuple[int, int]], limit: int
) -> None:
    ordered = sorted(rows)
    seen: list[tuple[int, int]] = []
    cursor: str | None = None

    while True:
        after = None if cursor is None else tuple(SEAL.unseal(cursor, "list"))
        fetched = [row for row in ordered if after is None or row > after][: limit + 1]
        page = SEAL.page(fetched, limit, "list", key=list)
        assert len(page.items) <= limit
        assert page.next_cursor is None or len(page.items) == limit
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == ordered
