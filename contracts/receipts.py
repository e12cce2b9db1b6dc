"""Delivery receipts: what was delivered under a contract, signed in batches.

Receipts of one contract form a chain: each names the digest of the one before, so that a missing,
swapped or edited receipt is found. They are signed many at a time: one signature over a Merkle
root, and each receipt carries its path to it. A receipt names a contract, a key by its id, and
keyed digests; it holds no person, no filter value and no key.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.canonical import (
    JsonObject,
    JsonValue,
    bytes_digest,
    canonical_bytes,
    parse_canonical,
)
from contracts.errors import InvalidReceipt, InvalidSignature, InvalidValue
from contracts.instants import instant_text
from contracts.keys import Custody, PrivateKey, PublicKey
from contracts.merkle import MerkleTree, leaf_hash, verify_inclusion
from contracts.records import from_json, to_json
from contracts.signing import sign_compact, verify_compact
from contracts.terms import Operation

BATCH_FORMAT = "dx-receipts/1"
BATCH_TYP = "dx-receipts+jws"
MAX_BATCH = 1 << 20

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_KEYED_DIGEST = re.compile(r"hmac-sha256:[0-9a-f]{64}")


class DeliveryStatus(StrEnum):
    """Whether the whole answer was accepted by the transport, or it broke off."""

    COMPLETE = "complete"
    PARTIAL = "partial"


class ArtefactKind(StrEnum):
    """What was delivered from.

    The revision, a contract's view of it, or a copy marked for the buyer.
    """

    REVISION = "revision"
    VIEW = "view"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One delivery. ``body_bytes`` and ``content_digest`` are of the body bytes that were sent.

    ``sequence`` counts from 1 for each contract document (a new version starts again), and
    ``previous`` is the hash of the receipt before.
    """

    receipt_id: str
    contract_id: str
    contract_digest: str
    sequence: int
    key_id: str
    product_id: str
    revision: int
    artefact: ArtefactKind
    artefact_digest: str
    operation: Operation
    request_digest: str
    started_at: datetime
    finished_at: datetime
    rows: int
    body_bytes: int
    content_digest: str
    status: DeliveryStatus
    previous: str | None = None

    def __post_init__(self) -> None:
        if self.sequence < 1 or (self.previous is None) != (self.sequence == 1):
            raise InvalidReceipt("all receipts but a contract's first name the one before")
        if min(self.rows, self.body_bytes) < 0 or self.revision < 1:
            raise InvalidReceipt("rows and bytes are not negative, and revisions count from 1")
        if self.finished_at < self.started_at:
            raise InvalidReceipt("a delivery does not finish before it starts")
        digests = [self.contract_digest, self.artefact_digest, self.content_digest]
        digests += [] if self.previous is None else [self.previous]
        if not all(_DIGEST.fullmatch(text) for text in digests):
            raise InvalidReceipt("a digest is sha256: and 64 hexadecimal digits")
        if _KEYED_DIGEST.fullmatch(self.request_digest) is None:
            raise InvalidReceipt("a request digest is hmac-sha256: and 64 hexadecimal digits")


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt, its place in a batch, its path to the root, and the signed root (compact JWS)."""

    receipt: Receipt
    index: int
    proof: tuple[str, ...]
    batch: str


@dataclass(frozen=True, slots=True)
class Batch:
    """A verified batch signature: the root it covers, when it was made, and by which key."""

    root: bytes
    size: int
    signed_at: datetime
    key: PublicKey
    custody: Custody


@dataclass(frozen=True, slots=True)
class BatchStatement:
    """The signed payload of a batch; ``root`` in hexadecimal."""

    format: str
    root: str
    size: int
    signed_at: datetime


def receipt_bytes(receipt: Receipt) -> bytes:
    """Canonical bytes of a receipt: what its hash and its leaf are made of."""
    return canonical_bytes(to_json(receipt))


def receipt_hash(receipt: Receipt) -> str:
    """``sha256:<hex>`` by which the next receipt names this one."""
    return bytes_digest(receipt_bytes(receipt))


def request_digest(secret: bytes, request: Mapping[str, JsonValue]) -> str:
    """Keyed digest of what a buyer asked for (columns, filter values).

    The holder of the secret can show what was asked; nobody else can guess filter values.
    """
    return (
        "hmac-sha256:" + hmac.digest(secret, canonical_bytes(dict(request)), hashlib.sha256).hex()
    )


def sign_batch(
    receipts: Sequence[Receipt], key: PrivateKey, *, kid: str, signed_at: datetime
) -> tuple[SignedReceipt, ...]:
    """Sign receipts with the exchange's own key: one signature over the root of their leaves."""
    if not 0 < len(receipts) <= MAX_BATCH:
        raise InvalidReceipt(f"a batch has 1 to {MAX_BATCH} receipts")
    tree = MerkleTree(leaf_hash(receipt_bytes(receipt)) for receipt in receipts)
    statement = BatchStatement(BATCH_FORMAT, tree.root.hex(), tree.size, signed_at)
    custody: JsonObject = {"custody": Custody.EXCHANGE.value, "signed_at": instant_text(signed_at)}
    payload = canonical_bytes(to_json(statement))
    batch = sign_compact(payload, key, kid=kid, typ=BATCH_TYP, extra_header=custody)
    return tuple(
        SignedReceipt(
            receipt, index, tuple(node.hex() for node in tree.inclusion_proof(index)), batch
        )
        for index, receipt in enumerate(receipts)
    )


def verify_batch(batch: str, jwks: Mapping[str, JsonValue]) -> Batch:
    """Verify the signature of a batch, by a key that was valid when it signed."""
    verified = verify_compact(batch, jwks, typ=BATCH_TYP)
    statement = from_json(BatchStatement, parse_canonical(verified.payload))
    if statement.format != BATCH_FORMAT:
        raise InvalidSignature(f"the batch is not {BATCH_FORMAT}")
    if not verified.key.was_valid_at(statement.signed_at):
        raise InvalidSignature("the key was not valid when it signed the batch")
    # A batch that does not say who held its key is the exchange's own word.
    custody = verified.custody or Custody.EXCHANGE
    root = unhex(statement.root, "root")
    return Batch(root, statement.size, statement.signed_at, verified.key, custody)


def verify_receipt(signed: SignedReceipt, jwks: Mapping[str, JsonValue]) -> Batch:
    """Verify one receipt: the batch's signature, and the path from the receipt to its root."""
    batch = verify_batch(signed.batch, jwks)
    verify_in_batch(signed, batch)
    return batch


def verify_in_batch(signed: SignedReceipt, batch: Batch) -> None:
    """Raise ``InvalidProof`` unless the receipt belongs to a batch that has been verified."""
    verify_inclusion(
        leaf=leaf_hash(receipt_bytes(signed.receipt)),
        index=signed.index,
        size=batch.size,
        proof=[unhex(node, "proof") for node in signed.proof],
        root=batch.root,
    )


def read_signed(raw: bytes) -> SignedReceipt:
    """Read one line of a receipts file; the bytes must be canonical."""
    return from_json(SignedReceipt, parse_canonical(raw))


def write_signed(signed: SignedReceipt) -> bytes:
    """Write one line of a receipts file, without its line end."""
    return canonical_bytes(to_json(signed))


def unhex(text: str, path: str) -> bytes:
    """Read lower-case hexadecimal of 32 bytes, or raise ``InvalidValue``."""
    if re.fullmatch("[0-9a-f]{64}", text) is None:
        raise InvalidValue(path, "not 64 lower-case hexadecimal digits")
    return bytes.fromhex(text)
