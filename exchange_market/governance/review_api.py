"""Routes of the review queue and its decisions."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from exchange_market.appraisals.service import AppraisedValue, ValuationDecision
from exchange_market.catalog.listing import ListingAction
from exchange_market.edge.access import Access, access
from exchange_market.edge.commands import Commands
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit, PageOut
from exchange_market.edge.problems import problems
from exchange_market.governance.decisions import decide_product, decide_valuation
from exchange_market.governance.reviews import ReviewKind, count_waiting, waiting
from exchange_market.governance.wire import (
    ProductDecisionIn,
    ProductDecisionOut,
    ReviewItemOut,
    ReviewSummaryOut,
    ValuationDecisionIn,
    ValuationDecisionOut,
)
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database

AnyRequest = Request[Any, Any, Any]


class ReviewController(Controller):
    """What waits for an administrator."""

    path = "/v1/admin/reviews"
    tags = ("governance",)

    @get(
        operation_id="listReviews",
        summary="What waits for an administrator, by kind",
        opt=access(Access.ADMINISTRATOR),
    )
    async def reviews(  # noqa: PLR0913 - dependencies and parameters
        self,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        *,
        kind: FromQuery[ReviewKind],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[ReviewItemOut]:
        """The longest waiting first. `not_for_you` marks what somebody else has to decide."""
        context = f"reviews:{principal.user_id}:{kind}"
        after = None if cursor is None else cursors.unseal(cursor, context)
        async with database.read() as reading:
            found = await waiting(reading, principal, kind, after=after, limit=limit + 1)
            now = reading.now()
        page = cursors.page(found, limit, context, lambda item: item.key)
        return PageOut.of(page, lambda item: ReviewItemOut.of(item, now))

    @get(
        "/summary",
        operation_id="countReviews",
        summary="How much waits, by kind",
        opt=access(Access.ADMINISTRATOR),
    )
    async def summary(self, database: NamedDependency[Database]) -> ReviewSummaryOut:
        """Counts per kind."""
        async with database.read() as reading:
            counts = await count_waiting(reading)
        return ReviewSummaryOut(
            organisation=counts[ReviewKind.ORGANISATION],
            listing=counts[ReviewKind.LISTING],
            valuation=counts[ReviewKind.VALUATION],
            top_up=counts[ReviewKind.TOP_UP],
            invoice=counts[ReviewKind.INVOICE],
        )


class DecisionController(Controller):
    """Decisions about listings and valuations."""

    path = "/v1/admin"
    tags = ("governance",)

    @post(
        "/products/{product_id:str}/decision",
        operation_id="decideProduct",
        summary="Approve, return, suspend or reinstate a listing",
        opt=access(Access.ADMINISTRATOR),
        responses=problems(400, 403, 404, 409),
        status_code=200,
    )
    async def product(
        self,
        request: AnyRequest,
        product_id: FromPath[str],
        data: JSONBody[ProductDecisionIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ProductDecisionOut]:
        """The first approval of important data waits for a second administrator."""
        return await commands.run(
            request,
            principal,
            lambda tx: decide_product(
                tx,
                principal,
                product_id,
                ListingAction(data.decision),
                data.reason,
                publish=data.publish,
            ),
            view=ProductDecisionOut.of,
        )

    @post(
        "/valuations/{valuation_id:str}/decision",
        operation_id="decideValuation",
        summary="Approve or return a valuation",
        opt=access(Access.ADMINISTRATOR),
        responses=problems(400, 403, 404, 409),
        status_code=200,
    )
    async def valuation(
        self,
        request: AnyRequest,
        valuation_id: FromPath[str],
        data: JSONBody[ValuationDecisionIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ValuationDecisionOut]:
        """By somebody who neither proposed it nor belongs to the provider; final."""
        return await commands.run(
            request,
            principal,
            lambda tx: decide_valuation(
                tx, principal, valuation_id, ValuationDecision(data.decision), data.reason
            ),
            view=_valuation_view,
        )


def _valuation_view(value: AppraisedValue) -> ValuationDecisionOut:
    return ValuationDecisionOut(
        valuation_id=value.id, product_id=value.product_id, state=value.state.value
    )
