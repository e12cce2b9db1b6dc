"""Routes of usage, for both parties of a contract."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from exchange_market.agreements.service import get_contract
from exchange_market.edge.access import Access, access
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit, PageOut
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.metering.quota import quotas_of
from exchange_market.metering.service import receipts_of, usage_of
from exchange_market.metering.wire import ReceiptOut, UsageOut
from exchange_market.persistence.transaction import Database


class UsageController(Controller):
    """What was delivered under a contract."""

    path = "/v1/contracts/{contract_id:str}"
    tags = ("metering",)

    @get("/usage", operation_id="getUsage", opt=access(Access.SIGNED_IN))
    async def usage(
        self,
        contract_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
    ) -> UsageOut:
        """Totals and quotas; provider and buyer see the same numbers."""
        async with database.read() as reading:
            await get_contract(reading, principal, contract_id)
            usage = await usage_of(reading, contract_id)
            quotas = await quotas_of(reading, contract_id)
        return UsageOut.of(contract_id, usage, list(quotas))

    @get("/receipts", operation_id="listReceipts", opt=access(Access.SIGNED_IN))
    async def receipts(  # noqa: PLR0913, PLR0917
        self,
        contract_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[ReceiptOut]:
        """Receipts in order; each names the hash of the one before."""
        context = f"receipts:{principal.user_id}:{contract_id}"
        after = 0 if cursor is None else int(str(cursors.unseal(cursor, context)[0]))
        async with database.read() as reading:
            await get_contract(reading, principal, contract_id)
            found = await receipts_of(reading, contract_id, after=after, limit=limit + 1)
        page = cursors.page(found, limit, context, lambda receipt: [receipt.sequence])
        return PageOut.of(page, ReceiptOut.of)


CONTROLLERS = (UsageController,)
