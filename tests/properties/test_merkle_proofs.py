"""Merkle proofs: every true statement can be proved, and no other."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import InvalidProof
from contracts.merkle import (
    EMPTY_ROOT,
    MerkleTree,
    RootAccumulator,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(number.to_bytes(4)) for number in range(200)]
HASHES = st.binary(min_size=32, max_size=32)


def recursive_root(leaves: list[bytes]) -> bytes:
    """MTH by the recursive definition of RFC 6962, section 2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(recursive_root(leaves[:split]), recursive_root(leaves[split:]))


def test_roots_of_all_sizes_follow_the_recursive_definition() -> None:
    accumulator = RootAccumulator()
    assert accumulator.root() == EMPTY_ROOT
    for size, leaf in enumerate(LEAVES, start=1):
        accumulator.add_leaf_hash(leaf)
        expected = recursive_root(LEAVES[:size])
        assert accumulator.root() == root(LEAVES[:size]) == MerkleTree(LEAVES[:size]).root
        assert accumulator.root() == expected


def test_every_leaf_of_every_size_can_be_proved() -> None:
    for size in range(1, 201):
        tree = MerkleTree(LEAVES[:size])
        for index in {0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
            proof = tree.inclusion_proof(index)
            assert len(proof) <= (size - 1).bit_length()
            verify_inclusion(
                leaf=LEAVES[index], index=index, size=size, proof=proof, root=tree.root
            )


@given(st.integers(1, 200), st.data())
def test_an_inclusion_proof_serves_one_place_only(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1))
    leaves = LEAVES[:size]
    proof = inclusion_proof(leaves, index)

    if other == index:
        verify_inclusion(leaf=LEAVES[other], index=index, size=size, proof=proof, root=root(leaves))
    else:
        with pytest.raises(InvalidProof):
            verify_inclusion(
                leaf=LEAVES[other], index=index, size=size, proof=proof, root=root(leaves)
            )
        with pytest.raises(InvalidProof):
            verify_inclusion(
                leaf=LEAVES[index], index=other, size=size, proof=proof, root=root(leaves)
            )


@given(st.integers(2, 200), st.data(), HASHES)
def test_a_changed_node_breaks_an_inclusion_proof(
    size: int, data: st.DataObject, wrong: bytes
) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = list(inclusion_proof(LEAVES[:size], index))
    place = data.draw(st.integers(0, len(proof) - 1))
    proof[place] = wrong

    with pytest.raises(InvalidProof):
        verify_inclusion(
            leaf=LEAVES[index], index=index, size=size, proof=proof, root=root(LEAVES[:size])
        )


def test_every_growth_of_every_size_can_be_proved() -> None:
    roots = [root(LEAVES[:size]) for size in range(130)]
    for new_size in range(1, 130):
        for old_size in range(1, new_size + 1):
            verify_consistency(
                old_size=old_size,
                old_root=roots[old_size],
                new_size=new_size,
                new_root=roots[new_size],
                proof=consistency_proof(LEAVES[:new_size], old_size),
            )


@given(st.integers(1, 120), st.integers(1, 80), st.data())
def test_a_rewritten_past_cannot_be_proved(old_size: int, more: int, data: st.DataObject) -> None:
    new_size = old_size + more
    rewritten = list(LEAVES[:new_size])
    rewritten[data.draw(st.integers(0, old_size - 1))] = leaf_hash(b"rewritten")

    with pytest.raises(InvalidProof):
        verify_consistency(
            old_size=old_size,
            old_root=root(LEAVES[:old_size]),
            new_size=new_size,
            new_root=root(rewritten),
            proof=consistency_proof(rewritten, old_size),
        )
