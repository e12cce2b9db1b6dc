"""Invoices: computed from delivered usage by the contract's own price plan, then settled.

An invoice bills the difference between the rating of all usage so far and what earlier invoices of
the contract billed, so however often it is invoiced, the invoices add up to the rating of the
whole. Once a contract has ended, its last invoice (which may be of nothing) closes it: when that is
settled, what is left of the payment goes back to the buyer.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func
from sqlmodel import col, select

from exchange_market.agreements.contract import Contract
from exchange_market.agreements.service import hold_contract
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal
from exchange_market.metering.quota import count_open
from exchange_market.metering.service import ContractUsage, usage_of
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.persistence.upsert import insert_into
from exchange_market.settlement.books import balance_of
from exchange_market.settlement.contract_money import (
    Shares,
    earn,
    give_back_rest,
    liability_account,
    share_out,
)
from exchange_market.settlement.errors import (
    AffectedPartyExcluded,
    ContractNotPayable,
    InvoiceNotFound,
    InvoiceSettled,
    NothingToInvoice,
    SecondPersonRequired,
)
from exchange_market.settlement.rows import InvoiceCounterRow, InvoiceRow
from exchange_market.trust import audit
from pricing.money import Money
from pricing.plans import Meter, Rating, Usage, plan_from_json, rate, rate_interim, rating_to_json

INVOICE_SETTLED: Final = "settlement.invoice_settled"
"""The outbox topic of a settled invoice: `{invoice_id, contract_id}`."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """An issued invoice. `usage` holds the counted totals and the range of usage events they come
    from; `rating` the lines of the whole usage, from which `total` is what was not billed
    before."""

    id: str
    number: int
    provider_id: str
    buyer_id: str
    contract_id: str
    contract_sequence: int
    usage: dict[str, Any]
    rating: dict[str, Any]
    total: Money
    shares: Shares
    issued_at: datetime
    issued_by: str
    settled_at: datetime | None
    settled_by: str | None


async def issue_invoice(
    tx: Transaction, administrator: Principal, contract_id: str, *, commission_per_mille: int
) -> Invoice:
    """Bill the usage of a contract that no invoice has billed yet, or close an ended contract.

    Raises NothingToInvoice, ContractNotPayable (never paid), AffectedPartyExcluded.
    """
    contract = await _contract_of_others(tx, administrator, contract_id)
    if not contract.is_paid:
        raise ContractNotPayable(state=contract.state.value)
    billed, sequence, events = await _billed_before(tx, contract.id)
    usage = await usage_of(tx, contract.id)
    rating = rate_usage(contract, usage)
    total = rating.total - Money(billed, contract.currency)
    is_news = usage.events != events or total.amount_micro != 0
    if not is_news and not await _may_close(tx, contract):
        raise NothingToInvoice(field="contract_id")
    shares = share_out(total, commission_per_mille)
    row = InvoiceRow(
        id=new_id("inv"),
        provider_id=contract.provider_id,
        number=await _next_number(tx, contract.provider_id),
        buyer_id=contract.buyer_id,
        contract_id=contract.id,
        contract_sequence=sequence + 1,
        currency=contract.currency,
        usage=usage.to_json(),
        rating=rating_to_json(rating),
        total_micro=total.amount_micro,
        commission_micro=shares.commission.amount_micro,
        provider_share_micro=shares.provider.amount_micro,
        issued_at=tx.now(),
        issued_by=administrator.user_id,
    )
    tx.session.add(row)
    await tx.session.flush()
    _leaf(tx, administrator, "settlement.invoice_issued", row)
    return _invoice(row)


async def settle_invoice(tx: Transaction, administrator: Principal, invoice_id: str) -> Invoice:
    """Book an invoice's shares; another administrator than the one who issued it has to do it."""
    contract_id = await tx.session.scalar(
        select(InvoiceRow.contract_id).where(col(InvoiceRow.id) == invoice_id)
    )
    if contract_id is None:
        raise InvoiceNotFound(invoice_id=invoice_id)
    # The contract first, as everywhere: two last invoices settled at once must see each other.
    contract = await _contract_of_others(tx, administrator, contract_id)
    row = (
        await tx.session.scalars(
            select(InvoiceRow).where(col(InvoiceRow.id) == invoice_id).with_for_update()
        )
    ).one()
    if row.issued_by == administrator.user_id:
        raise SecondPersonRequired
    if row.settled_at is not None:
        raise InvoiceSettled
    row.settled_at, row.settled_by = tx.now(), administrator.user_id
    await tx.session.flush()
    invoice = _invoice(row)
    await earn(tx, contract, row.id, invoice.shares)
    if await is_fully_billed(tx, contract):
        await give_back_rest(tx, administrator, contract)
    _leaf(tx, administrator, "settlement.invoice_settled", row)
    tx.emit(INVOICE_SETTLED, {"invoice_id": row.id, "contract_id": row.contract_id})
    return invoice


def rate_usage(contract: Contract, usage: ContractUsage) -> Rating:
    """The price of all usage of a contract so far; a minimum is due once the contract has ended."""
    plan, priced = plan_from_json(contract.plan), priced_usage(contract, usage)
    return rate(plan, priced) if contract.has_ended else rate_interim(plan, priced)


def priced_usage(contract: Contract, usage: ContractUsage) -> Usage:
    """What a contract is billed for: what was delivered, and what its terms fix."""
    delivered = {Meter.ROWS: usage.rows, Meter.BYTES: usage.body_bytes, Meter.CALLS: usage.calls}
    return Usage({**contract.counted, **delivered})


async def get_invoice(reading: Reading, viewer: Principal, invoice_id: str) -> Invoice:
    """An invoice of the viewer's organisation, as provider or buyer, or any for administrators."""
    row = await reading.session.scalar(select(InvoiceRow).where(col(InvoiceRow.id) == invoice_id))
    if row is None or not (
        viewer.is_administrator or viewer.organisation_id in (row.buyer_id, row.provider_id)
    ):
        raise InvoiceNotFound(invoice_id=invoice_id)
    return _invoice(row)


async def list_invoices(
    reading: Reading,
    *,
    organisation_id: str | None,
    contract_id: str | None,
    before: str | None,
    limit: int,
) -> Sequence[Invoice]:
    """Invoices, newest first, of one organisation (None: of all)."""
    query = select(InvoiceRow).order_by(col(InvoiceRow.id).desc()).limit(limit)
    if organisation_id is not None:
        is_party = (col(InvoiceRow.buyer_id) == organisation_id) | (
            col(InvoiceRow.provider_id) == organisation_id
        )
        query = query.where(is_party)
    if contract_id is not None:
        query = query.where(col(InvoiceRow.contract_id) == contract_id)
    if before is not None:
        query = query.where(col(InvoiceRow.id) < before)
    return [_invoice(row) for row in await reading.session.scalars(query)]


async def invoices_waiting(reading: Reading, *, after: str | None, limit: int) -> Sequence[Invoice]:
    """Invoices that nobody has settled, oldest first, from behind the id `after`."""
    query = select(InvoiceRow).where(col(InvoiceRow.settled_at).is_(None))
    if after is not None:
        query = query.where(col(InvoiceRow.id) > after)
    rows = await reading.session.scalars(query.order_by(col(InvoiceRow.id)).limit(limit))
    return [_invoice(row) for row in rows]


async def invoices_in_order(
    reading: Reading, *, after: tuple[str, int], limit: int
) -> Sequence[Invoice]:
    """All invoices by (contract, place in the contract), from behind that pair; for the auditor."""
    contract_id, sequence = col(InvoiceRow.contract_id), col(InvoiceRow.contract_sequence)
    behind = (contract_id > after[0]) | ((contract_id == after[0]) & (sequence > after[1]))
    query = select(InvoiceRow).where(behind).order_by(contract_id, sequence).limit(limit)
    return [_invoice(row) for row in await reading.session.scalars(query)]


async def invoices_of_contracts(
    reading: Reading, contract_ids: Collection[str], *, limit: int
) -> Sequence[Invoice]:
    """Invoices of several contracts, oldest first."""
    query = select(InvoiceRow).where(col(InvoiceRow.contract_id).in_(contract_ids))
    rows = await reading.session.scalars(query.order_by(col(InvoiceRow.id)).limit(limit))
    return [_invoice(row) for row in rows]


async def settled_charge(reading: Reading, contract_id: str) -> tuple[int, datetime | None]:
    """What settled invoices of a contract add up to, in micro-units, and when the last was
    settled."""
    total, last = (
        await reading.session.execute(
            select(
                func.coalesce(func.sum(InvoiceRow.total_micro), 0), func.max(InvoiceRow.settled_at)
            ).where(
                col(InvoiceRow.contract_id) == contract_id, col(InvoiceRow.settled_at).is_not(None)
            )
        )
    ).one()
    return int(total), last


async def _contract_of_others(
    tx: Transaction, administrator: Principal, contract_id: str
) -> Contract:
    contract = await hold_contract(tx, contract_id)
    if administrator.organisation_id in (contract.buyer_id, contract.provider_id):
        raise AffectedPartyExcluded
    return contract


async def _billed_before(tx: Transaction, contract_id: str) -> tuple[int, int, int]:
    """Micro-units billed so far, the last sequence number, and how many usage events that
    covered."""
    of_contract = col(InvoiceRow.contract_id) == contract_id
    billed = await tx.session.scalar(
        select(func.coalesce(func.sum(InvoiceRow.total_micro), 0)).where(of_contract)
    )
    last = (
        await tx.session.scalars(
            select(InvoiceRow)
            .where(of_contract)
            .order_by(col(InvoiceRow.contract_sequence).desc())
            .limit(1)
        )
    ).first()
    if last is None:
        return 0, 0, 0
    return int(billed or 0), last.contract_sequence, int(last.usage["events"])


async def _may_close(tx: Transaction, contract: Contract) -> bool:
    """Whether an ended contract still holds money and no invoice waits that would close it."""
    if not contract.has_ended or await _open_invoices(tx, contract.id):
        return False
    return await balance_of(tx, liability_account(contract)) > 0


async def is_fully_billed(tx: Transaction, contract: Contract) -> bool:
    """Whether nothing more can be billed: ended, no delivery running, all usage billed and
    settled."""
    if not contract.has_ended or await count_open(tx, contract.id):
        return False
    _, _, events = await _billed_before(tx, contract.id)
    usage = await usage_of(tx, contract.id)
    return usage.events == events and not await _open_invoices(tx, contract.id)


async def _open_invoices(tx: Transaction, contract_id: str) -> int:
    query = select(func.count()).select_from(InvoiceRow)
    return (
        await tx.session.scalar(
            query.where(
                col(InvoiceRow.contract_id) == contract_id, col(InvoiceRow.settled_at).is_(None)
            )
        )
        or 0
    )


async def _next_number(tx: Transaction, provider_id: str) -> int:
    statement = insert_into(tx, InvoiceCounterRow).values(provider_id=provider_id, last_number=1)
    numbered = await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["provider_id"],
            set_={"last_number": col(InvoiceCounterRow.last_number) + 1},
        ).returning(col(InvoiceCounterRow.last_number))
    )
    return numbered.scalar_one()


def _leaf(tx: Transaction, administrator: Principal, action: str, row: InvoiceRow) -> None:
    details = {"contract_id": row.contract_id, "total_micro": row.total_micro}
    audit.record(
        tx,
        administrator,
        action,
        audit.Subject("invoice", row.id),
        {**details, "currency": row.currency},
    )


def _invoice(row: InvoiceRow) -> Invoice:
    return Invoice(
        id=row.id,
        number=row.number,
        provider_id=row.provider_id,
        buyer_id=row.buyer_id,
        contract_id=row.contract_id,
        contract_sequence=row.contract_sequence,
        usage=row.usage,
        rating=row.rating,
        total=Money(row.total_micro, row.currency),
        shares=Shares(
            provider=Money(row.provider_share_micro, row.currency),
            commission=Money(row.commission_micro, row.currency),
        ),
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
    )
