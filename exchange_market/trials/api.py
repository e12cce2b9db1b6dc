"""Routes of samples and of the sandbox."""

from typing import Any

import anyio.to_thread
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec.structs import replace

from exchange_market.catalog import service as catalog
from exchange_market.catalog.products import is_insider
from exchange_market.edge.access import Access, access, require
from exchange_market.edge.commands import Commands
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit, PageOut
from exchange_market.edge.problems import problems
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.secrets import Secrets
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectMissing, ObjectStore
from exchange_market.trials.asking import Asking
from exchange_market.trials.errors import SampleNotFound
from exchange_market.trials.preview import read_rows
from exchange_market.trials.query_prices import QueryPrices
from exchange_market.trials.sample import Sample, SampleAction
from exchange_market.trials.service import (
    approved_sample_for,
    decide_on_sample,
    queries_for,
    sample_for,
)
from exchange_market.trials.wire import (
    QueryAnswerOut,
    QueryIn,
    QueryQuoteIn,
    QueryQuoteOut,
    SampleDecisionIn,
    SampleOut,
    SampleRowsOut,
    SandboxOut,
    SandboxQueryOut,
)
from sandbox.broker import BrokerClient

_PREVIEW_ROWS = 20


class SampleController(Controller):
    """The sample of a product: its rows, its risk, its approval."""

    path = "/v1/products/{product_id:str}/sample"
    tags = ("trials",)

    @get(
        operation_id="getSample",
        summary="The sample with its first rows and its risk report",
        opt=access(Access.PUBLIC),
        responses=problems(404),
    )
    async def one(
        self,
        product_id: FromPath[str],
        database: NamedDependency[Database],
        objects: NamedDependency[ObjectStore],
        cursors: NamedDependency[CursorSeal],
        viewer: NamedDependency[Principal | None],
    ) -> SampleOut:
        """The provider and administrators see the sample of the newest revision in any state, with
        the evidence of the scan; everybody else the approved one of a published listing."""
        async with database.read() as reading:
            sample = await sample_for(reading, viewer, product_id)
            product = await catalog.product_for(reading, viewer, product_id)
        shown = SampleOut.of_insider if is_insider(viewer, product) else SampleOut.of
        if sample.built is None:
            return shown(sample)
        preview = await _rows(objects, cursors, viewer, sample, 0, _PREVIEW_ROWS)
        return replace(shown(sample), preview=preview)

    @get(
        "/rows",
        operation_id="listSampleRows",
        summary="The rows of the sample, page by page",
        opt=access(Access.PUBLIC),
        responses=problems(400, 404),
    )
    async def rows(  # noqa: PLR0913, PLR0917 - dependencies and query parameters
        self,
        product_id: FromPath[str],
        database: NamedDependency[Database],
        objects: NamedDependency[ObjectStore],
        cursors: NamedDependency[CursorSeal],
        viewer: NamedDependency[Principal | None],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> SampleRowsOut:
        """A page may hold fewer rows than asked for when they are large."""
        async with database.read() as reading:
            sample = await sample_for(reading, viewer, product_id)
        offset = 0
        if cursor is not None:
            offset = int(str(cursors.unseal(cursor, _context(viewer, sample))[0]))
        return await _rows(objects, cursors, viewer, sample, offset, limit)

    @post(
        "/decision",
        operation_id="decideSample",
        summary="Approve or reject the sample, as its provider",
        status_code=200,
        opt=access(Access.PROVIDER),
        responses=problems(400, 404, 409),
    )
    async def decide(
        self,
        request: Request[Any, Any, Any],
        product_id: FromPath[str],
        data: JSONBody[SampleDecisionIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[SampleOut]:
        """Nobody else sees a row before the approval; a rejection, with a reason, takes it back."""
        return await commands.run(
            request,
            principal,
            lambda tx: decide_on_sample(
                tx,
                principal,
                product_id,
                SampleAction(data.decision),
                data.reason,
                sha256=data.sha256,
            ),
            view=SampleOut.of_insider,
        )


class SandboxController(Controller):
    """SQL over the approved sample."""

    path = "/v1/products/{product_id:str}/sandbox"
    tags = ("trials",)

    @get(
        operation_id="getSandbox",
        summary="What can be asked: tables, columns and statements that run as they are",
        opt=access(Access.PUBLIC),
        responses=problems(404, 409),
    )
    async def describe(
        self,
        product_id: FromPath[str],
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> SandboxOut:
        """There is one table, called `sample`."""
        async with database.read() as reading:
            sample = await approved_sample_for(reading, viewer, product_id)
            dictionary = await catalog.columns_of(reading, sample.revision_id)
        if sample.built is None:
            raise SampleNotFound(product_id=product_id)
        return SandboxOut.of(sample.built, dictionary)

    @post(
        "/queries",
        operation_id="askSandbox",
        summary="Run one SELECT on the sample",
        status_code=200,
        opt=access(Access.SIGNED_IN),
        responses=problems(400, 404, 409, 429, 503),
    )
    async def ask(  # noqa: PLR0913, PLR0917
        self,
        product_id: FromPath[str],
        data: JSONBody[QueryIn],
        database: NamedDependency[Database],
        objects: NamedDependency[ObjectStore],
        secrets: NamedDependency[Secrets],
        sandbox: NamedDependency[BrokerClient],
        principal: NamedDependency[Principal],
    ) -> QueryAnswerOut:
        """For verified buyers, the provider and administrators. A refused statement is answered
        with the sandbox's own code in `params.reason` and with what to write instead."""
        async with database.read() as reading:
            product = await catalog.product_for(reading, principal, product_id)
        if not is_insider(principal, product):
            require(principal, Access.BUYER)
        asking = Asking(database, objects, secrets, sandbox)
        return QueryAnswerOut.of(await asking.ask(principal, product_id, data.sql, data.max_rows))

    @post(
        "/query-quotes",
        operation_id="quoteQuery",
        summary="What one query would cost",
        status_code=200,
        opt=access(Access.SIGNED_IN),
        responses=problems(400, 404, 409),
    )
    async def quote(
        self,
        product_id: FromPath[str],
        data: JSONBody[QueryQuoteIn],
        query_prices: NamedDependency[QueryPrices],
        principal: NamedDependency[Principal],
    ) -> QueryQuoteOut:
        """A share of the price of the whole, worked out on the approved sample. No two queries
        together cost more than one after the other, and nothing costs more than the whole."""
        quoted = await query_prices.quote(principal, product_id, data.query, data.history)
        return QueryQuoteOut.of(product_id, quoted)

    @get(
        "/queries",
        operation_id="listSandboxQueries",
        summary="Earlier queries of the caller's organisation, newest first",
        opt=access(Access.SIGNED_IN),
        responses=problems(400, 404),
    )
    async def queries(  # noqa: PLR0913, PLR0917
        self,
        product_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[SandboxQueryOut]:
        """With their texts, which no other organisation ever sees."""
        context = f"sandbox-queries:{principal.user_id}:{product_id}"
        before = None if cursor is None else str(cursors.unseal(cursor, context)[0])
        async with database.read() as reading:
            found = await queries_for(
                reading, principal, product_id, before=before, limit=limit + 1
            )
        page = cursors.page(found, limit, context, lambda query: [query.id])
        return PageOut.of(page, SandboxQueryOut.of)


async def _rows(  # noqa: PLR0913, PLR0917 - what a page is made of
    objects: ObjectStore,
    cursors: CursorSeal,
    viewer: Principal | None,
    sample: Sample,
    offset: int,
    limit: int,
) -> SampleRowsOut:
    if sample.built is None:
        raise SampleNotFound(product_id=sample.product_id)
    try:
        path = await objects.as_file(sample.built.object_key)
        rows = await anyio.to_thread.run_sync(read_rows, path, offset, limit)
    except (ObjectMissing, FileNotFoundError):
        # Outdated since we looked, and removed.
        raise SampleNotFound(product_id=sample.product_id) from None
    following = rows.next_offset
    context = _context(viewer, sample)
    return SampleRowsOut.of(rows, None if following is None else cursors.seal([following], context))


def _context(viewer: Principal | None, sample: Sample) -> str:
    asker = "public" if viewer is None else viewer.user_id
    return f"sample-rows:{asker}:{sample.id}:{sample.basis}"


CONTROLLERS = (SampleController, SandboxController)
