"""Headers that every answer carries, unless its route set them itself.

`X-Content-Type-Options: nosniff` (Fetch Standard, section 3.6) keeps a browser from taking text of
a user for a page; `Cache-Control: no-store` (RFC 9111, section 5.2.2.5) keeps what a session was
shown out of caches that others share.
"""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope


async def add_protective_headers(message: Message, scope: Scope) -> None:
    """Litestar `before_send` hook; also reached by refusals, which no after-request hook sees."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if scope.get("user") is not None and "json" in headers.get("content-type", ""):
        headers.setdefault("Cache-Control", "no-store")
