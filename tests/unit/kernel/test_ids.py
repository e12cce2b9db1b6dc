"""Identifiers: unique, sorted by time, short enough for their columns."""

import time
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from exchange_market.kernel.clock import SystemClock
from exchange_market.kernel.ids import ID_LENGTH_MAX, lowest_id_at, new_id

_ALPHABET = set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_INSTANTS = st.datetimes(
    datetime(1971, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2999, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def test_ids_made_at_once_are_all_different() -> None:
    assert len({new_id("prd") for _ in range(50_000)}) == 50_000


def test_an_id_is_a_prefix_and_a_ulid() -> None:
    prefix, _, ulid = new_id("prd").partition("_")

    assert prefix == "prd"
    assert len(ulid) == 26
    assert set(ulid) <= _ALPHABET
    assert len(new_id("twelve_chars")) <= ID_LENGTH_MAX


def test_a_later_id_sorts_after_an_earlier_one() -> None:
    earlier = new_id("prd")
    time.sleep(0.002)
    later = new_id("prd")

    assert earlier < later


def test_an_id_lies_between_the_lowest_ids_of_the_instants_around_it() -> None:
    before = SystemClock().now() - timedelta(milliseconds=1)
    made = new_id("evt")
    after = SystemClock().now() + timedelta(milliseconds=1)

    assert lowest_id_at("evt", before) < made < lowest_id_at("evt", after)


@given(_INSTANTS, _INSTANTS)
def test_lowest_ids_sort_as_their_instants_do(one: datetime, other: datetime) -> None:
    milliseconds = [int(each.timestamp() * 1000) for each in (one, other)]
    lowest = [lowest_id_at("evt", each) for each in (one, other)]

    assert (milliseconds[0] < milliseconds[1]) == (lowest[0] < lowest[1])
    assert (milliseconds[0] == milliseconds[1]) == (lowest[0] == lowest[1])


def test_a_known_instant_gives_the_known_digits() -> None:
    """The timestamp of the example in the ULID specification, section "Specification"."""
    instant = datetime.fromtimestamp(1469918176.385, UTC)

    assert lowest_id_at("x", instant)[:12] == "x_01ARYZ6S41"
