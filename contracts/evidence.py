"""The checks that make up the verification of an evidence bundle, each with a name and a finding.

Keys that come with a bundle prove little by themselves: a forger could bring his own. A verifier
therefore passes the exchange's published key set, and the report says when none was given. A
signature by a key that the exchange held is never reported as a party's independent act.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contracts import container
from contracts.audit_chain import ChainedLeaf, verify_extract
from contracts.canonical import JsonObject, JsonValue, bytes_digest, parse_canonical
from contracts.container import Members
from contracts.document import Contract, parse_document, zone_is_known
from contracts.errors import (
    ContractError,
    InvalidDocument,
    InvalidKey,
    InvalidReceipt,
    InvalidSignature,
)
from contracts.instants import parse_instant
from contracts.keys import Custody, PublicKey, jwk_members, load_public_jwk
from contracts.public_tools import signature_files
from contracts.receipt_sequence import ReceiptFault, verify_receipts
from contracts.receipts import read_signed, unhex
from contracts.records import from_json
from contracts.signatures import verify_document
from contracts.signing import verify_compact
from contracts.terms import Role

SEAL_TYP = "dx-bundle+jws"
MAX_LINES = 200_000
MAX_KEYS_BYTES = 4 << 20
MAX_SIGNATURES_BYTES = 4 << 20
_MAX_NAMED_FAULTS = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was checked, whether it holds, and how much or why not."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class SignatureFinding:
    """A signature that holds: what is signed, for whom, and who held the key.

    ``pinned``: the key is among those the verifier trusts.
    """

    signed: str
    signer: str
    kid: str
    custody: Custody
    pinned: bool


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a verification."""

    checks: tuple[Check, ...]
    signatures: tuple[SignatureFinding, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(check.ok for check in self.checks)


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of ``audit.jsonl``; hashes in hexadecimal."""

    sequence: int
    previous: str
    leaf: JsonObject
    hash: str

    @classmethod
    def of(cls, link: ChainedLeaf) -> "AuditLine":
        """The line of a chained leaf."""
        return cls(link.sequence, link.previous.hex(), dict(link.leaf), link.hash.hex())

    def link(self) -> ChainedLeaf:
        """The chained leaf of the line."""
        previous, own = unhex(self.previous, "previous"), unhex(self.hash, "hash")
        return ChainedLeaf(self.sequence, previous, self.leaf, own)


class Examination:
    """One pass over a bundle; findings collect while later checks use what earlier ones read."""

    def __init__(self, members: Members, trusted: Mapping[str, JsonValue] | None) -> None:
        self._members = members
        self._trusted = None if trusted is None else _by_kid(trusted)
        self._keys: JsonObject = {"keys": []}
        self._contract: Contract | None = None
        self._checks: list[Check] = []
        self._signatures: list[SignatureFinding] = []

    def report(self) -> Report:
        """Run every check; one that fails does not stop the others."""
        steps: tuple[tuple[str, Callable[[], str]], ...] = (
            ("members", self._check_members),
            (container.SUMS, self._check_sums),
            (container.KEYS, self._check_keys),
            (container.CONTRACT, self._check_contract),
            ("contract texts", self._check_texts),
            (container.SIGNATURES, self._check_signatures),
            ("openssl files", self._check_tool_files),
            (container.RECEIPTS, self._check_receipts),
            (container.AUDIT, self._check_audit),
            (container.SEAL, self._check_seal),
            ("trusted keys", self._check_pins),
        )
        for name, step in steps:
            try:
                self._checks.append(Check(name, True, step()))
            except ContractError as error:
                self._checks.append(Check(name, False, str(error)))
        return Report(tuple(self._checks), tuple(self._signatures), self._notes())

    def _check_members(self) -> str:
        if self._members.damaged:
            raise InvalidDocument("damaged: " + ", ".join(self._members.damaged))
        if missing := sorted(container.REQUIRED - self._members.contents.keys()):
            raise InvalidDocument("missing: " + ", ".join(missing))
        return f"{len(self._members.contents)} members"

    def _check_sums(self) -> str:
        stated = self._content(container.SUMS).decode("utf-8", "replace").splitlines()
        actual = container.sums(self._members.contents).decode().splitlines()
        if different := sorted({line[66:] for line in set(stated) ^ set(actual)}):
            raise InvalidDocument("other content than listed: " + ", ".join(different)[:400])
        if stated != actual:
            raise InvalidDocument("the list is not in the order of a bundle")
        return f"{len(actual)} members have the listed SHA-256"

    def _check_keys(self) -> str:
        keys = parse_canonical(self._content(container.KEYS), max_bytes=MAX_KEYS_BYTES)
        named = _by_kid(keys)
        for kid, jwk in named.items():
            if load_public_jwk(jwk).thumbprint != kid:
                raise InvalidKey(f"the key {kid[:64]} is not named by its thumbprint")
        # What the verifier trusts wins over what the bundle says of the same key.
        self._keys = {"keys": list((named | (self._trusted or {})).values())}
        return f"{len(named)} keys, each named by its thumbprint"

    def _check_contract(self) -> str:
        raw = self._content(container.CONTRACT)
        self._contract = parse_document(raw)
        return f"{self._contract.contract_id} version {self._contract.version}, {bytes_digest(raw)}"

    def _check_texts(self) -> str:
        texts = self._read_contract().texts
        for language, name in container.TEXTS.items():
            if bytes_digest(self._content(name)) != getattr(texts, language.value):
                raise InvalidDocument(f"{name} is not the text the contract names")
        return "the Chinese and the English text are the contract's"

    def _check_signatures(self) -> str:
        general = self._general()
        for signature in verify_document(self._content(container.CONTRACT), general, self._keys):
            self._found(container.CONTRACT, signature.role.value, signature.kid, signature.custody)
        return "provider, buyer and exchange signed the same bytes"

    def _check_tool_files(self) -> str:
        expected = signature_files(self._general(), self._keys)
        for name, content in expected.items():
            if self._content(name) != content:
                raise InvalidDocument(f"{name} is not what the signatures and keys give")
        return "the files for openssl repeat the signatures"

    def _check_receipts(self) -> str:
        lines = self._lines(container.RECEIPTS)
        signed = [read_signed(line) for line in lines]
        digest = bytes_digest(self._content(container.CONTRACT))
        for entry in signed:
            if entry.receipt.contract_digest != digest:
                raise InvalidReceipt(f"receipt {entry.receipt.sequence} is of another contract")
        batches, faults = verify_receipts(signed, self._keys)
        for batch in batches:
            self._exchange_signed(container.RECEIPTS, batch.key, batch.custody)
        if faults:
            raise InvalidReceipt("; ".join(map(_fault_text, faults[:_MAX_NAMED_FAULTS])))
        return f"{len(signed)} receipts without gap, signed in {len(batches)} batches"

    def _check_audit(self) -> str:
        if container.AUDIT not in self._members.contents:
            return "no extract"
        lines = self._lines(container.AUDIT)
        verify_extract(from_json(AuditLine, parse_canonical(line)).link() for line in lines)
        return f"{len(lines)} leaves have their hashes"

    def _check_seal(self) -> str:
        token = self._content(container.SEAL).decode("utf-8", "replace")
        seal = verify_compact(token, self._keys, typ=SEAL_TYP)
        if seal.payload != self._content(container.SUMS):
            raise InvalidSignature("the seal is over other sums")
        sealed_at = parse_instant(str(seal.header.get("signed_at")), "signed_at")
        if not seal.key.was_valid_at(sealed_at):
            raise InvalidSignature("the key was not valid when it sealed the bundle")
        self._exchange_signed(container.SEAL, seal.key, seal.custody or Custody.EXCHANGE)
        return f"the exchange sealed the bundle at {seal.header['signed_at']}"

    def _check_pins(self) -> str:
        if self._trusted is None:
            return "none given, see the notes"
        for finding in self._signatures:
            if finding.custody is Custody.EXCHANGE and not finding.pinned:
                raise InvalidKey(f"{finding.signed}: the {finding.signer}'s key is not trusted")
        return "every key that the exchange held is among the trusted keys"

    def _exchange_signed(self, signed: str, key: PublicKey, custody: Custody) -> None:
        exchange = self._read_contract().party(Role.EXCHANGE)
        if key.kid != exchange.kid and key.holder != exchange.organisation_id:
            raise InvalidSignature(f"{signed} is signed by a key that is not the exchange's")
        self._found(signed, Role.EXCHANGE.value, key.kid, custody)

    def _found(self, signed: str, signer: str, kid: str, custody: Custody) -> None:
        pinned = self._trusted is not None and kid in self._trusted
        finding = SignatureFinding(signed, signer, kid, custody, pinned)
        if finding not in self._signatures:
            self._signatures.append(finding)

    def _notes(self) -> tuple[str, ...]:
        notes: list[str] = []
        if self._trusted is None:
            notes.append(
                "The keys come only from the bundle itself: this shows that its parts belong "
                "together, not who made them. Compare with the exchange's published keys (--keys)."
            )
        notes.extend(
            f"The {finding.signer}'s key was held by the exchange: the signature proves what the "
            f"exchange recorded, it is no independent act of the {finding.signer}."
            for finding in self._signatures
            if finding.signer != Role.EXCHANGE and finding.custody is Custody.EXCHANGE
        )
        if self._contract is not None and not zone_is_known(self._contract):
            notes.append(
                f"The time zone {self._contract.terms.period.zone} is not installed here: "
                "start and end were taken from the document as signed."
            )
        return tuple(notes)

    def _read_contract(self) -> Contract:
        if self._contract is None:
            raise InvalidDocument(f"{container.CONTRACT} could not be read")
        return self._contract

    def _general(self) -> JsonObject:
        return parse_canonical(self._content(container.SIGNATURES), max_bytes=MAX_SIGNATURES_BYTES)

    def _lines(self, name: str) -> list[bytes]:
        content = self._content(name)
        lines = content.split(b"\n")
        if lines.pop() != b"" or len(lines) > MAX_LINES:
            raise InvalidDocument(f"{name} has at most {MAX_LINES} lines, each with its end")
        return lines

    def _content(self, name: str) -> bytes:
        content = self._members.contents.get(name)
        if content is None:
            raise InvalidDocument(f"{name} is missing or damaged")
        return content


def _by_kid(jwks: Mapping[str, JsonValue]) -> dict[str, JsonObject]:
    members = jwk_members(jwks)
    named = {str(jwk.get("kid")): jwk for jwk in members}
    if len(named) != len(members):
        raise InvalidKey("two keys have one name")
    return named


def _fault_text(fault: ReceiptFault) -> str:
    if fault.count == 1:
        return f"receipt {fault.sequence}: {fault.reason}"
    return f"receipts {fault.sequence} to {fault.sequence + fault.count - 1}: {fault.reason}"
