"""Quality reports and quality rules on the wire."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from exchange_market.appraisals.quality_reports import ShownQuality
from exchange_market.appraisals.quality_rules import ShownRules
from pricing.quality import check_to_json
from pricing.quality.rule_document import RULES_MAX


class QualityOut(msgspec.Struct, kw_only=True, frozen=True):
    """The quality report of a revision.

    `is_full` is false for strangers: indicators and profiles of identifying, sensitive and
    unscanned columns are left out, and the scores count their rare exceptions as none.
    `rules_version` is the version of the provider's rules that were measured, 0 for none.
    """

    id: str
    product_id: str
    revision: int
    is_full: bool
    rows: int
    rules_version: int
    report: dict[str, Any]
    profiles: list[dict[str, Any]]
    engine_versions: dict[str, Any]
    measured_at: datetime

    @classmethod
    def of(cls, shown: ShownQuality) -> "QualityOut":
        """The report as its reader may see it."""
        record = shown.record
        return cls(
            id=record.id,
            product_id=record.product_id,
            revision=shown.revision_number,
            is_full=shown.is_full,
            rows=record.rows,
            rules_version=record.rules_version,
            report=dict(shown.document),
            profiles=list(shown.profiles),
            engine_versions=dict(record.engine_versions),
            measured_at=record.measured_at,
        )


RuleDocument = Annotated[dict[str, Any], Meta(max_length=8)]
"""One rule: its `kind` and the members of that kind; `pricing.quality` checks every field."""


class QualityRulesIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The rules that a provider asks for, all of them; an empty list takes them back."""

    rules: Annotated[list[RuleDocument], Meta(max_length=RULES_MAX)]


class QualityRuleOut(msgspec.Struct, kw_only=True, frozen=True):
    """A rule in force. `origin` is `declared` for those that the exchange derives itself."""

    id: str
    dimension: str
    origin: str
    measures: str
    rule: dict[str, Any]


class UnmeasuredRuleOut(msgspec.Struct, kw_only=True, frozen=True):
    """A rule of the provider that does not fit the latest revision, and why."""

    id: str
    problem: str


class SuggestedRuleOut(msgspec.Struct, kw_only=True, frozen=True):
    """A rule that would fit the data, as it can be sent, and why."""

    rule: dict[str, Any]
    reason_en: str
    reason_zh: str


class QualityRulesOut(msgspec.Struct, kw_only=True, frozen=True):
    """The quality rules of a product.

    `version` counts how often the provider has set its own, 0 for never; `measured_version` is the
    one that the report of the latest revision rests on. Strangers get no suggestions and no rule
    that reads an identifying, sensitive or unscanned column; `withheld_rules` counts those.
    """

    product_id: str
    version: int
    set_at: datetime | None
    is_full: bool
    revision: int | None
    measured_version: int | None
    in_force: list[QualityRuleOut]
    withheld_rules: int
    unmeasured: list[UnmeasuredRuleOut]
    suggested: list[SuggestedRuleOut]

    @classmethod
    def of(cls, shown: ShownRules) -> "QualityRulesOut":
        """The rules as their reader may see them."""
        return cls(
            product_id=shown.product_id,
            version=shown.version,
            set_at=shown.set_at,
            is_full=shown.is_full,
            revision=shown.revision_number,
            measured_version=shown.measured_version,
            in_force=[
                QualityRuleOut(
                    id=rule.id,
                    dimension=rule.dimension.value,
                    origin=rule.origin.value,
                    measures=rule.measures,
                    rule=check_to_json(rule.check),
                )
                for rule in shown.in_force
            ],
            withheld_rules=shown.withheld_rules,
            unmeasured=[
                UnmeasuredRuleOut(id=each.rule_id, problem=each.problem)
                for each in shown.unmeasured
            ],
            suggested=[SuggestedRuleOut(**each) for each in shown.suggested],
        )
