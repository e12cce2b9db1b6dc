"""People: each belongs to one organisation and holds roles in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from exchange_market.kernel.principal import Role

FOUNDER_ROLES = frozenset({Role.OWNER, Role.MEMBER, Role.SIGNATORY})
"""What the person who registers an organisation holds in it."""
FIRST_ADMINISTRATOR_ROLES = frozenset({Role.OWNER, Role.MEMBER, Role.ADMINISTRATOR})


class UserState(StrEnum):
    """Whether a person may use the exchange."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class User:
    """A person of an organisation."""

    id: str
    organisation_id: str
    email: str
    display_name: str
    roles: frozenset[Role]
    state: UserState
    has_second_factor: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Login:
    """What a person's credentials are checked against; never shown, never logged.

    `totp_secret` and `totp_candidate` (not confirmed yet) are encrypted.
    """

    user_id: str
    organisation_id: str
    email: str
    password_hash: str = field(repr=False)
    totp_secret: bytes | None = field(repr=False)
    totp_candidate: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An offer to become a member, good once and until `expires_at`."""

    id: str
    organisation_id: str
    email: str
    roles: frozenset[Role]
    created_at: datetime
    expires_at: datetime


def email_key(email: str) -> str:
    """The form under which an address is unique: people do not remember how they capitalised it."""
    return email.strip().lower()


def encode_roles(roles: Iterable[Role]) -> str:
    """Roles as one sorted string, the form in which they are stored."""
    return " ".join(sorted(role.value for role in roles))


def decode_roles(stored: str) -> frozenset[Role]:
    """The roles in a stored string."""
    return frozenset(Role(name) for name in stored.split())
