"""A product's free allowance, once for each legal entity: by its registered identifier.

The first contract of a legal entity that becomes active takes the allowance of the product. Offers
made after that leave the free units out, so both sides read and sign the price that is billed. Of
two contracts that were negotiated at the same time, the second cannot be signed as it stands.
"""

from typing import Any

from sqlmodel import col, select

from contracts.canonical import JsonObject
from exchange_market.accounts.service import get_organisation
from exchange_market.agreements.errors import AllowanceUsed
from exchange_market.agreements.proposal import proposal_from_json
from exchange_market.agreements.rows import AllowanceGrantRow, ContractRow
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.persistence.upsert import insert_into
from pricing.plans import grants_allowance, plan_from_json, plan_to_json, without_allowance


async def plan_for_buyer(
    reading: Reading, product_id: str, buyer_id: str, plan: JsonObject
) -> JsonObject:
    """The plan as this buyer gets it: without free units if its legal entity had them already."""
    terms = plan_from_json(plan)
    if not grants_allowance(terms):
        return plan
    if await _granted_under(reading, product_id, buyer_id) is None:
        return plan
    charged: dict[str, Any] = plan_to_json(without_allowance(terms))
    return charged


async def require_unused(reading: Reading, row: ContractRow) -> None:
    """Refuse terms with an allowance that another contract took; raises AllowanceUsed."""
    if not _has_allowance(row):
        return
    contract_id = await _granted_under(reading, row.product_id, row.buyer_id)
    if contract_id not in (None, row.id):
        raise AllowanceUsed(contract_id=contract_id)


async def grant(tx: Transaction, row: ContractRow) -> None:
    """Give the allowance in the terms of a contract that becomes active to its buyer, for good.

    Raises AllowanceUsed when another contract has taken it meanwhile.
    """
    if not _has_allowance(row):
        return
    buyer = await get_organisation(tx, row.buyer_id)
    # The primary key decides between contracts that are signed at the same moment.
    await tx.session.execute(
        insert_into(tx, AllowanceGrantRow)
        .values(
            product_id=row.product_id,
            identifier_scheme=buyer.identifier_scheme,
            country=buyer.country,
            identifier=buyer.identifier,
            contract_id=row.id,
            granted_at=tx.now(),
        )
        .on_conflict_do_nothing()
    )
    await require_unused(tx, row)


def _has_allowance(row: ContractRow) -> bool:
    return grants_allowance(plan_from_json(proposal_from_json(row.terms).plan))


async def _granted_under(reading: Reading, product_id: str, buyer_id: str) -> str | None:
    buyer = await get_organisation(reading, buyer_id)
    return await reading.session.scalar(
        select(AllowanceGrantRow.contract_id).where(
            col(AllowanceGrantRow.product_id) == product_id,
            col(AllowanceGrantRow.identifier_scheme) == buyer.identifier_scheme,
            col(AllowanceGrantRow.country) == buyer.country,
            col(AllowanceGrantRow.identifier) == buyer.identifier,
        )
    )
