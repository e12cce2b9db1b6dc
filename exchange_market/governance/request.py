"""A request for raw rows ("break glass") as a value, and the table of its states."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from exchange_market.governance.errors import BreakGlassMoveRefused


class RequestState(StrEnum):
    """Where a request stands."""

    AWAITING_APPROVAL = "awaiting_approval"
    GRANTED = "granted"
    REFUSED = "refused"


class RequestStep(StrEnum):
    """What can be done about a request. A request that asks for no identifier starts as granted."""

    APPROVE = "approve"
    REFUSE = "refuse"
    READ = "read"


STEPS: Final[dict[tuple[RequestState, RequestStep], RequestState]] = {
    (RequestState.AWAITING_APPROVAL, RequestStep.APPROVE): RequestState.GRANTED,
    (RequestState.AWAITING_APPROVAL, RequestStep.REFUSE): RequestState.REFUSED,
    (RequestState.GRANTED, RequestStep.READ): RequestState.GRANTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRowsRequest:
    """Who wants to see which raw rows, and why. No columns means all of them.

    `unmask` asks for the values of columns that identify somebody; it takes a second administrator.
    """

    id: str
    product_id: str
    organisation_id: str
    revision_id: str
    revision_number: int
    first_row: int
    rows: int
    columns: tuple[str, ...]
    unmask: bool
    reason: str
    state: RequestState
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None
    readings: int = 0
    last_read_at: datetime | None = None

    def after(self, step: RequestStep, now: datetime) -> RequestState:
        """Where a step leads; raises BreakGlassMoveRefused."""
        state = STEPS.get((self.state, step))
        if state is not None and now < self.expires_at:
            return state
        needed = next(before for before, possible in STEPS if possible is step)
        expired = self.state is needed
        raise BreakGlassMoveRefused(
            state="expired" if expired else self.state.value, needed=needed.value
        )
