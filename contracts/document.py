"""The contract document: one canonical JSON object whose digest is the contract's identity.

It holds parties and terms, and what is generated from them: the ODRL policy, the list of clauses
with their enforcement, and the digests of both texts. Reading a document generates these again and
refuses any difference, so that text, policy and run-time checks say the same.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.canonical import JsonObject, bytes_digest, canonical_bytes, parse_canonical
from contracts.clauses import CLAUSE_SET, Enforcement, clauses, text
from contracts.errors import InvalidDocument, UnknownZone
from contracts.policy import AgreementFrame, agreement
from contracts.records import from_json, to_json
from contracts.terms import Language, Party, Role, Terms

FORMAT = "dx-contract/1"
MAX_DOCUMENT_BYTES = 1 << 20

_CONTRACT_ID = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ROLES = (Role.PROVIDER, Role.BUYER, Role.EXCHANGE)


@dataclass(frozen=True, slots=True)
class ClauseMark:
    """A clause as the document lists it: its id and how far the exchange stands behind it."""

    id: str
    enforcement: Enforcement


@dataclass(frozen=True, slots=True)
class Texts:
    """Digests of the contract's full text in each language, and the set of clauses they follow."""

    clause_set: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract document as a value; the members are those of the JSON document."""

    format: str
    contract_id: str
    version: int
    created_at: datetime
    starts_at: datetime
    ends_at: datetime
    parties: tuple[Party, ...]
    terms: Terms
    clauses: tuple[ClauseMark, ...]
    texts: Texts
    policy: JsonObject

    def __post_init__(self) -> None:
        if _CONTRACT_ID.fullmatch(self.contract_id) is None or self.version < 1:
            raise InvalidDocument("a contract has an id like urn:uuid:... and versions from 1")
        if tuple(party.role for party in self.parties) != _ROLES:
            raise InvalidDocument(
                "a contract has one provider, one buyer and the exchange, in this order"
            )
        if len({party.organisation_id for party in self.parties}) != len(self.parties):
            raise InvalidDocument("the parties of a contract are different organisations")

    def party(self, role: Role) -> Party:
        """The party in a role; a document has exactly one of each."""
        return self.parties[_ROLES.index(role)]


def build_document(
    terms: Terms, parties: Iterable[Party], *, contract_id: str, version: int, created_at: datetime
) -> JsonObject:
    """The document of these terms between a provider, a buyer and the exchange.

    ``contract_id`` is ``urn:uuid:...`` and stays the same over versions, which count from 1.
    """
    ordered = tuple(sorted(parties, key=lambda party: _ROLES.index(party.role)))
    if len(ordered) != len(_ROLES):
        raise InvalidDocument("a contract has one provider, one buyer and the exchange")
    frame = AgreementFrame(
        contract_id=contract_id,
        provider_id=ordered[0].organisation_id,
        buyer_id=ordered[1].organisation_id,
        created_at=created_at,
        starts_at=terms.period.starts_at,
        ends_at=terms.period.ends_at,
    )
    return to_json(_assemble(terms, ordered, version, frame))


def document_bytes(document: JsonObject) -> bytes:
    """The bytes that all parties sign; keep these bytes and verify these bytes."""
    return canonical_bytes(document)


def parse_document(raw: bytes) -> Contract:
    """Read canonical document bytes.

    Raises ``MalformedJson``, ``InvalidValue`` (with the path), ``InvalidTerms``, or
    ``InvalidDocument`` when what the document derives from its terms is not what the terms give.
    """
    contract = from_json(Contract, parse_canonical(raw, max_bytes=MAX_DOCUMENT_BYTES))
    check_derived(contract)
    if canonical_bytes(to_json(contract)) != raw:
        raise InvalidDocument("a member that has a default is left out")
    return contract


def check_derived(contract: Contract) -> None:
    """Generate policy, clauses, texts and instants again and compare them with the document's."""
    if contract.format != FORMAT or contract.texts.clause_set != CLAUSE_SET:
        raise InvalidDocument(f"this program reads {FORMAT} with clauses {CLAUSE_SET}")
    frame = AgreementFrame(
        contract_id=contract.contract_id,
        provider_id=contract.party(Role.PROVIDER).organisation_id,
        buyer_id=contract.party(Role.BUYER).organisation_id,
        created_at=contract.created_at,
        starts_at=contract.starts_at,
        ends_at=contract.ends_at,
    )
    _check_instants(contract)
    derived = _assemble(contract.terms, contract.parties, contract.version, frame)
    for name in ("policy", "clauses", "texts"):
        if getattr(derived, name) != getattr(contract, name):
            raise InvalidDocument(f"the member {name} is not what the terms give")


def _assemble(
    terms: Terms, parties: tuple[Party, ...], version: int, frame: AgreementFrame
) -> Contract:
    zh, en = (
        bytes_digest(text(terms, parties, language).encode())
        for language in (Language.ZH, Language.EN)
    )
    return Contract(
        format=FORMAT,
        contract_id=frame.contract_id,
        version=version,
        created_at=frame.created_at,
        starts_at=frame.starts_at,
        ends_at=frame.ends_at,
        parties=parties,
        terms=terms,
        clauses=tuple(ClauseMark(clause.id, clause.enforcement) for clause in clauses(terms)),
        texts=Texts(CLAUSE_SET, zh, en),
        policy=agreement(terms, frame),
    )


def zone_is_known(contract: Contract) -> bool:
    """Whether this machine has the contract's time zone, so that its instants can be recomputed."""
    try:
        contract.terms.period.starts_at  # noqa: B018
    except UnknownZone:
        return False
    return True


def _check_instants(contract: Contract) -> None:
    # Without time zone data the signed instants stand, and a verifier says so.
    period, stated = contract.terms.period, (contract.starts_at, contract.ends_at)
    if zone_is_known(contract) and stated != (period.starts_at, period.ends_at):
        raise InvalidDocument("the instants are not those of the contract days in their zone")
