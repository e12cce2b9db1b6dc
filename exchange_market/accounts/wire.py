"""What the accounts API reads and writes."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from exchange_market.accounts.errors import IdentifierAmbiguous, PurposeMissing
from exchange_market.accounts.identifiers import (
    Identifier,
    chinese_identifier,
    foreign_identifier,
)
from exchange_market.accounts.members import IssuedInvitation, MemberChange
from exchange_market.accounts.organisation import (
    Decision,
    Organisation,
    OrganisationState,
    RecordedDecision,
    Registration,
)
from exchange_market.accounts.second_factor import Enrolment
from exchange_market.accounts.sessions import OpenSession
from exchange_market.accounts.user import User, UserState
from exchange_market.kernel.principal import Principal, Role
from exchange_market.kernel.text import paragraphs, single_line

NameText = Annotated[str, Meta(min_length=1, max_length=200)]
Email = Annotated[
    str,
    Meta(
        max_length=200,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\Z",
        examples=["li.na@example.com"],
    ),
]
NewPassword = Annotated[
    str, Meta(min_length=12, max_length=200, description="12 to 200 characters.")
]
Password = Annotated[str, Meta(min_length=1, max_length=200)]
OneTimeCode = Annotated[str, Meta(pattern=r"^[0-9]{6}\Z", examples=["123456"])]
Token = Annotated[str, Meta(min_length=1, max_length=100)]
Roles = Annotated[list[Role], Meta(min_length=1, max_length=4)]
Evidence = Annotated[str, Meta(min_length=1, max_length=500)]


class ForeignIdentifierIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """How an organisation outside mainland China is known to its own authorities."""

    scheme: Literal["lei", "register"]
    identifier: Annotated[str, Meta(min_length=1, max_length=60)]
    country: Annotated[
        str, Meta(pattern=r"^[A-Z]{2}\Z", description="ISO 3166-1 alpha-2.", examples=["SG"])
    ]


class OwnerIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The person who registers an organisation."""

    email: Email
    display_name: NameText
    password: NewPassword


class RegistrationIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """An organisation that wants to take part. Give exactly one of `uscc` and `foreign`."""

    name_zh: NameText
    name_en: NameText
    uscc: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=60,
                description="Unified social credit code, 18 characters.",
                examples=["91110000600037341L"],
            ),
        ]
        | None
    ) = None
    foreign: ForeignIdentifierIn | None = None
    contact_name: NameText
    contact_email: Email
    may_provide: bool = False
    may_buy: bool = False
    owner: OwnerIn

    def parsed(self) -> Registration:
        """The registration, its identifier verified; raises an Invalid that names the field."""
        if not (self.may_provide or self.may_buy):
            raise PurposeMissing(field="may_provide")
        return Registration(
            name_zh=single_line(self.name_zh, "name_zh"),
            name_en=single_line(self.name_en, "name_en"),
            identifier=self._identifier(),
            may_provide=self.may_provide,
            may_buy=self.may_buy,
            contact_name=single_line(self.contact_name, "contact_name"),
            contact_email=self.contact_email,
            owner_email=self.owner.email,
            owner_name=single_line(self.owner.display_name, "owner.display_name"),
        )

    def _identifier(self) -> Identifier:
        if self.uscc is not None and self.foreign is None:
            return chinese_identifier(self.uscc)
        if self.uscc is None and self.foreign is not None:
            given = self.foreign
            return foreign_identifier(given.scheme, given.identifier, given.country)
        raise IdentifierAmbiguous(field="uscc")


class SignInIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Credentials; `code` once a second factor is set up."""

    email: Email
    password: Password
    code: OneTimeCode | None = None


class RefreshIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The refresh token of the last answer; it is good once."""

    refresh_token: Token


class EnrolmentIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The caller's password, and a code of the present second factor when replacing it."""

    password: Password
    code: OneTimeCode | None = None


class CodeIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A code of the new second factor."""

    code: OneTimeCode


class PasswordChangeIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The present password and the one to come."""

    current_password: Password
    new_password: NewPassword


class InvitationIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Whom to invite, to do what."""

    email: Email
    roles: Roles


class AcceptanceIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """How the invited person becomes a member."""

    token: Token
    display_name: NameText
    password: NewPassword

    def parsed_name(self) -> str:
        """The name as one line of plain text."""
        return single_line(self.display_name, "display_name")


class MemberChangeIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What changes about a member; what is left out stays."""

    roles: Roles | None = None
    state: UserState | None = None

    def parsed(self) -> MemberChange:
        """The change as the domain has it."""
        return MemberChange(None if self.roles is None else frozenset(self.roles), self.state)


class DecisionIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A decision about an organisation; `verify` needs evidence."""

    decision: Decision
    reason: Annotated[str, Meta(min_length=1, max_length=2_000)]
    evidence: Annotated[
        list[Evidence],
        Meta(max_length=20, description="What was seen, for example a licence and its number."),
    ] = []

    def parsed_reason(self) -> str:
        """The reason as plain text."""
        return paragraphs(self.reason, "reason")

    def parsed_evidence(self) -> tuple[str, ...]:
        """The evidence as plain text."""
        return tuple(paragraphs(piece, "evidence") for piece in self.evidence)


class DecisionOut(msgspec.Struct, kw_only=True, frozen=True):
    """The last decision about an organisation."""

    decision: Decision
    reason: str
    evidence: list[str]
    administrator_id: str
    decided_at: datetime

    @staticmethod
    def of(decision: RecordedDecision) -> "DecisionOut":
        """The decision as the API shows it."""
        return DecisionOut(
            decision=decision.decision,
            reason=decision.reason,
            evidence=list(decision.evidence),
            administrator_id=decision.administrator_id,
            decided_at=decision.decided_at,
        )


class OrganisationOut(msgspec.Struct, kw_only=True, frozen=True):
    """An organisation; contact and decision only for its own people and administrators."""

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
    created_at: datetime
    contact_name: str | None = None
    contact_email: str | None = None
    decision: DecisionOut | None = None

    @staticmethod
    def public(organisation: Organisation) -> "OrganisationOut":
        """What everybody may know."""
        return OrganisationOut(
            id=organisation.id,
            name_zh=organisation.name_zh,
            name_en=organisation.name_en,
            identifier_scheme=organisation.identifier_scheme,
            identifier=organisation.identifier,
            country=organisation.country,
            may_provide=organisation.may_provide,
            may_buy=organisation.may_buy,
            is_operator=organisation.is_operator,
            state=organisation.state,
            created_at=organisation.created_at,
        )

    @staticmethod
    def of(
        organisation: Organisation, decision: RecordedDecision | None = None
    ) -> "OrganisationOut":
        """Everything, for those who may know it."""
        return msgspec.structs.replace(
            OrganisationOut.public(organisation),
            contact_name=organisation.contact_name,
            contact_email=organisation.contact_email,
            decision=None if decision is None else DecisionOut.of(decision),
        )


class UserOut(msgspec.Struct, kw_only=True, frozen=True):
    """A person of the caller's organisation."""

    id: str
    organisation_id: str
    email: str
    display_name: str
    roles: list[Role]
    state: UserState
    has_second_factor: bool
    created_at: datetime

    @staticmethod
    def of(user: User) -> "UserOut":
        """The person as the API shows them."""
        return UserOut(
            id=user.id,
            organisation_id=user.organisation_id,
            email=user.email,
            display_name=user.display_name,
            roles=sorted(user.roles),
            state=user.state,
            has_second_factor=user.has_second_factor,
            created_at=user.created_at,
        )


class RegisteredOut(msgspec.Struct, kw_only=True, frozen=True):
    """A new organisation, waiting to be verified, and its owner."""

    organisation: OrganisationOut
    owner: UserOut

    @staticmethod
    def of(registered: tuple[Organisation, User]) -> "RegisteredOut":
        """The new organisation as the API shows it to its owner."""
        organisation, owner = registered
        return RegisteredOut(organisation=OrganisationOut.of(organisation), owner=UserOut.of(owner))


class MeOut(msgspec.Struct, kw_only=True, frozen=True):
    """The caller, the caller's organisation, and what this session has proven."""

    user: UserOut
    organisation: OrganisationOut
    session_id: str
    second_factor: bool


class SessionOut(msgspec.Struct, kw_only=True, frozen=True):
    """An open session. Send `access_token` as `Authorization: Bearer …`."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in_seconds: int
    refresh_token: str
    session_expires_at: datetime
    session_id: str
    user_id: str
    organisation_id: str
    roles: list[Role]
    second_factor: bool

    @staticmethod
    def of(opened: OpenSession) -> "SessionOut":
        """The session as the API shows it, once."""
        principal: Principal = opened.principal
        return SessionOut(
            access_token=opened.access_token,
            token_type="Bearer",  # noqa: S106
            expires_in_seconds=opened.access_token_seconds,
            refresh_token=opened.refresh_token,
            session_expires_at=opened.expires_at,
            session_id=principal.session_id,
            user_id=principal.user_id,
            organisation_id=principal.organisation_id,
            roles=sorted(principal.roles),
            second_factor=principal.second_factor,
        )


class EnrolmentOut(msgspec.Struct, kw_only=True, frozen=True):
    """The secret for an authenticator; shown once, so null when the answer is repeated."""

    secret: str | None
    otpauth_uri: str | None

    @staticmethod
    def of(enrolment: Enrolment) -> "EnrolmentOut":
        """The secret, shown."""
        return EnrolmentOut(secret=enrolment.secret, otpauth_uri=enrolment.otpauth_uri)

    @staticmethod
    def without_secret(enrolment: Enrolment) -> "EnrolmentOut":
        """What is remembered of the answer."""
        del enrolment
        return EnrolmentOut(secret=None, otpauth_uri=None)


class InvitationOut(msgspec.Struct, kw_only=True, frozen=True):
    """An invitation; its token is shown once, so null when the answer is repeated."""

    id: str
    email: str
    roles: list[Role]
    expires_at: datetime
    token: str | None

    @staticmethod
    def of(issued: IssuedInvitation) -> "InvitationOut":
        """The invitation with its token."""
        return msgspec.structs.replace(InvitationOut.without_token(issued), token=issued.token)

    @staticmethod
    def without_token(issued: IssuedInvitation) -> "InvitationOut":
        """What is remembered of the answer."""
        return InvitationOut(
            id=issued.invitation.id,
            email=issued.invitation.email,
            roles=sorted(issued.invitation.roles),
            expires_at=issued.invitation.expires_at,
            token=None,
        )
