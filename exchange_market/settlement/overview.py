"""Money seen from above: what many contracts were billed, and what was settled on the market."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlmodel import col

from exchange_market.persistence.transaction import Reading
from exchange_market.settlement.rows import InvoiceRow
from pricing.money import Money


@dataclass(frozen=True, slots=True)
class Billing:
    """What a contract was invoiced, and how much of that is settled; micro-units."""

    billed_micro: int
    settled_micro: int


@dataclass(frozen=True, slots=True)
class SettledAmounts:
    """What all settled invoices in one currency come to."""

    total: Money
    provider_share: Money
    commission: Money
    invoices: int


async def billing_of_contracts(
    reading: Reading, contract_ids: Collection[str]
) -> dict[str, Billing]:
    """The billing of those contracts that were ever invoiced, by contract, in one query."""
    settled = case((col(InvoiceRow.settled_at).is_not(None), col(InvoiceRow.total_micro)), else_=0)
    query = (
        select(
            col(InvoiceRow.contract_id),
            func.sum(col(InvoiceRow.total_micro)),
            func.sum(settled),
        )
        .where(col(InvoiceRow.contract_id).in_(contract_ids))
        .group_by(col(InvoiceRow.contract_id))
    )
    return {
        contract_id: Billing(int(billed), int(paid_out))
        for contract_id, billed, paid_out in await reading.session.execute(query)
    }


async def settled_amounts(reading: Reading) -> tuple[SettledAmounts, ...]:
    """The settled invoices of the whole market, per currency."""
    query = (
        select(
            col(InvoiceRow.currency),
            func.sum(col(InvoiceRow.total_micro)),
            func.sum(col(InvoiceRow.provider_share_micro)),
            func.sum(col(InvoiceRow.commission_micro)),
            func.count(),
        )
        .where(col(InvoiceRow.settled_at).is_not(None))
        .group_by(col(InvoiceRow.currency))
        .order_by(col(InvoiceRow.currency))
    )
    return tuple(
        SettledAmounts(
            total=Money(int(total), currency),
            provider_share=Money(int(provider), currency),
            commission=Money(int(commission), currency),
            invoices=count,
        )
        for currency, total, provider, commission, count in await reading.session.execute(query)
    )


async def count_unsettled(reading: Reading) -> int:
    """How many invoices nobody has settled."""
    query = select(func.count()).select_from(InvoiceRow)
    return await reading.session.scalar(query.where(col(InvoiceRow.settled_at).is_(None))) or 0
