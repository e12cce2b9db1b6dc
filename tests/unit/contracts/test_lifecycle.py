"""The life of a contract: who may do what, and when."""

import pytest

from contracts.errors import IllegalTransition
from contracts.lifecycle import (
    TRANSITIONS,
    Event,
    Side,
    State,
    is_final,
    next_state,
    permitted,
)


def walk(*steps: tuple[Event, Side]) -> State:
    state = State.DRAFT
    for event, side in steps:
        state = next_state(state, event, side)
    return state


def test_a_request_that_is_agreed_signed_and_countersigned_becomes_active() -> None:
    assert (
        walk(
            (Event.REQUEST, Side.BUYER),
            (Event.AGREE, Side.PROVIDER),
            (Event.VERIFY, Side.BUYER),
            (Event.ACTIVATE, Side.EXCHANGE),
        )
        is State.ACTIVE
    )


def test_counter_offers_go_back_and_forth_until_one_is_accepted() -> None:
    assert (
        walk(
            (Event.OFFER, Side.PROVIDER),
            (Event.REQUEST, Side.BUYER),
            (Event.OFFER, Side.PROVIDER),
            (Event.ACCEPT, Side.BUYER),
            (Event.AGREE, Side.PROVIDER),
        )
        is State.AGREED
    )


@pytest.mark.parametrize(
    ("state", "event", "side"),
    [
        (State.REQUESTED, Event.AGREE, Side.BUYER),
        (State.REQUESTED, Event.REQUEST, Side.BUYER),
        (State.OFFERED, Event.ACCEPT, Side.PROVIDER),
        (State.OFFERED, Event.OFFER, Side.PROVIDER),
        (State.AGREED, Event.VERIFY, Side.PROVIDER),
        (State.VERIFIED, Event.ACTIVATE, Side.BUYER),
        (State.VERIFIED, Event.ACTIVATE, Side.PROVIDER),
        (State.SUSPENDED, Event.RESUME, Side.BUYER),
        (State.ACTIVE, Event.EXPIRE, Side.EXCHANGE),
        (State.ACTIVE, Event.TERMINATE, Side.BUYER),
        (State.DRAFT, Event.ACTIVATE, Side.EXCHANGE),
        (State.TERMINATED, Event.RESUME, Side.EXCHANGE),
    ],
)
def test_a_move_out_of_turn_is_refused_and_named(state: State, event: Event, side: Side) -> None:
    with pytest.raises(IllegalTransition) as refused:
        next_state(state, event, side)

    assert (refused.value.state, refused.value.event, refused.value.side) == (state, event, side)
    assert str(refused.value) == f"{side} may not {event} a contract that is {state}"


def test_the_negotiation_allows_every_move_of_the_dataspace_protocol() -> None:
    """Contract negotiation of the Dataspace Protocol 2025-1; FINALIZED is active here."""
    buyer, provider = Side.BUYER, Side.PROVIDER
    moves = [
        (State.REQUESTED, Event.OFFER, provider, State.OFFERED),
        (State.REQUESTED, Event.AGREE, provider, State.AGREED),
        (State.REQUESTED, Event.TERMINATE, buyer, State.TERMINATED),
        (State.REQUESTED, Event.TERMINATE, provider, State.TERMINATED),
        (State.OFFERED, Event.REQUEST, buyer, State.REQUESTED),
        (State.OFFERED, Event.ACCEPT, buyer, State.ACCEPTED),
        (State.OFFERED, Event.TERMINATE, buyer, State.TERMINATED),
        (State.OFFERED, Event.TERMINATE, provider, State.TERMINATED),
        (State.ACCEPTED, Event.AGREE, provider, State.AGREED),
        (State.ACCEPTED, Event.TERMINATE, provider, State.TERMINATED),
        (State.AGREED, Event.VERIFY, buyer, State.VERIFIED),
        (State.AGREED, Event.TERMINATE, buyer, State.TERMINATED),
        # The exchange answers for the provider's connector when a negotiation is finalised.
        (State.VERIFIED, Event.ACTIVATE, Side.EXCHANGE, State.ACTIVE),
        (State.VERIFIED, Event.TERMINATE, provider, State.TERMINATED),
    ]
    for state, event, side, target in moves:
        assert next_state(state, event, side) is target


def test_three_states_are_final() -> None:
    assert {state for state in State if is_final(state)} == {
        State.AMENDED,
        State.EXPIRED,
        State.TERMINATED,
    }


def test_a_page_offers_exactly_the_moves_that_succeed() -> None:
    assert permitted(State.OFFERED, Side.BUYER) == (Event.REQUEST, Event.ACCEPT, Event.TERMINATE)
    for state in State:
        for side in Side:
            for event in Event:
                if event in permitted(state, side):
                    next_state(state, event, side)
                else:
                    with pytest.raises(IllegalTransition):
                        next_state(state, event, side)


def test_the_table_has_one_row_for_each_state_and_event() -> None:
    keys = [(row.state, row.event) for row in TRANSITIONS]

    assert len(set(keys)) == len(keys)
