"""Reviews, decisions and raw rows on the wire."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from exchange_market.governance.break_glass import Wanted
from exchange_market.governance.decisions import ListingDecision
from exchange_market.governance.raw_rows import COLUMNS_MAX, Cell, RawRows
from exchange_market.governance.request import RawRowsRequest
from exchange_market.governance.reviews import ReviewItem

RAW_ROWS_MAX = 100
_ORDINAL_MAX = 2**53 - 1

Reason = Annotated[str, Meta(min_length=1, max_length=2_000)]
LongReason = Annotated[
    str,
    Meta(
        min_length=20,
        max_length=2_000,
        examples=["A buyer reports shifted columns in revision 3; compare with the source file."],
    ),
]
ColumnName = Annotated[str, Meta(min_length=1, max_length=256)]


class ReviewItemOut(msgspec.Struct, kw_only=True, frozen=True):
    """Something that waits for an administrator."""

    kind: str
    id: str
    organisation_id: str
    title_zh: str
    title_en: str
    waiting_since: datetime
    waiting_seconds: int
    flags: list[str]
    link: str

    @classmethod
    def of(cls, item: ReviewItem, now: datetime) -> "ReviewItemOut":
        """The item as the API shows it at this instant."""
        return cls(
            kind=item.kind.value,
            id=item.id,
            organisation_id=item.organisation_id,
            title_zh=item.title_zh,
            title_en=item.title_en,
            waiting_since=item.waiting_since,
            waiting_seconds=max(0, int((now - item.waiting_since).total_seconds())),
            flags=list(item.flags),
            link=item.link,
        )


class ReviewSummaryOut(msgspec.Struct, kw_only=True, frozen=True):
    """How many items of each kind wait."""

    organisation: int
    listing: int
    valuation: int
    top_up: int
    invoice: int


class ProductDecisionIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What an administrator decides about a listing. `publish` goes with an approval."""

    decision: Literal["approve", "return", "suspend", "reinstate"]
    reason: Reason
    publish: bool = False


class ProductDecisionOut(msgspec.Struct, kw_only=True, frozen=True):
    """The listing after the decision. While `second_reviewer_wanted`, nothing has changed yet."""

    product_id: str
    state: str
    second_reviewer_wanted: bool
    first_reviewer_id: str | None

    @classmethod
    def of(cls, decision: ListingDecision) -> "ProductDecisionOut":
        """The decision as the API shows it."""
        vote = decision.first_vote
        return cls(
            product_id=decision.product.id,
            state=decision.product.state.value,
            second_reviewer_wanted=vote is not None,
            first_reviewer_id=None if vote is None else vote.administrator_id,
        )


class ValuationDecisionIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What an administrator decides about a valuation."""

    decision: Literal["approve", "return"]
    reason: Reason


class ValuationDecisionOut(msgspec.Struct, kw_only=True, frozen=True):
    """The valuation after the decision."""

    valuation_id: str
    product_id: str
    state: str


class RawRowsIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Which raw rows an administrator wants to see, and why. No columns means the first 200."""

    product_id: Annotated[str, Meta(min_length=1, max_length=40)]
    revision_number: Annotated[int, Meta(ge=1, le=1_000_000)]
    reason: LongReason
    first_row: Annotated[int, Meta(ge=0, le=_ORDINAL_MAX)] = 0
    limit: Annotated[int, Meta(ge=1, le=RAW_ROWS_MAX)] = 20
    columns: Annotated[list[ColumnName], Meta(max_length=COLUMNS_MAX)] = []
    unmask: bool = False

    def wanted(self) -> Wanted:
        """The wish as a domain value."""
        return Wanted(
            product_id=self.product_id,
            revision_number=self.revision_number,
            first_row=self.first_row,
            rows=self.limit,
            columns=tuple(self.columns),
            unmask=self.unmask,
            reason=self.reason,
        )


class RawRowsDecisionIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What the second administrator decides."""

    decision: Literal["approve", "refuse"]
    reason: Reason


class RawRowsRequestOut(msgspec.Struct, kw_only=True, frozen=True):
    """A request for raw rows; its provider sees the same."""

    id: str
    product_id: str
    revision_number: int
    first_row: int
    limit: int
    columns: list[str]
    unmask: bool
    reason: str
    state: str
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    readings: int
    last_read_at: datetime | None

    @classmethod
    def of(cls, request: RawRowsRequest) -> "RawRowsRequestOut":
        """The request as the API shows it."""
        return cls(
            id=request.id,
            product_id=request.product_id,
            revision_number=request.revision_number,
            first_row=request.first_row,
            limit=request.rows,
            columns=list(request.columns),
            unmask=request.unmask,
            reason=request.reason,
            state=request.state.value,
            requested_by=request.requested_by,
            requested_at=request.requested_at,
            expires_at=request.expires_at,
            decided_by=request.decided_by,
            decided_at=request.decided_at,
            decision_reason=request.decision_reason,
            readings=request.readings,
            last_read_at=request.last_read_at,
        )


class RawRowsOut(msgspec.Struct, kw_only=True, frozen=True):
    """Raw rows. Values of `masked` columns are `***`; long texts are cut."""

    request: RawRowsRequestOut
    columns: list[str]
    masked: list[str]
    first_row: int
    rows: list[tuple[Cell, ...]]

    @classmethod
    def of(cls, request: RawRowsRequest, found: RawRows) -> "RawRowsOut":
        """The rows as the API shows them."""
        return cls(
            request=RawRowsRequestOut.of(request),
            columns=list(found.columns),
            masked=list(found.masked),
            first_row=found.first_row,
            rows=list(found.rows),
        )
