"""The life of a contract as a state machine: whatever the sides try, the rules hold."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.errors import IllegalTransition
from contracts.lifecycle import Event, Side, State, is_final, next_state, permitted

SIGNED = {State.AGREED, State.VERIFIED}


class ContractLife(RuleBasedStateMachine):
    """Every side tries every event; a plain record of what happened judges the table."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.DRAFT
        self.history: list[tuple[State, Event, Side, State]] = []

    @rule(event=st.sampled_from(Event), side=st.sampled_from(Side))
    def attempt(self, event: Event, side: Side) -> None:
        """Try a move; a refused one changes nothing."""
        before = self.state
        try:
            self.state = next_state(before, event, side)
        except IllegalTransition:
            assert event not in permitted(before, side)
        else:
            assert event in permitted(before, side)
            self.history.append((before, event, side, self.state))

    @invariant()
    def nothing_follows_the_end(self) -> None:
        assert not any(is_final(before) for before, _, _, _ in self.history)

    @invariant()
    def no_contract_is_active_before_provider_buyer_and_exchange_signed_in_order(self) -> None:
        reached = [target for _, _, _, target in self.history]
        if State.ACTIVE in reached:
            signing = self.history[: reached.index(State.ACTIVE) + 1][-3:]
            assert [(event, side) for _, event, side, _ in signing] == [
                (Event.AGREE, Side.PROVIDER),
                (Event.VERIFY, Side.BUYER),
                (Event.ACTIVATE, Side.EXCHANGE),
            ]

    @invariant()
    def signed_terms_are_not_renegotiated(self) -> None:
        for before, event, _, _ in self.history:
            if before in SIGNED:
                assert event not in {Event.REQUEST, Event.OFFER, Event.ACCEPT}

    @invariant()
    def only_the_exchange_lets_a_stopped_contract_run_again(self) -> None:
        for before, _, side, target in self.history:
            if before in {State.SUSPENDED, State.DISPUTED} and target is State.ACTIVE:
                assert side is Side.EXCHANGE

    @invariant()
    def only_time_lets_a_contract_expire(self) -> None:
        for _, event, side, target in self.history:
            assert (target is State.EXPIRED) == (event is Event.EXPIRE) == (side is Side.CLOCK)


TestContractLife = ContractLife.TestCase


def test_every_state_can_be_reached_and_left_or_is_final() -> None:
    reached, frontier = {State.DRAFT}, [State.DRAFT]
    while frontier:
        state = frontier.pop()
        for side in Side:
            for event in permitted(state, side):
                target = next_state(state, event, side)
                if target not in reached:
                    reached.add(target)
                    frontier.append(target)

    assert reached == set(State)
    for state in State:
        assert is_final(state) == (not any(permitted(state, side) for side in Side))
