"""The audit trail taken out and taken to pieces: extracts with their proof, and its
verification."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from contracts.audit_chain import ChainedLeaf, verify_chain
from contracts.errors import BrokenChain
from exchange_market.persistence.transaction import Database, Reading
from exchange_market.trust.audit import (
    GENESIS,
    AuditFilter,
    AuditLeaf,
    Subject,
    chain_head,
    list_leaves,
)
from exchange_market.trust.rows import AuditLeafRow

BATCH_LEAVES = 1_000
_IN_MAX = 500


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """What a recomputation of the chain found.

    `leaves` were looked at, from `first` on; `head` is the hash of the last good one (hex) and
    `is_complete` tells whether that was the end of the trail.
    """

    first: int
    leaves: int
    head: str
    first_bad_sequence: int | None
    is_complete: bool

    @property
    def ok(self) -> bool:
        """Whether no leaf is missing, moved or changed among those looked at."""
        return self.first_bad_sequence is None


async def verify_trail(
    database: Database, *, first: int = 1, limit: int | None = None
) -> ChainVerdict:
    """Recompute the chain from leaf `first` on, in batches with a short reading each.

    Starting later than 1 trusts the stored hash of the leaf before. Leaves that wait for the
    sequencer are not part of the chain yet.
    """
    async with database.read() as reading:
        # In this order: a leaf that is placed in between must not seem to be missing.
        last, head = await chain_head(reading)
        previous = (await _hashes_at(reading, [first - 1])).get(first - 1)
    if first > last + 1:  # nothing there to look at, which is no fault of the chain
        return ChainVerdict(first, 0, head.hex(), None, is_complete=True)
    if previous is None:
        return ChainVerdict(first, 0, "", first - 1, is_complete=False)
    place, seen = first - 1, 0
    while limit is None or seen < limit:
        wanted = BATCH_LEAVES if limit is None else min(BATCH_LEAVES, limit - seen)
        async with database.read() as reading:
            leaves = await list_leaves(reading, AuditFilter(), after=place, limit=wanted)
        for leaf, stored in _stored_links(leaves, previous):
            try:
                previous = verify_chain([stored], previous=previous, first=place + 1)
            except BrokenChain as broken:
                return ChainVerdict(first, seen, previous.hex(), broken.sequence, is_complete=False)
            place, seen = leaf.sequence or 0, seen + 1
        if len(leaves) < wanted:
            return ChainVerdict(first, seen, previous.hex(), None, is_complete=True)
    return ChainVerdict(first, seen, previous.hex(), None, is_complete=False)


async def extract(
    reading: Reading, subjects: Collection[Subject], *, limit: int
) -> tuple[ChainedLeaf, ...]:
    """The placed leaves about these subjects in order, each with the hash before it."""
    leaves: list[AuditLeaf] = []
    for subject in subjects:
        wanted = AuditFilter(object_kind=subject.kind, object_id=subject.id)
        leaves += await list_leaves(reading, wanted, after=0, limit=limit - len(leaves))
        if len(leaves) >= limit:
            break
    leaves.sort(key=lambda leaf: leaf.sequence or 0)
    before = await _hashes_at(reading, [(leaf.sequence or 0) - 1 for leaf in leaves])
    return tuple(_link(leaf, before[(leaf.sequence or 0) - 1]) for leaf in leaves)


def _stored_links(
    leaves: Sequence[AuditLeaf], previous: bytes
) -> Sequence[tuple[AuditLeaf, ChainedLeaf]]:
    # Each leaf is linked to the stored hash of the one before it: whether that one deserved its
    # hash was decided one step earlier.
    links: list[tuple[AuditLeaf, ChainedLeaf]] = []
    for leaf in leaves:
        link = _link(leaf, previous)
        links.append((leaf, link))
        previous = link.hash
    return links


def _link(leaf: AuditLeaf, previous: bytes) -> ChainedLeaf:
    stored = bytes.fromhex(leaf.chain_hash or "")
    return ChainedLeaf(leaf.sequence or 0, previous, leaf.hashed_members(), stored)


async def _hashes_at(reading: Reading, sequences: Sequence[int]) -> dict[int, bytes]:
    found = {0: GENESIS}
    wanted = sorted(set(sequences) - {0})
    for start in range(0, len(wanted), _IN_MAX):
        rows = await reading.session.execute(
            select(AuditLeafRow.sequence, AuditLeafRow.chain_hash).where(
                col(AuditLeafRow.sequence).in_(wanted[start : start + _IN_MAX])
            )
        )
        found |= {int(place): bytes.fromhex(text) for place, text in rows if place and text}
    return found
