"""Listing states under any sequence of actions by anybody, against an independent account of the
rules.
"""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exchange_market.catalog.errors import (
    ListingActionNotYours,
    ListingTransitionRefused,
    ReasonRequired,
)
from exchange_market.catalog.listing import (
    MOVES,
    ListingAction,
    ListingState,
    Mover,
    actions_of,
    next_state,
)

_REASONS = st.sampled_from(["", "   ", "because"])


class ListingLife(RuleBasedStateMachine):
    """A listing that everybody pushes at, and a record of what was truly decided about it."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ListingState.DRAFT
        self.approved_since_submission = False
        self.suspended_by_administrator = False

    @rule(action=st.sampled_from(ListingAction), mover=st.sampled_from(Mover), reason=_REASONS)
    def act(self, action: ListingAction, mover: Mover, reason: str) -> None:
        before = self.state
        try:
            self.state = next_state(before, action, mover, reason)
        except ListingTransitionRefused:
            assert all(action not in actions_of(before, each) for each in Mover)
            return
        except ListingActionNotYours:
            assert action not in actions_of(before, mover)
            return
        except ReasonRequired:
            assert not reason.strip()
            return
        assert action in actions_of(before, mover)
        self._account(action, mover, before, reason)

    def _account(  # noqa: C901 - one case per action
        self, action: ListingAction, mover: Mover, before: ListingState, reason: str
    ) -> None:
        match action:
            case ListingAction.SUBMIT | ListingAction.REOPEN:
                assert mover is Mover.PROVIDER
                self.approved_since_submission = False
            case ListingAction.APPROVE:
                assert mover is Mover.ADMINISTRATOR
                self.approved_since_submission = True
            case ListingAction.SUSPEND:
                assert mover is Mover.ADMINISTRATOR
                assert reason.strip()
                self.suspended_by_administrator = True
            case ListingAction.REINSTATE:
                assert mover is Mover.ADMINISTRATOR
                self.suspended_by_administrator = False
            case ListingAction.WITHDRAW:
                if before in (ListingState.PUBLISHED, ListingState.SUSPENDED):
                    assert reason.strip()
                else:
                    assert mover is Mover.PROVIDER
                self.suspended_by_administrator = False
            case ListingAction.RETURN:
                assert mover is Mover.ADMINISTRATOR
                assert reason.strip()
            case ListingAction.PUBLISH:
                assert before is ListingState.APPROVED

    @invariant()
    def nothing_is_published_without_a_standing_approval(self) -> None:
        if self.state is ListingState.PUBLISHED:
            assert self.approved_since_submission
            assert not self.suspended_by_administrator

    @invariant()
    def every_state_has_a_way_on(self) -> None:
        assert MOVES[self.state]


TestListingLife = ListingLife.TestCase


def test_every_state_can_be_reached() -> None:
    reached, frontier = {ListingState.DRAFT}, [ListingState.DRAFT]
    while frontier:
        for move in MOVES[frontier.pop()].values():
            if move.to not in reached:
                reached.add(move.to)
                frontier.append(move.to)

    assert reached == set(ListingState)


@pytest.mark.parametrize("action", list(ListingAction))
def test_a_refused_action_names_what_is_possible(action: ListingAction) -> None:
    if action in MOVES[ListingState.WITHDRAWN]:
        return

    with pytest.raises(ListingTransitionRefused) as refusal:
        next_state(ListingState.WITHDRAWN, action, Mover.PROVIDER, "because")

    assert refusal.value.params["allowed"] == ["reopen"]
