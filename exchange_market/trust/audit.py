"""The audit trail: who did what to what, when; recorded with the change, chained within a second.

`record` only inserts. Ordering and chaining is the sequencer's work (`sequence_leaves`, one
process): a chain computed inside each business transaction would make all of them wait for each
other.

Leaves hold pseudonymous ids, states, counts and hashes; never names, query texts or values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from contracts.audit_chain import chain, leaf_digest
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Actor
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust.rows import AuditLeafRow

GENESIS = bytes(32)
"""The chain hash before the first leaf."""
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Subject:
    """What an audit leaf is about."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class AuditLeaf:
    """A recorded fact; `sequence` and `chain_hash` are None until the sequencer has placed it."""

    id: str
    recorded_at: datetime
    actor_id: str
    organisation_id: str | None
    action: str
    object_kind: str
    object_id: str
    details: Mapping[str, Any]
    sequence: int | None
    chain_hash: str | None

    def hashed_members(self) -> dict[str, Any]:
        """The members that the leaf's hash covers, as they appear in an evidence bundle."""
        return {
            "id": self.id,
            "recorded_at": self.recorded_at.isoformat(),
            "actor_id": self.actor_id,
            "organisation_id": self.organisation_id,
            "action": self.action,
            "object_kind": self.object_kind,
            "object_id": self.object_id,
            "details": dict(self.details),
        }


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which leaves to list; every given member must match."""

    object_kind: str | None = None
    object_id: str | None = None
    actor_id: str | None = None
    organisation_id: str | None = None
    action: str | None = None


def record(
    tx: Transaction,
    actor: Actor,
    action: str,
    subject: Subject,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a leaf to the transaction of the change it tells of."""
    tx.session.add(
        AuditLeafRow(
            id=new_id("aud"),
            recorded_at=tx.now(),
            actor_id=actor.actor_id,
            organisation_id=actor.organisation_id,
            action=action,
            object_kind=subject.kind,
            object_id=subject.id,
            details=dict(details or {}),
        )
    )


async def sequence_leaves(tx: Transaction) -> int:
    """Place the leaves that have no number yet at the end of the chain; returns how many.

    Only one process may run this; the unique constraint on `sequence` refuses a second.
    """
    sequence, previous = await chain_head(tx)
    waiting = await tx.session.scalars(
        select(AuditLeafRow)
        .where(col(AuditLeafRow.sequence).is_(None))
        .order_by(col(AuditLeafRow.id))
        .limit(_BATCH)
    )
    placed = 0
    for row in waiting:
        sequence += 1
        digest = leaf_digest(_row_to_leaf(row).hashed_members())
        previous = chain(previous, sequence, digest)
        row.sequence, row.leaf_hash, row.chain_hash = sequence, digest.hex(), previous.hex()
        placed += 1
    return placed


async def chain_head(reading: Reading) -> tuple[int, bytes]:
    """Number and chain hash of the last placed leaf; (0, GENESIS) before the first."""
    row = await reading.session.scalar(
        select(AuditLeafRow)
        .where(col(AuditLeafRow.sequence).is_not(None))
        .order_by(col(AuditLeafRow.sequence).desc())
        .limit(1)
    )
    if row is None or row.sequence is None or row.chain_hash is None:
        return 0, GENESIS
    return row.sequence, bytes.fromhex(row.chain_hash)


async def count_unplaced(reading: Reading) -> int:
    """How many leaves wait for the sequencer."""
    query = select(func.count()).select_from(AuditLeafRow)
    return await reading.session.scalar(query.where(col(AuditLeafRow.sequence).is_(None))) or 0


async def list_leaves(
    reading: Reading, wanted: AuditFilter, *, after: int, limit: int, newest_first: bool = False
) -> Sequence[AuditLeaf]:
    """Placed leaves in order, from behind sequence number `after` (before it when newest first)."""
    place = col(AuditLeafRow.sequence)
    query = select(AuditLeafRow).where(place.is_not(None))
    for member in ("object_kind", "object_id", "actor_id", "organisation_id", "action"):
        if (value := getattr(wanted, member)) is not None:
            query = query.where(getattr(AuditLeafRow, member) == value)
    if newest_first:
        query = query.where(place < after).order_by(place.desc())
    else:
        query = query.where(place > after).order_by(place)
    return [_row_to_leaf(row) for row in await reading.session.scalars(query.limit(limit))]


def _row_to_leaf(row: AuditLeafRow) -> AuditLeaf:
    return AuditLeaf(
        id=row.id,
        recorded_at=row.recorded_at,
        actor_id=row.actor_id,
        organisation_id=row.organisation_id,
        action=row.action,
        object_kind=row.object_kind,
        object_id=row.object_id,
        details=row.details,
        sequence=row.sequence,
        chain_hash=row.chain_hash,
    )
