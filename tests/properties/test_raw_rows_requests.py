"""The states of requests for raw rows: no way to identifying values around a second person."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_market.governance.errors import BreakGlassMoveRefused
from exchange_market.governance.request import RawRowsRequest, RequestState, RequestStep

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def request(state: RequestState) -> RawRowsRequest:
    """A request in a state, good for another hour."""
    return RawRowsRequest(
        id="brk_1",
        product_id="prd_1",
        organisation_id="org_1",
        revision_id="rev_1",
        revision_number=1,
        first_row=0,
        rows=1,
        columns=(),
        unmask=True,
        reason="because of a complaint",
        state=state,
        requested_by="usr_1",
        requested_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )


@given(st.lists(st.sampled_from(RequestStep), max_size=8))
def test_nothing_is_read_before_an_approval_or_after_a_refusal(steps: list[RequestStep]) -> None:
    state, decided = RequestState.AWAITING_APPROVAL, None

    for step in steps:
        try:
            state = request(state).after(step, NOW)
        except BreakGlassMoveRefused:
            continue
        if step is RequestStep.READ:
            assert decided is RequestStep.APPROVE
        else:
            assert decided is None
            decided = step


@given(st.sampled_from(RequestState), st.sampled_from(RequestStep))
def test_an_expired_request_allows_no_step(state: RequestState, step: RequestStep) -> None:
    with pytest.raises(BreakGlassMoveRefused):
        request(state).after(step, NOW + timedelta(hours=1))
