"""The life of a contract as one transition table.

The table is data: the API, the property tests, a protocol adapter and the documentation read the
same rows. The negotiation part (requested to active) follows the contract negotiation states of the
Dataspace Protocol 2025-1 (section "Contract Negotiation Protocol", where ``active`` is called
FINALIZED and the exchange answers for the provider's connector), extended by what happens to a
contract after it was finalised.
"""

from dataclasses import dataclass
from enum import StrEnum

from contracts.errors import IllegalTransition


class State(StrEnum):
    """Where a contract stands; only ``active`` allows delivery."""

    DRAFT = "draft"
    REQUESTED = "requested"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    AGREED = "agreed"
    VERIFIED = "verified"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    AMENDED = "amended"
    DISPUTED = "disputed"
    EXPIRED = "expired"
    TERMINATED = "terminated"


class Event(StrEnum):
    """What a side does to a contract."""

    REQUEST = "request"
    OFFER = "offer"
    ACCEPT = "accept"
    AGREE = "agree"
    VERIFY = "verify"
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    RESUME = "resume"
    AMEND = "amend"
    DISPUTE = "dispute"
    RESOLVE = "resolve"
    EXPIRE = "expire"
    TERMINATE = "terminate"


class Side(StrEnum):
    """Who moves: a party, the exchange (its administrators), or the passing of time."""

    BUYER = "buyer"
    PROVIDER = "provider"
    EXCHANGE = "exchange"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    In ``state``, any of ``sides`` may cause ``event``, which leads to ``target``.
    """

    state: State
    event: Event
    sides: frozenset[Side]
    target: State


_BUYER = frozenset({Side.BUYER})
_PROVIDER = frozenset({Side.PROVIDER})
_EXCHANGE = frozenset({Side.EXCHANGE})
_CLOCK = frozenset({Side.CLOCK})
_PARTIES = _BUYER | _PROVIDER
_ANYONE = _PARTIES | _EXCHANGE

TRANSITIONS: tuple[Transition, ...] = (
    # Negotiation: each side moves in turn; the buyer's request and the provider's offer are full
    # terms.
    Transition(State.DRAFT, Event.REQUEST, _BUYER, State.REQUESTED),
    Transition(State.DRAFT, Event.OFFER, _PROVIDER, State.OFFERED),
    Transition(State.DRAFT, Event.TERMINATE, _ANYONE, State.TERMINATED),
    Transition(State.REQUESTED, Event.OFFER, _PROVIDER, State.OFFERED),
    Transition(State.REQUESTED, Event.AGREE, _PROVIDER, State.AGREED),
    Transition(State.REQUESTED, Event.TERMINATE, _ANYONE, State.TERMINATED),
    Transition(State.OFFERED, Event.REQUEST, _BUYER, State.REQUESTED),
    Transition(State.OFFERED, Event.ACCEPT, _BUYER, State.ACCEPTED),
    Transition(State.OFFERED, Event.TERMINATE, _ANYONE, State.TERMINATED),
    # Signature: agreed = provider signed, verified = buyer signed, active = exchange countersigned.
    Transition(State.ACCEPTED, Event.AGREE, _PROVIDER, State.AGREED),
    Transition(State.ACCEPTED, Event.TERMINATE, _PROVIDER | _EXCHANGE, State.TERMINATED),
    Transition(State.AGREED, Event.VERIFY, _BUYER, State.VERIFIED),
    Transition(State.AGREED, Event.TERMINATE, _BUYER | _EXCHANGE, State.TERMINATED),
    Transition(State.VERIFIED, Event.ACTIVATE, _EXCHANGE, State.ACTIVE),
    Transition(State.VERIFIED, Event.TERMINATE, _PROVIDER | _EXCHANGE, State.TERMINATED),
    # A negotiation whose deadline passes ends by the clock in every open state.
    Transition(State.REQUESTED, Event.EXPIRE, _CLOCK, State.EXPIRED),
    Transition(State.OFFERED, Event.EXPIRE, _CLOCK, State.EXPIRED),
    Transition(State.ACCEPTED, Event.EXPIRE, _CLOCK, State.EXPIRED),
    Transition(State.AGREED, Event.EXPIRE, _CLOCK, State.EXPIRED),
    Transition(State.VERIFIED, Event.EXPIRE, _CLOCK, State.EXPIRED),
    # Performance. Any side may stop delivery at once; only the exchange lets it run again.
    Transition(State.ACTIVE, Event.SUSPEND, _ANYONE, State.SUSPENDED),
    Transition(State.ACTIVE, Event.DISPUTE, _PARTIES, State.DISPUTED),
    Transition(State.ACTIVE, Event.AMEND, _EXCHANGE, State.AMENDED),
    Transition(State.ACTIVE, Event.EXPIRE, _CLOCK, State.EXPIRED),
    Transition(State.ACTIVE, Event.TERMINATE, _EXCHANGE, State.TERMINATED),
    Transition(State.SUSPENDED, Event.RESUME, _EXCHANGE, State.ACTIVE),
    Transition(State.SUSPENDED, Event.DISPUTE, _PARTIES, State.DISPUTED),
    Transition(State.SUSPENDED, Event.EXPIRE, _CLOCK, State.EXPIRED),
    Transition(State.SUSPENDED, Event.TERMINATE, _EXCHANGE, State.TERMINATED),
    Transition(State.DISPUTED, Event.RESOLVE, _EXCHANGE, State.ACTIVE),
    Transition(State.DISPUTED, Event.EXPIRE, _CLOCK, State.EXPIRED),
    Transition(State.DISPUTED, Event.TERMINATE, _EXCHANGE, State.TERMINATED),
)

_TABLE = {(row.state, row.event): row for row in TRANSITIONS}


def next_state(state: State, event: Event, side: Side) -> State:
    """Where ``event`` caused by ``side`` leads, or raise ``IllegalTransition``."""
    row = _TABLE.get((state, event))
    if row is None or side not in row.sides:
        raise IllegalTransition(state, event, side)
    return row.target


def permitted(state: State, side: Side) -> tuple[Event, ...]:
    """Events that ``side`` may cause in ``state``, in table order.

    What a page offers as buttons.
    """
    return tuple(row.event for row in TRANSITIONS if row.state is state and side in row.sides)


def is_final(state: State) -> bool:
    """Whether nothing can happen to a contract in this state any more."""
    return all(row.state is not state for row in TRANSITIONS)
