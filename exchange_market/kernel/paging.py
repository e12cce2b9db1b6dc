"""Keyset paging with sealed cursors.

A cursor carries the sort key of the last row seen, sealed with an HMAC that also covers a context
(who asks, for what list), so that a cursor cannot be forged or carried to another list or person.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from exchange_market.kernel.errors import Invalid

PAGE_ROWS_DEFAULT = 50
PAGE_ROWS_MAX = 200
_CURSOR_CHARACTERS_MAX = 2_000
_MAC_BYTES = 16

Item = TypeVar("Item")
Key = str | int | float | bool | None


class CursorRefused(Invalid):
    """A cursor that this list did not give out to this person."""

    code = "paging.cursor_refused"
    en = "The cursor does not belong to this list; start again without it."
    zh = "游标不属于此列表；请去掉游标重新开始。"


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some rows of a list and, when there are more, the cursor of the next page."""

    items: Sequence[Item]
    next_cursor: str | None


class CursorSeal:
    """Seals and opens cursors under one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, key: Sequence[Key], context: str) -> str:
        """A cursor for the rows after `key`, valid only in `context`."""
        body = json.dumps(list(key), separators=(",", ":"), ensure_ascii=False).encode()
        return base64.urlsafe_b64encode(self._mac(body, context) + body).decode().rstrip("=")

    def unseal(self, cursor: str, context: str) -> list[Key]:
        """The key inside a cursor; raises CursorRefused when it was not sealed for `context`."""
        if len(cursor) > _CURSOR_CHARACTERS_MAX:
            raise CursorRefused(field="cursor")
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raise CursorRefused(field="cursor") from None
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body, context)):
            raise CursorRefused(field="cursor")
        return json.loads(body)

    def page(
        self,
        rows: Sequence[Item],
        limit: int,
        context: str,
        key: Callable[[Item], Sequence[Key]],
    ) -> Page[Item]:
        """A page from up to `limit + 1` fetched rows; the extra row only tells that there are
        more."""
        if len(rows) <= limit:
            return Page(rows, None)
        kept = rows[:limit]
        return Page(kept, self.seal(key(kept[-1]), context))

    def _mac(self, body: bytes, context: str) -> bytes:
        message = context.encode() + b"\0" + body
        return hmac.new(self._secret, message, hashlib.sha256).digest()[:_MAC_BYTES]
