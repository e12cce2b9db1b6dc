"""Idempotency records: same key and body, same answer; same key and another body, refused.

The record is written in the transaction of the change itself, so there is no moment at which one
exists without the other. Refusals are not recorded: they changed nothing and may be tried again.
"""

from dataclasses import dataclass

from sqlmodel import col, select

from exchange_market.kernel.errors import Conflict
from exchange_market.persistence.rows import IdempotencyRow
from exchange_market.persistence.transaction import Reading, Transaction


class IdempotencyKeyReused(Conflict):
    """The key was used before for something else."""

    code = "idempotency.key_reused"
    en = "This Idempotency-Key was already used with another body; use a new key for a new command."
    zh = "此幂等键已用于不同内容的请求；新的操作请使用新的幂等键。"


@dataclass(frozen=True, slots=True)
class CommandKey:
    """What identifies one command: who, on which route, under which key, with which body."""

    actor_id: str
    route: str
    key: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer: HTTP status and body bytes."""

    status: int
    body: bytes


async def recall(reading: Reading, command: CommandKey) -> Answer | None:
    """The answer this command gave before, or None; raises IdempotencyKeyReused for another
    body."""
    found = await reading.session.scalar(
        select(IdempotencyRow).where(
            col(IdempotencyRow.actor_id) == command.actor_id,
            col(IdempotencyRow.route) == command.route,
            col(IdempotencyRow.key) == command.key,
        )
    )
    if found is None:
        return None
    if found.body_hash != command.body_hash:
        raise IdempotencyKeyReused(field="Idempotency-Key")
    return Answer(found.status, found.body)


async def remember(tx: Transaction, command: CommandKey, answer: Answer) -> None:
    """Store the answer with the change; raises IntegrityError when a twin was quicker."""
    tx.session.add(
        IdempotencyRow(
            actor_id=command.actor_id,
            route=command.route,
            key=command.key,
            body_hash=command.body_hash,
            status=answer.status,
            body=answer.body,
            created_at=tx.now(),
        )
    )
    await tx.session.flush()
