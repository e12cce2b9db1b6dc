"""From a buyer's request to agreed terms: offers go back and forth until one side accepts.

buyer requests -> (provider offers <-> buyer requests again) -> buyer accepts
"""

from dataclasses import replace
from datetime import timedelta

from contracts.canonical import JsonObject
from contracts.lifecycle import Event, Side, State
from exchange_market.accounts.service import get_organisation
from exchange_market.agreements import allowances
from exchange_market.agreements.contract import Contract
from exchange_market.agreements.drafting import (
    PartyKeys,
    product_on_offer,
    proposed_revision,
    write_document,
)
from exchange_market.agreements.errors import (
    ExportNotAssessed,
    OfferOutdated,
    OwnProduct,
    ProductNotOnOffer,
    TermsInvalid,
    TooManyOffers,
)
from exchange_market.agreements.moves import locked_contract, move, require_move, side_of
from exchange_market.agreements.proposal import (
    Proposal,
    ProposedTerms,
    complete,
    currency_of,
    max_charge,
    proposal_from_json,
    proposal_to_json,
)
from exchange_market.agreements.rows import ContractRow, OfferRow
from exchange_market.agreements.store import ContractStore, row_to_contract
from exchange_market.appraisals.service import price_plan_of
from exchange_market.catalog.product import Product
from exchange_market.catalog.service import columns_of, product_for
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Transaction

_HOME = "CN"
NEGOTIATION_LASTS = timedelta(days=30)
OFFERS_MAX = 50


async def request_contract(  # noqa: PLR0913, PLR0917 - a request, told completely
    tx: Transaction,
    buyer: Principal,
    product_id: str,
    wished: ProposedTerms,
    note: str,
    keys: PartyKeys,
) -> Contract:
    """Open a negotiation about a published product; terms left open take the product's own."""
    product = await product_for(tx, buyer, product_id)
    if product.organisation_id == buyer.organisation_id:
        raise OwnProduct
    if not product.is_published:
        raise ProductNotOnOffer(reason=product.state.value)
    await _refuse_unassessed_export(tx, buyer, product)
    proposal = await _complete(tx, product, buyer.organisation_id, wished)
    row = ContractRow(
        id=new_id("con"),
        product_id=product.id,
        provider_id=product.organisation_id,
        buyer_id=buyer.organisation_id,
        state=State.DRAFT.value,
        offer_number=0,
        terms={},
        starts_at=proposal.period.starts_at,
        ends_at=proposal.period.ends_at,
        deadline_at=tx.now() + NEGOTIATION_LASTS,
        currency=currency_of(proposal),
        max_charge_micro=0,
        created_at=tx.now(),
        updated_at=tx.now(),
    )
    ContractStore(tx).add(row)
    _write_offer(tx, row, proposal, Side.BUYER, buyer, note)
    await write_document(tx, row, keys)
    await move(tx, buyer, row, Event.REQUEST, Side.BUYER, offer=row.offer_number)
    return row_to_contract(row)


async def make_offer(  # noqa: PLR0913, PLR0917 - an offer, told completely
    tx: Transaction,
    principal: Principal,
    contract_id: str,
    wished: ProposedTerms,
    note: str,
    keys: PartyKeys,
) -> Contract:
    """Answer with other terms: an offer by the provider, a new request by the buyer.

    Only the provider may name another price plan.
    """
    row = await locked_contract(tx, principal, contract_id)
    side = side_of(row, principal)
    event = Event.OFFER if side is Side.PROVIDER else Event.REQUEST
    require_move(row, event, side)
    if side is Side.BUYER and wished.plan is not None:
        raise TermsInvalid(field="plan", reason="only the provider names another price plan")
    if row.offer_number >= OFFERS_MAX:
        raise TooManyOffers(count=row.offer_number)
    product = await product_on_offer(tx, row)
    standing = proposal_from_json(row.terms).plan
    proposal = await _complete(tx, product, row.buyer_id, wished, standing_plan=standing)
    _write_offer(tx, row, proposal, side, principal, note)
    await write_document(tx, row, keys)
    await move(tx, principal, row, event, side, offer=row.offer_number)
    return row_to_contract(row)


async def accept_offer(
    tx: Transaction, buyer: Principal, contract_id: str, offer_number: int
) -> Contract:
    """Accept the provider's latest offer, named by its number so that no newer one is accepted.

    Raises OfferOutdated, MoveNotAllowed, AllowanceUsed, or what `product_on_offer` does.
    """
    row = await locked_contract(tx, buyer, contract_id)
    if offer_number != row.offer_number:
        raise OfferOutdated(field="offer_number", number=offer_number, latest=row.offer_number)
    require_move(row, Event.ACCEPT, side_of(row, buyer))
    await product_on_offer(tx, row)
    await allowances.require_unused(tx, row)
    await move(tx, buyer, row, Event.ACCEPT, side_of(row, buyer), offer=offer_number)
    return row_to_contract(row)


async def withdraw(
    tx: Transaction, principal: Principal, contract_id: str, reason: str
) -> Contract:
    """Leave a negotiation, or refuse to sign."""
    row = await locked_contract(tx, principal, contract_id)
    await move(tx, principal, row, Event.TERMINATE, side_of(row, principal))
    row.reason = reason
    await tx.session.flush()
    return row_to_contract(row)


async def _refuse_unassessed_export(tx: Transaction, buyer: Principal, product: Product) -> None:
    # Data Security Law, article 31; Personal Information Protection Law, chapter III.
    organisation = await get_organisation(tx, buyer.organisation_id)
    needs_assessment = product.needs_two_reviewers or product.holds_persons is not False
    if organisation.country != _HOME and needs_assessment:
        raise ExportNotAssessed(country=organisation.country)


async def _complete(
    tx: Transaction,
    product: Product,
    buyer_id: str,
    wished: ProposedTerms,
    standing_plan: JsonObject | None = None,
) -> Proposal:
    revision = await proposed_revision(tx, product.id, wished.revision)
    plan = standing_plan
    if plan is None:
        listed = await price_plan_of(tx, product.id)
        if listed is None:
            raise ProductNotOnOffer(reason="no certified price")
        plan = dict(listed.plan)
    columns = await columns_of(tx, revision.id)
    proposal = complete(
        wished,
        product_columns=tuple(column.name for column in columns),
        free_columns=tuple(column.name for column in columns if not column.is_restricted),
        listed_plan=plan,
    )
    if proposal.period.ends_at <= tx.now():
        raise TermsInvalid(field="ends_on", reason="the period is over already")
    plan = await allowances.plan_for_buyer(tx, product.id, buyer_id, proposal.plan)
    return replace(proposal, plan=plan)


def _write_offer(  # noqa: PLR0913, PLR0917 - one offer, told completely
    tx: Transaction,
    row: ContractRow,
    proposal: Proposal,
    side: Side,
    principal: Principal,
    note: str,
) -> None:
    charge = max_charge(proposal)
    row.offer_number += 1
    row.terms = proposal_to_json(proposal)
    row.starts_at, row.ends_at = proposal.period.starts_at, proposal.period.ends_at
    row.currency, row.max_charge_micro = charge.currency, charge.amount_micro
    ContractStore(tx).add(
        OfferRow(
            id=new_id("off"),
            contract_id=row.id,
            number=row.offer_number,
            side=side.value,
            terms=row.terms,
            max_charge_micro=charge.amount_micro,
            note=note,
            made_by=principal.user_id,
            made_at=tx.now(),
        )
    )
