"""Counting failures in the database, and refusing whoever has too many."""

from exchange_market.accounts import session_store
from exchange_market.accounts.attempts import KEPT, AttemptPolicy, after_failure
from exchange_market.accounts.errors import TooManyAttempts
from exchange_market.persistence.transaction import Reading, Transaction


async def refuse_locked(reading: Reading, *subjects: str) -> None:
    """Raise TooManyAttempts while any of the subjects is locked."""
    now = reading.now()
    seconds = 0
    for subject in subjects:
        attempts = await session_store.find_attempts(reading, subject)
        if attempts is not None:
            seconds = max(seconds, attempts.seconds_locked(now))
    if seconds:
        raise TooManyAttempts(retry_after_seconds=seconds)


async def count_failure(tx: Transaction, subject: str, policy: AttemptPolicy) -> None:
    """Count one failure; concurrent failures are all counted."""
    first = after_failure(None, policy, tx.now())
    before = await session_store.lock_attempts(tx, subject)
    if before is None:
        if await session_store.insert_attempts(tx, subject, first):
            return
        before = await session_store.lock_attempts(tx, subject)
    await session_store.update_attempts(tx, subject, after_failure(before, policy, tx.now()))


async def forget_old_failures(tx: Transaction) -> None:
    """Delete counters that were not touched for days."""
    await session_store.delete_old_attempts(tx, tx.now() - KEPT)
