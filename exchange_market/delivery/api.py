"""Routes of delivery. They take an API key, not a session."""

from collections.abc import AsyncGenerator, Mapping
from functools import partial
from typing import Annotated, Any

from litestar import Controller, Request, Response, get, head
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from litestar.types import ASGIApp

from contracts.receipts import request_digest
from contracts.terms import Operation
from exchange_market.delivery.credentials import Credentials, Grant, admit
from exchange_market.delivery.encodings import MEDIA_TYPES, RowFormat
from exchange_market.delivery.errors import KeyMissing, RevisionNotAvailable
from exchange_market.delivery.files import (
    ByteRange,
    DeliveredFile,
    FileViews,
    parse_range,
    read_bytes,
)
from exchange_market.delivery.metered import Held, MeteredAnswer, Order, set_aside
from exchange_market.delivery.row_pages import (
    PAGE_ROWS_DEFAULT,
    PAGE_ROWS_MAX,
    EncodedPage,
    RowsRequest,
    in_chunks,
    parse_columns,
    parse_filter,
    reserved_page,
    row_artefact,
    understand,
)
from exchange_market.delivery.row_shares import RowShares
from exchange_market.delivery.source import OpenRevision, Sources
from exchange_market.delivery.turns import Turns
from exchange_market.edge.access import Access, access
from exchange_market.edge.authentication import bearer_token
from exchange_market.edge.headers import names_tag
from exchange_market.edge.problems import problems
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.secrets import Secrets
from exchange_market.metering.quota import Amounts
from exchange_market.metering.service import receipt_id
from exchange_market.persistence.transaction import Database

_REFUSALS = problems(404, 409, 503)
_PARQUET = "application/vnd.apache.parquet"
_FILTERS_MAX = 50
_UNSHARED = {"Cache-Control": "private, no-store"}
_PARTS = {
    206: ResponseSpec(
        bytes,
        generate_examples=False,
        description="The asked range",
        media_type=_PARQUET,  # pyright: ignore[reportArgumentType] - a media type of our own
    ),
    304: ResponseSpec(
        None, generate_examples=False, description="The file is the one already known"
    ),
}

Revision = Annotated[int | None, QueryParameter(ge=1, le=1_000_000, description="Default: newest.")]
Columns = Annotated[
    str | None,
    QueryParameter(
        max_length=20_000, description="Names with commas between; default: all allowed."
    ),
]
Filters = Annotated[
    list[str] | None,
    QueryParameter(
        name="filter",
        max_items=_FILTERS_MAX,
        description="`column:op:value`, op one of eq ne lt lte gt gte in; repeat for more.",
    ),
]
PageRows = Annotated[int, QueryParameter(ge=1, le=PAGE_ROWS_MAX)]
PageCursor = Annotated[str | None, QueryParameter(max_length=2_000)]


class DataController(Controller):
    """The data of one product, under the contract of the presented key."""

    path = "/v1/data/{product_id:str}"
    tags = ("delivery",)

    @get(
        "/rows",
        operation_id="getRows",
        summary="A page of rows as JSON, NDJSON, CSV or Arrow IPC",
        opt=access(Access.API_KEY),
        responses=_REFUSALS | problems(429),
    )
    async def rows(  # noqa: PLR0913, PLR0917
        self,
        request: Request[Any, Any, Any],
        product_id: FromPath[str],
        database: NamedDependency[Database],
        credentials: NamedDependency[Credentials],
        sources: NamedDependency[Sources],
        cursors: NamedDependency[CursorSeal],
        secrets: NamedDependency[Secrets],
        turns: NamedDependency[Turns],
        columns: Columns = None,
        filters: Filters = None,
        revision: Revision = None,
        limit: PageRows = PAGE_ROWS_DEFAULT,
        cursor: PageCursor = None,
        row_format: Annotated[RowFormat, QueryParameter(name="format")] = RowFormat.JSON,
    ) -> ASGIApp:
        """Rows in key order (in the order of the file where the contract leaves a key column out),
        with exact counts in a signed receipt; follow `next_cursor` for more. A page has fewer rows
        than asked for when the quota covers no more."""
        key, grant = await _presented(request, credentials)
        source = await _opened(database, sources, grant, product_id, Operation.ROWS, revision)
        asked = RowsRequest(
            columns=parse_columns(columns) or _allowed(source, grant),
            filters=tuple(parse_filter(text) for text in filters or ()),
            limit=limit,
            cursor=cursor,
            wanted=row_format,
        )
        admit(grant, product_id, Operation.ROWS, asked.touched(), database.clock.now())
        pages = await sources.pages(source)
        question = understand(source, pages, asked, grant.rule.columns, cursors, grant.contract.id)
        with turns.enter(grant.contract.id) as place:
            async with place.reading():
                reservation, page = await reserved_page(database, grant, question)
        order = Order(
            grant=grant,
            key=key,
            operation=Operation.ROWS,
            artefact=row_artefact(source),
            request_digest=request_digest(secrets.derive("requests"), asked.facts()),  # type: ignore[arg-type]
            amounts=Amounts(page.rows, len(page.body)),
            rows_sent=partial(RowShares(page.rows, len(page.body)).between, 0),
        )
        headers = _page_headers(page, row_format, source)
        held, body = Held(place, reservation), in_chunks(page.body)
        return _answer(database, credentials, order, held, 200, headers, body)

    @get(
        "/file",
        operation_id="getFile",
        summary="The whole revision as Parquet; ranges and resuming as in RFC 9110",
        opt=access(Access.API_KEY),
        media_type=_PARQUET,
        responses=_REFUSALS | problems(416, 429) | _PARTS,
    )
    async def file(  # noqa: PLR0913, PLR0917
        self,
        request: Request[Any, Any, Any],
        product_id: FromPath[str],
        database: NamedDependency[Database],
        credentials: NamedDependency[Credentials],
        sources: NamedDependency[Sources],
        views: NamedDependency[FileViews],
        secrets: NamedDependency[Secrets],
        turns: NamedDependency[Turns],
        revision: Revision = None,
    ) -> ASGIApp:
        """The file, or the part of it that a Range header asks for; only sent bytes are counted."""
        key, grant = await _presented(request, credentials)
        found = await _file(database, sources, views, grant, product_id, revision)
        if names_tag(request.headers.get("if-none-match"), found.etag):
            return _known(found).to_asgi_response(None, request)
        wanted = None
        if request.headers.get("if-range") in (None, found.etag):
            wanted = parse_range(request.headers.get("range"), found.size_bytes)
        sent = wanted or ByteRange(0, found.size_bytes)
        asked = {"range": [sent.start, sent.stop], "etag": found.etag}
        order = Order(
            grant=grant,
            key=key,
            operation=Operation.FILE,
            artefact=found.artefact,
            request_digest=request_digest(secrets.derive("requests"), asked),  # type: ignore[arg-type]
            amounts=Amounts(found.rows_between(sent.start, sent.stop), sent.length),
            rows_sent=lambda count: found.rows_between(sent.start, sent.start + count),
        )
        headers = _validators(found) | {"Content-Length": str(sent.length)}
        if wanted is not None:
            headers["Content-Range"] = f"bytes {sent.start}-{sent.stop - 1}/{found.size_bytes}"
        status = 200 if wanted is None else 206
        with turns.enter(grant.contract.id) as place:
            held = Held(place, await set_aside(database, grant, order.amounts, order.amounts))
        body = read_bytes(found.path, sent)
        return _answer(database, credentials, order, held, status, headers, body)

    @head(
        "/file",
        operation_id="headFile",
        opt=access(Access.API_KEY),
        responses=_REFUSALS | {304: _PARTS[304]},
    )
    async def file_head(  # noqa: PLR0913, PLR0917
        self,
        request: Request[Any, Any, Any],
        product_id: FromPath[str],
        database: NamedDependency[Database],
        credentials: NamedDependency[Credentials],
        sources: NamedDependency[Sources],
        views: NamedDependency[FileViews],
        revision: Revision = None,
    ) -> Response[None]:
        """Size and entity tag of the file; 304 where they are known; costs nothing."""
        _, grant = await _presented(request, credentials)
        found = await _file(database, sources, views, grant, product_id, revision)
        if names_tag(request.headers.get("if-none-match"), found.etag):
            return _known(found)
        headers = _validators(found) | {"Content-Length": str(found.size_bytes)}
        return Response(None, headers=headers)


async def _presented(
    request: Request[Any, Any, Any], credentials: Credentials
) -> tuple[str, Grant]:
    key = bearer_token(request)
    if key is None:
        raise KeyMissing
    return key, await credentials.grant(key)


async def _opened(  # noqa: PLR0913, PLR0917
    database: Database,
    sources: Sources,
    grant: Grant,
    product_id: str,
    operation: Operation,
    revision: int | None,
) -> OpenRevision:
    admit(grant, product_id, operation, {}, database.clock.now())
    return await sources.revision_for(grant, revision)


def _allowed(source: OpenRevision, grant: Grant) -> tuple[str, ...]:
    allowed = tuple(name for name in source.schema.names if name in grant.rule.columns)
    if not allowed:
        raise RevisionNotAvailable(revision=source.revision.number)
    return allowed


async def _file(  # noqa: PLR0913, PLR0917
    database: Database,
    sources: Sources,
    views: FileViews,
    grant: Grant,
    product_id: str,
    revision: int | None,
) -> DeliveredFile:
    source = await _opened(database, sources, grant, product_id, Operation.FILE, revision)
    return await views.file_for(source, tuple(grant.rule.columns))


def _answer(  # noqa: PLR0913, PLR0917
    database: Database,
    credentials: Credentials,
    order: Order,
    held: Held,
    status: int,
    headers: Mapping[str, str],
    body: AsyncGenerator[bytes],
) -> MeteredAnswer:
    named = _UNSHARED | {"X-Receipt-Id": receipt_id(held.reservation)}
    return MeteredAnswer(
        database=database,
        credentials=credentials,
        order=order,
        held=held,
        status=status,
        headers={**headers, **named},
        body=body,
    )


def _page_headers(page: EncodedPage, wanted: RowFormat, source: OpenRevision) -> dict[str, str]:
    headers = {
        "Content-Type": MEDIA_TYPES[wanted],
        "X-Row-Count": str(page.rows),
        "X-Revision": str(source.revision.number),
    }
    return headers | ({} if page.next_cursor is None else {"X-Next-Cursor": page.next_cursor})


def _known(found: DeliveredFile) -> Response[None]:
    return Response(None, status_code=304, headers=_validators(found))


def _validators(found: DeliveredFile) -> dict[str, str]:
    own = {"Content-Type": _PARQUET, "ETag": found.etag, "Accept-Ranges": "bytes"}
    return own | _UNSHARED


CONTROLLERS = (DataController,)
