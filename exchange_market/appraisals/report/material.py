"""All that a report is made of: plain values, gathered before anything is laid out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from exchange_market.appraisals.report.result_view import ResultView
from exchange_market.kernel.errors import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuedProduct:
    """What is valued, as its provider describes it, and the revision that was measured."""

    id: str
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    subject_zh: str
    subject_en: str
    provider_zh: str
    provider_en: str
    provider_identifier: str
    spatial: str
    temporal_start: date | None
    temporal_end: date | None
    granularity: str
    update_frequency: str
    licence_terms: str
    source_statement: str
    revision: int
    rows: int | None
    columns: int

    def title(self, language: Language) -> str:
        """The title in a language, or in the other when there is none."""
        return _chosen(language, self.title_zh, self.title_en)

    def description(self, language: Language) -> str:
        """The description in a language, or in the other when there is none."""
        return _chosen(language, self.description_zh, self.description_en)

    def provider(self, language: Language) -> str:
        """The provider's name in a language, or in the other when there is none."""
        return _chosen(language, self.provider_zh, self.provider_en)

    def subject(self, language: Language) -> str:
        """The domain."""
        return _chosen(language, self.subject_zh, self.subject_en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One measure of quality and the query that took it."""

    id: str
    dimension: str
    measures: str
    conforming: int
    examined: int
    ratio: str | None
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredQuality:
    """The quality report that a valuation rests on; scores are decimal texts, None unmeasured."""

    id: str
    measured_at: datetime
    total: str | None
    dimensions: tuple[tuple[str, str | None], ...]
    indicators: tuple[Indicator, ...]
    withheld: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A valuation, what it is of, what it rests on, and what was decided about it.

    `is_full` is false for strangers: then the result is the public part, the quality report the
    thinned one, and persons, reasons of decisions and the signature are empty.
    """

    is_full: bool
    valuation_id: str
    version: int
    state: str
    proposed_at: datetime
    decided_at: datetime | None
    proposed_by: str
    decided_by: str
    decision_reason: str
    key_id: str
    operator_name: str
    result: ResultView
    product: ValuedProduct
    quality: MeasuredQuality | None

    @property
    def reported_at(self) -> datetime:
        """The date of the report: of the decision, or else of the proposal."""
        return self.decided_at or self.proposed_at


def read_quality(
    quality_id: str, measured_at: datetime, document: Mapping[str, Any]
) -> MeasuredQuality:
    """Read a quality report, in full or thinned."""
    return MeasuredQuality(
        id=quality_id,
        measured_at=measured_at,
        total=document["total"],
        dimensions=tuple((each["dimension"], each["score"]) for each in document["dimensions"]),
        indicators=tuple(
            Indicator(
                id=each["id"],
                dimension=each["dimension"],
                measures=each["measures"],
                conforming=each["conforming"],
                examined=each["examined"],
                ratio=each["ratio"],
                sql=each["sql"] or "",
            )
            for each in document["indicators"]
        ),
        withheld=document.get("withheld_indicators", 0),
    )


def _chosen(language: Language, zh: str, en: str) -> str:
    return (zh or en) if language == "zh" else (en or zh)
