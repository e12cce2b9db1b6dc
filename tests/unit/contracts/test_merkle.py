"""Merkle trees: known roots, and proofs that must be refused."""

import hashlib

import pytest

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

# The eight leaves that the certificate transparency reference tests use, and the root of each size.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
WRONG = hashlib.sha256(b"wrong").digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    expected = bytes.fromhex(ROOTS[size])

    assert root(LEAVES[:size]) == expected
    assert MerkleTree(LEAVES[:size]).root == expected


def test_hashes_separate_leaves_from_nodes() -> None:
    assert leaf_hash(b"") == hashlib.sha256(b"\x00").digest()
    assert node_hash(WRONG, WRONG) == hashlib.sha256(b"\x01" + WRONG + WRONG).digest()
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT


def test_a_stream_can_be_asked_for_its_root_at_any_time() -> None:
    accumulator = RootAccumulator()
    for size, leaf in enumerate(LEAVES, start=1):
        accumulator.add_leaf_hash(leaf)
        assert accumulator.size == size
        assert accumulator.root().hex() == ROOTS[size]


def test_inclusion_paths_are_the_published_ones() -> None:
    """Paths of RFC 6962, section 2.1.3, whose example tree has seven leaves."""
    seven = LEAVES[:7]
    a, b, c, d, e, f, j = seven
    h, g, i = node_hash(c, d), node_hash(a, b), node_hash(e, f)
    k, left = node_hash(g, h), node_hash(i, j)

    assert inclusion_proof(seven, 0) == (b, h, left)
    assert inclusion_proof(seven, 3) == (c, g, left)
    assert inclusion_proof(seven, 4) == (f, j, k)
    assert inclusion_proof(seven, 6) == (i, k)


def test_consistency_proofs_are_the_published_ones() -> None:
    """Proofs of RFC 6962, section 2.1.3: from 3, 4 and 6 leaves to 7."""
    seven = LEAVES[:7]
    a, b, c, d, e, f, j = seven
    h, g, i = node_hash(c, d), node_hash(a, b), node_hash(e, f)
    k, left = node_hash(g, h), node_hash(i, j)

    assert consistency_proof(seven, 3) == (c, d, g, left)
    assert consistency_proof(seven, 4) == (left,)
    assert consistency_proof(seven, 6) == (i, j, k)
    assert consistency_proof(seven, 7) == ()
    for size in (3, 4, 6):
        verify_consistency(
            old_size=size,
            old_root=bytes.fromhex(ROOTS[size]),
            new_size=7,
            new_root=bytes.fromhex(ROOTS[7]),
            proof=consistency_proof(seven, size),
        )


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 8), (8, 8), (1, 1)])
def test_a_leaf_outside_the_tree_is_refused(index: int, size: int) -> None:
    with pytest.raises(InvalidProof, match="no leaf"):
        verify_inclusion(leaf=LEAVES[0], index=index, size=size, proof=[], root=EMPTY_ROOT)
    with pytest.raises(InvalidProof, match="no leaf"):
        inclusion_proof(LEAVES[:size], index)


def test_an_inclusion_proof_holds_only_for_its_leaf_place_size_and_root() -> None:
    proof = inclusion_proof(LEAVES, 3)
    good = {"leaf": LEAVES[3], "index": 3, "size": 8, "proof": proof, "root": root(LEAVES)}
    verify_inclusion(**good)  # pyright: ignore[reportArgumentType]

    changes = [
        {"leaf": WRONG},
        {"leaf": b""},
        {"index": 2},
        {"index": 7},
        {"size": 9},
        {"size": 4},
        {"size": 1, "index": 0},
        {"root": WRONG},
        {"root": b""},
        {"proof": proof[:-1]},
        {"proof": (*proof, WRONG)},
        {"proof": ()},
        {"proof": (proof[0], WRONG, proof[2])},
        {"proof": (proof[0], b"short", proof[2])},
        {"proof": (WRONG,) * 200},
    ]
    for change in changes:
        with pytest.raises(InvalidProof):
            verify_inclusion(**(good | change))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("old_size", "new_size"), [(0, 0), (0, 8), (9, 8), (-1, 8)])
def test_no_consistency_starts_from_nothing_or_runs_backwards(old_size: int, new_size: int) -> None:
    with pytest.raises(InvalidProof, match="no consistency proof"):
        verify_consistency(
            old_size=old_size, old_root=EMPTY_ROOT, new_size=new_size, new_root=ROOT, proof=[]
        )
    with pytest.raises(InvalidProof, match="no consistency proof"):
        consistency_proof(LEAVES[:new_size], old_size)


ROOT = root(LEAVES)


def test_a_consistency_proof_holds_only_for_its_two_trees() -> None:
    proof = consistency_proof(LEAVES, 6)
    good = {
        "old_size": 6,
        "old_root": root(LEAVES[:6]),
        "new_size": 8,
        "new_root": ROOT,
        "proof": proof,
    }
    verify_consistency(**good)  # pyright: ignore[reportArgumentType]

    changes = [
        {"old_root": WRONG},
        {"new_root": WRONG},
        {"old_size": 5},
        {"old_size": 4},
        {"new_size": 6},
        {"new_size": 16},
        {"proof": proof[:-1]},
        {"proof": (*proof, WRONG)},
        {"proof": ()},
        {"proof": (b"short",)},
    ]
    for change in changes:
        with pytest.raises(InvalidProof):
            verify_consistency(**(good | change))  # pyright: ignore[reportArgumentType]


def test_two_trees_of_one_size_are_consistent_only_if_they_are_equal() -> None:
    same = {"old_size": 8, "old_root": ROOT, "new_size": 8, "new_root": ROOT, "proof": ()}
    verify_consistency(**same)  # pyright: ignore[reportArgumentType]

    for change in ({"new_root": WRONG}, {"proof": (WRONG,)}):
        with pytest.raises(InvalidProof, match="one size"):
            verify_consistency(**(same | change))  # pyright: ignore[reportArgumentType]


def test_what_is_no_hash_cannot_become_a_leaf() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        RootAccumulator().add_leaf_hash(b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        MerkleTree([b"short"])
