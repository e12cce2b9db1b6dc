"""Headers that every answer carries unless its route set them itself, and those of files.

`X-Content-Type-Options: nosniff` (Fetch Standard, section 3.6) keeps a browser from taking text of
a user for a page; `Cache-Control: no-store` (RFC 9111, section 5.2.2.5) keeps what a session was
shown out of caches that others share.
"""

from urllib.parse import quote

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


def content_disposition(filename: str, ascii_name: str, *, is_shown: bool) -> str:
    """Content-Disposition of a file to show or to save, with its name in any script.

    `ascii_name` is for what does not know the extended form (RFC 6266, sections 4.3 and 5, with
    RFC 8187 for the encoding); `filename` must not contain separators of paths.
    """
    kind = "inline" if is_shown else "attachment"
    return f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(filename, safe='')}"


def names_tag(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names the entity tag (RFC 9110, section 13.1.2)."""
    named = {tag.strip().removeprefix("W/") for tag in (header or "").split(",")}
    return "*" in named or etag in named
