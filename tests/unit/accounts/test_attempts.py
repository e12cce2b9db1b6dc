"""Failures lock, locks grow and are forgotten."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_market.accounts.attempts import (
    ACCOUNT_POLICY,
    ADDRESS_POLICY,
    Attempts,
    Subjects,
    after_failure,
)

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_fourth_failure_does_not_lock_and_the_fifth_does() -> None:
    attempts: Attempts | None = None
    for _ in range(4):
        attempts = after_failure(attempts, ACCOUNT_POLICY, NOW)
    assert attempts is not None
    before = attempts.seconds_locked(NOW)

    after = after_failure(attempts, ACCOUNT_POLICY, NOW)

    assert (before, after.seconds_locked(NOW)) == (0, 900)


def test_failures_outside_the_window_do_not_add_up() -> None:
    attempts: Attempts | None = None
    now = NOW
    for _ in range(100):
        attempts = after_failure(attempts, ADDRESS_POLICY, now)
        now += timedelta(seconds=33)

    assert attempts is not None
    assert attempts.locks == 0


def test_lock_is_forgotten_after_a_quiet_day() -> None:
    long_ago = Attempts(4, 3, NOW, NOW)

    soon = after_failure(long_ago, ACCOUNT_POLICY, NOW + timedelta(hours=23))
    later = after_failure(
        Attempts(4, 3, NOW + timedelta(hours=23), NOW), ACCOUNT_POLICY, NOW + timedelta(hours=24)
    )

    assert (soon.locks, later.locks) == (4, 1)


def test_remaining_seconds_are_rounded_up() -> None:
    attempts = Attempts(0, 1, NOW, NOW + timedelta(milliseconds=1_001))

    assert attempts.seconds_locked(NOW) == 2


@given(st.lists(st.integers(0, 100_000), max_size=60))
def test_guesses_per_day_stay_few_however_they_are_spread(gaps: list[int]) -> None:
    attempts: Attempts | None = None
    now = NOW
    guessed_at: list[datetime] = []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if attempts is not None and attempts.seconds_locked(now):
            continue
        attempts = after_failure(attempts, ACCOUNT_POLICY, now)
        guessed_at.append(now)

    for start in guessed_at:
        in_a_day = [at for at in guessed_at if start <= at < start + timedelta(hours=24)]
        # 15, 30, 60 … 960 minutes: at most eight locks begin within a day.
        assert len(in_a_day) <= 5 * 8


@given(st.integers(1, 2_000))
def test_no_lock_is_longer_than_a_day(locks: int) -> None:
    attempts = after_failure(Attempts(4, locks, NOW, NOW), ACCOUNT_POLICY, NOW)

    assert 900 <= attempts.seconds_locked(NOW) <= 24 * 3600


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("socket", "socket", True),
    ],
)
def test_ipv6_customer_is_one_network(one: str, other: str, same: bool) -> None:
    subjects = Subjects(b"secret")

    assert (subjects.address(one) == subjects.address(other)) is same


def test_counter_names_depend_on_the_secret_and_hide_the_address() -> None:
    first, second = Subjects(b"one").account("a@b"), Subjects(b"two").account("a@b")

    assert first != second
    assert "a@b" not in first
    assert Subjects(b"one").address("a@b") != first
