"""The people of an organisation: inviting them, changing what they may do, their own passwords."""

import hashlib
import hmac
import secrets as randomness
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from exchange_market.accounts import session_store, store
from exchange_market.accounts.errors import (
    CredentialsRefused,
    InvitationRefused,
    LastOwner,
    OrganisationSuspended,
    OwnerRequired,
    RolesRefused,
    UserNotFound,
)
from exchange_market.accounts.organisation import Organisation, OrganisationState
from exchange_market.accounts.service import REGISTRATION, get_organisation
from exchange_market.accounts.user import Invitation, User, UserState
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal, Role
from exchange_market.kernel.secrets import Secrets
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust import audit

_TOKEN_BYTES = 32
_TOKEN_PREFIX = "exi_"  # noqa: S105
_INVITATION_LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """An invitation with its token, which is shown once and stored nowhere."""

    invitation: Invitation
    token: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the invited person answers with; the password is hashed already."""

    token: str
    display_name: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class MemberChange:
    """What an owner changes about a member; None leaves it as it is."""

    roles: frozenset[Role] | None = None
    state: UserState | None = None


async def list_members(
    reading: Reading, principal: Principal, after: str | None, limit: int
) -> Sequence[User]:
    """The people of the caller's organisation, from behind id `after`."""
    return await store.list_users(reading, principal.organisation_id, after, limit)


async def get_member(reading: Reading, principal: Principal, user_id: str) -> User:
    """A person of the caller's organisation; raises UserNotFound."""
    user = await store.find_user(reading, principal.organisation_id, user_id)
    if user is None:
        raise UserNotFound
    return user


async def invite(
    tx: Transaction, secrets: Secrets, owner: Principal, email: str, roles: frozenset[Role]
) -> IssuedInvitation:
    """Invite a person; the token goes to them by whatever way the owner trusts.

    Raises OwnerRequired or RolesRefused. Whether the address has an account is told only to the
    person who accepts.
    """
    _require_owner(owner)
    organisation = await get_organisation(tx, owner.organisation_id)
    _refuse_roles(owner, organisation, roles)
    token = _TOKEN_PREFIX + randomness.token_urlsafe(_TOKEN_BYTES)
    invitation = Invitation(
        id=new_id("inv"),
        organisation_id=organisation.id,
        email=email,
        roles=roles,
        created_at=tx.now(),
        expires_at=tx.now() + _INVITATION_LIFETIME,
    )
    await store.insert_invitation(tx, invitation, owner.user_id, _digest(secrets, token))
    audit.record(
        tx,
        owner,
        "accounts.member_invited",
        audit.Subject("invitation", invitation.id),
        {"roles": sorted(roles)},
    )
    return IssuedInvitation(invitation, token)


async def refuse_unknown_invitation(reading: Reading, secrets: Secrets, token: str) -> None:
    """Raise InvitationRefused unless the invitation can be accepted now."""
    if not await store.is_invitation_open(reading, _digest(secrets, token), reading.now()):
        raise InvitationRefused(field="token")


async def accept_invitation(tx: Transaction, secrets: Secrets, acceptance: Acceptance) -> User:
    """Become a member. Raises InvitationRefused, OrganisationSuspended or EmailTaken."""
    digest = _digest(secrets, acceptance.token)
    invitation = await store.spend_invitation(tx, digest, tx.now())
    if invitation is None:
        raise InvitationRefused(field="token")
    organisation = await get_organisation(tx, invitation.organisation_id)
    if organisation.state is OrganisationState.SUSPENDED:
        raise OrganisationSuspended
    user = User(
        id=new_id("usr"),
        organisation_id=invitation.organisation_id,
        email=invitation.email,
        display_name=acceptance.display_name,
        roles=invitation.roles,
        state=UserState.ACTIVE,
        has_second_factor=False,
        created_at=tx.now(),
    )
    await store.insert_user(tx, user, acceptance.password_hash)
    audit.record(
        tx,
        REGISTRATION,
        "accounts.member_joined",
        audit.Subject("user", user.id),
        {"invitation_id": invitation.id, "organisation_id": organisation.id},
    )
    return user


async def change_member(
    tx: Transaction, owner: Principal, user_id: str, change: MemberChange
) -> User:
    """Give a member other roles, suspend or readmit; every change ends the member's sessions.

    Raises OwnerRequired, UserNotFound, RolesRefused or LastOwner.
    """
    _require_owner(owner)
    # Two owners who demote each other at the same moment must not both succeed.
    organisation = await store.lock_organisation(tx, owner.organisation_id)
    before = await store.find_user(tx, owner.organisation_id, user_id)
    if organisation is None or before is None:
        raise UserNotFound
    after = replace(
        before,
        roles=before.roles if change.roles is None else change.roles,
        state=before.state if change.state is None else change.state,
    )
    _refuse_roles(owner, organisation, before.roles ^ after.roles)
    await _refuse_without_owner(tx, before, after)
    if after == before:
        return before
    await store.update_user(tx, user_id, roles=after.roles, state=after.state)
    ended = await session_store.end_sessions_of_user(tx, user_id, "member_changed")
    # Otherwise a dismissed person could come back through an invitation made in time.
    await store.cancel_invitations(tx, user_id)
    audit.record(
        tx,
        owner,
        "accounts.member_changed",
        audit.Subject("user", user_id),
        {"roles": sorted(after.roles), "state": after.state.value, "sessions_ended": ended},
    )
    tx.emit("accounts.member_changed", {"user_id": user_id, "organisation_id": organisation.id})
    return after


async def change_password(
    tx: Transaction, principal: Principal, shown_hash: str, new_hash: str
) -> None:
    """Replace the caller's password and end all their other sessions.

    `shown_hash` is what the present password was checked against (`Sessions.confirm_password`).
    """
    if not await store.set_password_hash(tx, principal.user_id, shown_hash, new_hash):
        raise CredentialsRefused
    ended = await session_store.end_sessions_of_user(
        tx, principal.user_id, "password_changed", but=principal.session_id
    )
    audit.record(
        tx,
        principal,
        "accounts.password_changed",
        audit.Subject("user", principal.user_id),
        {"sessions_ended": ended},
    )


def _require_owner(principal: Principal) -> None:
    if not principal.is_owner:
        raise OwnerRequired


def _refuse_roles(owner: Principal, organisation: Organisation, roles: frozenset[Role]) -> None:
    if Role.ADMINISTRATOR not in roles:
        return
    if not (organisation.is_operator and owner.is_administrator):
        raise RolesRefused(field="roles", role=Role.ADMINISTRATOR.value)


async def _refuse_without_owner(tx: Transaction, before: User, after: User) -> None:
    if _is_active_owner(after) or not _is_active_owner(before):
        return
    if await store.count_other_owners(tx, before.organisation_id, before.id) == 0:
        raise LastOwner


def _is_active_owner(user: User) -> bool:
    return user.state is UserState.ACTIVE and Role.OWNER in user.roles


def _digest(secrets: Secrets, token: str) -> str:
    return hmac.new(secrets.derive("invitations"), token.encode(), hashlib.sha256).hexdigest()
