"""Rows of a part: never fewer than it touches, exactly all for the whole, never more than held."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from exchange_market.delivery.row_shares import RowShares

SHARES = st.builds(RowShares, rows=st.integers(0, 10**7), size_bytes=st.integers(1, 10**10))


@st.composite
def parts(draw: st.DrawFn) -> tuple[RowShares, int, int]:
    shares = draw(SHARES)
    start = draw(st.integers(0, shares.size_bytes - 1))
    return shares, start, draw(st.integers(start + 1, shares.size_bytes))


@given(SHARES)
def test_the_whole_is_exactly_its_rows(shares: RowShares) -> None:
    assert shares.between(0, shares.size_bytes) == shares.rows
    assert shares.between(0, 0) == shares.between(7, 7) == 0


@given(SHARES, st.data())
def test_parts_that_cover_the_whole_never_count_fewer_rows_than_it_has(
    shares: RowShares, data: st.DataObject
) -> None:
    cuts = data.draw(st.lists(st.integers(0, shares.size_bytes), max_size=20))
    edges = [0, *sorted(cuts), shares.size_bytes]
    counted = [shares.between(start, stop) for start, stop in pairwise(edges)]

    assert shares.rows <= sum(counted) <= shares.rows + len(cuts)


@given(parts())
def test_a_part_counts_each_row_that_it_touches(part: tuple[RowShares, int, int]) -> None:
    shares, start, stop = part
    counted = shares.between(start, stop)

    assert counted * shares.size_bytes >= (stop - start) * shares.rows
    assert (counted > 0) is (shares.rows > 0)
    assert counted <= shares.rows


@given(parts(), st.data())
def test_what_breaks_off_counts_no_more_than_what_was_reserved(
    part: tuple[RowShares, int, int], data: st.DataObject
) -> None:
    shares, start, stop = part
    fewer, more = sorted(data.draw(st.tuples(*[st.integers(start, stop)] * 2)))

    assert shares.between(start, fewer) <= shares.between(start, more)
    assert shares.between(start, more) <= shares.between(start, stop)
