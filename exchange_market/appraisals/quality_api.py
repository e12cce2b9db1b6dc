"""Routes of quality: reports of revisions, and the rules that are measured."""

from typing import Annotated, Any, Final

import anyio
import anyio.to_thread
from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, PathParameter

from exchange_market.appraisals import service
from exchange_market.appraisals.quality_wire import QualityOut, QualityRulesIn, QualityRulesOut
from exchange_market.catalog.service import own_product
from exchange_market.edge.access import Access, access
from exchange_market.edge.commands import Commands
from exchange_market.edge.problems import problems
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database

AnyRequest = Request[Any, Any, Any]
Number = Annotated[int, PathParameter(ge=1, le=2_147_483_647)]

_READING_AT_ONCE: Final = anyio.CapacityLimiter(1)


class QualityController(Controller):
    """Measured quality of revisions."""

    path = "/v1/products/{product_id:str}/revisions/{number:int}/quality"
    tags = ("appraisals",)

    @get(
        operation_id="getQualityReport",
        summary="The quality report of a revision",
        opt=access(Access.PUBLIC),
        responses=problems(404),
    )
    async def report(
        self,
        product_id: FromPath[str],
        number: Number,
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> QualityOut:
        """The six dimensions of GB/T 36344 as ratios, each with the SQL that measured it."""
        async with database.read() as reading:
            return QualityOut.of(
                await service.quality_report_for(reading, viewer, product_id, number)
            )


class QualityRulesController(Controller):
    """The quality rules of a product."""

    path = "/v1/products/{product_id:str}/quality-rules"
    tags = ("appraisals",)

    @get(
        operation_id="getQualityRules",
        summary="The quality rules in force, and those suggested",
        opt=access(Access.PUBLIC),
        responses=problems(404),
    )
    async def rules(
        self,
        product_id: FromPath[str],
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> QualityRulesOut:
        """Suggestions come from the latest revision and are for its provider."""
        async with database.read() as reading:
            return QualityRulesOut.of(await service.quality_rules_for(reading, viewer, product_id))

    @put(
        operation_id="setQualityRules",
        summary="Set the quality rules that the provider asks for",
        opt=access(Access.PROVIDER),
        responses=problems(400, 404, 409, 413),
    )
    async def set_rules(  # noqa: PLR0913, PLR0917 - dependencies by name
        self,
        request: AnyRequest,
        product_id: FromPath[str],
        data: JSONBody[QualityRulesIn],
        database: NamedDependency[Database],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[QualityRulesOut]:
        """They replace those set before; the latest revision is measured anew.

        Types, missing values, readability, keys and the promised periods are measured anyway.
        """
        async with database.read() as reading:
            await own_product(reading, principal, product_id)
        rules = await anyio.to_thread.run_sync(
            service.read_rules, data.rules, limiter=_READING_AT_ONCE
        )
        return await commands.run(
            request,
            principal,
            lambda tx: service.set_quality_rules(tx, principal, product_id, rules),
            view=QualityRulesOut.of,
        )


QUALITY_CONTROLLERS = (QualityController, QualityRulesController)
