"""The hash chain of the audit trail: each leaf is bound to its place and to all before it.

``hash(n) = SHA-256("dx-audit/1" || 0x00 || hash(n-1) || uint64_be(n) || SHA-256(canonical bytes of
the leaf))``, and hash(0) is 32 zero bytes. The leaf's own digest stays outside, so that an extract
can show a leaf or only its digest.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.canonical import JsonValue, canonical_bytes
from contracts.errors import BrokenChain

GENESIS = bytes(32)
_DOMAIN = b"dx-audit/1\x00"


@dataclass(frozen=True, slots=True)
class ChainedLeaf:
    """One audit leaf in its place: ``hash`` = chain(previous, sequence, leaf_digest(leaf))."""

    sequence: int
    previous: bytes
    leaf: Mapping[str, JsonValue]
    hash: bytes


def leaf_digest(leaf: Mapping[str, JsonValue]) -> bytes:
    """SHA-256 of the canonical bytes of an audit leaf."""
    return hashlib.sha256(canonical_bytes(leaf)).digest()


def chain(previous: bytes, sequence: int, digest: bytes) -> bytes:
    """Hash of the chain after the leaf with ``digest`` at ``sequence`` (from 1)."""
    return hashlib.sha256(_DOMAIN + previous + sequence.to_bytes(8) + digest).digest()


def append(previous: bytes, sequence: int, leaf: Mapping[str, JsonValue]) -> ChainedLeaf:
    """Put a leaf in its place after ``previous``."""
    return ChainedLeaf(sequence, previous, leaf, chain(previous, sequence, leaf_digest(leaf)))


def verify_chain(
    leaves: Iterable[ChainedLeaf], *, previous: bytes = GENESIS, first: int = 1
) -> bytes:
    """Check consecutive leaves from ``first`` on and return the last hash.

    ``BrokenChain.sequence`` is the first position where a leaf is missing, moved, changed or linked
    to another past.
    """
    expected = first
    for link in leaves:
        if link.sequence != expected:
            raise BrokenChain(expected, f"missing, the next one present is {link.sequence}")
        if not hmac.compare_digest(link.previous, previous):
            raise BrokenChain(expected, "follows another past")
        verify_link(link)
        previous, expected = link.hash, expected + 1
    return previous


def verify_extract(leaves: Iterable[ChainedLeaf]) -> None:
    """Check leaves of one matter taken out of the chain: each hash fits, and neighbours are linked.

    Between two leaves with a gap nothing is claimed: the extract shows what the chain holds, not
    that nothing else is.
    """
    before: ChainedLeaf | None = None
    for link in leaves:
        verify_link(link)
        if before is not None and link.sequence <= before.sequence:
            raise BrokenChain(link.sequence, "out of order")
        if (
            before is not None
            and link.sequence == before.sequence + 1
            and link.previous != before.hash
        ):
            raise BrokenChain(link.sequence, "follows another past")
        before = link


def verify_link(link: ChainedLeaf) -> None:
    """Raise ``BrokenChain`` unless the hash follows from content, place and predecessor."""
    if link.sequence < 1:
        raise BrokenChain(link.sequence, "leaves are counted from 1")
    if not hmac.compare_digest(
        chain(link.previous, link.sequence, leaf_digest(link.leaf)), link.hash
    ):
        raise BrokenChain(link.sequence, "the leaf does not have its hash")
