"""Counting failures in the database, and refusing whoever has too many."""

from exchange_market.accounts import session_store
from exchange_market.accounts.attempts import KEPT, AttemptPolicy, Attempts, after_failure
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
    before = await _begin_or_lock(tx, subject, policy)
    if before is not None:
        await session_store.update_attempts(tx, subject, after_failure(before, policy, tx.now()))


async def count_use(tx: Transaction, subject: str, policy: AttemptPolicy) -> int:
    """Count one use unless the subject is locked; returns for how many seconds it is (0: counted).

    However many come at once, no more than the policy allows are counted before the lock.
    """
    before = await _begin_or_lock(tx, subject, policy)
    if before is None:
        return 0
    seconds = before.seconds_locked(tx.now())
    if not seconds:
        await session_store.update_attempts(tx, subject, after_failure(before, policy, tx.now()))
    return seconds


async def _begin_or_lock(tx: Transaction, subject: str, policy: AttemptPolicy) -> Attempts | None:
    """The counter, kept from other writers; None when it began with this very count."""
    before = await session_store.lock_attempts(tx, subject)
    if before is not None:
        return before
    first = after_failure(None, policy, tx.now())
    if await session_store.insert_attempts(tx, subject, first):
        return None
    return await session_store.lock_attempts(tx, subject)


async def forget_old_failures(tx: Transaction) -> None:
    """Delete counters that were not touched for days."""
    await session_store.delete_old_attempts(tx, tx.now() - KEPT)
