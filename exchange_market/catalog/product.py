"""A dataset product, its revisions and the dictionary of their columns, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from exchange_market.catalog.listing import ListingState
from exchange_market.catalog.revision import Column, Revision, RevisionFailure, RevisionState
from exchange_market.catalog.vocabulary import (
    FactKind,
    FileFormat,
    Grade,
    Openness,
    Subject,
    UpdateFrequency,
)

__all__ = [
    "Column",
    "FactKind",
    "FileFormat",
    "Grade",
    "ListingEvent",
    "ListingState",
    "Openness",
    "Product",
    "Revision",
    "RevisionFailure",
    "RevisionState",
    "Subject",
    "UpdateFrequency",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A dataset on offer. Its id never changes; what a buyer gets are its revisions.

    Texts are empty and optional members None until the provider fills them; what must be filled
    before a review is told by `exchange_market.catalog.completeness`. Coverage in time is
    half-open: up to, not including, `temporal_end`. `holds_persons` is None until somebody has said
    or measured it.
    """

    id: str
    organisation_id: str
    state: ListingState
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None = None

    title_zh: str = ""
    title_en: str = ""
    description_zh: str = ""
    description_en: str = ""
    subject: Subject
    keywords: tuple[str, ...] = ()
    spatial: str = ""
    temporal_start: date | None = None
    temporal_end: date | None = None
    granularity: str = ""
    update_frequency: UpdateFrequency | None = None
    language: str = ""
    licence_terms: str = ""
    source_statement: str = ""
    lawful_basis: str = ""
    responsible_person: str = ""
    grade: Grade = Grade.GENERAL
    openness: Openness = Openness.CONDITIONAL
    holds_persons: bool | None = None
    security_assessment: str = ""
    impact_assessment: str = ""
    key_columns: tuple[str, ...] = ()
    time_column: str | None = None

    @property
    def is_published(self) -> bool:
        """Whether strangers see the listing and may order it."""
        return self.state is ListingState.PUBLISHED

    @property
    def needs_two_reviewers(self) -> bool:
        """Whether its approval takes two administrators (DESIGN rule on important data)."""
        return self.grade is Grade.IMPORTANT


@dataclass(frozen=True, slots=True)
class ListingEvent:
    """One step in the life of a listing: who moved it, from where to where, and why."""

    id: str
    product_id: str
    action: str
    from_state: ListingState | None
    to_state: ListingState
    actor_id: str
    reason: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Fact:
    """What another part of the exchange says about a listing, based on one revision."""

    kind: FactKind
    revision_id: str
    recorded_at: datetime
    document: Mapping[str, Any]
