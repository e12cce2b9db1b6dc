"""Instants as text: one form, whose order is that of time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from contracts.errors import InvalidValue
from contracts.instants import instant_text, parse_instant


def test_an_instant_is_written_in_utc_with_six_digits() -> None:
    shanghai = timezone(timedelta(hours=8))

    assert instant_text(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05.000000Z"
    assert instant_text(datetime(2026, 1, 1, tzinfo=shanghai)) == "2025-12-31T16:00:00.000000Z"


def test_an_instant_is_read_as_it_was_written() -> None:
    moment = datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)

    assert parse_instant(instant_text(moment)) == moment


def test_a_time_without_a_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="time zone"):
        instant_text(datetime(2026, 1, 2))  # noqa: DTZ001  the mistake under test


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-02",
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.000000+00:00",
        "2026-01-02 03:04:05.000000Z",
        "2026-02-30T03:04:05.000000Z",
        "2026-01-02T24:00:00.000000Z",
        "２０２６-01-02T03:04:05.000000Z",
        "2026-01-02T03:04:05.000000Z\n",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match=r"^started_at: not"):
        parse_instant(text, "started_at")
