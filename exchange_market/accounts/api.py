"""Routes of organisations and their members."""

from typing import Annotated, Any

from litestar import Controller, Request, Response, get, patch, post
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from exchange_market.accounts import members, service
from exchange_market.accounts.organisation import Organisation, OrganisationState
from exchange_market.accounts.session_api import MeController, SessionController, client_address
from exchange_market.accounts.sessions import Sessions
from exchange_market.accounts.wire import (
    AcceptanceIn,
    DecisionIn,
    InvitationIn,
    InvitationOut,
    MemberChangeIn,
    OrganisationOut,
    RegisteredOut,
    RegistrationIn,
    UserOut,
)
from exchange_market.edge.access import Access, access
from exchange_market.edge.commands import Commands
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit, PageOut
from exchange_market.edge.problems import problems
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.secrets import Secrets
from exchange_market.persistence.transaction import Database, Reading, Transaction

_NO_STORE = CacheControlHeader(no_store=True)
AnyRequest = Request[Any, Any, Any]
# Named `state` on the wire only: as a parameter's name Litestar keeps the word for itself.
StateFilter = Annotated[
    OrganisationState | None, QueryParameter(name="state", description="Only those in this state.")
]


class OrganisationController(Controller):
    """Organisations, as everybody meets them."""

    path = "/v1/organisations"
    tags = ("organisations",)

    @post(
        operation_id="registerOrganisation",
        summary="Register an organisation and its owner",
        opt=access(Access.PUBLIC),
        responses=problems(400, 409, 429, 503),
    )
    async def register(
        self,
        request: AnyRequest,
        data: JSONBody[RegistrationIn],
        commands: NamedDependency[Commands],
        sessions: NamedDependency[Sessions],
    ) -> Response[RegisteredOut]:
        """The organisation starts as pending; an administrator verifies it."""
        registration = data.parsed()
        return await commands.run_prepared(
            request,
            service.REGISTRATION,
            lambda: sessions.newcomers.hash_for_registration(
                registration.identifier, data.owner.password, client_address(request)
            ),
            lambda tx, hashed: service.register_organisation(tx, registration, hashed),
            view=RegisteredOut.of,
            status=201,
        )

    @get(
        "/{organisation_id:str}",
        operation_id="getOrganisation",
        summary="An organisation",
        opt=access(Access.PUBLIC),
        responses=problems(404),
    )
    async def show(
        self,
        organisation_id: FromPath[str],
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> OrganisationOut:
        """Public facts; contact and last decision for its own people and administrators."""
        async with database.read() as reading:
            organisation = await service.organisation_for(reading, viewer, organisation_id)
            if not service.sees_everything(viewer, organisation.id):
                return OrganisationOut.public(organisation)
            return await _shown_in_full(reading, organisation)


class OrganisationReviewController(Controller):
    """Organisations, as administrators review them."""

    path = "/v1/admin/organisations"
    tags = ("administration",)

    @get(
        operation_id="listOrganisations",
        summary="Organisations in order of registration",
        opt=access(Access.ADMINISTRATOR),
    )
    async def review_list(  # noqa: PLR0913 - the parameters of the route
        self,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        *,
        wanted: StateFilter = None,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[OrganisationOut]:
        """All organisations, or those in one state."""
        context = f"listOrganisations:{principal.user_id}:{wanted or 'any'}"
        after = None if cursor is None else str(cursors.unseal(cursor, context)[0])
        async with database.read() as reading:
            rows = await service.list_organisations(reading, wanted, after, limit + 1)
        page = cursors.page(rows, limit, context, key=lambda organisation: [organisation.id])
        return PageOut.of(page, OrganisationOut.of)

    @post(
        "/{organisation_id:str}/decision",
        operation_id="decideOrganisation",
        summary="Verify, reject, suspend or reinstate an organisation",
        opt=access(Access.ADMINISTRATOR),
        responses=problems(404, 409),
    )
    async def decide(
        self,
        request: AnyRequest,
        organisation_id: FromPath[str],
        data: JSONBody[DecisionIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[OrganisationOut]:
        """A suspension ends the organisation's sessions at once."""
        reason, evidence = data.parsed_reason(), data.parsed_evidence()

        async def work(tx: Transaction) -> OrganisationOut:
            organisation = await service.decide_organisation(
                tx, principal, organisation_id, data.decision, reason, evidence
            )
            return await _shown_in_full(tx, organisation)

        return await commands.run(request, principal, work, view=_as_is)


class MemberController(Controller):
    """The people of the caller's organisation."""

    path = "/v1/users"
    tags = ("members",)

    @get(
        operation_id="listUsers",
        summary="The people of my organisation",
        opt=access(Access.SIGNED_IN),
    )
    async def member_list(
        self,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        *,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[UserOut]:
        """In the order in which they joined."""
        context = f"listUsers:{principal.user_id}:"
        after = None if cursor is None else str(cursors.unseal(cursor, context)[0])
        async with database.read() as reading:
            rows = await members.list_members(reading, principal, after, limit + 1)
        page = cursors.page(rows, limit, context, key=lambda user: [user.id])
        return PageOut.of(page, UserOut.of)

    @post(
        operation_id="inviteUser",
        summary="Invite a person into my organisation",
        opt=access(Access.SIGNED_IN),
        cache_control=_NO_STORE,
    )
    async def invite(
        self,
        request: AnyRequest,
        data: JSONBody[InvitationIn],
        commands: NamedDependency[Commands],
        secrets: NamedDependency[Secrets],
        principal: NamedDependency[Principal],
    ) -> Response[InvitationOut]:
        """Owners only. The token is shown once; hand it over by a way that you trust."""
        roles = frozenset(data.roles)
        return await commands.run(
            request,
            principal,
            lambda tx: members.invite(tx, secrets, principal, data.email, roles),
            view=InvitationOut.of,
            remembered=InvitationOut.without_token,
            status=201,
        )

    @patch(
        "/{user_id:str}",
        operation_id="changeUser",
        summary="Change a member's roles, suspend or readmit them",
        opt=access(Access.SIGNED_IN),
        responses=problems(404, 409),
    )
    async def change(
        self,
        request: AnyRequest,
        user_id: FromPath[str],
        data: JSONBody[MemberChangeIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[UserOut]:
        """Owners only. Every change ends the member's sessions at once."""
        return await commands.run(
            request,
            principal,
            lambda tx: members.change_member(tx, principal, user_id, data.parsed()),
            view=UserOut.of,
        )


class InvitationController(Controller):
    """Invitations, as the invited person meets them."""

    path = "/v1/invitations"
    tags = ("members",)

    @post(
        "/acceptance",
        operation_id="acceptInvitation",
        summary="Become a member",
        opt=access(Access.PUBLIC),
        responses=problems(403, 409, 429, 503),
    )
    async def accept(
        self,
        request: AnyRequest,
        data: JSONBody[AcceptanceIn],
        commands: NamedDependency[Commands],
        secrets: NamedDependency[Secrets],
        sessions: NamedDependency[Sessions],
    ) -> Response[UserOut]:
        """The token is good once; the e-mail address is the one that was invited."""
        name = data.parsed_name()
        return await commands.run_prepared(
            request,
            service.REGISTRATION,
            lambda: sessions.newcomers.hash_for_invitation(
                data.token, data.password, client_address(request)
            ),
            lambda tx, hashed: members.accept_invitation(
                tx, secrets, members.Acceptance(data.token, name, hashed)
            ),
            view=UserOut.of,
            status=201,
        )


CONTROLLERS = (
    OrganisationController,
    OrganisationReviewController,
    SessionController,
    MeController,
    MemberController,
    InvitationController,
)


async def _shown_in_full(reading: Reading, organisation: Organisation) -> OrganisationOut:
    decision = await service.latest_decision(reading, organisation.id)
    return OrganisationOut.of(organisation, decision)


def _as_is(shown: OrganisationOut) -> OrganisationOut:
    return shown
