"""Who may call a route at all. Every route declares a level; a route without one stops the start.

    @get("/…", opt=access(Access.ADMINISTRATOR))

The guard here only looks at the caller. Whether an object belongs to the caller is a rule of the
slice's service, which answers a stranger with "not found".
"""

from enum import StrEnum
from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from exchange_market.kernel.errors import Forbidden, Unauthenticated
from exchange_market.kernel.principal import Principal


class Access(StrEnum):
    """Who may call a route."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    PROVIDER = "provider"
    BUYER = "buyer"
    ADMINISTRATOR = "administrator"
    API_KEY = "api_key"
    """Authenticated by the slice itself with an API key; no session is looked for."""


class SignInRequired(Unauthenticated):
    """The route needs a session."""

    code = "access.sign_in_required"
    en = "Sign in first: send the access token as 'Authorization: Bearer …'."
    zh = "请先登录，并在 Authorization 头中以 Bearer 方式携带访问令牌。"


class NotVerified(Forbidden):
    """The caller's organisation was not verified yet."""

    code = "access.organisation_not_verified"
    en = (
        "Your organisation is not verified yet; an administrator of the exchange has to do "
        "that first."
    )
    zh = "贵机构尚未通过核验；需由交易所管理员先行核验。"


class WrongRole(Forbidden):
    """The caller's organisation or person lacks the role."""

    code = "access.wrong_role"
    en = "This needs the role '{role}', which you do not hold."
    zh = "此操作需要“{role}”角色，您没有该角色。"


class SecondFactorRequired(Forbidden):
    """The session was opened without a one-time code."""

    code = "access.second_factor_required"
    en = "This needs a session opened with a one-time code; sign in again with it."
    zh = "此操作需要使用动态口令登录的会话；请使用动态口令重新登录。"


def access(level: Access) -> dict[str, Any]:
    """The `opt` of a route handler that declares its access level."""
    return {"access": level}


def enforce_access(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Litestar guard: refuse callers below the route's level."""
    level: Access = handler.opt.get(
        "access", Access.PUBLIC
    )  # only OPTIONS and /schema declare none
    if level in (Access.PUBLIC, Access.API_KEY):
        return
    principal: Principal | None = connection.scope["user"]
    if principal is None:
        raise SignInRequired
    require(principal, level)


def require(principal: Principal, level: Access) -> None:
    """Raise Forbidden unless `principal` reaches `level`."""
    match level:
        case Access.ADMINISTRATOR:
            require_administrator(principal)
        case Access.PROVIDER if not principal.may_provide:
            raise WrongRole(role="provider")
        case Access.BUYER if not principal.may_buy:
            raise WrongRole(role="buyer")
        case Access.PROVIDER | Access.BUYER if not principal.is_verified:
            raise NotVerified
        case _:
            return


def require_administrator(principal: Principal) -> None:
    """Raise Forbidden unless the caller administers the exchange, with a second factor."""
    if principal.is_administrator:
        return
    if "administrator" in principal.roles:
        raise SecondFactorRequired
    raise WrongRole(role="administrator")


def every_handler(app: Litestar) -> list[tuple[str, HTTPRouteHandler]]:
    """All (path, handler) pairs of an application, without the OPTIONS answers Litestar adds."""
    return [
        (route.path_format, handler)
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if isinstance(handler, HTTPRouteHandler) and handler.http_methods != {"OPTIONS"}
    ]


def refuse_undeclared(app: Litestar) -> None:
    """Raise RuntimeError when a route declares no access level."""
    bare = sorted(
        path
        for path, handler in every_handler(app)
        if "access" not in handler.opt and not path.startswith("/schema")
    )
    if bare:
        raise RuntimeError(f"routes without an access level: {', '.join(bare)}")
