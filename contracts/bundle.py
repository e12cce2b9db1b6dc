"""The evidence bundle: everything that proves a contract and its deliveries, in one zip.

``write_bundle`` makes it, and ``verify_bundle`` judges it without the exchange, years later.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts import container
from contracts.audit_chain import ChainedLeaf
from contracts.canonical import JsonObject, JsonValue, canonical_bytes
from contracts.clauses import text
from contracts.document import parse_document
from contracts.evidence import SEAL_TYP, AuditLine, Examination, Report
from contracts.instants import instant_text
from contracts.keys import Custody, PrivateKey, public_jwk
from contracts.public_tools import guide, signature_files
from contracts.receipts import SignedReceipt, write_signed
from contracts.records import to_json
from contracts.signing import sign_compact


@dataclass(frozen=True, slots=True)
class Evidence:
    """What goes into a bundle.

    ``contract`` are the signed document bytes, ``signatures`` their general JWS, ``receipts`` all
    of this document in order, ``audit`` the leaves of its matter, and ``keys`` a JWK Set of every
    key that signed, with ``custody``, ``holder`` and history members and ``kid`` = thumbprint.
    """

    contract: bytes
    signatures: JsonObject
    receipts: tuple[SignedReceipt, ...]
    audit: tuple[ChainedLeaf, ...]
    keys: JsonObject


def write_bundle(evidence: Evidence, seal: Callable[[bytes], str]) -> bytes:
    """Write a bundle; ``seal`` signs the list of sums, see ``sealed_by``."""
    contract = parse_document(evidence.contract)
    members = {
        container.CONTRACT: evidence.contract,
        container.SIGNATURES: canonical_bytes(evidence.signatures),
        container.KEYS: canonical_bytes(evidence.keys),
        container.RECEIPTS: _lines(write_signed(entry) for entry in evidence.receipts),
        container.GUIDE: guide(contract, evidence.keys).encode(),
    }
    for language, name in container.TEXTS.items():
        members[name] = text(contract.terms, contract.parties, language).encode()
    members |= signature_files(evidence.signatures, evidence.keys)
    if evidence.audit:
        lines = (canonical_bytes(to_json(AuditLine.of(link))) for link in evidence.audit)
        members[container.AUDIT] = _lines(lines)
    members[container.SUMS] = container.sums(members)
    members[container.SEAL] = seal(members[container.SUMS]).encode()
    return container.write_zip(members)


def sealed_by(key: PrivateKey, *, signed_at: datetime) -> Callable[[bytes], str]:
    """A seal with the exchange's own key."""
    header: JsonObject = {
        "custody": Custody.EXCHANGE.value,
        "signed_at": instant_text(signed_at),
    }
    kid = str(public_jwk(key)["kid"])
    return lambda sums: sign_compact(sums, key, kid=kid, typ=SEAL_TYP, extra_header=header)


def verify_bundle(raw: bytes, trusted_jwks: Mapping[str, JsonValue] | None = None) -> Report:
    """Check everything in a bundle; ``UnreadableBundle`` if it is none.

    ``trusted_jwks`` is the exchange's key set from another source. Without it the report says that
    the keys are the bundle's own word.
    """
    return Examination(container.read_zip(raw), trusted_jwks).report()


def _lines(entries: Iterable[bytes]) -> bytes:
    return b"".join(entry + b"\n" for entry in entries)
