"""Locks by name, for rules over several rows where there is no one row to lock."""

import hashlib

from sqlalchemy import func, select

from exchange_market.persistence.transaction import Transaction

_LOCK_BYTES = 8


async def hold(tx: Transaction, name: str) -> None:
    """Let no other transaction hold `name` until this one ends.

    What is read afterwards is what the holder before has left. On SQLite nothing is to be done:
    writing transactions follow one another there. Two names may share a lock (64 bits of a hash),
    which only makes one wait for the other. PostgreSQL manual, section 13.3.5 "Advisory Locks".
    """
    if tx.session.get_bind().dialect.name != "postgresql":
        return
    digest = hashlib.sha256(name.encode()).digest()
    key = int.from_bytes(digest[:_LOCK_BYTES], signed=True)
    await tx.session.execute(select(func.pg_advisory_xact_lock(key)))
