"""Routes of sessions and of the caller's own account."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Controller, Request, Response, delete, get, post
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.types import Scope

from exchange_market.accounts import members, service
from exchange_market.accounts.errors import CodeRefused, CodeUsed
from exchange_market.accounts.sessions import Credentials, Sessions, end_session
from exchange_market.accounts.wire import (
    CodeIn,
    EnrolmentIn,
    EnrolmentOut,
    MeOut,
    OrganisationOut,
    PasswordChangeIn,
    RefreshIn,
    SessionOut,
    SignInIn,
    UserOut,
)
from exchange_market.edge.access import Access, access
from exchange_market.edge.commands import Commands
from exchange_market.edge.problems import problems
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database

_NO_STORE = CacheControlHeader(no_store=True)
AnyRequest = Request[Any, Any, Any]


class SessionController(Controller):
    """Signing in, staying signed in, signing out."""

    path = "/v1/sessions"
    tags = ("sessions",)

    @post(
        operation_id="openSession",
        summary="Sign in",
        opt=access(Access.PUBLIC),
        responses=problems(401, 403, 429, 503),
        cache_control=_NO_STORE,
    )
    async def sign_in(
        self, request: AnyRequest, data: JSONBody[SignInIn], sessions: NamedDependency[Sessions]
    ) -> SessionOut:
        """Too many failures lock the account, and the address, for a while that grows."""
        credentials = Credentials(data.email, data.password, data.code, client_address(request))
        return SessionOut.of(await sessions.sign_in(credentials))

    @post(
        "/refresh",
        operation_id="refreshSession",
        summary="Get the next pair of tokens",
        opt=access(Access.PUBLIC),
        responses=problems(401),
        cache_control=_NO_STORE,
    )
    async def refresh(
        self, data: JSONBody[RefreshIn], sessions: NamedDependency[Sessions]
    ) -> SessionOut:
        """A refresh token is good once; its second use ends the session."""
        return SessionOut.of(await sessions.refresh(data.refresh_token))

    @delete(
        "/current",
        operation_id="endSession",
        summary="Sign out",
        opt=access(Access.SIGNED_IN),
        status_code=204,
    )
    async def sign_out(
        self,
        request: AnyRequest,
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[None]:
        """The session and its tokens are worth nothing from now on."""
        return await commands.run(
            request, principal, lambda tx: end_session(tx, principal), view=_nothing, status=204
        )


class MeController(Controller):
    """The caller's own account."""

    path = "/v1/me"
    tags = ("me",)

    @get(operation_id="getMe", summary="Who I am", opt=access(Access.SIGNED_IN))
    async def show(
        self, database: NamedDependency[Database], principal: NamedDependency[Principal]
    ) -> MeOut:
        """The caller, the caller's organisation, and what this session has proven."""
        async with database.read() as reading:
            user = await members.get_member(reading, principal, principal.user_id)
            organisation = await service.get_organisation(reading, principal.organisation_id)
            decision = await service.latest_decision(reading, organisation.id)
            return MeOut(
                user=UserOut.of(user),
                organisation=OrganisationOut.of(organisation, decision),
                session_id=principal.session_id,
                second_factor=principal.second_factor,
            )

    @post(
        "/password",
        operation_id="changePassword",
        summary="Change my password",
        opt=access(Access.SIGNED_IN),
        responses=problems(429, 503),
        status_code=204,
    )
    async def change_password(
        self,
        request: AnyRequest,
        data: JSONBody[PasswordChangeIn],
        commands: NamedDependency[Commands],
        sessions: NamedDependency[Sessions],
        principal: NamedDependency[Principal],
    ) -> Response[None]:
        """All other sessions of the caller end."""
        shown = await sessions.confirm_password(
            principal, data.current_password, client_address(request)
        )
        fresh = await sessions.passwords.hash(data.new_password, "new_password")
        return await commands.run(
            request,
            principal,
            lambda tx: members.change_password(tx, principal, shown, fresh),
            view=_nothing,
            status=204,
        )

    @post(
        "/second-factor",
        operation_id="enrolSecondFactor",
        summary="Set up, or replace, my second factor",
        opt=access(Access.SIGNED_IN),
        responses=problems(409, 429, 503),
        cache_control=_NO_STORE,
    )
    async def enrol(
        self,
        request: AnyRequest,
        data: JSONBody[EnrolmentIn],
        commands: NamedDependency[Commands],
        sessions: NamedDependency[Sessions],
        principal: NamedDependency[Principal],
    ) -> Response[EnrolmentOut]:
        """The secret is shown once, and in force after a code of it was confirmed."""
        await sessions.confirm_password(principal, data.password, client_address(request))
        return await commands.run(
            request,
            principal,
            lambda tx: sessions.second_factor.enrol(tx, principal, data.code),
            view=EnrolmentOut.of,
            remembered=EnrolmentOut.without_secret,
            status=201,
        )

    @post(
        "/second-factor/confirmation",
        operation_id="confirmSecondFactor",
        summary="Confirm my second factor with a code of it",
        opt=access(Access.SIGNED_IN),
        responses=problems(409, 429),
        status_code=204,
    )
    async def confirm(
        self,
        request: AnyRequest,
        data: JSONBody[CodeIn],
        commands: NamedDependency[Commands],
        sessions: NamedDependency[Sessions],
        principal: NamedDependency[Principal],
    ) -> Response[None]:
        """This session counts as opened with the second factor; all others of the caller end."""
        return await commands.run(
            request,
            principal,
            lambda tx: sessions.second_factor.confirm(tx, principal, data.code),
            view=_nothing,
            status=204,
        )


def count_refused_codes(
    database: Database, sessions: Sessions
) -> Callable[[Exception, Scope], Awaitable[None]]:
    """An `after_exception` hook of the application: counts wrong one-time codes inside sessions.

    The refusal undid the transaction in which the code was checked, so the count needs its own.
    """

    async def count(error: Exception, scope: Scope) -> None:
        caller = scope.get("user")
        if not isinstance(error, CodeRefused) or isinstance(error, CodeUsed):
            return
        if isinstance(caller, Principal):
            async with database.write() as tx:
                await sessions.second_factor.count_refused_code(tx, caller.user_id)

    return count


def _nothing(done: None) -> None:
    return done


def client_address(request: AnyRequest) -> str:
    """The network address a request came from."""
    return request.client.host if request.client is not None else "unknown"
