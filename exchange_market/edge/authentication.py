"""Puts the caller's Principal into the connection, from a Bearer access token.

How a token becomes a Principal is the business of the accounts slice; app.py passes it in.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from exchange_market.edge.access import Access
from exchange_market.kernel.principal import Principal

Authenticate = Callable[[str], Awaitable[Principal]]
_TOKEN_CHARACTERS_MAX = 4_096


class BearerSessions(ASGIMiddleware):
    """Sets `scope["user"]` to a Principal, or to None when no token was sent.

    A token that was sent but is not good raises, on public routes too: silently dropping to
    anonymous would hide an expired session. Routes under API keys are left to their slice.
    """

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Authenticate, then go on."""
        scope["user"] = None
        level = scope["route_handler"].opt.get("access", Access.PUBLIC)
        token = bearer_token(ASGIConnection(scope))  # pyright: ignore[reportUnknownArgumentType]
        if level is not Access.API_KEY and token is not None:
            scope["user"] = await self._authenticate(token)
        await next_app(scope, receive, send)


def bearer_token(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The credential of the Authorization header (RFC 6750, section 2.1), or None."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _TOKEN_CHARACTERS_MAX:
        return None
    return token
