"""Routes of products and listings: search, description, review, column dictionary."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter

from exchange_market.catalog import service
from exchange_market.catalog.listing_api import (
    DictionaryController,
    ListingController,
    as_is,
    full_view,
)
from exchange_market.catalog.product import Grade, Openness, Subject
from exchange_market.catalog.revision_api import RevisionController
from exchange_market.catalog.search_query import SearchFilter, SearchOrder, SortKey
from exchange_market.catalog.search_wire import FacetCountOut, FoundListingOut, SearchOut
from exchange_market.catalog.wire import (
    ListingOut,
    ProductId,
    ProductIn,
    ProductOut,
    ProductPatchIn,
    SubjectOut,
)
from exchange_market.edge.access import Access, access
from exchange_market.edge.commands import Commands
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit, PageOut
from exchange_market.edge.problems import problems
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database, Transaction

AnyRequest = Request[Any, Any, Any]
Words = Annotated[str, QueryParameter(max_length=100, description="Words to find, any language.")]
PriceMode = Annotated[str | None, QueryParameter(pattern=r"^[a-z0-9_]{1,64}$")]
ProviderId = Annotated[
    str | None,
    QueryParameter(pattern=r"^[a-z]+_[0-9A-Z]{26}$", description="Id of an organisation."),
]


class ProductController(Controller):
    """Products: everybody finds the published ones, providers describe their own."""

    path = "/v1/products"
    tags = ("catalogue",)

    @get(
        operation_id="searchProducts",
        summary="Search published listings",
        opt=access(Access.PUBLIC),
    )
    async def search(  # noqa: PLR0913 - the parameters of the query string
        self,
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
        cursors: NamedDependency[CursorSeal],
        *,
        q: Words = "",
        subject: FromQuery[Subject | None] = None,
        price_mode: PriceMode = None,
        grade: FromQuery[Grade | None] = None,
        openness: FromQuery[Openness | None] = None,
        provider: ProviderId = None,
        sort: FromQuery[SearchOrder] = SearchOrder.RELEVANCE,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> SearchOut:
        """All words must be found; Chinese is searched by pairs of characters, so 交通 finds
        交通运输.
        """
        wanted = SearchFilter(
            subject=subject,
            price_mode=price_mode,
            grade=grade,
            openness=openness,
            provider_id=provider,
            order=sort,
        )
        asked = hashlib.sha256(repr((q, wanted)).encode()).hexdigest()
        context = f"products:{viewer.user_id if viewer else 'public'}:{asked}"
        after = None if cursor is None else _sort_key(cursors.unseal(cursor, context))
        async with database.read() as reading:
            answer = await service.search_listings(reading, q, wanted, after=after, limit=limit + 1)
        page = cursors.page(answer.found, limit, context, lambda found: _key_of(found.sort_key))
        return SearchOut(
            items=[FoundListingOut.of(found) for found in page.items],
            next_cursor=page.next_cursor,
            total=answer.total,
            facets={
                name: [FacetCountOut.of(count) for count in counts]
                for name, counts in answer.facets.items()
            },
        )

    @post(
        operation_id="createProduct",
        summary="Start a new product",
        opt=access(Access.PROVIDER),
    )
    async def create(
        self,
        request: AnyRequest,
        data: JSONBody[ProductIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ProductOut]:
        """A draft, seen by the own organisation only."""

        async def work(tx: Transaction) -> ProductOut:
            product = await service.create_product(tx, principal, data.subject, data.describe)
            return await full_view(tx, product)

        return await commands.run(request, principal, work, view=as_is, status=201)

    @get(
        "/{product_id:str}",
        operation_id="getProduct",
        summary="A listing",
        opt=access(Access.PUBLIC),
        responses=problems(404),
    )
    async def show(
        self,
        product_id: ProductId,
        database: NamedDependency[Database],
        viewer: NamedDependency[Principal | None],
    ) -> ListingOut:
        """Published listings for everybody; the others for their provider and administrators
        only.
        """
        async with database.read() as reading:
            product = await service.product_for(reading, viewer, product_id)
            return ListingOut.of(product, await service.shown_facts(reading, product.id))

    @patch(
        "/{product_id:str}",
        operation_id="describeProduct",
        summary="Change the description of a draft",
        opt=access(Access.PROVIDER),
        responses=problems(404, 409),
    )
    async def describe(
        self,
        request: AnyRequest,
        product_id: ProductId,
        data: JSONBody[ProductPatchIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ProductOut]:
        """Of a draft or a returned listing; members that are not sent stay as they are."""

        async def work(tx: Transaction) -> ProductOut:
            product = await service.describe_product(tx, principal, product_id, data.describe)
            return await full_view(tx, product)

        return await commands.run(request, principal, work, view=as_is)


class OwnProductController(Controller):
    """The products of the own organisation."""

    path = "/v1/my/products"
    tags = ("catalogue",)

    @get(
        operation_id="listMyProducts",
        summary="The products of the own organisation",
        opt=access(Access.SIGNED_IN),
    )
    async def mine(
        self,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        *,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[ListingOut]:
        """In every state, oldest first."""
        context = f"my-products:{principal.user_id}"
        after = None if cursor is None else str(cursors.unseal(cursor, context)[0])
        async with database.read() as reading:
            products = await service.own_products(reading, principal, after=after, limit=limit + 1)
        page = cursors.page(products, limit, context, lambda product: [product.id])
        return PageOut.of(page, ListingOut.of)

    @get(
        "/{product_id:str}",
        operation_id="getMyProduct",
        summary="A product of the own organisation, and what it lacks",
        opt=access(Access.SIGNED_IN),
        responses=problems(404),
    )
    async def show_mine(
        self,
        product_id: ProductId,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
    ) -> ProductOut:
        """`missing` lists all that keeps the listing from being submitted."""
        async with database.read() as reading:
            product = await service.own_product(reading, principal, product_id)
            return await full_view(reading, product)


class SubjectController(Controller):
    """The vocabulary of domains."""

    path = "/v1/subjects"
    tags = ("catalogue",)

    @get(operation_id="listSubjects", summary="The domains", opt=access(Access.PUBLIC))
    async def subjects(self) -> Sequence[SubjectOut]:
        """The twenty domains of the open-data list, with their names."""
        return [SubjectOut.of(subject) for subject in Subject]


CONTROLLERS = (
    ProductController,
    OwnProductController,
    SubjectController,
    ListingController,
    DictionaryController,
    RevisionController,
)


def _key_of(key: SortKey) -> tuple[int, str, int]:
    return key.score, key.published_at.isoformat(), key.number


def _sort_key(key: Sequence[Any]) -> SortKey:
    score, published_at, number = key
    return SortKey(score, datetime.fromisoformat(published_at), number)
