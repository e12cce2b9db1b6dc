"""Routes of contracts: negotiating, signing, pausing, ending."""

from typing import Annotated, Any, Literal

import anyio
import anyio.to_thread
from litestar import Controller, MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from contracts.clauses import text
from contracts.document import parse_document
from contracts.lifecycle import Event, State
from contracts.terms import Language
from exchange_market.accounts.second_factor import SecondFactor
from exchange_market.agreements.drafting import party_keys
from exchange_market.agreements.errors import ContractNotFound
from exchange_market.agreements.key_api import KEY_CONTROLLERS
from exchange_market.agreements.negotiation import (
    accept_offer,
    make_offer,
    request_contract,
    withdraw,
)
from exchange_market.agreements.proposal import certified_plan
from exchange_market.agreements.service import (
    contract_signatures,
    decide,
    get_contract,
    list_contracts,
    offers_of,
    suspend,
)
from exchange_market.agreements.signing import sign_contract
from exchange_market.agreements.wire import (
    AcceptanceIn,
    ContractDecisionIn,
    ContractOut,
    ContractRequestIn,
    OfferIn,
    OffersOut,
    ReasonIn,
    SignatureIn,
)
from exchange_market.catalog.service import product_for
from exchange_market.edge.access import Access, access
from exchange_market.edge.commands import Commands
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit, PageOut
from exchange_market.edge.problems import problems
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database
from exchange_market.trust.keyring import Keyring

_CERTIFYING = anyio.CapacityLimiter(1)
ProductFilter = Annotated[str | None, QueryParameter(max_length=40)]
StateFilter = Annotated[State | None, QueryParameter(name="state")]


class ContractController(Controller):
    """Contracts of the caller's organisation."""

    path = "/v1/contracts"
    tags = ("agreements",)

    @post(operation_id="requestContract", opt=access(Access.BUYER), responses=problems(404))
    async def request_contract(  # noqa: PLR0913, PLR0917
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[ContractRequestIn],
        database: NamedDependency[Database],
        keyring: NamedDependency[Keyring],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ContractOut]:
        """Ask the provider of a published product for a contract, with a stated purpose."""
        async with database.read() as reading:
            product = await product_for(reading, principal, data.product_id)
        keys = await party_keys(keyring, product.organisation_id, principal.organisation_id)
        return await commands.run(
            request,
            principal,
            lambda tx: request_contract(
                tx, principal, data.product_id, data.terms.wished(), data.message(), keys
            ),
            view=ContractOut.of,
            status=201,
        )

    @get(operation_id="listContracts", opt=access(Access.SIGNED_IN))
    async def many(  # noqa: PLR0913, PLR0917
        self,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        product_id: ProductFilter = None,
        wanted: StateFilter = None,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[ContractOut]:
        """Contracts as provider or buyer, newest first; administrators see all."""
        owner = None if principal.is_administrator else principal.organisation_id
        context = f"contracts:{principal.user_id}:{owner}:{product_id}:{wanted}"
        before = None if cursor is None else str(cursors.unseal(cursor, context)[0])
        async with database.read() as reading:
            found = await list_contracts(
                reading,
                owner,
                product_id=product_id,
                state=wanted,
                before=before,
                limit=limit + 1,
            )
        return PageOut.of(cursors.page(found, limit, context, lambda c: [c.id]), ContractOut.of)

    @get("/{contract_id:str}", operation_id="getContract", opt=access(Access.SIGNED_IN))
    async def one(
        self,
        contract_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
    ) -> ContractOut:
        """One contract."""
        async with database.read() as reading:
            return ContractOut.of(await get_contract(reading, principal, contract_id))

    @get(
        "/{contract_id:str}/document",
        operation_id="getContractDocument",
        opt=access(Access.SIGNED_IN),
        media_type=MediaType.JSON,
        responses={
            200: ResponseSpec(
                data_container=dict[str, Any],
                generate_examples=False,
                description="The document, byte for byte as it is signed.",
            ),
            **problems(404),
        },
    )
    async def document(
        self,
        contract_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
    ) -> Response[bytes]:
        """The canonical bytes that are signed (RFC 8785); their SHA-256 is the contract's
        digest."""
        async with database.read() as reading:
            contract = await get_contract(reading, principal, contract_id)
        if contract.document is None:
            raise ContractNotFound(contract_id=contract_id)
        return Response(contract.document, media_type=MediaType.JSON)

    @get(
        "/{contract_id:str}/text",
        operation_id="getContractText",
        opt=access(Access.SIGNED_IN),
        media_type=MediaType.TEXT,
    )
    async def text(
        self,
        contract_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        language: FromQuery[Literal["zh", "en"]] = "zh",
    ) -> Response[str]:
        """The contract's clauses as text, from the same source as the document and its policy."""
        async with database.read() as reading:
            contract = await get_contract(reading, principal, contract_id)
        if contract.document is None:
            raise ContractNotFound(contract_id=contract_id)
        document = parse_document(contract.document)
        return Response(
            text(document.terms, document.parties, Language(language)),
            media_type=MediaType.TEXT,
            headers={"Content-Language": language},
        )

    @get(
        "/{contract_id:str}/signatures",
        operation_id="getContractSignatures",
        opt=access(Access.SIGNED_IN),
    )
    async def signatures(
        self,
        contract_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
    ) -> dict[str, Any]:
        """The signatures so far, a JWS in general JSON serialisation (RFC 7515, section 7.2.1)."""
        async with database.read() as reading:
            await get_contract(reading, principal, contract_id)
            found = await contract_signatures(reading, contract_id)
        return dict(found or {"signatures": []})

    @get("/{contract_id:str}/offers", operation_id="listOffers", opt=access(Access.SIGNED_IN))
    async def offers(  # noqa: PLR0913, PLR0917
        self,
        contract_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> OffersOut:
        """The history of the negotiation, first offer first, with what each step changed."""
        context = f"offers:{principal.user_id}:{contract_id}"
        seen = 0 if cursor is None else int(str(cursors.unseal(cursor, context)[0]))
        async with database.read() as reading:
            # From the last offer seen on: what the next one changed is told against it.
            found = await offers_of(
                reading, principal, contract_id, since=seen, limit=limit + (2 if seen else 1)
            )
        before, fresh = (found[0], found[1:]) if seen else (None, found)
        page = cursors.page(fresh, limit, context, lambda offer: [offer.number])
        return OffersOut.of(contract_id, page, before)

    @post(
        "/{contract_id:str}/offers",
        operation_id="makeOffer",
        opt=access(Access.SIGNED_IN),
        responses=problems(404),
    )
    async def offer(  # noqa: PLR0913, PLR0917
        self,
        request: Request[Any, Any, Any],
        contract_id: FromPath[str],
        data: JSONBody[OfferIn],
        database: NamedDependency[Database],
        keyring: NamedDependency[Keyring],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ContractOut]:
        """Answer with other terms, when it is this side's turn."""
        async with database.read() as reading:
            contract = await get_contract(reading, principal, contract_id)
        keys = await party_keys(keyring, contract.provider_id, contract.buyer_id)
        plan = None
        if data.plan is not None:
            plan = await anyio.to_thread.run_sync(certified_plan, data.plan, limiter=_CERTIFYING)
        return await commands.run(
            request,
            principal,
            lambda tx: make_offer(
                tx, principal, contract_id, data.terms.wished(plan), data.message(), keys
            ),
            view=ContractOut.of,
            status=201,
        )

    @post(
        "/{contract_id:str}/acceptance",
        operation_id="acceptOffer",
        status_code=200,
        opt=access(Access.BUYER),
        responses=problems(404),
    )
    async def accept(
        self,
        request: Request[Any, Any, Any],
        contract_id: FromPath[str],
        data: JSONBody[AcceptanceIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ContractOut]:
        """Accept the provider's latest offer; the provider signs next."""
        return await commands.run(
            request,
            principal,
            lambda tx: accept_offer(tx, principal, contract_id, data.offer_number),
            view=ContractOut.of,
        )

    @post(
        "/{contract_id:str}/signatures",
        operation_id="signContract",
        opt=access(Access.SIGNED_IN),
        responses=problems(404, 429),
    )
    async def sign(  # noqa: PLR0913, PLR0917
        self,
        request: Request[Any, Any, Any],
        contract_id: FromPath[str],
        data: JSONBody[SignatureIn],
        database: NamedDependency[Database],
        keyring: NamedDependency[Keyring],
        second_factor: NamedDependency[SecondFactor],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ContractOut]:
        """Sign as provider, then as buyer; the exchange countersigns at once after the buyer."""
        async with database.read() as reading:
            contract = await get_contract(reading, principal, contract_id)
        keys = await party_keys(keyring, contract.provider_id, contract.buyer_id)
        return await commands.run(
            request,
            principal,
            lambda tx: sign_contract(
                tx, principal, contract_id, data.document_digest, data.code, keys, second_factor
            ),
            view=ContractOut.of,
            status=201,
        )

    @post(
        "/{contract_id:str}/withdrawal",
        operation_id="withdrawFromNegotiation",
        status_code=200,
        opt=access(Access.SIGNED_IN),
        responses=problems(404),
    )
    async def withdraw(
        self,
        request: Request[Any, Any, Any],
        contract_id: FromPath[str],
        data: JSONBody[ReasonIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ContractOut]:
        """Leave the negotiation, or refuse to sign."""
        return await commands.run(
            request,
            principal,
            lambda tx: withdraw(tx, principal, contract_id, data.text()),
            view=ContractOut.of,
        )

    @post(
        "/{contract_id:str}/suspension",
        operation_id="suspendContract",
        status_code=200,
        opt=access(Access.SIGNED_IN),
        responses=problems(404),
    )
    async def suspend(
        self,
        request: Request[Any, Any, Any],
        contract_id: FromPath[str],
        data: JSONBody[ReasonIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ContractOut]:
        """Stop delivery within a second; only the exchange lets it run again."""
        return await commands.run(
            request,
            principal,
            lambda tx: suspend(tx, principal, contract_id, data.text()),
            view=ContractOut.of,
        )


class ContractDecisionController(Controller):
    """What the exchange decides about running contracts."""

    path = "/v1/admin/contracts"
    tags = ("agreements",)

    @post(
        "/{contract_id:str}/decision",
        operation_id="decideContract",
        status_code=200,
        opt=access(Access.ADMINISTRATOR),
        responses=problems(404),
    )
    async def decide(
        self,
        request: Request[Any, Any, Any],
        contract_id: FromPath[str],
        data: JSONBody[ContractDecisionIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[ContractOut]:
        """Suspend, resume, resolve a dispute, or terminate, with a reason."""
        return await commands.run(
            request,
            principal,
            lambda tx: decide(tx, principal, contract_id, Event(data.decision), data.text()),
            view=ContractOut.of,
        )


CONTROLLERS = (ContractController, ContractDecisionController, *KEY_CONTROLLERS)
