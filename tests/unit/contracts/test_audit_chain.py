"""The audit chain: what breaks it, and where."""

import hashlib
from dataclasses import replace

import pytest

from contracts.audit_chain import (
    GENESIS,
    ChainedLeaf,
    append,
    chain,
    leaf_digest,
    verify_chain,
    verify_extract,
)
from contracts.errors import BrokenChain
from tests.support.trade_evidence import audit_leaves


def test_the_first_hash_follows_the_documented_formula() -> None:
    leaf = {"action": "listing.published", "actor": "usr_1"}
    digest = hashlib.sha256(b'{"action":"listing.published","actor":"usr_1"}').digest()
    expected = hashlib.sha256(
        b"dx-audit/1\x00" + bytes(32) + (1).to_bytes(8, "big") + digest
    ).digest()

    assert leaf_digest(leaf) == digest
    assert chain(GENESIS, 1, digest) == expected
    assert append(GENESIS, 1, leaf).hash == expected


def test_an_untouched_chain_holds_and_returns_its_last_hash() -> None:
    leaves = audit_leaves(9)

    assert verify_chain(leaves) == leaves[-1].hash
    assert verify_chain(leaves[4:], previous=leaves[3].hash, first=5) == leaves[-1].hash
    assert verify_chain([]) == GENESIS


@pytest.mark.parametrize("position", range(9))
def test_an_edited_leaf_is_named(position: int) -> None:
    leaves = list(audit_leaves(9))
    leaves[position] = replace(leaves[position], leaf={"actor": "usr_2"})

    with pytest.raises(BrokenChain, match="does not have its hash") as broken:
        verify_chain(leaves)
    assert broken.value.sequence == position + 1


@pytest.mark.parametrize("position", range(8))
def test_a_dropped_leaf_is_named(position: int) -> None:
    leaves = list(audit_leaves(9))
    del leaves[position]

    with pytest.raises(BrokenChain, match="missing") as broken:
        verify_chain(leaves)
    assert broken.value.sequence == position + 1


def test_swapped_leaves_are_named_at_the_first() -> None:
    leaves = list(audit_leaves(9))
    leaves[3], leaves[4] = leaves[4], leaves[3]

    with pytest.raises(BrokenChain) as broken:
        verify_chain(leaves)
    assert broken.value.sequence == 4


def test_a_rewritten_past_is_named_where_it_joins() -> None:
    leaves = audit_leaves(9)
    other = append(leaves[2].hash, 4, {"actor": "usr_9"})

    with pytest.raises(BrokenChain, match="another past") as broken:
        verify_chain([*leaves[:3], other, *leaves[4:]])
    assert broken.value.sequence == 5


def test_an_extract_may_have_gaps_but_no_change() -> None:
    leaves = audit_leaves(9)
    verify_extract([])
    verify_extract([leaves[1], leaves[2], leaves[7]])

    rewritten = append(bytes(32), 3, {"actor": "usr_9"})
    cases: list[tuple[list[ChainedLeaf], int, str]] = [
        ([leaves[1], replace(leaves[4], leaf={})], 5, "does not have its hash"),
        ([leaves[4], leaves[1]], 2, "out of order"),
        ([replace(leaves[1], sequence=-1)], -1, "counted from 1"),
        ([leaves[4], leaves[4]], 5, "out of order"),
        ([leaves[1], rewritten], 3, "another past"),
    ]
    for extract, sequence, reason in cases:
        with pytest.raises(BrokenChain, match=reason) as broken:
            verify_extract(extract)
        assert broken.value.sequence == sequence
