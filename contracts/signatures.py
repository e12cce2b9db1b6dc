"""The three signatures of a contract: provider, buyer and exchange over the same document bytes.

Each signature names in its protected header the role, the organisation, who held the key, and when
it was made. The exchange signs last and names the signatures it countersigns, so that none can be
replaced afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.canonical import JsonObject, JsonValue, bytes_digest
from contracts.document import Contract, parse_document
from contracts.errors import InvalidSignature
from contracts.instants import instant_text, parse_instant
from contracts.keys import Custody, PrivateKey, public_jwk
from contracts.signing import VerifiedJws, add_signature, compact, signature_entries, verify_general
from contracts.terms import Party, Role

CONTRACT_TYP = "dx-contract+jws"


@dataclass(frozen=True, slots=True)
class PartySignature:
    """One verified signature of a contract.

    ``custody`` says whether it proves more than the exchange's word.
    """

    role: Role
    organisation_id: str
    kid: str
    custody: Custody
    signed_at: datetime


def sign_document(
    general: Mapping[str, JsonValue] | None,
    raw: bytes,
    key: PrivateKey,
    *,
    party: Party,
    signed_at: datetime,
) -> JsonObject:
    """Add a party's signature; provider and buyer in any order, the exchange last.

    ``general`` is the result of the signature before, or None for the first.
    """
    if public_jwk(key)["kid"] != party.kid:
        raise InvalidSignature(f"the key is not the one the document names for the {party.role}")
    signer = _signer_header(party, signed_at)
    if party.role is Role.EXCHANGE:
        signer["countersigns"] = list(_entry_digests({} if general is None else general))
    return add_signature(general, raw, key, typ=CONTRACT_TYP, signer=signer)


def verify_document(
    raw: bytes, general: Mapping[str, JsonValue], jwks: Mapping[str, JsonValue]
) -> tuple[PartySignature, ...]:
    """Verify document and signatures together, or raise.

    Exactly one signature of each party, over exactly these bytes, by the key whose thumbprint the
    document names, made while that key was valid; the exchange's over the two others.
    """
    contract = parse_document(raw)
    verified = verify_general(general, jwks, typ=CONTRACT_TYP)
    if any(signature.payload != raw for signature in verified):
        raise InvalidSignature("the signatures are over other bytes than the document")
    signatures = tuple(_party_signature(contract, signature) for signature in verified)
    if tuple(sorted(signature.role for signature in signatures)) != tuple(sorted(Role)):
        raise InvalidSignature(
            "a contract has one signature of the provider, the buyer and the exchange"
        )
    _check_countersignature(verified, _entry_digests(general))
    return signatures


def _signer_header(party: Party, signed_at: datetime) -> JsonObject:
    return {
        "role": party.role.value,
        "organisation": party.organisation_id,
        "custody": party.custody.value,
        "signed_at": instant_text(signed_at),
    }


def _party_signature(contract: Contract, signature: VerifiedJws) -> PartySignature:
    header = signature.header
    role = header.get("role")
    if not isinstance(role, str) or role not in set(Role):
        raise InvalidSignature("a signature names no role of the contract")
    party = contract.party(Role(role))
    signed_at = parse_instant(str(header.get("signed_at")), "signed_at")
    expected = _signer_header(party, signed_at)
    if any(header.get(name) != value for name, value in expected.items()):
        raise InvalidSignature(
            f"the header of the {party.role}'s signature does not fit the document"
        )
    if signature.key.kid != party.kid or signature.key.thumbprint != party.kid:
        raise InvalidSignature(
            f"the {party.role}'s signature is by another key than the document names"
        )
    if not signature.key.was_valid_at(signed_at):
        raise InvalidSignature(f"the {party.role}'s key was not valid when it signed")
    return PartySignature(party.role, party.organisation_id, party.kid, party.custody, signed_at)


def _check_countersignature(verified: tuple[VerifiedJws, ...], entries: tuple[str, ...]) -> None:
    last = verified[-1]
    if last.header["role"] != Role.EXCHANGE.value or last.header.get("countersigns") != list(
        entries[:-1]
    ):
        raise InvalidSignature("the exchange did not sign last, or countersigned other signatures")


def _entry_digests(general: Mapping[str, JsonValue]) -> tuple[str, ...]:
    payload = str(general.get("payload"))
    return tuple(
        bytes_digest(compact(payload, entry).encode()) for entry in signature_entries(general)
    )
