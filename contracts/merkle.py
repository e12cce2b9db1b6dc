"""Merkle trees with inclusion and consistency proofs.

Sources: RFC 6962, section 2.1 (hashing: 0x00 before a leaf, 0x01 before a node; tree shape, audit
paths) and RFC 9162, sections 2.1.3.2 and 2.1.4.2 (verification algorithms). An empty tree has a
root but proves nothing: inclusion in it and consistency with it are refused.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from contracts.errors import InvalidProof

HASH_BYTES = 32
MAX_PROOF_HASHES = 128
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class RootAccumulator:
    """Root of a stream of leaf hashes, holding one hash for each bit of the size."""

    __slots__ = ("_complete", "_size")

    def __init__(self) -> None:
        # Roots of the complete subtrees that the leaves so far form, largest first (the set bits of
        # the size).
        self._complete: list[bytes] = []
        self._size = 0

    @property
    def size(self) -> int:
        """Number of leaves added so far."""
        return self._size

    def add_leaf_hash(self, leaf: bytes) -> None:
        """Append one leaf hash (32 bytes)."""
        self.add_leaf_hashes((leaf,))

    def add_leaf_hashes(self, leaves: Iterable[bytes]) -> None:
        """Append many leaf hashes in order.

        The loop is tight because a revision has millions of rows.
        """
        complete, size, sha256 = self._complete, self._size, hashlib.sha256
        for leaf in leaves:
            if len(leaf) != HASH_BYTES:
                raise ValueError("a leaf hash has 32 bytes")
            node, bits = leaf, size
            while bits & 1:
                node = sha256(b"\x01" + complete.pop() + node).digest()
                bits >>= 1
            complete.append(node)
            size += 1
            self._size = size

    def root(self) -> bytes:
        """Root of the leaves added so far; more may follow."""
        if not self._complete:
            return EMPTY_ROOT
        node = self._complete[-1]
        for left in reversed(self._complete[:-1]):
            node = node_hash(left, node)
        return node


class MerkleTree:
    """A tree kept in memory, for batches that need the path of every leaf."""

    __slots__ = ("_levels",)

    def __init__(self, leaf_hashes: Iterable[bytes]) -> None:
        # A level's odd last node moves up unchanged, which is the shape RFC 6962 defines by
        # splitting.
        self._levels = [list(leaf_hashes)]
        if any(len(leaf) != HASH_BYTES for leaf in self._levels[0]):
            raise ValueError("a leaf hash has 32 bytes")
        while len(below := self._levels[-1]) > 1:
            level = [node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
            self._levels.append(level + below[2 * len(level) :])

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0])

    @property
    def root(self) -> bytes:
        """Root hash of all leaves."""
        return self._levels[-1][0] if self.size else EMPTY_ROOT

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """Audit path of the leaf at ``index``, from the leaf upwards."""
        _check_index(index, self.size)
        path: list[bytes] = []
        for level in self._levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                path.append(level[sibling])
            index >>= 1
        return tuple(path)


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Root of a list of leaf hashes."""
    accumulator = RootAccumulator()
    accumulator.add_leaf_hashes(leaf_hashes)
    return accumulator.root()


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Audit path of one leaf (RFC 6962, section 2.1.1).

    An index outside the tree raises ``InvalidProof``.
    """
    return MerkleTree(leaf_hashes).inclusion_proof(index)


def verify_inclusion(
    *, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise ``InvalidProof`` unless the leaf hash is at ``index`` among ``size`` under ``root``."""
    _check_index(index, size)
    _check_hashes(leaf, root, *proof)
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise InvalidProof("the proof is too long")
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while position & 1 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    if last or not hmac.compare_digest(node, root):
        raise InvalidProof("the path does not lead from the leaf to the root")


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """Proof that the first ``old_size`` leaves were not changed (RFC 6962, section 2.1.2)."""
    size = len(leaf_hashes)
    if not 0 < old_size <= size:
        raise InvalidProof(f"no consistency proof leads from size {old_size} to {size}")
    return tuple(_subproof(leaf_hashes, old_size, 0, size))


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise ``InvalidProof`` unless the tree of ``new_size`` extends the tree of ``old_size``.

    A start from size 0 is refused, also 0 to 0: it would be consistent with every history.
    """
    if not 0 < old_size <= new_size:
        raise InvalidProof(f"no consistency proof leads from size {old_size} to {new_size}")
    _check_hashes(old_root, new_root, *proof)
    if old_size == new_size:
        if proof or not hmac.compare_digest(old_root, new_root):
            raise InvalidProof("two trees of one size have different roots")
        return
    old_node, new_node, last = _replay_consistency(old_size, old_root, new_size, proof)
    if last or not (
        hmac.compare_digest(old_node, old_root) and hmac.compare_digest(new_node, new_root)
    ):
        raise InvalidProof("the new tree does not extend the old one")


def _replay_consistency(
    old_size: int, old_root: bytes, new_size: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes, int]:
    # RFC 9162, section 2.1.4.2, steps 2 to 6.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        raise InvalidProof("the proof is empty")
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_node = new_node = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise InvalidProof("the proof is too long")
        if position & 1 or position == last:
            old_node, new_node = node_hash(sibling, old_node), node_hash(sibling, new_node)
            while position & 1 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            new_node = node_hash(new_node, sibling)
        position, last = position >> 1, last >> 1
    return old_node, new_node, last


def _subproof(leaves: Sequence[bytes], old_size: int, start: int, end: int) -> list[bytes]:
    # SUBPROOF of RFC 6962, section 2.1.2, over leaves[start:end]; from start = 0 the old root
    # itself is known.
    if old_size == end:
        return [] if start == 0 else [root(leaves[start:end])]
    split = start + (1 << ((end - start - 1).bit_length() - 1))
    if old_size <= split:
        return [*_subproof(leaves, old_size, start, split), root(leaves[split:end])]
    return [*_subproof(leaves, old_size, split, end), root(leaves[start:split])]


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise InvalidProof(f"there is no leaf {index} in a tree of {size}")


def _check_hashes(*hashes: bytes) -> None:
    if len(hashes) > MAX_PROOF_HASHES or any(len(value) != HASH_BYTES for value in hashes):
        raise InvalidProof("the proof holds something that is not a hash, or too many")
