"""Whether the receipts of a contract are all there, in order, and as they were issued."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from contracts.canonical import JsonValue
from contracts.errors import ContractError
from contracts.receipts import (
    Batch,
    Receipt,
    SignedReceipt,
    receipt_hash,
    verify_batch,
    verify_in_batch,
)


class FaultReason(StrEnum):
    """What is wrong at a place in the sequence of receipts."""

    MISSING = "missing"
    REPEATED = "repeated"
    OUT_OF_ORDER = "out_of_order"
    EDITED = "edited"
    OTHER_CONTRACT = "other_contract"
    NOT_SIGNED = "not_signed"


@dataclass(frozen=True, slots=True)
class ReceiptFault:
    """One fault, at the sequence number where it is; ``count`` receipts in a row for MISSING."""

    sequence: int
    reason: FaultReason
    count: int = 1


def verify_sequence(receipts: Sequence[Receipt]) -> tuple[ReceiptFault, ...]:
    """Find every fault of one contract's receipts as given; none means all is well.

    A receipt is EDITED when its successor names another hash for it. The last one has no successor:
    only its signature protects it (``verify_receipts``), and receipts cut off at the end show only
    in comparison with a later statement.
    """
    faults = [*_contract_faults(receipts), *_order_faults(receipts)]
    ordered = sorted({receipt.sequence: receipt for receipt in receipts}.items())
    if ordered and (first := ordered[0][0]) > 1:
        faults.append(ReceiptFault(1, FaultReason.MISSING, first - 1))
    for (sequence, receipt), (following, successor) in pairwise(ordered):
        if following > sequence + 1:
            gap = following - sequence - 1
            faults.append(ReceiptFault(sequence + 1, FaultReason.MISSING, gap))
        elif successor.previous != receipt_hash(receipt):
            faults.append(ReceiptFault(sequence, FaultReason.EDITED))
    return tuple(sorted(faults, key=lambda fault: fault.sequence))


def verify_receipts(
    signed: Sequence[SignedReceipt], jwks: Mapping[str, JsonValue]
) -> tuple[tuple[Batch, ...], tuple[ReceiptFault, ...]]:
    """Check signatures and sequence of one contract's receipts; verified batches come first."""
    batches: dict[str, Batch | None] = {}
    faults: list[ReceiptFault] = []
    for entry in signed:
        if entry.batch not in batches:
            batches[entry.batch] = _verified_or_none(entry.batch, jwks)
        if not _belongs(entry, batches[entry.batch]):
            faults.append(ReceiptFault(entry.receipt.sequence, FaultReason.NOT_SIGNED))
    faults += verify_sequence([entry.receipt for entry in signed])
    verified = tuple(batch for batch in batches.values() if batch is not None)
    return verified, tuple(sorted(faults, key=lambda fault: fault.sequence))


def _contract_faults(receipts: Sequence[Receipt]) -> list[ReceiptFault]:
    return [
        ReceiptFault(receipt.sequence, FaultReason.OTHER_CONTRACT)
        for receipt in receipts
        if receipt.contract_digest != receipts[0].contract_digest
    ]


def _order_faults(receipts: Sequence[Receipt]) -> list[ReceiptFault]:
    faults: list[ReceiptFault] = []
    highest = 0
    seen: set[int] = set()
    for receipt in receipts:
        if receipt.sequence in seen:
            faults.append(ReceiptFault(receipt.sequence, FaultReason.REPEATED))
        elif receipt.sequence < highest:
            faults.append(ReceiptFault(receipt.sequence, FaultReason.OUT_OF_ORDER))
        seen.add(receipt.sequence)
        highest = max(highest, receipt.sequence)
    return faults


def _verified_or_none(batch: str, jwks: Mapping[str, JsonValue]) -> Batch | None:
    try:
        return verify_batch(batch, jwks)
    except ContractError:
        return None


def _belongs(entry: SignedReceipt, batch: Batch | None) -> bool:
    try:
        if batch is not None:
            verify_in_batch(entry, batch)
    except ContractError:
        return False
    return batch is not None
