"""A clock that tests move by hand."""

from datetime import UTC, datetime, timedelta


class FrozenClock:
    """Stands still until told otherwise."""

    def __init__(self, at: datetime = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.at

    def forward(self, **delta: float) -> None:
        """Move on by a timedelta given as keywords."""
        self.at += timedelta(**delta)
