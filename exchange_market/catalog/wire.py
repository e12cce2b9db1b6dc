"""Products and listings as the HTTP API reads and writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar.params import PathParameter
from msgspec import UNSET, Meta, UnsetType

from exchange_market.catalog.completeness import MissingItem
from exchange_market.catalog.listing import ListingState, Mover, actions_of
from exchange_market.catalog.product import (
    Fact,
    Grade,
    ListingEvent,
    Openness,
    Product,
    Subject,
    UpdateFrequency,
)
from exchange_market.kernel.text import paragraphs, single_line

ProductId = Annotated[
    str, PathParameter(pattern=r"^[A-Za-z0-9_]{1,40}$", description="Id of a product.")
]
Line = Annotated[str, Meta(max_length=200)]
Title = Annotated[str, Meta(min_length=1, max_length=200, examples=["2013 年纽约三机场离港航班"])]
Text = Annotated[str, Meta(max_length=10_000)]
Keyword = Annotated[str, Meta(min_length=1, max_length=50)]
Keywords = Annotated[list[Keyword], Meta(max_length=30)]
Language = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$",
        max_length=35,
        description="A language tag (BCP 47).",
        examples=["zh", "en"],
    ),
]
ColumnName = Annotated[str, Meta(min_length=1, max_length=200)]
KeyColumns = Annotated[list[ColumnName], Meta(max_length=8)]
Reason = Annotated[str, Meta(max_length=2_000)]

_PARAGRAPHS = frozenset(
    {
        "description_zh",
        "description_en",
        "licence_terms",
        "source_statement",
        "lawful_basis",
        "security_assessment",
        "impact_assessment",
    }
)


class ProductPatchIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The members of a description to change; what is left out stays."""

    title_zh: Line | UnsetType = UNSET
    title_en: Line | UnsetType = UNSET
    description_zh: Text | UnsetType = UNSET
    description_en: Text | UnsetType = UNSET
    subject: Subject | UnsetType = UNSET
    keywords: Keywords | UnsetType = UNSET
    spatial: Line | UnsetType = UNSET
    temporal_start: date | UnsetType | None = UNSET
    temporal_end: date | UnsetType | None = UNSET
    granularity: Line | UnsetType = UNSET
    update_frequency: UpdateFrequency | UnsetType | None = UNSET
    language: Language | UnsetType = UNSET
    licence_terms: Text | UnsetType = UNSET
    source_statement: Text | UnsetType = UNSET
    lawful_basis: Text | UnsetType = UNSET
    responsible_person: Line | UnsetType = UNSET
    grade: Grade | UnsetType = UNSET
    openness: Openness | UnsetType = UNSET
    holds_persons: bool | UnsetType | None = UNSET
    security_assessment: Text | UnsetType = UNSET
    impact_assessment: Text | UnsetType = UNSET
    key_columns: KeyColumns | UnsetType = UNSET
    time_column: ColumnName | UnsetType | None = UNSET

    def describe(self, product: Product) -> Product:
        """The product with the members that were sent."""
        return replace(product, **_sent_members(self))


class ProductIn(ProductPatchIn, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A new draft: a title in one language at least, and a subject. The rest may follow later."""

    title_zh: Title  # pyright: ignore[reportGeneralTypeIssues] - msgspec allows it: keyword only
    subject: Subject  # pyright: ignore[reportGeneralTypeIssues]


class ReasonIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Why a step is taken; shown in the history of the listing."""

    reason: Reason = ""

    def text(self) -> str:
        """The reason, free of invisible characters."""
        return paragraphs(self.reason, "reason") if self.reason.strip() else ""


class PersonsIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Whether the data are about persons."""

    holds_persons: bool


class SubjectOut(msgspec.Struct, kw_only=True, frozen=True):
    """A domain with its names."""

    code: Subject
    zh: str
    en: str

    @classmethod
    def of(cls, subject: Subject) -> "SubjectOut":
        """The domain as shown."""
        return cls(code=subject, zh=subject.zh, en=subject.en)


class ListingOut(msgspec.Struct, kw_only=True, frozen=True):
    """A listing as everybody sees it. `temporal_end` is the first day no longer covered."""

    id: str
    organisation_id: str
    state: ListingState
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    subject: SubjectOut
    keywords: Sequence[str]
    spatial: str
    temporal_start: date | None
    temporal_end: date | None
    granularity: str
    update_frequency: UpdateFrequency | None
    language: str
    licence_terms: str
    source_statement: str
    lawful_basis: str
    responsible_person: str
    grade: Grade
    openness: Openness
    holds_persons: bool | None
    key_columns: Sequence[str]
    time_column: str | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    facts: Mapping[str, Any] = {}

    @classmethod
    def of(cls, product: Product, facts: Sequence[Fact] = ()) -> "ListingOut":
        """The public view."""
        members = {name: getattr(product, name) for name in _PUBLIC_MEMBERS}
        shown = {
            fact.kind.value: {**fact.document, "revision_id": fact.revision_id} for fact in facts
        }
        return cls(**members, subject=SubjectOut.of(product.subject), facts=shown)


class MissingOut(msgspec.Struct, kw_only=True, frozen=True):
    """One thing that keeps a listing from being submitted."""

    item: str
    en: str
    zh: str


class ProductOut(msgspec.Struct, kw_only=True, frozen=True):
    """A product as its provider and the administrators see it."""

    listing: ListingOut
    security_assessment: str
    impact_assessment: str
    provider_actions: Sequence[str]
    missing: Sequence[MissingOut]

    @classmethod
    def of(
        cls,
        product: Product,
        facts: Sequence[Fact] = (),
        missing: Sequence[MissingItem] = (),
    ) -> "ProductOut":
        """The full view."""
        return cls(
            listing=ListingOut.of(product, facts),
            security_assessment=product.security_assessment,
            impact_assessment=product.impact_assessment,
            provider_actions=[action.value for action in actions_of(product.state, Mover.PROVIDER)],
            missing=[MissingOut(item=item.item, en=item.en, zh=item.zh) for item in missing],
        )


class ListingEventOut(msgspec.Struct, kw_only=True, frozen=True):
    """A step in the life of a listing."""

    action: str
    from_state: ListingState | None
    to_state: ListingState
    actor_id: str
    reason: str
    happened_at: datetime

    @classmethod
    def of(cls, event: ListingEvent) -> "ListingEventOut":
        """The step as shown."""
        return cls(
            action=event.action,
            from_state=event.from_state,
            to_state=event.to_state,
            actor_id=event.actor_id,
            reason=event.reason,
            happened_at=event.happened_at,
        )


class HistoryOut(msgspec.Struct, kw_only=True, frozen=True):
    """The life of a listing, oldest step first."""

    events: Sequence[ListingEventOut]


_PUBLIC_MEMBERS = tuple(
    name for name in ListingOut.__struct_fields__ if name not in ("subject", "facts")
)


def _sent_members(patch: ProductPatchIn) -> dict[str, Any]:
    sent = {
        name: getattr(patch, name)
        for name in patch.__struct_fields__
        if getattr(patch, name) is not UNSET
    }
    return {name: _clean(name, value) for name, value in sent.items()}


def _clean(name: str, value: Any) -> Any:
    match value:
        case str() if name in _PARAGRAPHS:
            return paragraphs(value, name) if value.strip() else ""
        case Subject() | Grade() | Openness() | UpdateFrequency():
            return value
        case str() if name == "time_column":
            return _column_name(value, name)
        case str():
            return single_line(value, name) if value.strip() else ""
        case list() if name == "key_columns":
            return tuple(dict.fromkeys(_column_name(column, name) for column in value))
        case list():
            return tuple(dict.fromkeys(single_line(word, name) for word in value))
        case _:
            return value


def _column_name(value: str, field: str) -> str:
    # Checked but not changed: it must equal the name in the file to the last space.
    single_line(value, field)
    return value
