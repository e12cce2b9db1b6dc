"""One signed contract with receipts, keys and audit leaves: what the contract tests start from."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import derive_private_key as derive_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.audit_chain import GENESIS, ChainedLeaf, append
from contracts.bundle import Evidence
from contracts.canonical import JsonObject, bytes_digest
from contracts.document import build_document, document_bytes
from contracts.keys import Custody, PrivateKey, public_jwk
from contracts.receipts import (
    ArtefactKind,
    DeliveryStatus,
    Receipt,
    SignedReceipt,
    receipt_hash,
    request_digest,
    sign_batch,
)
from contracts.signatures import sign_document
from contracts.terms import (
    Dispute,
    DisputeMethod,
    Grade,
    Identifier,
    Limits,
    Operation,
    Party,
    Period,
    Price,
    Product,
    ProhibitedUse,
    Purpose,
    ResponsiblePerson,
    RevisionPolicy,
    Role,
    Source,
    Terms,
)

CONTRACT_ID = "urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e"
SIGNED_AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
PROVIDER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
BUYER_KEY: EllipticCurvePrivateKey = derive_ec_key(0x1234567890ABCDEF, SECP256R1())
EXCHANGE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
KEYS: dict[Role, PrivateKey] = {
    Role.PROVIDER: PROVIDER_KEY,
    Role.BUYER: BUYER_KEY,
    Role.EXCHANGE: EXCHANGE_KEY,
}
CUSTODY = {
    Role.PROVIDER: Custody.EXCHANGE,
    Role.BUYER: Custody.PARTY,
    Role.EXCHANGE: Custody.EXCHANGE,
}

TERMS = Terms(
    product=Product(
        product_id="prd_flights",
        title_zh="航班准点数据",
        title_en="Flight punctuality",
        revision_policy=RevisionPolicy.FIXED,
        dictionary_digest="sha256:" + "0" * 64,
        grade=Grade.GENERAL,
        revision=3,
        revision_digest="sha256:" + "1" * 64,
    ),
    purpose=Purpose(("market_research", "service_improvement"), "Plan connections at hubs"),
    period=Period(date(2026, 12, 1), date(2027, 6, 1)),
    limits=Limits(
        operations=(Operation.ROWS, Operation.FILE),
        columns=("year", "month", "carrier", "dep_delay"),
        max_rows=1_000_000,
        max_bytes=2_000_000_000,
        max_calls=5_000,
    ),
    price=Price("CNY", 12_345_500_000, 10_000_000_000, {"kind": "per_row", "micro": 12_345}),
    source=Source("collected by the provider in the course of its own business", "own operation"),
    prohibited_uses=(ProhibitedUse.DISTRIBUTE, ProhibitedUse.REIDENTIFY),
    responsible=(ResponsiblePerson(Role.PROVIDER, "王敏", "wang.min@provider.example"),),
    dispute=Dispute(DisputeMethod.ARBITRATION, "南昌仲裁委员会"),
    purchase_order="PO-2026-118",
)


def party(role: Role) -> Party:
    """The party of a role, with the key of ``KEYS``."""
    codes = {
        Role.PROVIDER: "91360100MA35X1Y22L",
        Role.BUYER: "91110000100000000X",
        Role.EXCHANGE: "91360000MA00000001",
    }
    return Party(
        role=role,
        organisation_id=f"org_{role.value}",
        name={"provider": "江西航旅", "buyer": "Hub Planning Ltd", "exchange": "数据交易所"}[role],
        identifier=Identifier("uscc", codes[role], "CN"),
        kid=str(public_jwk(KEYS[role])["kid"]),
        custody=CUSTODY[role],
    )


PARTIES = tuple(party(role) for role in Role)


def jwk(role: Role) -> JsonObject:
    """The published key of a role, as a key set shows it."""
    history: JsonObject = {
        "custody": CUSTODY[role].value,
        "holder": f"org_{role.value}",
        "valid_from": "2026-01-01T00:00:00.000000Z",
    }
    return public_jwk(KEYS[role]) | history


def key_set() -> JsonObject:
    """All three keys as a JWK Set."""
    return {"keys": [jwk(role) for role in Role]}


def document(terms: Terms = TERMS) -> JsonObject:
    """The contract document of the sample."""
    return build_document(terms, PARTIES, contract_id=CONTRACT_ID, version=1, created_at=SIGNED_AT)


def signatures(raw: bytes) -> JsonObject:
    """The three signatures over document bytes."""
    general = None
    for role in Role:
        general = sign_document(general, raw, KEYS[role], party=party(role), signed_at=SIGNED_AT)
    assert general is not None
    return general


def receipts(count: int, contract: bytes) -> tuple[Receipt, ...]:
    """A chain of deliveries under a contract."""
    chain: list[Receipt] = []
    for sequence in range(1, count + 1):
        started_at = SIGNED_AT + timedelta(minutes=sequence)
        chain.append(
            Receipt(
                receipt_id=f"rct_{sequence:06d}",
                contract_id=CONTRACT_ID,
                contract_digest=bytes_digest(contract),
                sequence=sequence,
                key_id="key_1",
                product_id="prd_flights",
                revision=3,
                artefact=ArtefactKind.REVISION,
                artefact_digest="sha256:" + "1" * 64,
                operation=Operation.ROWS,
                request_digest=request_digest(b"s" * 32, {"carrier": "UA", "page": sequence}),
                started_at=started_at,
                finished_at=started_at + timedelta(seconds=1),
                rows=1000,
                body_bytes=65_536 + sequence,
                content_digest=bytes_digest(b"page %d" % sequence),
                status=DeliveryStatus.COMPLETE,
                previous=receipt_hash(chain[-1]) if chain else None,
            )
        )
    return tuple(chain)


def signed_receipts(count: int, contract: bytes, batch: int = 4) -> tuple[SignedReceipt, ...]:
    """The same deliveries, signed in batches."""
    chain = receipts(count, contract)
    kid = str(public_jwk(EXCHANGE_KEY)["kid"])
    signed: list[SignedReceipt] = []
    for start in range(0, count, batch):
        part = chain[start : start + batch]
        signed += sign_batch(part, EXCHANGE_KEY, kid=kid, signed_at=part[-1].finished_at)
    return tuple(signed)


def audit_leaves(count: int) -> tuple[ChainedLeaf, ...]:
    """A chain of audit leaves from the beginning."""
    chain: list[ChainedLeaf] = []
    for sequence in range(1, count + 1):
        previous = chain[-1].hash if chain else GENESIS
        leaf: JsonObject = {"actor": "usr_1", "action": "agreement.signed", "object": sequence}
        chain.append(append(previous, sequence, leaf))
    return tuple(chain)


@dataclass(frozen=True, slots=True)
class Trade:
    """Everything of one trade that goes into a bundle."""

    contract: bytes
    evidence: Evidence


def trade(receipt_count: int = 6) -> Trade:
    """A complete trade with ``receipt_count`` deliveries."""
    contract = document_bytes(document())
    chain = audit_leaves(7)
    return Trade(
        contract,
        Evidence(
            contract=contract,
            signatures=signatures(contract),
            receipts=signed_receipts(receipt_count, contract),
            audit=(chain[1], chain[2], chain[5]),
            keys=key_set(),
        ),
    )


def edited(receipt: Receipt, rows: int) -> Receipt:
    """The receipt with another number of rows."""
    return replace(receipt, rows=rows)
