"""All SQL of organisations and people."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from exchange_market.accounts.errors import EmailTaken, IdentifierTaken
from exchange_market.accounts.organisation import (
    Decision,
    Organisation,
    OrganisationState,
    RecordedDecision,
)
from exchange_market.accounts.rows import (
    InvitationRow,
    OrganisationDecisionRow,
    OrganisationRow,
    UserRow,
)
from exchange_market.accounts.user import (
    Invitation,
    Login,
    User,
    UserState,
    decode_roles,
    email_key,
    encode_roles,
)
from exchange_market.kernel.principal import Role
from exchange_market.persistence.transaction import Reading, Transaction


async def insert_organisation(tx: Transaction, organisation: Organisation) -> None:
    """Add an organisation; raises IdentifierTaken."""
    tx.session.add(
        OrganisationRow(
            id=organisation.id,
            name_zh=organisation.name_zh,
            name_en=organisation.name_en,
            identifier_scheme=organisation.identifier_scheme,
            identifier=organisation.identifier,
            country=organisation.country,
            may_provide=organisation.may_provide,
            may_buy=organisation.may_buy,
            is_operator=organisation.is_operator,
            state=organisation.state.value,
            contact_name=organisation.contact_name,
            contact_email=organisation.contact_email,
            created_at=organisation.created_at,
        )
    )
    try:
        await tx.session.flush()
    except IntegrityError:
        raise IdentifierTaken from None


async def find_organisation(reading: Reading, organisation_id: str) -> Organisation | None:
    """The organisation of this id."""
    row = await reading.session.get(OrganisationRow, organisation_id)
    return None if row is None else to_organisation(row)


async def find_by_identifier(
    reading: Reading, scheme: str, country: str, identifier: str
) -> Organisation | None:
    """The organisation registered under this identifier."""
    row = await reading.session.scalar(
        select(OrganisationRow).where(
            col(OrganisationRow.identifier_scheme) == scheme,
            col(OrganisationRow.country) == country,
            col(OrganisationRow.identifier) == identifier,
        )
    )
    return None if row is None else to_organisation(row)


async def lock_organisation(tx: Transaction, organisation_id: str) -> Organisation | None:
    """The organisation, kept from other writers until the transaction ends."""
    row = await tx.session.scalar(
        select(OrganisationRow)
        .where(col(OrganisationRow.id) == organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return None if row is None else to_organisation(row)


async def set_organisation_state(
    tx: Transaction, organisation_id: str, state: OrganisationState
) -> None:
    """Store a new state."""
    await tx.session.execute(
        update(OrganisationRow)
        .where(col(OrganisationRow.id) == organisation_id)
        .values(state=state.value)
    )


async def list_organisations(
    reading: Reading, state: OrganisationState | None, after: str | None, limit: int
) -> Sequence[Organisation]:
    """Organisations by id, which is by time of registration."""
    query = select(OrganisationRow).order_by(col(OrganisationRow.id)).limit(limit)
    if state is not None:
        query = query.where(col(OrganisationRow.state) == state.value)
    if after is not None:
        query = query.where(col(OrganisationRow.id) > after)
    return [to_organisation(row) for row in await reading.session.scalars(query)]


async def organisations_by_id(
    reading: Reading, organisation_ids: Collection[str]
) -> dict[str, Organisation]:
    """Those of the organisations that exist, by id."""
    query = select(OrganisationRow).where(col(OrganisationRow.id).in_(organisation_ids))
    return {row.id: to_organisation(row) for row in await reading.session.scalars(query)}


async def count_organisations(reading: Reading) -> dict[OrganisationState, int]:
    """How many organisations stand in each state."""
    query = select(OrganisationRow.state, func.count()).group_by(col(OrganisationRow.state))
    counted = {OrganisationState(state): n for state, n in await reading.session.execute(query)}
    return {state: counted.get(state, 0) for state in OrganisationState}


def insert_decision(tx: Transaction, decision: RecordedDecision) -> None:
    """Keep a decision with its reason."""
    tx.session.add(
        OrganisationDecisionRow(
            id=decision.id,
            organisation_id=decision.organisation_id,
            administrator_id=decision.administrator_id,
            decision=decision.decision.value,
            reason=decision.reason,
            evidence=list(decision.evidence),
            decided_at=decision.decided_at,
        )
    )


async def latest_decision(reading: Reading, organisation_id: str) -> RecordedDecision | None:
    """The last decision about an organisation."""
    row = await reading.session.scalar(
        select(OrganisationDecisionRow)
        .where(col(OrganisationDecisionRow.organisation_id) == organisation_id)
        .order_by(col(OrganisationDecisionRow.id).desc())
        .limit(1)
    )
    if row is None:
        return None
    return RecordedDecision(
        id=row.id,
        organisation_id=row.organisation_id,
        administrator_id=row.administrator_id,
        decision=Decision(row.decision),
        reason=row.reason,
        evidence=tuple(row.evidence),
        decided_at=row.decided_at,
    )


async def insert_user(tx: Transaction, user: User, password_hash: str) -> None:
    """Add a person; raises EmailTaken."""
    tx.session.add(
        UserRow(
            id=user.id,
            organisation_id=user.organisation_id,
            email=user.email,
            email_key=email_key(user.email),
            display_name=user.display_name,
            roles=encode_roles(user.roles),
            state=user.state.value,
            password_hash=password_hash,
            created_at=user.created_at,
        )
    )
    try:
        await tx.session.flush()
    except IntegrityError:
        raise EmailTaken(field="email") from None


async def find_user(reading: Reading, organisation_id: str, user_id: str) -> User | None:
    """The person of this id, when in this organisation."""
    row = await reading.session.scalar(
        select(UserRow).where(
            col(UserRow.id) == user_id, col(UserRow.organisation_id) == organisation_id
        )
    )
    return None if row is None else to_user(row)


async def find_login(reading: Reading, email: str) -> Login | None:
    """The credentials of the person who signs in with this address."""
    row = await reading.session.scalar(
        select(UserRow).where(col(UserRow.email_key) == email_key(email))
    )
    return None if row is None else _to_login(row)


async def lock_login(tx: Transaction, user_id: str) -> Login | None:
    """The credentials of a person, kept from other writers until the transaction ends."""
    row = await tx.session.scalar(
        select(UserRow)
        .where(col(UserRow.id) == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return None if row is None else _to_login(row)


async def list_users(
    reading: Reading, organisation_id: str, after: str | None, limit: int
) -> Sequence[User]:
    """The people of an organisation by id."""
    query = (
        select(UserRow)
        .where(col(UserRow.organisation_id) == organisation_id)
        .order_by(col(UserRow.id))
        .limit(limit)
    )
    if after is not None:
        query = query.where(col(UserRow.id) > after)
    return [to_user(row) for row in await reading.session.scalars(query)]


async def count_other_owners(reading: Reading, organisation_id: str, user_id: str) -> int:
    """How many active owners the organisation has besides this person."""
    query = (
        select(func.count())
        .select_from(UserRow)
        .where(
            col(UserRow.organisation_id) == organisation_id,
            col(UserRow.id) != user_id,
            col(UserRow.state) == UserState.ACTIVE.value,
            # No role's name is part of another's.
            col(UserRow.roles).contains(Role.OWNER.value),
        )
    )
    return await reading.session.scalar(query) or 0


async def update_user(
    tx: Transaction, user_id: str, *, roles: frozenset[Role], state: UserState
) -> None:
    """Store roles and state."""
    await tx.session.execute(
        update(UserRow)
        .where(col(UserRow.id) == user_id)
        .values(roles=encode_roles(roles), state=state.value)
    )


async def set_password_hash(tx: Transaction, user_id: str, before: str, after: str) -> bool:
    """Replace a password hash; False when `before` is not the present one any more."""
    done = await tx.session.execute(
        update(UserRow)
        .where(col(UserRow.id) == user_id, col(UserRow.password_hash) == before)
        .values(password_hash=after)
        .returning(col(UserRow.id))
    )
    return done.first() is not None


async def insert_invitation(
    tx: Transaction, invitation: Invitation, invited_by: str, token_hash: str
) -> None:
    """Keep an invitation."""
    tx.session.add(
        InvitationRow(
            id=invitation.id,
            organisation_id=invitation.organisation_id,
            email=invitation.email,
            roles=encode_roles(invitation.roles),
            token_hash=token_hash,
            invited_by=invited_by,
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
        )
    )
    await tx.session.flush()


async def is_invitation_open(reading: Reading, token_hash: str, now: datetime) -> bool:
    """Whether the invitation of this token can still be taken."""
    found = await reading.session.scalar(
        select(InvitationRow.id).where(
            col(InvitationRow.token_hash) == token_hash,
            col(InvitationRow.accepted_at).is_(None),
            col(InvitationRow.expires_at) > now,
        )
    )
    return found is not None


async def spend_invitation(tx: Transaction, token_hash: str, now: datetime) -> Invitation | None:
    """Take the invitation of this token, once; None when unknown, used or expired."""
    taken = await tx.session.scalar(
        update(InvitationRow)
        .where(
            col(InvitationRow.token_hash) == token_hash,
            col(InvitationRow.accepted_at).is_(None),
            col(InvitationRow.expires_at) > now,
        )
        .values(accepted_at=now)
        .returning(col(InvitationRow.id))
    )
    row = None if taken is None else await tx.session.get(InvitationRow, taken)
    if row is None:
        return None
    return Invitation(
        id=row.id,
        organisation_id=row.organisation_id,
        email=row.email,
        roles=decode_roles(row.roles),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


async def cancel_invitations(tx: Transaction, invited_by: str) -> None:
    """Let the open invitations made by a person expire now."""
    await tx.session.execute(
        update(InvitationRow)
        .where(
            col(InvitationRow.invited_by) == invited_by, col(InvitationRow.expires_at) > tx.now()
        )
        .values(expires_at=tx.now())
    )


def to_user(row: UserRow) -> User:
    """The person in a row, without the secrets."""
    return User(
        id=row.id,
        organisation_id=row.organisation_id,
        email=row.email,
        display_name=row.display_name,
        roles=decode_roles(row.roles),
        state=UserState(row.state),
        has_second_factor=row.totp_secret is not None,
        created_at=row.created_at,
    )


def to_organisation(row: OrganisationRow) -> Organisation:
    """The organisation in a row."""
    return Organisation(
        id=row.id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        identifier_scheme=row.identifier_scheme,
        identifier=row.identifier,
        country=row.country,
        may_provide=row.may_provide,
        may_buy=row.may_buy,
        is_operator=row.is_operator,
        state=OrganisationState(row.state),
        contact_name=row.contact_name,
        contact_email=row.contact_email,
        created_at=row.created_at,
    )


def _to_login(row: UserRow) -> Login:
    return Login(
        user_id=row.id,
        organisation_id=row.organisation_id,
        email=row.email,
        password_hash=row.password_hash,
        totp_secret=row.totp_secret,
        totp_candidate=row.totp_candidate,
    )
