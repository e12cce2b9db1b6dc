"""Scores: from the counted A and B of each rule to ratios, dimension scores and one total."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from pricing.errors import InvalidInput
from pricing.quality.rules import Dimension, Rule, count_names

RATIO_DECIMALS: Final = 6
EQUAL_WEIGHTS: Final[Mapping[Dimension, Fraction]] = {
    dimension: Fraction(1, len(Dimension)) for dimension in Dimension
}
NO_SQL: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Indicator:
    """One rule measured: `conforming` (A) of `examined` (B); `ratio` is None when B is zero."""

    rule: Rule
    conforming: int
    examined: int
    ratio: Fraction | None
    sql: str | None


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Indicators, the mean ratio of each dimension, and their weighted total.

    A dimension is None when nothing declared lets it be measured; the total then rests on the
    weights of the measured ones only, and is None when there is none.
    """

    indicators: tuple[Indicator, ...]
    dimensions: Mapping[Dimension, Fraction | None]
    weights: Mapping[Dimension, Fraction]
    total: Fraction | None


def score(
    rules: Sequence[Rule],
    counts: Mapping[str, int],
    *,
    weights: Mapping[Dimension, Fraction] = EQUAL_WEIGHTS,
    sql: Mapping[str, str] = NO_SQL,
) -> QualityReport:
    """Score the one row of `build_aggregate` over the same rules; `sql` is that of `rule_sql`.

    Raises InvalidInput for weights below zero, and for counts that are missing or not 0 <= A <= B.
    """
    if any(weight < 0 for weight in weights.values()):
        raise InvalidInput("weights", "must be zero or more")
    indicators = tuple(
        _indicator(rule, position, counts, sql) for position, rule in enumerate(rules)
    )
    dimensions = {dimension: _mean(indicators, dimension) for dimension in Dimension}
    measured = {name: value for name, value in dimensions.items() if value is not None}
    weighed = sum((weights.get(name, Fraction(0)) for name in measured), Fraction(0))
    if weighed == 0:
        return QualityReport(indicators, dimensions, {}, None)
    effective = {name: weights.get(name, Fraction(0)) / weighed for name in measured}
    total = sum((effective[name] * value for name, value in measured.items()), Fraction(0))
    return QualityReport(indicators, dimensions, effective, total)


def report_to_json(report: QualityReport) -> dict[str, object]:
    """Write a report as plain JSON values; ratios as decimal text with six digits, or null."""
    return {
        "total": ratio_text(report.total),
        "dimensions": [
            {
                "dimension": dimension.value,
                "score": ratio_text(value),
                "is_measured": value is not None,
                "weight": ratio_text(report.weights.get(dimension)),
            }
            for dimension, value in report.dimensions.items()
        ],
        "indicators": [
            {
                "id": indicator.rule.id,
                "dimension": indicator.rule.dimension.value,
                "measures": indicator.rule.measures,
                "conforming": indicator.conforming,
                "examined": indicator.examined,
                "ratio": ratio_text(indicator.ratio),
                "sql": indicator.sql,
            }
            for indicator in report.indicators
        ],
    }


def ratio_text(ratio: Fraction | None) -> str | None:
    """Write a ratio in [0, 1] with six digits, rounded down so that 1 means every single case."""
    if ratio is None:
        return None
    whole, rest = divmod(ratio.numerator * 10**RATIO_DECIMALS // ratio.denominator, 10**6)
    return f"{whole}.{rest:06d}"


def _indicator(
    rule: Rule, position: int, counts: Mapping[str, int], sql: Mapping[str, str]
) -> Indicator:
    names = count_names(position)
    missing = [name for name in names if name not in counts]
    if missing:
        raise InvalidInput(missing[0], "is missing from the counts")
    conforming, examined = (int(counts[name]) for name in names)
    if not 0 <= conforming <= examined:
        raise InvalidInput(names[0], f"must be from 0 to {names[1]}")
    ratio = Fraction(conforming, examined) if examined else None
    return Indicator(rule, conforming, examined, ratio, sql.get(rule.id))


def _mean(indicators: Sequence[Indicator], dimension: Dimension) -> Fraction | None:
    ratios = [
        indicator.ratio
        for indicator in indicators
        if indicator.rule.dimension is dimension and indicator.ratio is not None
    ]
    return sum(ratios, Fraction(0)) / len(ratios) if ratios else None
