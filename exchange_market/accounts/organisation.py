"""Organisations: who takes part in the exchange, and how one comes to be believed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from exchange_market.accounts.errors import DecisionImpossible
from exchange_market.accounts.identifiers import Identifier


class OrganisationState(StrEnum):
    """How far the exchange trusts an organisation."""

    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"
    SUSPENDED = "suspended"


class Decision(StrEnum):
    """What an administrator decides about an organisation."""

    VERIFY = "verify"
    REJECT = "reject"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"


# A rejected organisation may be verified after all: it cannot register anew under its identifier.
TRANSITIONS: Final[dict[tuple[OrganisationState, Decision], OrganisationState]] = {
    (OrganisationState.PENDING, Decision.VERIFY): OrganisationState.VERIFIED,
    (OrganisationState.PENDING, Decision.REJECT): OrganisationState.REJECTED,
    (OrganisationState.REJECTED, Decision.VERIFY): OrganisationState.VERIFIED,
    (OrganisationState.VERIFIED, Decision.SUSPEND): OrganisationState.SUSPENDED,
    (OrganisationState.SUSPENDED, Decision.REINSTATE): OrganisationState.VERIFIED,
}

TOPICS: Final[dict[OrganisationState, str]] = {
    OrganisationState.PENDING: "accounts.organisation_registered",
    OrganisationState.VERIFIED: "accounts.organisation_verified",
    OrganisationState.REJECTED: "accounts.organisation_rejected",
    OrganisationState.SUSPENDED: "accounts.organisation_suspended",
}
"""The outbox topic that tells of an organisation's arrival in a state: `{organisation_id}`."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """A legal person that provides, buys, or (the operator) runs the exchange."""

    id: str
    name_zh: str
    name_en: str
    identifier_scheme: str
    identifier: str
    country: str
    may_provide: bool
    may_buy: bool
    is_operator: bool
    state: OrganisationState
    contact_name: str
    contact_email: str
    created_at: datetime

    @property
    def is_verified(self) -> bool:
        """Whether it may trade."""
        return self.state is OrganisationState.VERIFIED


@dataclass(frozen=True, slots=True)
class Registration:
    """What an organisation says about itself and its first person when it registers."""

    name_zh: str
    name_en: str
    identifier: Identifier
    may_provide: bool
    may_buy: bool
    contact_name: str
    contact_email: str
    owner_email: str
    owner_name: str


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """A decision with its name and its reason."""

    id: str
    organisation_id: str
    administrator_id: str
    decision: Decision
    reason: str
    evidence: tuple[str, ...]
    decided_at: datetime


def next_state(state: OrganisationState, decision: Decision) -> OrganisationState:
    """The state after `decision`; raises DecisionImpossible when it does not fit `state`."""
    after = TRANSITIONS.get((state, decision))
    if after is None:
        raise DecisionImpossible(decision=decision.value, state=state.value)
    return after
