"""The life of a listing as one table: which action leads from which state to which, and who may
act.

draft -> submitted -> approved -> published <-> suspended
           |  ^          |            |             |
           v  |          v            v             v
         returned <------+        withdrawn <-------+      (a withdrawn listing may be reopened)
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from exchange_market.catalog.errors import (
    ListingActionNotYours,
    ListingTransitionRefused,
    ReasonRequired,
)


class ListingState(StrEnum):
    """Where a listing stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


class ListingAction(StrEnum):
    """What can be done to a listing."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    PUBLISH = "publish"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


class Mover(StrEnum):
    """In which capacity somebody acts on a listing."""

    PROVIDER = "provider"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Move:
    """Where an action leads, who may take it, and whether it needs a reason."""

    to: ListingState
    movers: frozenset[Mover]
    needs_reason: bool = False


_PROVIDER: Final = frozenset({Mover.PROVIDER})
_ADMINISTRATOR: Final = frozenset({Mover.ADMINISTRATOR})
_EITHER: Final = _PROVIDER | _ADMINISTRATOR
_WITHDRAW: Final = Move(ListingState.WITHDRAWN, _PROVIDER)
_WITHDRAW_OFFERED: Final = Move(ListingState.WITHDRAWN, _EITHER, needs_reason=True)

MOVES: Final[dict[ListingState, dict[ListingAction, Move]]] = {
    ListingState.DRAFT: {
        ListingAction.SUBMIT: Move(ListingState.SUBMITTED, _PROVIDER),
        ListingAction.WITHDRAW: _WITHDRAW,
    },
    ListingState.SUBMITTED: {
        ListingAction.APPROVE: Move(ListingState.APPROVED, _ADMINISTRATOR),
        ListingAction.RETURN: Move(ListingState.RETURNED, _ADMINISTRATOR, needs_reason=True),
        ListingAction.WITHDRAW: _WITHDRAW,
    },
    ListingState.RETURNED: {
        ListingAction.SUBMIT: Move(ListingState.SUBMITTED, _PROVIDER),
        ListingAction.WITHDRAW: _WITHDRAW,
    },
    ListingState.APPROVED: {
        ListingAction.PUBLISH: Move(ListingState.PUBLISHED, _EITHER),
        ListingAction.RETURN: Move(ListingState.RETURNED, _ADMINISTRATOR, needs_reason=True),
        ListingAction.WITHDRAW: _WITHDRAW,
    },
    ListingState.PUBLISHED: {
        ListingAction.SUSPEND: Move(ListingState.SUSPENDED, _ADMINISTRATOR, needs_reason=True),
        ListingAction.WITHDRAW: _WITHDRAW_OFFERED,
    },
    ListingState.SUSPENDED: {
        ListingAction.REINSTATE: Move(ListingState.PUBLISHED, _ADMINISTRATOR, needs_reason=True),
        ListingAction.WITHDRAW: _WITHDRAW_OFFERED,
    },
    ListingState.WITHDRAWN: {
        ListingAction.REOPEN: Move(ListingState.DRAFT, _PROVIDER),
    },
}

EDITABLE: Final = frozenset({ListingState.DRAFT, ListingState.RETURNED})
"""States in which the provider may change the description: nothing reviewed is changed silently."""


def next_state(
    state: ListingState, action: ListingAction, mover: Mover, reason: str
) -> ListingState:
    """Where `action` leads from `state`.

    Raises ListingTransitionRefused when it leads nowhere, ListingActionNotYours when another party
    has to take it, and ReasonRequired when it must be explained and is not.
    """
    move = MOVES[state].get(action)
    if move is None:
        raise ListingTransitionRefused(
            state=state.value, action=action.value, allowed=sorted(MOVES[state])
        )
    if mover not in move.movers:
        raise ListingActionNotYours(action=action.value, movers=", ".join(sorted(move.movers)))
    if move.needs_reason and not reason.strip():
        raise ReasonRequired(field="reason", action=action.value)
    return move.to


def actions_of(state: ListingState, mover: Mover) -> tuple[ListingAction, ...]:
    """What `mover` may do next; for people and programs that show buttons."""
    return tuple(action for action, move in MOVES[state].items() if mover in move.movers)
