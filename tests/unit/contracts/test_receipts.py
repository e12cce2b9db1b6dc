"""Delivery receipts: one signature for many, and every fault found where it is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts import base64url
from contracts.canonical import JsonObject, canonical_bytes, parse_object
from contracts.errors import (
    ContractError,
    InvalidProof,
    InvalidReceipt,
    InvalidSignature,
    InvalidValue,
    MalformedJson,
)
from contracts.keys import Custody, public_jwk
from contracts.receipt_sequence import FaultReason, ReceiptFault, verify_receipts, verify_sequence
from contracts.receipts import (
    BATCH_TYP,
    Receipt,
    SignedReceipt,
    read_signed,
    receipt_bytes,
    receipt_hash,
    request_digest,
    sign_batch,
    verify_receipt,
    write_signed,
)
from contracts.signing import sign_compact
from contracts.terms import Role
from tests.support.trade_evidence import (
    EXCHANGE_KEY,
    SIGNED_AT,
    document,
    document_bytes,
    edited,
    jwk,
    key_set,
    receipts,
    signed_receipts,
)

CONTRACT = document_bytes(document())
KEYS = key_set()
KID = str(public_jwk(EXCHANGE_KEY)["kid"])
CHAIN = receipts(12, CONTRACT)
SIGNED = signed_receipts(12, CONTRACT)


def fault(sequence: int, reason: FaultReason, count: int = 1) -> tuple[ReceiptFault, ...]:
    return (ReceiptFault(sequence, reason, count),)


def test_one_signature_serves_a_thousand_receipts() -> None:
    signed = sign_batch(receipts(1000, CONTRACT), EXCHANGE_KEY, kid=KID, signed_at=SIGNED_AT)

    assert len({entry.batch for entry in signed}) == 1
    assert max(len(entry.proof) for entry in signed) == 10
    for entry in signed[::97]:
        batch = verify_receipt(entry, KEYS)
        assert (batch.size, batch.signed_at, batch.custody) == (1000, SIGNED_AT, Custody.EXCHANGE)


def test_a_receipt_names_neither_the_key_text_nor_filter_values() -> None:
    names = set(parse_object(receipt_bytes(CHAIN[0])))

    assert names == {
        "receipt_id",
        "contract_id",
        "contract_digest",
        "sequence",
        "key_id",
        "product_id",
        "revision",
        "artefact",
        "artefact_digest",
        "operation",
        "request_digest",
        "started_at",
        "finished_at",
        "rows",
        "body_bytes",
        "content_digest",
        "status",
    }
    assert b"UA" not in receipt_bytes(CHAIN[0])


def test_a_request_digest_needs_the_secret() -> None:
    request: JsonObject = {"carrier": "UA"}

    assert request_digest(b"a" * 32, request) == request_digest(b"a" * 32, {"carrier": "UA"})
    assert request_digest(b"b" * 32, request) != request_digest(b"a" * 32, request)
    assert request_digest(b"a" * 32, {"carrier": "AA"}) != request_digest(b"a" * 32, request)


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 0},
        {"sequence": 2},
        {"previous": "sha256:" + "0" * 64},
        {"rows": -1},
        {"body_bytes": -1},
        {"revision": 0},
        {"finished_at": SIGNED_AT},
        {"content_digest": "sha256:"},
        {"contract_digest": "0" * 64},
        {"artefact_digest": "md5:" + "0" * 64},
        {"request_digest": "sha256:" + "0" * 64},
        {"sequence": 2, "previous": "sha256:short"},
    ],
    ids=str,
)
def test_a_receipt_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidReceipt):
        replace(CHAIN[0], **change)


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: replace(entry, receipt=edited(entry.receipt, 1001)),
        lambda entry: replace(entry, receipt=SIGNED[6].receipt),
        lambda entry: replace(entry, index=0),
        lambda entry: replace(entry, index=-1),
        lambda entry: replace(entry, index=4),
        lambda entry: replace(entry, proof=entry.proof[:1]),
        lambda entry: replace(entry, proof=(entry.proof[1], entry.proof[0])),
        lambda entry: replace(entry, batch=SIGNED[0].batch),
        lambda entry: replace(entry, batch=entry.batch[:-2]),
        lambda entry: replace(entry, batch=""),
        lambda entry: replace(entry, proof=("00",)),
    ],
    ids=range(11),
)
def test_a_signed_receipt_holds_only_as_it_was_issued(
    change: Callable[[SignedReceipt], SignedReceipt],
) -> None:
    verify_receipt(SIGNED[5], KEYS)

    with pytest.raises(ContractError) as refused:
        verify_receipt(change(SIGNED[5]), KEYS)
    assert isinstance(refused.value, (InvalidProof, InvalidSignature, InvalidValue))


def test_a_batch_has_receipts() -> None:
    with pytest.raises(InvalidReceipt, match="1 to"):
        sign_batch([], EXCHANGE_KEY, kid=KID, signed_at=SIGNED_AT)


def test_a_batch_signed_after_its_key_was_revoked_is_refused() -> None:
    revoked = jwk(Role.EXCHANGE) | {"revoked_at": "2026-12-01T08:31:00.000000Z"}

    with pytest.raises(InvalidSignature, match="not valid when"):
        verify_receipt(SIGNED[5], {"keys": [revoked]})


def forged_batch(statement: JsonObject) -> SignedReceipt:
    token = sign_compact(canonical_bytes(statement), EXCHANGE_KEY, kid=KID, typ=BATCH_TYP)
    return replace(SIGNED[0], batch=token)


STATEMENT = parse_object(base64url.decode(SIGNED[0].batch.split(".")[1]))


@pytest.mark.parametrize(
    "change",
    [
        {"format": "dx-receipts/2"},
        {"root": "00"},
        {"root": "A" * 64},
        {"size": 0},
        {"size": True},
        {"signed_at": "2026-12-01"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_batch_statement_of_another_form_is_refused(change: JsonObject) -> None:
    verify_receipt(forged_batch(STATEMENT), KEYS)

    with pytest.raises(ContractError):
        verify_receipt(forged_batch(STATEMENT | change), KEYS)


def test_a_key_that_does_not_say_who_held_it_counts_as_held_by_the_exchange() -> None:
    unmarked: JsonObject = {"keys": [public_jwk(EXCHANGE_KEY)]}

    assert verify_receipt(forged_batch(STATEMENT), unmarked).custody is Custody.EXCHANGE


def test_signed_receipts_are_read_as_they_were_written() -> None:
    for entry in SIGNED:
        assert read_signed(write_signed(entry)) == entry
    with pytest.raises(MalformedJson):
        read_signed(write_signed(SIGNED[0]) + b" ")


def test_an_untouched_sequence_has_no_fault() -> None:
    assert verify_sequence(CHAIN) == ()
    assert verify_sequence([]) == ()
    batches, faults = verify_receipts(SIGNED, KEYS)
    assert len(batches) == 3
    assert faults == ()


def test_each_receipt_names_the_hash_of_the_one_before() -> None:
    assert CHAIN[0].previous is None
    assert [each.previous for each in CHAIN[1:]] == [receipt_hash(each) for each in CHAIN[:-1]]


@pytest.mark.parametrize("position", range(11))
def test_a_dropped_receipt_is_located(position: int) -> None:
    remaining = CHAIN[:position] + CHAIN[position + 1 :]

    assert verify_sequence(remaining) == fault(position + 1, FaultReason.MISSING)


def test_a_gap_of_several_receipts_is_located_with_its_length() -> None:
    assert verify_sequence(CHAIN[:3] + CHAIN[7:]) == fault(4, FaultReason.MISSING, 4)
    assert verify_sequence(CHAIN[5:]) == fault(1, FaultReason.MISSING, 5)


@pytest.mark.parametrize("position", range(11))
def test_swapped_receipts_are_located(position: int) -> None:
    swapped = list(CHAIN)
    swapped[position], swapped[position + 1] = swapped[position + 1], swapped[position]

    assert verify_sequence(swapped) == fault(position + 1, FaultReason.OUT_OF_ORDER)


@pytest.mark.parametrize("position", range(11))
def test_an_edited_receipt_is_located(position: int) -> None:
    forged = list(CHAIN)
    forged[position] = edited(forged[position], 1001)

    assert verify_sequence(forged) == fault(position + 1, FaultReason.EDITED)


@pytest.mark.parametrize("position", range(12))
def test_a_signed_receipt_that_was_edited_is_located_even_if_it_is_the_last(position: int) -> None:
    forged = list(SIGNED)
    forged[position] = replace(forged[position], receipt=edited(forged[position].receipt, 1001))

    _, faults = verify_receipts(forged, KEYS)

    assert ReceiptFault(position + 1, FaultReason.NOT_SIGNED) in faults
    assert {each.sequence for each in faults} == {position + 1}


def test_a_repeated_receipt_is_located() -> None:
    assert verify_sequence([*CHAIN[:5], CHAIN[4], *CHAIN[5:]]) == fault(5, FaultReason.REPEATED)


def test_a_receipt_of_another_contract_is_located() -> None:
    foreign = list(CHAIN)
    foreign[11] = replace(foreign[11], contract_digest="sha256:" + "9" * 64)

    assert verify_sequence(foreign) == fault(12, FaultReason.OTHER_CONTRACT)


def test_receipts_under_an_unknown_key_are_all_unsigned() -> None:
    batches, faults = verify_receipts(SIGNED, {"keys": []})

    assert batches == ()
    assert [each.sequence for each in faults] == list(range(1, 13))
    assert {each.reason for each in faults} == {FaultReason.NOT_SIGNED}


def test_a_delivery_may_take_no_time_and_deliver_nothing() -> None:
    empty = replace(CHAIN[0], rows=0, body_bytes=0, finished_at=CHAIN[0].started_at)

    assert isinstance(empty, Receipt)
    assert empty.finished_at - empty.started_at == timedelta(0)
