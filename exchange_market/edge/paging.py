"""Pages on the wire: the query parameters of every list and the envelope of its answer."""

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from exchange_market.kernel.paging import PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX, Page

Item = TypeVar("Item")
Shown = TypeVar("Shown")

Limit = Annotated[
    int,
    QueryParameter(ge=1, le=PAGE_ROWS_MAX, description="Rows on a page."),
]
Cursor = Annotated[
    str | None,
    QueryParameter(max_length=2_000, description="`next_cursor` of the page before."),
]
LIMIT_DEFAULT = PAGE_ROWS_DEFAULT


class PageOut(msgspec.Struct, Generic[Item], frozen=True):
    """Some items and, when there are more, the cursor that fetches them."""

    items: Sequence[Item]
    next_cursor: str | None

    @staticmethod
    def of(page: "Page[Item]", show: Callable[[Item], Shown]) -> "PageOut[Shown]":
        """The page with each item as the API shows it."""
        return PageOut([show(item) for item in page.items], page.next_cursor)
