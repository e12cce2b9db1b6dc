"""Routes of raw rows for administrators, and of who asked for them."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from exchange_market.edge.access import Access, access
from exchange_market.edge.commands import Commands
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit, PageOut
from exchange_market.edge.problems import problems
from exchange_market.governance.break_glass import (
    decide_request,
    list_requests,
    read_rows,
    request_raw_rows,
    requests_on_product,
)
from exchange_market.governance.request import RequestStep
from exchange_market.governance.wire import (
    RawRowsDecisionIn,
    RawRowsIn,
    RawRowsOut,
    RawRowsRequestOut,
)
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectStore

AnyRequest = Request[Any, Any, Any]


class BreakGlassController(Controller):
    """Raw rows, for a reason that is recorded first."""

    path = "/v1/admin/break-glass"
    tags = ("governance",)

    @post(
        operation_id="requestRawRows",
        summary="Ask for raw rows, with a reason",
        opt=access(Access.ADMINISTRATOR),
        responses=problems(400, 403, 404, 409),
    )
    async def request_rows(
        self,
        request: AnyRequest,
        data: JSONBody[RawRowsIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[RawRowsRequestOut]:
        """Good for one hour. With `unmask` another administrator has to approve it first."""
        return await commands.run(
            request,
            principal,
            lambda tx: request_raw_rows(tx, principal, data.wanted()),
            view=RawRowsRequestOut.of,
            status=201,
        )

    @get(
        operation_id="listRawRowsRequests",
        summary="All requests for raw rows",
        opt=access(Access.ADMINISTRATOR),
    )
    async def requests(
        self,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        *,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[RawRowsRequestOut]:
        """Newest first."""
        context = f"break-glass:{principal.user_id}"
        before = None if cursor is None else str(cursors.unseal(cursor, context)[0])
        async with database.read() as reading:
            found = await list_requests(reading, before=before, limit=limit + 1)
        page = cursors.page(found, limit, context, lambda each: [each.id])
        return PageOut.of(page, RawRowsRequestOut.of)

    @post(
        "/{request_id:str}/decision",
        operation_id="decideRawRowsRequest",
        summary="Approve or refuse a colleague's request for identifying values",
        opt=access(Access.ADMINISTRATOR),
        responses=problems(403, 404, 409),
        status_code=200,
    )
    async def decide(
        self,
        request: AnyRequest,
        request_id: FromPath[str],
        data: JSONBody[RawRowsDecisionIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[RawRowsRequestOut]:
        """By another administrator than the one who asked."""
        return await commands.run(
            request,
            principal,
            lambda tx: decide_request(
                tx, principal, request_id, RequestStep(data.decision), data.reason
            ),
            view=RawRowsRequestOut.of,
        )

    @post(
        "/{request_id:str}/reading",
        operation_id="readRawRows",
        summary="Read the rows that were granted",
        opt=access(Access.ADMINISTRATOR),
        responses=problems(404, 409),
        status_code=200,
    )
    async def read(
        self,
        request_id: FromPath[str],
        database: NamedDependency[Database],
        objects: NamedDependency[ObjectStore],
        principal: NamedDependency[Principal],
    ) -> Response[RawRowsOut]:
        """Each reading is recorded, and told to the provider, before the rows are opened."""
        # Not a remembered command: its answer must not be kept, and a repetition is a new reading.
        request, rows = await read_rows(database, objects, principal, request_id)
        return Response(
            RawRowsOut.of(request, rows), status_code=200, headers={"Cache-Control": "no-store"}
        )


class ProductBreakGlassController(Controller):
    """Who saw raw rows of a product."""

    path = "/v1/products/{product_id:str}/break-glass"
    tags = ("governance",)

    @get(
        operation_id="listRawRowsRequestsOfProduct",
        summary="Who asked for raw rows of an own product, and why",
        opt=access(Access.SIGNED_IN),
        responses=problems(404),
    )
    async def requests(  # noqa: PLR0913 - dependencies and parameters
        self,
        product_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        *,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[RawRowsRequestOut]:
        """For the provider and administrators; newest first."""
        context = f"product-break-glass:{principal.user_id}:{product_id}"
        before = None if cursor is None else str(cursors.unseal(cursor, context)[0])
        async with database.read() as reading:
            found = await requests_on_product(
                reading, principal, product_id, before=before, limit=limit + 1
            )
        page = cursors.page(found, limit, context, lambda each: [each.id])
        return PageOut.of(page, RawRowsRequestOut.of)
