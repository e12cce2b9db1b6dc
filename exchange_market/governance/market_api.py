"""Routes of transactions, figures and public keys."""

import hashlib
from typing import Annotated, Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from contracts.lifecycle import State
from exchange_market.edge.access import Access, access
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit, PageOut
from exchange_market.governance.market_wire import (
    MarketFiguresOut,
    TransactionOut,
    YearVolumeOut,
)
from exchange_market.governance.public_keys import public_keys
from exchange_market.governance.transactions import TransactionFilter, list_transactions
from exchange_market.governance.volume import market_figures, present_year, volume_of_year
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.transaction import Database

Wanted = Annotated[str | None, QueryParameter(max_length=64)]
# Named `state` on the wire only: as a parameter's name Litestar keeps the word for itself.
StateFilter = Annotated[State | None, QueryParameter(name="state")]
Year = Annotated[int | None, QueryParameter(ge=2000, le=2200, description="Default: this year.")]


class TransactionController(Controller):
    """Every contract with its money and its usage."""

    path = "/v1/admin/transactions"
    tags = ("governance",)

    @get(
        operation_id="listTransactions",
        summary="Contracts with their money and usage",
        opt=access(Access.ADMINISTRATOR),
    )
    async def transactions(  # noqa: PLR0913 - the parameters of the query string
        self,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        *,
        in_state: StateFilter = None,
        product_id: Wanted = None,
        organisation_id: Wanted = None,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[TransactionOut]:
        """Newest first; the organisation may be the provider or the buyer."""
        wanted = TransactionFilter(
            in_state.value if in_state else None, product_id, organisation_id
        )
        asked = hashlib.sha256(repr(wanted).encode()).hexdigest()
        context = f"transactions:{principal.user_id}:{asked}"
        before = None if cursor is None else str(cursors.unseal(cursor, context)[0])
        async with database.read() as reading:
            found = await list_transactions(reading, wanted, before=before, limit=limit + 1)
        page = cursors.page(found, limit, context, lambda each: [each.contract.id])
        return PageOut.of(page, TransactionOut.of)


class StatisticsController(Controller):
    """Figures of the market."""

    path = "/v1"
    tags = ("governance",)

    @get(
        "/statistics/volume",
        operation_id="getVolume",
        summary="The volume delivered in a year against the target",
        opt=access(Access.PUBLIC),
    )
    async def volume(
        self,
        database: NamedDependency[Database],
        settings: NamedDependency[Settings],
        *,
        year: Year = None,
    ) -> Response[YearVolumeOut]:
        """Calendar years of Asia/Shanghai; a PB is 10^15 bytes."""
        async with database.read() as reading:
            wanted = present_year(reading.now()) if year is None else year
            found = await volume_of_year(reading, wanted, settings.volume_target_bytes)
        return Response(YearVolumeOut.of(found), headers={"Cache-Control": "public, max-age=60"})

    @get(
        "/admin/statistics",
        operation_id="getMarketFigures",
        summary="The market in numbers, and whether the books balance",
        opt=access(Access.ADMINISTRATOR),
    )
    async def figures(self, database: NamedDependency[Database]) -> MarketFiguresOut:
        """Counts by state, settled amounts, and the sums of the ledger."""
        async with database.read() as reading:
            return MarketFiguresOut.of(await market_figures(reading))


class PublicKeyController(Controller):
    """Keys with which anyone verifies what the exchange signed."""

    path = "/.well-known"
    tags = ("trust",)

    @get(
        "/jwks.json",
        operation_id="getPublicKeys",
        summary="Public keys, with purpose, history, holder and custody",
        opt=access(Access.PUBLIC),
    )
    async def keys(self, database: NamedDependency[Database]) -> Response[dict[str, Any]]:
        """A JSON Web Key Set (RFC 7517). Keys are never removed; `state` says what became of
        them.
        """
        async with database.read() as reading:
            keys = await public_keys(reading)
        return Response({"keys": keys}, headers={"Cache-Control": "public, max-age=60"})
