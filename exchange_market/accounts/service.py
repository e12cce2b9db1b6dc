"""Organisations: registering them, showing them, deciding about them."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from exchange_market.accounts import session_store, store
from exchange_market.accounts.errors import (
    EvidenceMissing,
    IdentifierTaken,
    OrganisationNotFound,
    OwnOrganisation,
)
from exchange_market.accounts.identifiers import OPERATOR_IDENTIFIER, Identifier
from exchange_market.accounts.organisation import (
    TOPICS,
    Decision,
    Organisation,
    OrganisationState,
    RecordedDecision,
    Registration,
    next_state,
)
from exchange_market.accounts.user import FOUNDER_ROLES, User, UserState
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal, Service
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust import audit

REGISTRATION = Service("registration")
"""Who acts while nobody is signed in yet."""


async def register_organisation(
    tx: Transaction, registration: Registration, password_hash: str
) -> tuple[Organisation, User]:
    """A pending organisation and its first person: owner, member and signatory.

    Raises IdentifierTaken or EmailTaken.
    """
    organisation = _new_organisation(tx, registration)
    founder = User(
        id=new_id("usr"),
        organisation_id=organisation.id,
        email=registration.owner_email,
        display_name=registration.owner_name,
        roles=FOUNDER_ROLES,
        state=UserState.ACTIVE,
        has_second_factor=False,
        created_at=tx.now(),
    )
    await store.insert_organisation(tx, organisation)
    await store.insert_user(tx, founder, password_hash)
    audit.record(
        tx,
        REGISTRATION,
        "accounts.organisation_registered",
        audit.Subject("organisation", organisation.id),
        {"scheme": organisation.identifier_scheme, "owner_id": founder.id},
    )
    tx.emit(TOPICS[organisation.state], {"organisation_id": organisation.id})
    return organisation, founder


async def refuse_taken(reading: Reading, identifier: Identifier) -> None:
    """Raise IdentifierTaken when an organisation is registered under the identifier."""
    if await store.find_by_identifier(
        reading, identifier.scheme.value, identifier.country, identifier.value
    ):
        raise IdentifierTaken


async def find_organisation(reading: Reading, organisation_id: str) -> Organisation | None:
    """The organisation of this id, in whatever state; for other slices, not for showing."""
    return await store.find_organisation(reading, organisation_id)


async def get_organisation(reading: Reading, organisation_id: str) -> Organisation:
    """Like `find_organisation`, but raises OrganisationNotFound."""
    organisation = await store.find_organisation(reading, organisation_id)
    if organisation is None:
        raise OrganisationNotFound
    return organisation


async def get_operator(reading: Reading) -> Organisation:
    """The organisation that runs the exchange; made by `exchange admin`, missing before."""
    identifier = OPERATOR_IDENTIFIER
    found = await store.find_by_identifier(
        reading, identifier.scheme.value, identifier.country, identifier.value
    )
    if found is None:
        raise OrganisationNotFound(organisation_id="operator")
    return found


async def organisation_for(
    reading: Reading, viewer: Principal | None, organisation_id: str
) -> Organisation:
    """The organisation as far as `viewer` may know of it; raises OrganisationNotFound.

    Everybody sees verified ones; its own people and administrators see it in any state.
    """
    organisation = await get_organisation(reading, organisation_id)
    if organisation.is_verified or sees_everything(viewer, organisation.id):
        return organisation
    raise OrganisationNotFound


def sees_everything(viewer: Principal | None, organisation_id: str) -> bool:
    """Whether contact and decisions are shown, not only the public facts."""
    if viewer is None:
        return False
    return viewer.is_administrator or viewer.organisation_id == organisation_id


async def list_organisations(
    reading: Reading, state: OrganisationState | None, after: str | None, limit: int
) -> Sequence[Organisation]:
    """Organisations in order of registration, from behind id `after`."""
    return await store.list_organisations(reading, state, after, limit)


async def find_organisations(
    reading: Reading, organisation_ids: Collection[str]
) -> dict[str, Organisation]:
    """Those of the organisations that exist, by id, in one query; for lists of other slices."""
    return await store.organisations_by_id(reading, organisation_ids)


async def count_organisations(reading: Reading) -> dict[OrganisationState, int]:
    """How many organisations stand in each state."""
    return await store.count_organisations(reading)


async def latest_decision(reading: Reading, organisation_id: str) -> RecordedDecision | None:
    """The last decision about an organisation, for its people and for administrators."""
    return await store.latest_decision(reading, organisation_id)


async def decide_organisation(  # noqa: PLR0913, PLR0917 - one decision, told completely
    tx: Transaction,
    administrator: Principal,
    organisation_id: str,
    decision: Decision,
    reason: str,
    evidence: Sequence[str],
) -> Organisation:
    """Verify, reject, suspend or reinstate an organisation.

    A suspension ends its sessions with the same commit. Raises OrganisationNotFound,
    OwnOrganisation, EvidenceMissing (to verify takes evidence) or DecisionImpossible.
    """
    if decision is Decision.VERIFY and not evidence:
        raise EvidenceMissing(field="evidence")
    organisation = await store.lock_organisation(tx, organisation_id)
    if organisation is None:
        raise OrganisationNotFound
    if organisation.id == administrator.organisation_id:
        raise OwnOrganisation
    state = next_state(organisation.state, decision)
    recorded = RecordedDecision(
        id=new_id("dec"),
        organisation_id=organisation.id,
        administrator_id=administrator.user_id,
        decision=decision,
        reason=reason,
        evidence=tuple(evidence),
        decided_at=tx.now(),
    )
    store.insert_decision(tx, recorded)
    await store.set_organisation_state(tx, organisation.id, state)
    ended = 0
    if state is OrganisationState.SUSPENDED:
        ended = await session_store.end_sessions_of_organisation(tx, organisation.id, "suspended")
    audit.record(
        tx,
        administrator,
        f"accounts.organisation_{state.value}",
        audit.Subject("organisation", organisation.id),
        {
            "decision": decision.value,
            "decision_id": recorded.id,
            "from": organisation.state.value,
            "evidence": len(evidence),
            "sessions_ended": ended,
        },
    )
    tx.emit(TOPICS[state], {"organisation_id": organisation.id})
    return replace(organisation, state=state)


def _new_organisation(tx: Transaction, registration: Registration) -> Organisation:
    return Organisation(
        id=new_id("org"),
        name_zh=registration.name_zh,
        name_en=registration.name_en,
        identifier_scheme=registration.identifier.scheme.value,
        identifier=registration.identifier.value,
        country=registration.identifier.country,
        may_provide=registration.may_provide,
        may_buy=registration.may_buy,
        is_operator=False,
        state=OrganisationState.PENDING,
        contact_name=registration.contact_name,
        contact_email=registration.contact_email,
        created_at=tx.now(),
    )
