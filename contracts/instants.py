"""Instants as text.

RFC 3339, UTC, always six fractional digits, so that text order is time order.
"""

import re
from datetime import UTC, datetime

from contracts.errors import InvalidValue

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z", re.ASCII)


def instant_text(moment: datetime) -> str:
    """Write an aware datetime as ``2026-01-02T03:04:05.000006Z``.

    A naive one is a programming error.
    """
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_instant(text: str, path: str = "instant") -> datetime:
    """Read exactly what ``instant_text`` writes.

    Anything else raises ``InvalidValue`` at ``path``.
    """
    if _FORM.fullmatch(text) is None:
        raise InvalidValue(path, "not an instant like 2026-01-02T03:04:05.000006Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidValue(path, "not a real date and time") from error
