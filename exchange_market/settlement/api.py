"""Routes of money."""

from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from exchange_market.edge.access import Access, access
from exchange_market.edge.commands import Commands
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit, PageOut
from exchange_market.edge.problems import problems
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.transaction import Database
from exchange_market.settlement.books import balances_of_owner, postings_of_owner
from exchange_market.settlement.contract_money import pay_contract
from exchange_market.settlement.invoices import (
    get_invoice,
    issue_invoice,
    list_invoices,
    settle_invoice,
)
from exchange_market.settlement.top_ups import (
    TopUpState,
    decide_top_up,
    list_top_ups,
    record_top_up,
)
from exchange_market.settlement.wire import (
    BalanceOut,
    BalancesOut,
    InvoiceOut,
    PaymentOut,
    PostingOut,
    TopUpDecisionIn,
    TopUpIn,
    TopUpOut,
)

# Named `state` on the wire only: as a parameter's name Litestar keeps the word for itself.
ContractFilter = Annotated[str | None, QueryParameter(max_length=40)]
StateFilter = Annotated[TopUpState | None, QueryParameter(name="state")]


class BalanceController(Controller):
    """What the caller's organisation holds and how it came about."""

    path = "/v1"
    tags = ("settlement",)

    @get("/balances", operation_id="getBalances", opt=access(Access.SIGNED_IN))
    async def balances(
        self, database: NamedDependency[Database], principal: NamedDependency[Principal]
    ) -> BalancesOut:
        """Every account of the caller's organisation."""
        async with database.read() as reading:
            found = await balances_of_owner(reading, principal.organisation_id)
        return BalancesOut(
            organisation_id=principal.organisation_id,
            balances=[BalanceOut.of(balance) for balance in found],
        )

    @get("/ledger", operation_id="listPostings", opt=access(Access.SIGNED_IN))
    async def postings(
        self,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[PostingOut]:
        """Postings on the organisation's accounts, newest first; administrators see all."""
        owner = None if principal.is_administrator else principal.organisation_id
        context = f"ledger:{principal.user_id}:{owner}"
        before = _after(cursors, cursor, context)
        async with database.read() as reading:
            found = await postings_of_owner(reading, owner, before=before, limit=limit + 1)
        return PageOut.of(cursors.page(found, limit, context, lambda p: [p.id]), PostingOut.of)

    @get("/top-ups", operation_id="listTopUps", opt=access(Access.SIGNED_IN))
    async def top_ups(  # noqa: PLR0913, PLR0917 - dependencies and query parameters
        self,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        wanted: StateFilter = None,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[TopUpOut]:
        """Top-ups of the organisation, newest first; administrators see all."""
        owner = None if principal.is_administrator else principal.organisation_id
        context = f"top-ups:{principal.user_id}:{owner}:{wanted}"
        before = _after(cursors, cursor, context)
        async with database.read() as reading:
            found = await list_top_ups(
                reading, organisation_id=owner, state=wanted, before=before, limit=limit + 1
            )
        return PageOut.of(cursors.page(found, limit, context, lambda t: [t.id]), TopUpOut.of)


class TopUpController(Controller):
    """Bank transfers: one administrator records, another confirms."""

    path = "/v1/admin/top-ups"
    tags = ("settlement",)

    @post(
        operation_id="recordTopUp",
        opt=access(Access.ADMINISTRATOR),
        responses=problems(404),
    )
    async def record(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[TopUpIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[TopUpOut]:
        """Note a transfer that arrived; the buyer's balance grows when it is confirmed."""
        amount = data.amount()
        return await commands.run(
            request,
            principal,
            lambda tx: record_top_up(
                tx,
                principal,
                organisation_id=data.organisation_id,
                amount=amount,
                bank_reference=data.bank_reference,
            ),
            view=TopUpOut.of,
            status=201,
            key_required=True,
        )

    @post(
        "/{top_up_id:str}/decision",
        operation_id="decideTopUp",
        status_code=200,
        opt=access(Access.ADMINISTRATOR),
        responses=problems(404),
    )
    async def decide(
        self,
        request: Request[Any, Any, Any],
        top_up_id: FromPath[str],
        data: JSONBody[TopUpDecisionIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[TopUpOut]:
        """Confirm or refuse it, as another person than the one who recorded it."""
        return await commands.run(
            request,
            principal,
            lambda tx: decide_top_up(
                tx, principal, top_up_id, confirmed=data.decision == "confirm", reason=data.text()
            ),
            view=TopUpOut.of,
        )


class ContractPaymentController(Controller):
    """Payment of a contract from the prepaid balance."""

    path = "/v1/contracts"
    tags = ("settlement",)

    @post(
        "/{contract_id:str}/payment",
        operation_id="payContract",
        status_code=200,
        opt=access(Access.BUYER),
        responses=problems(402, 404),
    )
    async def pay(
        self,
        request: Request[Any, Any, Any],
        contract_id: FromPath[str],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[PaymentOut]:
        """Set the contract's maximum charge aside; what is not used comes back at its end."""
        return await commands.run(
            request,
            principal,
            lambda tx: pay_contract(tx, principal, contract_id),
            view=PaymentOut.of,
            key_required=True,
        )

    @post(
        "/{contract_id:str}/invoices",
        operation_id="issueInvoice",
        opt=access(Access.ADMINISTRATOR),
        responses=problems(404),
    )
    async def issue(
        self,
        request: Request[Any, Any, Any],
        contract_id: FromPath[str],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
        settings: NamedDependency[Settings],
    ) -> Response[InvoiceOut]:
        """Bill the usage that no invoice has billed yet."""
        return await commands.run(
            request,
            principal,
            lambda tx: issue_invoice(
                tx, principal, contract_id, commission_per_mille=settings.commission_per_mille
            ),
            view=InvoiceOut.of,
            status=201,
            key_required=True,
        )


class InvoiceController(Controller):
    """Invoices of the caller's organisation."""

    path = "/v1/invoices"
    tags = ("settlement",)

    @get(operation_id="listInvoices", opt=access(Access.SIGNED_IN))
    async def many(  # noqa: PLR0913, PLR0917
        self,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        contract_id: ContractFilter = None,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[InvoiceOut]:
        """Invoices as provider or buyer, newest first; administrators see all."""
        owner = None if principal.is_administrator else principal.organisation_id
        context = f"invoices:{principal.user_id}:{owner}:{contract_id}"
        before = _after(cursors, cursor, context)
        async with database.read() as reading:
            found = await list_invoices(
                reading,
                organisation_id=owner,
                contract_id=contract_id,
                before=before,
                limit=limit + 1,
            )
        return PageOut.of(cursors.page(found, limit, context, lambda i: [i.id]), InvoiceOut.of)

    @get("/{invoice_id:str}", operation_id="getInvoice", opt=access(Access.SIGNED_IN))
    async def one(
        self,
        invoice_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
    ) -> InvoiceOut:
        """One invoice."""
        async with database.read() as reading:
            return InvoiceOut.of(await get_invoice(reading, principal, invoice_id))

    @post(
        "/{invoice_id:str}/settlement",
        operation_id="settleInvoice",
        status_code=200,
        opt=access(Access.ADMINISTRATOR),
        responses=problems(404),
    )
    async def settle(
        self,
        request: Request[Any, Any, Any],
        invoice_id: FromPath[str],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[InvoiceOut]:
        """Book the shares of provider and exchange, as another person than the one who issued
        it."""
        return await commands.run(
            request,
            principal,
            lambda tx: settle_invoice(tx, principal, invoice_id),
            view=InvoiceOut.of,
            key_required=True,
        )


def _after(cursors: CursorSeal, cursor: str | None, context: str) -> str | None:
    return None if cursor is None else str(cursors.unseal(cursor, context)[0])


CONTROLLERS = (
    BalanceController,
    TopUpController,
    ContractPaymentController,
    InvoiceController,
)
