"""Posting to the ledger and reading it: the only SQL that touches accounts and entries."""

from collections.abc import Sequence

from sqlalchemy import func, update
from sqlmodel import col, select

from exchange_market.kernel.ids import new_id
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.persistence.upsert import insert_into
from exchange_market.settlement.errors import BalanceTooLow
from exchange_market.settlement.ledger import (
    Account,
    AccountKind,
    Balance,
    Entry,
    Posting,
    RecordedPosting,
)
from exchange_market.settlement.rows import AccountRow, EntryRow, TransactionRow


async def post(tx: Transaction, posting: Posting) -> str:
    """Book a posting; returns its id, the old one when this posting was booked before.

    Raises BalanceTooLow, with nothing booked, when an account would fall below zero.
    """
    booked = await tx.session.scalar(
        select(TransactionRow.id).where(
            col(TransactionRow.kind) == posting.kind,
            col(TransactionRow.reference) == posting.reference,
        )
    )
    if booked is not None:
        return booked
    row = TransactionRow(
        id=new_id("ltx"), kind=posting.kind, reference=posting.reference, recorded_at=tx.now()
    )
    tx.session.add(row)
    await tx.session.flush()
    # One order of locking for all postings, so that two of them never wait for each other.
    for entry in sorted(posting.entries, key=lambda entry: entry.account.code):
        await _change_balance(tx, entry)
    tx.session.add_all(
        EntryRow(
            transaction_id=row.id,
            position=position,
            account_code=entry.account.code,
            amount_micro=entry.amount_micro,
        )
        for position, entry in enumerate(posting.entries)
    )
    await tx.session.flush()
    return row.id


async def balance_of(reading: Reading, account: Account) -> int:
    """What the account holds, in micro-units, in the sense of its kind; 0 if never used."""
    found = await reading.session.scalar(
        select(AccountRow.balance_micro).where(col(AccountRow.code) == account.code)
    )
    return found or 0


async def balances_of_owner(reading: Reading, owner_id: str) -> Sequence[Balance]:
    """All accounts of one owner."""
    rows = await reading.session.scalars(
        select(AccountRow)
        .where(col(AccountRow.owner_id) == owner_id)
        .order_by(col(AccountRow.code))
    )
    return [Balance(_account(row), row.balance_micro) for row in rows]


async def sums_per_currency(reading: Reading) -> dict[str, int]:
    """The sum of all entries per currency; anything but zero is a fault."""
    rows = await reading.session.execute(
        select(AccountRow.currency, func.sum(EntryRow.amount_micro))
        .join(EntryRow, col(EntryRow.account_code) == col(AccountRow.code))
        .group_by(col(AccountRow.currency))
    )
    return {currency: int(total) for currency, total in rows.all()}


async def wrong_balances(reading: Reading) -> Sequence[str]:
    """Codes of accounts whose kept balance differs from the sum of their entries."""
    rows = await reading.session.execute(
        select(AccountRow, func.coalesce(func.sum(EntryRow.amount_micro), 0))
        .outerjoin(EntryRow, col(EntryRow.account_code) == col(AccountRow.code))
        .group_by(col(AccountRow.code))
    )
    return [
        row.code
        for row, total in rows.all()
        if _account(row).effect_of(int(total)) != row.balance_micro
    ]


async def postings_of_owner(
    reading: Reading, owner_id: str | None, *, before: str | None, limit: int
) -> Sequence[RecordedPosting]:
    """Postings, newest first, that touch an owner's accounts (all postings for None)."""
    query = select(TransactionRow).order_by(col(TransactionRow.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(TransactionRow.id) < before)
    if owner_id is not None:
        touched = (
            select(EntryRow.transaction_id)
            .join(AccountRow, col(AccountRow.code) == col(EntryRow.account_code))
            .where(col(AccountRow.owner_id) == owner_id)
        )
        query = query.where(col(TransactionRow.id).in_(touched))
    rows = (await reading.session.scalars(query)).all()
    entries = await _entries_of(reading, [row.id for row in rows])
    return [
        RecordedPosting(row.id, row.kind, row.reference, row.recorded_at, tuple(entries[row.id]))
        for row in rows
    ]


async def _entries_of(reading: Reading, transaction_ids: list[str]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {transaction_id: [] for transaction_id in transaction_ids}
    rows = await reading.session.execute(
        select(EntryRow, AccountRow)
        .join(AccountRow, col(AccountRow.code) == col(EntryRow.account_code))
        .where(col(EntryRow.transaction_id).in_(transaction_ids))
        .order_by(col(EntryRow.transaction_id), col(EntryRow.position))
    )
    for entry, account in rows.all():
        found[entry.transaction_id].append(Entry(_account(account), entry.amount_micro))
    return found


async def _change_balance(tx: Transaction, entry: Entry) -> None:
    account = entry.account
    change = account.effect_of(entry.amount_micro)
    await _open_account(tx, account)
    changed = await tx.session.scalar(
        update(AccountRow)
        .where(col(AccountRow.code) == account.code, col(AccountRow.balance_micro) + change >= 0)
        .values(balance_micro=col(AccountRow.balance_micro) + change)
        .returning(col(AccountRow.code))
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise BalanceTooLow(
            balance_micro=await balance_of(tx, account),
            currency=account.currency,
            wanted_micro=-change,
        )


async def _open_account(tx: Transaction, account: Account) -> None:
    await tx.session.execute(
        insert_into(tx, AccountRow)
        .values(
            code=account.code,
            kind=account.kind.value,
            owner_id=account.owner_id,
            currency=account.currency,
            balance_micro=0,
        )
        .on_conflict_do_nothing()
    )


def _account(row: AccountRow) -> Account:
    return Account(AccountKind(row.kind), row.owner_id, row.currency)
