"""Prepaid balance by bank transfer: one administrator records it, another one confirms it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from exchange_market.accounts.service import get_organisation
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.settlement.books import post
from exchange_market.settlement.errors import (
    AffectedPartyExcluded,
    BankReferenceUsed,
    NotABuyer,
    RefusalReasonRequired,
    SecondPersonRequired,
    TopUpDecided,
    TopUpNotFound,
)
from exchange_market.settlement.ledger import EXCHANGE, Account, AccountKind, transfer
from exchange_market.settlement.rows import TopUpRow
from exchange_market.trust import audit
from pricing.money import Money


class TopUpState(StrEnum):
    """Where a top-up stands."""

    RECORDED = "recorded"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TopUp:
    """A bank transfer received for a buyer."""

    id: str
    organisation_id: str
    amount: Money
    bank_reference: str
    state: TopUpState
    recorded_by: str
    recorded_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


async def record_top_up(
    tx: Transaction,
    administrator: Principal,
    *,
    organisation_id: str,
    amount: Money,
    bank_reference: str,
) -> TopUp:
    """Note a transfer that arrived at the bank; no balance changes yet.

    Raises BankReferenceUsed when the same transfer was noted before and not refused, NotABuyer.
    """
    _exclude_affected(administrator, organisation_id)
    organisation = await get_organisation(tx, organisation_id)
    if not organisation.may_buy:
        raise NotABuyer(field="organisation_id")
    row = TopUpRow(
        id=new_id("top"),
        organisation_id=organisation_id,
        amount_micro=amount.amount_micro,
        currency=amount.currency,
        bank_reference=bank_reference,
        state=TopUpState.RECORDED.value,
        recorded_by=administrator.user_id,
        recorded_at=tx.now(),
    )
    if await tx.session.scalar(
        select(TopUpRow.id).where(
            col(TopUpRow.bank_reference) == bank_reference,
            col(TopUpRow.state) != TopUpState.REFUSED.value,
        )
    ):
        raise BankReferenceUsed(field="bank_reference", bank_reference=bank_reference)
    tx.session.add(row)
    try:
        await tx.session.flush()
    except IntegrityError:
        raise BankReferenceUsed(field="bank_reference", bank_reference=bank_reference) from None
    _leaf(tx, administrator, "settlement.top_up_recorded", row)
    return _top_up(row)


async def decide_top_up(
    tx: Transaction,
    administrator: Principal,
    top_up_id: str,
    *,
    confirmed: bool,
    reason: str | None,
) -> TopUp:
    """Confirm or refuse a recorded transfer; only now does the buyer's balance grow.

    Raises SecondPersonRequired for the person who recorded it, TopUpDecided when it is decided.
    """
    row = await tx.session.scalar(
        select(TopUpRow).where(col(TopUpRow.id) == top_up_id).with_for_update()
    )
    if row is None:
        raise TopUpNotFound(top_up_id=top_up_id)
    if not confirmed and not (reason or "").strip():
        raise RefusalReasonRequired(field="reason")
    _exclude_affected(administrator, row.organisation_id)
    if row.recorded_by == administrator.user_id:
        raise SecondPersonRequired
    if row.state != TopUpState.RECORDED:
        raise TopUpDecided(state=row.state)
    row.state = (TopUpState.CONFIRMED if confirmed else TopUpState.REFUSED).value
    row.decided_by, row.decided_at, row.reason = administrator.user_id, tx.now(), reason
    await tx.session.flush()
    if confirmed:
        await post(
            tx,
            transfer(
                "top_up",
                row.id,
                debit=Account(AccountKind.BANK, EXCHANGE, row.currency),
                credit=Account(AccountKind.BUYER_PREPAID, row.organisation_id, row.currency),
                amount_micro=row.amount_micro,
            ),
        )
    _leaf(tx, administrator, f"settlement.top_up_{row.state}", row)
    return _top_up(row)


async def list_top_ups(
    reading: Reading,
    *,
    organisation_id: str | None,
    state: TopUpState | None,
    before: str | None,
    limit: int,
) -> Sequence[TopUp]:
    """Top-ups, newest first, of one organisation or of all."""
    query = select(TopUpRow).order_by(col(TopUpRow.id).desc()).limit(limit)
    if organisation_id is not None:
        query = query.where(col(TopUpRow.organisation_id) == organisation_id)
    if state is not None:
        query = query.where(col(TopUpRow.state) == state.value)
    if before is not None:
        query = query.where(col(TopUpRow.id) < before)
    return [_top_up(row) for row in await reading.session.scalars(query)]


async def top_ups_waiting(reading: Reading, *, after: str | None, limit: int) -> Sequence[TopUp]:
    """Top-ups that wait for a second administrator, oldest first, from behind the id `after`."""
    query = select(TopUpRow).where(col(TopUpRow.state) == TopUpState.RECORDED.value)
    if after is not None:
        query = query.where(col(TopUpRow.id) > after)
    rows = await reading.session.scalars(query.order_by(col(TopUpRow.id)).limit(limit))
    return [_top_up(row) for row in rows]


async def count_top_ups_waiting(reading: Reading) -> int:
    """How many top-ups wait for a second administrator."""
    query = select(func.count()).select_from(TopUpRow)
    waiting = col(TopUpRow.state) == TopUpState.RECORDED.value
    return await reading.session.scalar(query.where(waiting)) or 0


def _exclude_affected(administrator: Principal, organisation_id: str) -> None:
    if administrator.organisation_id == organisation_id:
        raise AffectedPartyExcluded


def _leaf(tx: Transaction, administrator: Principal, action: str, row: TopUpRow) -> None:
    details = {"organisation_id": row.organisation_id, "amount_micro": row.amount_micro}
    audit.record(
        tx,
        administrator,
        action,
        audit.Subject("top_up", row.id),
        {**details, "currency": row.currency},
    )


def _top_up(row: TopUpRow) -> TopUp:
    return TopUp(
        id=row.id,
        organisation_id=row.organisation_id,
        amount=Money(row.amount_micro, row.currency),
        bank_reference=row.bank_reference,
        state=TopUpState(row.state),
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
    )
