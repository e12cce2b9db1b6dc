"""Who is asking: one person of one organisation, in one session."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do inside the own organisation (and, for administrators, on the
    exchange)."""

    OWNER = "owner"
    MEMBER = "member"
    SIGNATORY = "signatory"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Service:
    """A part of the exchange acting by itself, such as the job worker; `name` says which."""

    name: str

    @property
    def actor_id(self) -> str:
        """How audit leaves name this actor."""
        return f"service:{self.name}"

    @property
    def organisation_id(self) -> str | None:
        """A service belongs to no organisation."""
        return None


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated person. Facts are read afresh for each request, never from the token.

    `second_factor` is true when this session was opened with a one-time code.
    """

    user_id: str
    organisation_id: str
    session_id: str
    roles: frozenset[Role]
    may_provide: bool
    may_buy: bool
    is_verified: bool
    second_factor: bool

    @property
    def actor_id(self) -> str:
        """How audit leaves and idempotency records name this actor."""
        return self.user_id

    @property
    def is_administrator(self) -> bool:
        """Whether this person administers the exchange, proven by a second factor."""
        return Role.ADMINISTRATOR in self.roles and self.second_factor

    @property
    def is_signatory(self) -> bool:
        """Whether this person may sign for the organisation, proven by a second factor."""
        return Role.SIGNATORY in self.roles and self.second_factor

    @property
    def is_owner(self) -> bool:
        """Whether this person manages the members of the organisation."""
        return Role.OWNER in self.roles


Actor = Principal | Service
