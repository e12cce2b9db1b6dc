"""Tables of organisations, people, sessions and the counters that slow guessing down."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from exchange_market.persistence.base import Row
from exchange_market.persistence.columns import (
    Big,
    Blob,
    Code,
    Id,
    LongText,
    Name,
    OpaqueJson,
    UtcDateTime,
)


class OrganisationRow(Row, table=True):
    """An organisation; its identifier is unique within scheme and country."""

    __tablename__: ClassVar[str] = "organisation"
    __table_args__ = (
        UniqueConstraint("identifier_scheme", "country", "identifier"),
        Index("ix_organisation_state", "state", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    name_zh: str = Field(sa_type=Name)
    name_en: str = Field(sa_type=Name)
    identifier_scheme: str = Field(sa_type=Code)
    identifier: str = Field(sa_type=Code)
    country: str = Field(sa_type=Code)
    may_provide: bool
    may_buy: bool
    is_operator: bool
    state: str = Field(sa_type=Code)
    contact_name: str = Field(sa_type=Name)
    contact_email: str = Field(sa_type=Name)
    created_at: datetime = Field(sa_type=UtcDateTime)


class OrganisationDecisionRow(Row, table=True):
    """What an administrator decided about an organisation, and why."""

    __tablename__: ClassVar[str] = "organisation_decision"
    __table_args__ = (Index("ix_organisation_decision_organisation", "organisation_id", "id"),)

    id: str = Field(primary_key=True, sa_type=Id)
    organisation_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    administrator_id: str = Field(sa_type=Id, foreign_key="account.id")
    decision: str = Field(sa_type=Code)
    reason: str = Field(sa_type=LongText)
    evidence: list[str] = Field(sa_type=OpaqueJson)
    decided_at: datetime = Field(sa_type=UtcDateTime)


class UserRow(Row, table=True):
    """A person. `totp_last_step` is the time step of the last one-time code that was accepted."""

    # "user" is a reserved word of PostgreSQL.
    __tablename__: ClassVar[str] = "account"
    __table_args__ = (Index("ix_account_organisation", "organisation_id", "id"),)

    id: str = Field(primary_key=True, sa_type=Id)
    organisation_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    email: str = Field(sa_type=Name)
    email_key: str = Field(sa_type=Name, unique=True)
    display_name: str = Field(sa_type=Name)
    roles: str = Field(sa_type=Code)
    state: str = Field(sa_type=Code)
    password_hash: str = Field(sa_type=Name)
    totp_secret: bytes | None = Field(default=None, sa_type=Blob)
    totp_candidate: bytes | None = Field(default=None, sa_type=Blob)
    totp_last_step: int = Field(default=0, sa_type=Big)
    created_at: datetime = Field(sa_type=UtcDateTime)


class InvitationRow(Row, table=True):
    """An invitation; its token is kept as a keyed hash."""

    __tablename__: ClassVar[str] = "invitation"

    id: str = Field(primary_key=True, sa_type=Id)
    organisation_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    email: str = Field(sa_type=Name)
    roles: str = Field(sa_type=Code)
    token_hash: str = Field(sa_type=Code, unique=True)
    invited_by: str = Field(sa_type=Id, foreign_key="account.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SessionRow(Row, table=True):
    """A sign-in that lasts until it ends or expires."""

    __tablename__: ClassVar[str] = "session"
    __table_args__ = (
        Index("ix_session_user", "user_id", "ended_at"),
        Index("ix_session_organisation", "organisation_id", "ended_at"),
        Index("ix_session_expiry", "expires_at"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    user_id: str = Field(sa_type=Id, foreign_key="account.id")
    organisation_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    second_factor: bool
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_reason: str | None = Field(default=None, sa_type=Code)


class RefreshTokenRow(Row, table=True):
    """A refresh token as a keyed hash; spent ones are kept, so that a second use is noticed."""

    __tablename__: ClassVar[str] = "refresh_token"

    token_hash: str = Field(primary_key=True, sa_type=Code)
    session_id: str = Field(sa_type=Id, foreign_key="session.id", index=True)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    spent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AttemptRow(Row, table=True):
    """Recent failures of one subject (an address, an account), under a keyed digest of its name."""

    __tablename__: ClassVar[str] = "failed_attempt"

    subject: str = Field(primary_key=True, sa_type=Code)
    failures: int = Field(sa_type=Big)
    locks: int = Field(sa_type=Big)
    counted_since: datetime = Field(sa_type=UtcDateTime)
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime, index=True)
