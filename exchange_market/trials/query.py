"""A query on a sample, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

ASKED: Final = "asked"
ANSWERED: Final = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxQuery:
    """One statement somebody sent, and what became of it.

    `outcome` is `asked` until there is one, then `answered` or the sandbox's code. Rows and time
    (milliseconds) are those of an answered query.
    """

    id: str
    product_id: str
    revision_id: str
    organisation_id: str
    user_id: str
    asked_at: datetime
    statement: str
    outcome: str = ASKED
    answered_rows: int | None = None
    elapsed_ms: float | None = None
