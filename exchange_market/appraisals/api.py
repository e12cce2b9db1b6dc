"""Routes of appraisals: valuations and price plans; those of quality are in `quality_api`."""

from typing import Any, Final

import anyio
import anyio.to_thread
from litestar import Controller, MediaType, Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from exchange_market.appraisals import service
from exchange_market.appraisals.appraising import appraise
from exchange_market.appraisals.disclosure_api import DisclosureController
from exchange_market.appraisals.errors import ValuationNotFound
from exchange_market.appraisals.insight_api import InsightController
from exchange_market.appraisals.quality_api import QUALITY_CONTROLLERS
from exchange_market.appraisals.report_api import ValuationReportController
from exchange_market.appraisals.standards import Standards
from exchange_market.appraisals.wire import (
    ComparablesOut,
    Document,
    PricePlanIn,
    PricePlanOut,
    PriceQuoteIn,
    PriceQuoteOut,
    ValuationOut,
)
from exchange_market.catalog.service import own_product
from exchange_market.edge.access import Access, access
from exchange_market.edge.commands import Commands
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit, PageOut
from exchange_market.edge.problems import problems
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database
from exchange_market.trust.keyring import Keyring

AnyRequest = Request[Any, Any, Any]

# The handler returns bytes; a client reads the JSON object that they are.
_RESULT: Final = ResponseSpec(
    data_container=dict[str, Any], generate_examples=False, description="The signed result"
)
_CERTIFYING_AT_ONCE: Final = anyio.CapacityLimiter(1)


class ProductValuationController(Controller):
    """Valuations of a product."""

    path = "/v1/products/{product_id:str}/valuations"
    tags = ("appraisals",)

    @post(
        operation_id="proposeValuation",
        summary="Value a product and propose the result for review",
        opt=access(Access.PROVIDER),
        responses=problems(400, 404, 409, 413),
    )
    async def propose(  # noqa: PLR0913, PLR0917 - dependencies by name
        self,
        request: AnyRequest,
        product_id: FromPath[str],
        data: JSONBody[Document],
        database: NamedDependency[Database],
        commands: NamedDependency[Commands],
        keyring: NamedDependency[Keyring],
        standards: NamedDependency[Standards],
        principal: NamedDependency[Principal],
    ) -> Response[ValuationOut]:
        """The body is a valuation case: methods, parameters with sources, weights with reasons.

        With `"comparables": "exchange"` the exchange inserts its own settled deals before it
        values. Names, sources and units of parameters become public with the approval, their
        figures do not.
        """
        async with database.read() as reading:
            document = await service.with_exchange_deals(reading, principal, product_id, data)
        value = await appraise(keyring, document, standards.profiles)
        return await commands.run(
            request,
            principal,
            lambda tx: service.propose_valuation(tx, principal, product_id, value),
            view=lambda valuation: ValuationOut.of(valuation, is_full=True),
            status=201,
        )

    @get(
        operation_id="listProductValuations",
        summary="Valuations of a product, newest version first",
        opt=access(Access.PUBLIC),
        responses=problems(400, 404),
    )
    async def valuations(  # noqa: PLR0913, PLR0917
        self,
        product_id: FromPath[str],
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
        cursors: NamedDependency[CursorSeal],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[ValuationOut]:
        """All of them for the provider and administrators, the approved ones for everybody else."""
        context = f"valuations:{viewer.user_id if viewer else 'public'}:{product_id}"
        before = None if cursor is None else int(str(cursors.unseal(cursor, context)[0]))
        async with database.read() as reading:
            found, is_full = await service.valuations_for(
                reading, viewer, product_id, before=before, limit=limit + 1
            )
        page = cursors.page(found, limit, context, lambda each: [each.version])
        return PageOut.of(page, lambda each: ValuationOut.of(each, is_full=is_full))


class ComparablesController(Controller):
    """Comparable deals of a product."""

    path = "/v1/products/{product_id:str}/comparables"
    tags = ("appraisals",)

    @get(
        operation_id="getComparables",
        summary="What the exchange's settled deals say about a product",
        opt=access(Access.SIGNED_IN),
        responses=problems(404, 409),
    )
    async def comparables(
        self,
        product_id: FromPath[str],
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> ComparablesOut:
        """Digests, reasons and statistics for its provider; all papers for administrators."""
        async with database.read() as reading:
            return ComparablesOut.of(await service.comparables_for(reading, viewer, product_id))


class ValuationController(Controller):
    """One valuation."""

    path = "/v1/valuations/{valuation_id:str}"
    tags = ("appraisals",)

    @get(
        operation_id="getValuation",
        summary="A valuation",
        opt=access(Access.PUBLIC),
        responses=problems(404),
    )
    async def valuation(
        self,
        valuation_id: FromPath[str],
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> ValuationOut:
        """In full for its provider and administrators; of an approved one strangers see a part."""
        async with database.read() as reading:
            found, is_full = await service.valuation_for(reading, viewer, valuation_id)
        sees_deals = viewer is not None and viewer.is_administrator
        return ValuationOut.of(found, is_full=is_full, sees_deals=sees_deals)

    @get(
        "/result",
        operation_id="getValuationResult",
        summary="The exact bytes that the exchange signed",
        opt=access(Access.SIGNED_IN),
        media_type=MediaType.JSON,
        responses={200: _RESULT, **problems(404)},
    )
    async def result(
        self,
        valuation_id: FromPath[str],
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> Response[bytes]:
        """For its provider and administrators; `signature` of the valuation is over these bytes."""
        async with database.read() as reading:
            found, is_full = await service.valuation_for(reading, viewer, valuation_id)
        if not is_full:
            raise ValuationNotFound(valuation=valuation_id)
        return Response(found.result_bytes, media_type=MediaType.JSON)


class PriceController(Controller):
    """The price of a product."""

    path = "/v1/products/{product_id:str}"
    tags = ("appraisals",)

    @put(
        "/price-plan",
        operation_id="setPricePlan",
        summary="Certify a price plan and make it the price",
        opt=access(Access.PROVIDER),
        responses=problems(400, 404, 409),
    )
    async def set_plan(  # noqa: PLR0913, PLR0917
        self,
        request: AnyRequest,
        product_id: FromPath[str],
        data: JSONBody[PricePlanIn],
        database: NamedDependency[Database],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[PricePlanOut]:
        """Only a plan that cannot be gamed is taken; a refusal shows how it could be."""
        async with database.read() as reading:
            await own_product(reading, principal, product_id)
        certified = await anyio.to_thread.run_sync(
            service.certify_document, data.plan, limiter=_CERTIFYING_AT_ONCE
        )
        return await commands.run(
            request,
            principal,
            lambda tx: service.set_price_plan(
                tx, principal, product_id, certified, accept_repair=data.accept_repair
            ),
            view=PricePlanOut.of,
        )

    @get(
        "/price-plan",
        operation_id="getPricePlan",
        summary="The price of a product",
        opt=access(Access.PUBLIC),
        responses=problems(404),
    )
    async def plan(
        self,
        product_id: FromPath[str],
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> PricePlanOut:
        """The plan in force with its certificate."""
        async with database.read() as reading:
            return PricePlanOut.of(await service.price_plan_for(reading, viewer, product_id))

    @post(
        "/price-quote",
        operation_id="quotePrice",
        summary="What a usage would cost",
        status_code=200,
        opt=access(Access.PUBLIC),
        responses=problems(400, 404),
    )
    async def quote(
        self,
        product_id: FromPath[str],
        data: JSONBody[PriceQuoteIn],
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> PriceQuoteOut:
        """Rated line by line with the arithmetic of the invoices; nothing is stored."""
        asked = data.curve and service.CurveAsked(data.curve.meter, data.curve.quantities)
        async with database.read() as reading:
            price = await service.price_plan_for(reading, viewer, product_id)
        return PriceQuoteOut.of(price, service.quote(price, data.usage, asked))


CONTROLLERS = (
    *QUALITY_CONTROLLERS,
    ProductValuationController,
    ComparablesController,
    ValuationController,
    ValuationReportController,
    DisclosureController,
    PriceController,
    InsightController,
)
