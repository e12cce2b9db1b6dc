"""A contract as the other slices see it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.canonical import JsonObject
from contracts.lifecycle import State, is_final
from pricing.plans import Meter

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def contract_urn(contract_id: str) -> str:
    """The UUID URN (RFC 9562, section 4) with the same 128 bits as the ULID inside
    `contract_id`."""
    number = 0
    for character in contract_id.partition("_")[2]:
        number = number * 32 + _CROCKFORD.index(character)
    return uuid.UUID(int=number).urn


@dataclass(frozen=True, slots=True)
class Contract:
    """One version of a usage contract, from request to end.

    `document` and `document_digest` exist once both sides agreed on the terms; the digest is the
    contract's identity in receipts and proofs. `plan` is the price plan as plain JSON; `counted`
    are the units that the terms fix, whatever is delivered (days, revisions); quotas are None where
    the contract sets no limit. Amounts are micro-units of `currency`.
    """

    id: str
    product_id: str
    provider_id: str
    buyer_id: str
    state: State
    document: bytes | None
    document_digest: str | None
    starts_at: datetime
    ends_at: datetime
    operations: tuple[str, ...]
    columns: tuple[str, ...]
    max_rows: int | None
    max_bytes: int | None
    max_calls: int | None
    plan: JsonObject
    counted: Mapping[Meter, int]
    currency: str
    max_charge_micro: int
    is_paid: bool
    revision: int | None
    created_at: datetime

    @property
    def urn(self) -> str:
        """The contract's name in documents, receipts and policies."""
        return contract_urn(self.id)

    @property
    def is_active(self) -> bool:
        """Whether all have signed and nothing stopped it."""
        return self.state is State.ACTIVE

    @property
    def has_ended(self) -> bool:
        """Whether nothing can be delivered under it any more, ever."""
        return is_final(self.state)

    def is_party(self, organisation_id: str) -> bool:
        """Whether the organisation is its provider or its buyer."""
        return organisation_id in (self.provider_id, self.buyer_id)
