"""Pages of rows: parse the request, read the page, seal the cursor."""

import hashlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TypeVar

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
    RowsPage,
)
from exchange_market.delivery.credentials import Grant
from exchange_market.delivery.encodings import RowFormat, encode_rows
from exchange_market.delivery.errors import ColumnsRepeated, FilterMalformed
from exchange_market.delivery.metered import Artefact, give_back, set_aside
from exchange_market.delivery.source import OpenRevision
from exchange_market.kernel.paging import CursorSeal
from exchange_market.metering.quota import Amounts, Reservation, widen
from exchange_market.persistence.transaction import Database

PAGE_ROWS_DEFAULT = 1_000
PAGE_ROWS_MAX = 10_000
PAGE_BYTES_MAX = 8 * 1024 * 1024
_ROW_BYTES_MAX = 2**40
_NUMBER_MAX = 2**63
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

    def touched(self) -> Mapping[str, Sequence[str]]:
        """Every column the request touches, by the query parameter that names it."""
        return {
            "columns": self.columns,
            "filter": [condition.column for condition in self.filters],
        }

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

    @property
    def is_stuck(self) -> bool:
        """Whether there are rows and none of them fitted."""
        return not self.rows and self.next_cursor is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request that was understood: which rows, from where on, in which form.

    `last` is the ordinal of the row before the page; `too_small_bytes` are known to hold no row of
    it. `cursor` seals the place of a row for the page that follows.
    """

    pages: PageStore
    columns: Sequence[str]
    filters: Sequence[Filter]
    order: Order
    limit: int
    wanted: RowFormat
    schema: pa.Schema
    last: int | None
    too_small_bytes: int
    cursor: Callable[[Sequence[int | None]], str]

    def least_bytes(self) -> int:
        """The bytes below which there is no answer: those of a page without rows, at most."""
        longest = self.cursor([_NUMBER_MAX, _NUMBER_MAX])
        empty = encode_rows(self.wanted, self.schema, (), longest)
        return max(len(empty), self.too_small_bytes + 1)


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


def understand(  # noqa: PLR0913, PLR0917 - a question, told completely
    source: OpenRevision,
    pages: PageStore,
    request: RowsRequest,
    allowed: frozenset[str],
    seal: CursorSeal,
    contract_id: str,
) -> Question:
    """The question of a request; reads no row.

    Raises PageColumnUnknown, FilterRefused or CursorRefused.
    """
    order = _order(pages, allowed)
    context = _context(source, request, order, contract_id)
    place = [None] if request.cursor is None else seal.unseal(request.cursor, context)
    last, too_small_bytes = (*place, 0)[:2]
    names = [pages.column(name).name for name in request.columns]
    return Question(
        pages=pages,
        columns=names,
        filters=[_filter(pages, condition) for condition in request.filters],
        order=order,
        limit=request.limit,
        wanted=request.wanted,
        schema=pa.schema([source.schema.field(name) for name in names]),
        last=None if last is None else int(last),
        too_small_bytes=int(too_small_bytes or 0),
        cursor=partial(seal.seal, context=context),
    )


async def reserved_page(
    database: Database, grant: Grant, question: Question
) -> tuple[Reservation, EncodedPage]:
    """A page, read within what was set aside for it before; raises QuotaExhausted.

    Whether a page is refused depends on the question and the quota, never on the data. Near the end
    of a quota the page has fewer rows, and none when the next one does not fit.
    """
    least = Amounts(1, question.least_bytes())
    ordinary = Amounts(question.limit, max(PAGE_BYTES_MAX, least.body_bytes))
    reservation = await set_aside(database, grant, least, ordinary)
    try:
        page = await _in_reader(partial(_read, question, reservation.amounts))
        if page.is_stuck and reservation.amounts.body_bytes == ordinary.body_bytes:
            # The next row is wider than a page, perhaps not than what is left: it comes alone.
            async with database.write() as tx:
                reservation = await widen(tx, reservation, _ROW_BYTES_MAX)
            alone = replace(reservation.amounts, rows=1)
            page = await _in_reader(partial(_read, question, alone))
    except BaseException:
        await give_back(database, reservation)
        raise
    return reservation, page


def _read(question: Question, within: Amounts) -> EncodedPage:
    pages, last = question.pages, question.last
    found = pages.page(
        question.columns,
        filters=question.filters,
        order=question.order,
        after=None if last is None else pages.position_of(last, question.order),
        limit=within.rows,
        bytes_max=PAGE_BYTES_MAX,
    )
    kept = len(found.rows)
    while True:
        cursor = _next_cursor(question, found, kept, within.body_bytes)
        body = encode_rows(question.wanted, question.schema, found.rows[:kept], cursor)
        if len(body) <= within.body_bytes or not kept:
            return EncodedPage(body, kept, cursor)
        # In few steps also where one row is much wider than the others.
        kept = min(kept * within.body_bytes // len(body), kept * 3 // 4)


def _next_cursor(question: Question, found: RowsPage, kept: int, within_bytes: int) -> str | None:
    # A cursor holds no value of any row and is always short: the ordinal of the last row, and where
    # nothing fitted how many bytes were too few, so that whoever follows it is not charged again
    # and again for pages without rows.
    if kept == len(found.rows):
        return None if found.next is None else question.cursor([found.next.ordinal])
    if kept:
        return question.cursor([found.ordinals[kept - 1]])
    return question.cursor([question.last, within_bytes])


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
