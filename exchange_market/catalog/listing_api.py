"""Routes of a listing's life and of its column dictionary."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Controller, Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from exchange_market.catalog import service
from exchange_market.catalog.product import Product
from exchange_market.catalog.revision_wire import ColumnsIn, ColumnsOut
from exchange_market.catalog.wire import (
    HistoryOut,
    ListingEventOut,
    ListingOut,
    PersonsIn,
    ProductId,
    ProductOut,
    ReasonIn,
)
from exchange_market.edge.access import Access, access
from exchange_market.edge.commands import Commands
from exchange_market.edge.problems import problems
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database, Reading, Transaction

AnyRequest = Request[Any, Any, Any]


class ListingController(Controller):
    """The steps of a listing."""

    path = "/v1/products/{product_id:str}"
    tags = ("catalogue",)

    @post(
        "/submission",
        operation_id="submitListing",
        summary="Hand a listing over for review",
        opt=access(Access.PROVIDER),
        responses=problems(404, 409),
        status_code=200,
    )
    async def submit(
        self,
        request: AnyRequest,
        product_id: ProductId,
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ProductOut]:
        """Refused with everything that is still missing (`catalog.listing_incomplete`)."""
        return await _step(
            commands,
            request,
            principal,
            lambda tx: service.submit_listing(tx, principal, product_id),
        )

    @post(
        "/publication",
        operation_id="publishListing",
        summary="Publish an approved listing",
        opt=access(Access.PROVIDER),
        responses=problems(404, 409),
        status_code=200,
    )
    async def publish(
        self,
        request: AnyRequest,
        product_id: ProductId,
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ProductOut]:
        """From here on everybody finds it."""
        return await _step(
            commands,
            request,
            principal,
            lambda tx: service.publish_listing(tx, principal, product_id),
        )

    @post(
        "/withdrawal",
        operation_id="withdrawListing",
        summary="Take a listing back",
        opt=access(Access.PROVIDER),
        responses=problems(404, 409),
        status_code=200,
    )
    async def withdraw(
        self,
        request: AnyRequest,
        product_id: ProductId,
        data: JSONBody[ReasonIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ProductOut]:
        """A listing that was published needs a reason; contracts that exist go on."""
        reason = data.text()
        return await _step(
            commands,
            request,
            principal,
            lambda tx: service.withdraw_listing(tx, principal, product_id, reason),
        )

    @post(
        "/reopening",
        operation_id="reopenListing",
        summary="Make a withdrawn listing a draft again",
        opt=access(Access.PROVIDER),
        responses=problems(404, 409),
        status_code=200,
    )
    async def reopen(
        self,
        request: AnyRequest,
        product_id: ProductId,
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ProductOut]:
        """It is reviewed anew before it is published again."""
        return await _step(
            commands,
            request,
            principal,
            lambda tx: service.reopen_listing(tx, principal, product_id),
        )

    @get(
        "/history",
        operation_id="getListingHistory",
        summary="The steps of a listing and their reasons",
        opt=access(Access.SIGNED_IN),
        responses=problems(404),
    )
    async def history(
        self,
        product_id: ProductId,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
    ) -> HistoryOut:
        """For the provider and administrators; oldest step first."""
        async with database.read() as reading:
            events = await service.listing_history(reading, principal, product_id)
        return HistoryOut(events=[ListingEventOut.of(event) for event in events])


class DictionaryController(Controller):
    """What a product's data hold."""

    path = "/v1/products/{product_id:str}"
    tags = ("catalogue",)

    @get(
        "/columns",
        operation_id="getColumns",
        summary="The column dictionary of the latest ready revision",
        opt=access(Access.PUBLIC),
        responses=problems(404, 409),
    )
    async def columns(
        self,
        product_id: ProductId,
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> ColumnsOut:
        """Name, type, meaning and role of every column, before any purchase."""
        async with database.read() as reading:
            product = await service.product_for(reading, viewer, product_id)
            revision = await service.latest_ready_revision(reading, product.id)
            return ColumnsOut.of(await service.columns_of(reading, revision.id))

    @put(
        "/columns",
        operation_id="describeColumns",
        summary="Set meanings and roles of columns",
        opt=access(Access.SIGNED_IN),
        responses=problems(400, 403, 404, 409),
    )
    async def describe_columns(
        self,
        request: AnyRequest,
        product_id: ProductId,
        data: JSONBody[ColumnsIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ColumnsOut]:
        """By the provider, who may only raise roles towards more caution, or by an
        administrator.
        """
        entries = [column.to_entry() for column in data.columns]
        return await commands.run(
            request,
            principal,
            lambda tx: service.describe_columns(tx, principal, product_id, entries),
            view=ColumnsOut.of,
        )

    @put(
        "/personal-data",
        operation_id="setHoldsPersons",
        summary="Say whether the data are about persons",
        opt=access(Access.SIGNED_IN),
        responses=problems(400, 403, 404),
    )
    async def set_holds_persons(
        self,
        request: AnyRequest,
        product_id: ProductId,
        data: JSONBody[PersonsIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ListingOut]:
        """The provider may say yes; only an administrator may turn a yes into a no."""
        return await commands.run(
            request,
            principal,
            lambda tx: service.set_holds_persons(tx, principal, product_id, data.holds_persons),
            view=ListingOut.of,
        )


async def _step(
    commands: Commands,
    request: AnyRequest,
    principal: Principal,
    move: Callable[[Transaction], Awaitable[Product]],
) -> Response[ProductOut]:
    async def work(tx: Transaction) -> ProductOut:
        return await full_view(tx, await move(tx))

    return await commands.run(request, principal, work, view=as_is)


async def full_view(reading: Reading, product: Product) -> ProductOut:
    """A product as its provider sees it."""
    facts = await service.shown_facts(reading, product.id)
    return ProductOut.of(product, facts, await service.still_missing(reading, product))


def as_is(view: ProductOut) -> ProductOut:
    """For commands whose work already gives the answer."""
    return view
