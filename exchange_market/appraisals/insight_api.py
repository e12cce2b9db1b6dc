"""Routes that explain: why a price, what changed in a valuation, how good valuations were."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from exchange_market.appraisals.calibration import calibration
from exchange_market.appraisals.changes import changes_of
from exchange_market.appraisals.explanation import explain_price
from exchange_market.appraisals.insight_wire import (
    CalibrationOut,
    PriceExplanationOut,
    ValuationChangesOut,
)
from exchange_market.edge.access import Access, access
from exchange_market.edge.problems import problems
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database


class InsightController(Controller):
    """What is behind a price and a value."""

    path = "/v1"
    tags = ("appraisals",)

    @get(
        "/products/{product_id:str}/price-explanation",
        operation_id="explainPrice",
        summary="Why this price: plan, value and quality side by side",
        opt=access(Access.PUBLIC),
        responses=problems(404, 409),
    )
    async def price(
        self,
        product_id: FromPath[str],
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> PriceExplanationOut:
        """The price of the whole revision beside the approved range, its methods and reasons, the
        measured quality and the proof that the plan cannot be gamed."""
        async with database.read() as reading:
            return PriceExplanationOut.of(await explain_price(reading, viewer, product_id))

    @get(
        "/valuations/{valuation_id:str}/changes",
        operation_id="getValuationChanges",
        summary="What changed since the version approved before",
        opt=access(Access.SIGNED_IN),
        responses=problems(404),
    )
    async def changes(
        self,
        valuation_id: FromPath[str],
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> ValuationChangesOut:
        """For its provider and administrators: parameters, methods and figures before and after."""
        async with database.read() as reading:
            return ValuationChangesOut.of(await changes_of(reading, viewer, valuation_id))

    @get(
        "/valuation-calibration",
        operation_id="getValuationCalibration",
        summary="How often past ranges caught later prices",
        opt=access(Access.PUBLIC),
    )
    async def calibrated(self, database: NamedDependency[Database]) -> CalibrationOut:
        """Settled arm's-length deals against the valuation approved before their negotiation; a
        group of fewer than five deals is not shown."""
        async with database.read() as reading:
            return CalibrationOut.of(await calibration(reading))


CONTROLLERS = (InsightController,)
