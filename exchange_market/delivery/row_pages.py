"""Pages of rows: parse the request, read the page, seal the cursor."""

import hashlib
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

import anyio
import anyio.to_thread
import msgspec
import pyarrow as pa

from contracts.receipts import ArtefactKind
from exchange_market.catalog.pages import (
    Comparison,
    Filter,
    Order,
    PageStore,
    Position,
    RowsPage,
)
from exchange_market.delivery.encodings import RowFormat, encode_rows
from exchange_market.delivery.errors import ColumnsRepeated, FilterMalformed
from exchange_market.delivery.metered import Artefact
from exchange_market.delivery.source import OpenRevision
from exchange_market.kernel.paging import CursorSeal

PAGE_ROWS_DEFAULT = 1_000
PAGE_ROWS_MAX = 10_000
PAGE_BYTES_MAX = 8 * 1024 * 1024
_FIRST_ROWS = 64
_FIXED_BYTES = 8
_READERS = 4
_FILTER_CHARACTERS_MAX = 2_000
_CHUNK_BYTES = 256 * 1024
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class FilterText:
    """One filter as asked for: `column:op:value`."""

    column: str
    op: Comparison
    text: str


@dataclass(frozen=True, slots=True)
class RowsRequest:
    """A page as asked for; no columns means all that the contract allows."""

    columns: tuple[str, ...]
    filters: tuple[FilterText, ...]
    limit: int
    cursor: str | None
    wanted: RowFormat

    def touched(self) -> tuple[str, ...]:
        """Every column the request touches, also by a filter."""
        return (*self.columns, *(condition.column for condition in self.filters))

    def facts(self) -> dict[str, object]:
        """What was asked, for the keyed digest in the receipt."""
        filters = [
            f"{condition.column}:{condition.op}:{condition.text}" for condition in self.filters
        ]
        return {"columns": list(self.columns), "filters": filters, "limit": self.limit}


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """The bytes of a page and how many rows they hold."""

    body: bytes
    rows: int
    next_cursor: str | None


def parse_columns(text: str | None) -> tuple[str, ...]:
    """The chosen columns, in their order; none when nothing was chosen. Raises ColumnsRepeated."""
    names = tuple(text.split(",")) if text else ()
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ColumnsRepeated(field="columns", column=name[:80])
    return names


def parse_filter(text: str) -> FilterText:
    """A filter from its text; raises FilterMalformed."""
    column, first, rest = text.partition(":")
    name, second, value = rest.partition(":")
    operators = ", ".join(Comparison)
    if len(text) > _FILTER_CHARACTERS_MAX or not (first and second and column):
        raise FilterMalformed(field="filter", text=text[:80], operators=operators)
    try:
        return FilterText(column, Comparison(name), value)
    except ValueError:
        raise FilterMalformed(field="filter", text=text[:80], operators=operators) from None


def row_artefact(source: OpenRevision) -> Artefact:
    """Rows come from the revision itself."""
    return Artefact(source.revision.number, ArtefactKind.REVISION, source.digest)


async def read_page(  # noqa: PLR0913, PLR0917 - a page, told completely
    source: OpenRevision,
    pages: PageStore,
    request: RowsRequest,
    allowed: frozenset[str],
    seal: CursorSeal,
    contract_id: str,
) -> EncodedPage:
    """The page in bytes, whole in memory: at most PAGE_ROWS_MAX rows of about PAGE_BYTES_MAX."""
    order = _order(pages, allowed)
    context = _context(source, request, order, contract_id)
    last = None if request.cursor is None else int(str(seal.unseal(request.cursor, context)[0]))
    filters = [_filter(pages, condition) for condition in request.filters]
    after = None if last is None else await _in_reader(partial(pages.position_of, last, order))
    found = await _in_reader(partial(_bounded_page, pages, request, filters, order, after))
    # The cursor holds the ordinal alone: no value of any row, and always short.
    next_cursor = None if found.next is None else seal.seal([found.next.ordinal], context)
    schema = pa.schema([source.schema.field(name) for name in request.columns])
    encode = partial(encode_rows, request.wanted, schema, found.rows, next_cursor)
    body = await _in_reader(encode)
    return EncodedPage(body, len(found.rows), next_cursor)


def _bounded_page(
    pages: PageStore,
    request: RowsRequest,
    filters: Sequence[Filter],
    order: Order,
    after: Position | None,
) -> RowsPage:
    """Rows until the limit or about PAGE_BYTES_MAX, at least one; wide rows come in small steps."""
    rows: list[tuple[Any, ...]] = []
    ordinals: list[int] = []
    size, step, position = 0, _FIRST_ROWS, after
    while True:
        wanted = min(step, request.limit - len(rows))
        found = pages.page(
            request.columns, filters=filters, order=order, after=position, limit=wanted
        )
        rows += found.rows
        ordinals += found.ordinals
        size += sum(_size(value) for row in found.rows for value in row)
        position = found.next
        if position is None or len(rows) >= request.limit or size >= PAGE_BYTES_MAX:
            return RowsPage(rows, ordinals, position)
        step = max(1, (PAGE_BYTES_MAX - size) * len(rows) // max(size, 1))


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | bytes) else _FIXED_BYTES


async def _in_reader(read: Callable[[], Result]) -> Result:
    # Threads of their own: slow pages must not keep others from signing in.
    return await anyio.to_thread.run_sync(read, limiter=_readers())


@cache
def _readers() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(_READERS)


async def in_chunks(body: bytes) -> AsyncGenerator[bytes]:
    """The bytes of a page piece by piece, so that a client that leaves pays for what it got."""
    for start in range(0, len(body), _CHUNK_BYTES):
        yield body[start : start + _CHUNK_BYTES]


def _order(pages: PageStore, allowed: frozenset[str]) -> Order:
    # The order of rows tells of the values they are ordered by.
    return Order.KEY if allowed.issuperset(pages.key_columns) else Order.ORDINAL


def _filter(pages: PageStore, condition: FilterText) -> Filter:
    if condition.op is Comparison.IN:
        values = tuple(pages.parse(condition.column, part) for part in condition.text.split(","))
        return Filter(condition.column, condition.op, values)
    return Filter(condition.column, condition.op, pages.parse(condition.column, condition.text))


def _context(source: OpenRevision, request: RowsRequest, order: Order, contract_id: str) -> str:
    asked = msgspec.json.encode([request.columns, request.filters, order])
    return f"rows:{contract_id}:{source.revision.id}:{hashlib.sha256(asked).hexdigest()}"
