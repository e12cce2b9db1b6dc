"""Contracts, offers and keys on the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from exchange_market.agreements.contract import Contract
from exchange_market.agreements.keys import IssuedKey
from exchange_market.agreements.proposal import ProposedTerms, changed_members, proposal_to_json
from exchange_market.agreements.store import ApiKey, Offer
from exchange_market.kernel.paging import Page
from exchange_market.kernel.text import paragraphs, single_line

_UNITS_MAX = 2**53 - 1

ShortText = Annotated[str, Meta(min_length=1, max_length=64)]
Statement = Annotated[str, Meta(min_length=1, max_length=2_000)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
Note = Annotated[str, Meta(max_length=2_000)]
Units = Annotated[int, Meta(ge=1, le=_UNITS_MAX)]
RevisionNumber = Annotated[int, Meta(ge=1, le=1_000_000)]
ColumnName = Annotated[str, Meta(min_length=1, max_length=256)]
Digest = Annotated[str, Meta(pattern="^sha256:[0-9a-f]{64}$")]
OneTimeCode = Annotated[str, Meta(pattern="^[0-9]{6}$", examples=["123456"])]


class TermsIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Terms as one side wishes them. Left out: all columns, both operations, the product's price.

    Days are half-open: the contract holds from `starts_on` up to, not including, `ends_on`, in
    `zone`.
    """

    purpose_codes: Annotated[list[ShortText], Meta(min_length=1, max_length=10)]
    purpose_statement: Statement
    starts_on: date
    ends_on: date
    zone: Annotated[str, Meta(min_length=1, max_length=64)] = "Asia/Shanghai"
    operations: Annotated[list[Literal["rows", "file"]], Meta(min_length=1, max_length=2)] = (
        msgspec.field(default_factory=lambda: ["rows", "file"])
    )
    columns: Annotated[list[ColumnName], Meta(max_length=2_000)] = []
    max_rows: Units | None = None
    max_bytes: Units | None = None
    max_calls: Units | None = None
    revision: RevisionNumber | None = None
    prohibited_uses: Annotated[
        list[Literal["distribute", "sell", "derive", "reidentify", "link", "train", "export"]],
        Meta(max_length=7),
    ] = msgspec.field(default_factory=lambda: ["distribute", "sell", "reidentify"])
    purchase_order: ShortText | None = None

    def wished(self, plan: dict[str, Any] | None = None) -> ProposedTerms:
        """The wishes as a domain value."""
        return ProposedTerms(
            purpose_codes=tuple(single_line(code, "purpose_codes") for code in self.purpose_codes),
            purpose_statement=paragraphs(self.purpose_statement, "purpose_statement"),
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            zone=self.zone,
            operations=tuple(self.operations),
            columns=tuple(self.columns),
            max_rows=self.max_rows,
            max_bytes=self.max_bytes,
            max_calls=self.max_calls,
            revision=self.revision,
            prohibited_uses=tuple(self.prohibited_uses),
            purchase_order=(
                None
                if self.purchase_order is None
                else single_line(self.purchase_order, "purchase_order")
            ),
            plan=plan,
        )


class ContractRequestIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A buyer's request for a contract about a product."""

    product_id: Annotated[str, Meta(min_length=1, max_length=40)]
    terms: TermsIn
    note: Note = ""

    def message(self) -> str:
        """The note as plain text."""
        return _plain(self.note, "note")


class OfferIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A counter-offer. `plan` is another price plan, which only the provider may name."""

    terms: TermsIn
    plan: dict[str, Any] | None = None
    note: Note = ""

    def message(self) -> str:
        """The note as plain text."""
        return _plain(self.note, "note")


class AcceptanceIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The buyer accepts this offer, and no newer one."""

    offer_number: Annotated[int, Meta(ge=1, le=10_000)]


class SignatureIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A signature over the document with this digest, released by a fresh one-time code."""

    document_digest: Digest
    code: OneTimeCode


class ReasonIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Why."""

    reason: Reason

    def text(self) -> str:
        """The reason as plain text."""
        return paragraphs(self.reason, "reason")


class ContractDecisionIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What the exchange decides about a contract, and why."""

    decision: Literal["suspend", "resume", "resolve", "terminate"]
    reason: Reason

    def text(self) -> str:
        """The reason as plain text."""
        return paragraphs(self.reason, "reason")


class KeyIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A name by which the buyer tells its keys apart."""

    label: Annotated[str, Meta(min_length=1, max_length=100)]

    def name(self) -> str:
        """The label as plain text."""
        return single_line(self.label, "label")


class KeyRevocationIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The key itself: whoever holds it may revoke it."""

    key: Annotated[str, Meta(min_length=1, max_length=200)]


class ContractOut(msgspec.Struct, kw_only=True, frozen=True):
    """A contract."""

    id: str
    urn: str
    product_id: str
    provider_id: str
    buyer_id: str
    state: str
    document_digest: str | None
    starts_at: datetime
    ends_at: datetime
    operations: list[str]
    columns: list[str]
    max_rows: int | None
    max_bytes: int | None
    max_calls: int | None
    plan: dict[str, Any]
    currency: str
    max_charge_micro: int
    is_paid: bool
    revision: int | None
    created_at: datetime

    @classmethod
    def of(cls, contract: Contract) -> "ContractOut":
        """The contract as the API shows it."""
        return cls(
            id=contract.id,
            urn=contract.urn,
            product_id=contract.product_id,
            provider_id=contract.provider_id,
            buyer_id=contract.buyer_id,
            state=contract.state.value,
            document_digest=contract.document_digest,
            starts_at=contract.starts_at,
            ends_at=contract.ends_at,
            operations=list(contract.operations),
            columns=list(contract.columns),
            max_rows=contract.max_rows,
            max_bytes=contract.max_bytes,
            max_calls=contract.max_calls,
            plan=dict(contract.plan),
            currency=contract.currency,
            max_charge_micro=contract.max_charge_micro,
            is_paid=contract.is_paid,
            revision=contract.revision,
            created_at=contract.created_at,
        )


class OfferOut(msgspec.Struct, kw_only=True, frozen=True):
    """One step of a negotiation; `changed` names what differs from the step before."""

    number: int
    side: str
    terms: dict[str, Any]
    changed: list[str]
    max_charge_micro: int
    note: str
    made_at: datetime


class OffersOut(msgspec.Struct, kw_only=True, frozen=True):
    """Part of the history of a negotiation, first offer first."""

    contract_id: str
    offers: list[OfferOut]
    next_cursor: str | None

    @classmethod
    def of(cls, contract_id: str, page: Page[Offer], before: Offer | None) -> "OffersOut":
        """The offers of a page with what differs between each and the one before."""
        shown: list[OfferOut] = []
        for offer in page.items:
            changed = () if before is None else changed_members(before.proposal, offer.proposal)
            shown.append(
                OfferOut(
                    number=offer.number,
                    side=offer.side,
                    terms=dict(proposal_to_json(offer.proposal)),
                    changed=sorted(changed),
                    max_charge_micro=offer.max_charge_micro,
                    note=offer.note,
                    made_at=offer.made_at,
                )
            )
            before = offer
        return cls(contract_id=contract_id, offers=shown, next_cursor=page.next_cursor)


class KeyOut(msgspec.Struct, kw_only=True, frozen=True):
    """An API key. `key` is the key itself, shown only in the answer that issued it."""

    id: str
    contract_id: str
    prefix: str
    hint: str
    label: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    key: str | None = None

    @classmethod
    def of(cls, key: ApiKey) -> "KeyOut":
        """The key without its text."""
        return cls(
            id=key.id,
            contract_id=key.contract_id,
            prefix=key.prefix,
            hint=key.hint,
            label=key.label,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
        )

    @classmethod
    def showing(cls, issued: IssuedKey) -> "KeyOut":
        """The key with its text, once."""
        return msgspec.structs.replace(cls.of(issued.key), key=issued.text)

    @classmethod
    def hiding(cls, issued: IssuedKey) -> "KeyOut":
        """What a repetition of the command answers."""
        return cls.of(issued.key)


class KeysOut(msgspec.Struct, kw_only=True, frozen=True):
    """Some keys of a contract, newest first."""

    contract_id: str
    keys: list[KeyOut]
    next_cursor: str | None


def _plain(text: str, field: str) -> str:
    return paragraphs(text, field) if text.strip() else ""
