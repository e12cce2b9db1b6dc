"""A quality report as plain JSON: totals, the six dimensions of the radar, and every indicator."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from pricing.quality.rules import Dimension
from pricing.quality.score import Indicator, QualityReport, group_scores
from pricing.quality.standard import Entry, Standard, load_standard

RATIO_DECIMALS: Final = 6


def report_to_json(report: QualityReport) -> dict[str, Any]:
    """Write a report as plain JSON values; ratios as decimal text with six digits, or null."""
    standard = load_standard("gbt36344")
    names = {group.id: group for group in standard.groups}
    return {
        "total": ratio_text(report.total),
        "declared_total": ratio_text(report.declared_total),
        "standard": _standard(standard),
        "dimensions": [
            _dimension(report, dimension, names[dimension.value]) for dimension in Dimension
        ],
        "characteristics": _characteristics(report.indicators),
        "indicators": [_indicator(each, standard) for each in report.indicators],
    }


def ratio_text(ratio: Fraction | None) -> str | None:
    """Write a ratio in [0, 1] with six digits, rounded down so that 1 means every single case."""
    if ratio is None:
        return None
    whole, rest = divmod(ratio.numerator * 10**RATIO_DECIMALS // ratio.denominator, 10**6)
    return f"{whole}.{rest:06d}"


def _standard(standard: Standard) -> dict[str, Any]:
    return {"id": standard.id, "number": standard.number, "is_verified": standard.is_verified}


def _dimension(report: QualityReport, dimension: Dimension, named: Entry) -> dict[str, Any]:
    """One spoke of the radar; A and B are summed over its rules, the score is not their ratio."""
    value = report.dimensions[dimension]
    inside = [each for each in report.indicators if each.rule.dimension is dimension]
    return {
        "dimension": dimension.value,
        "name_zh": named.zh,
        "name_en": named.en,
        "score": ratio_text(value),
        "is_measured": value is not None,
        "weight": ratio_text(report.weights.get(dimension)),
        "rules": len(inside),
        "conforming": sum(each.conforming for each in inside),
        "examined": sum(each.examined for each in inside),
    }


def _characteristics(indicators: Sequence[Indicator]) -> list[dict[str, Any]]:
    """The same indicators under ISO/IEC 25012; characteristics that nothing measures are null."""
    standard = load_standard("iso25012")
    scores = group_scores(indicators, standard)
    return [
        {
            "characteristic": group.id,
            "name_zh": group.zh,
            "name_en": group.en,
            "score": ratio_text(scores[group.id]),
        }
        for group in standard.groups
    ]


def _indicator(indicator: Indicator, standard: Standard) -> dict[str, Any]:
    rule = indicator.rule
    criterion = standard.criterion_of(rule.kind).entry
    return {
        "id": rule.id,
        "kind": rule.kind,
        "origin": rule.origin.value,
        "dimension": rule.dimension.value,
        "criterion": criterion.id,
        "name_zh": criterion.zh,
        "name_en": criterion.en,
        "measures": rule.measures,
        "conforming": indicator.conforming,
        "examined": indicator.examined,
        "ratio": ratio_text(indicator.ratio),
        "weight": ratio_text(indicator.weight),
        "sql": indicator.sql,
    }
