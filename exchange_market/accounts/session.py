"""One sign-in and the facts that decide, at every request, what it is worth."""

from dataclasses import dataclass
from datetime import datetime

from exchange_market.accounts.organisation import Organisation, OrganisationState
from exchange_market.accounts.user import User, UserState
from exchange_market.kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in. `second_factor` says whether a one-time code was shown in it."""

    id: str
    user_id: str
    organisation_id: str
    second_factor: bool
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A session with its person and organisation, as they are now."""

    session: Session
    user: User
    organisation: Organisation

    def is_live(self, now: datetime) -> bool:
        """Whether the session may still be used."""
        return (
            self.session.ended_at is None
            and now < self.session.expires_at
            and self.user.state is UserState.ACTIVE
            and self.organisation.state is not OrganisationState.SUSPENDED
        )

    def principal(self) -> Principal:
        """Who is asking, with the rights of this moment."""
        return Principal(
            user_id=self.user.id,
            organisation_id=self.organisation.id,
            session_id=self.session.id,
            roles=self.user.roles,
            may_provide=self.organisation.may_provide,
            may_buy=self.organisation.may_buy,
            is_verified=self.organisation.is_verified,
            second_factor=self.session.second_factor,
        )
