"""Scores: from the counted A and B of each rule to ratios, group scores and one total.

Total = sum of w_k X_k with X_k = A_k / B_k in [0, 1]. The weight of a group is split over its
measured criteria, and that of a criterion evenly over its measured rules, so a rule that is asked
for twenty times does not drown the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from pricing.errors import InvalidInput
from pricing.quality.rules import Dimension, Origin, Rule, count_names
from pricing.quality.standard import Standard, load_standard

NO_SQL: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Indicator:
    """One rule measured: `conforming` (A) of `examined` (B).

    `ratio` is None and `weight` zero when B is zero. `weight` is the share of the total.
    """

    rule: Rule
    conforming: int
    examined: int
    ratio: Fraction | None
    sql: str | None
    weight: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Indicators, the score of each dimension, and their weighted total.

    A dimension is None when nothing declared lets it be measured; the total then rests on the
    weights of the measured ones only, and is None when there is none. `declared_total` is the total
    of the rules that the exchange derived alone: a provider cannot raise it with rules of its own.
    """

    indicators: tuple[Indicator, ...]
    dimensions: Mapping[Dimension, Fraction | None]
    weights: Mapping[Dimension, Fraction]
    total: Fraction | None
    declared_total: Fraction | None


def score(
    rules: Sequence[Rule],
    counts: Mapping[str, int],
    *,
    standard: Standard | None = None,
    sql: Mapping[str, str] = NO_SQL,
) -> QualityReport:
    """Score the one row of `build_aggregate` over the same rules; `sql` is that of `rule_sql`.

    `standard` gives the weights, by default GB/T 36344. Raises InvalidInput for counts that are
    missing or not 0 <= A <= B.
    """
    chosen = standard or load_standard("gbt36344")
    found = [_indicator(rule, position, counts, sql) for position, rule in enumerate(rules)]
    weights = indicator_weights(found, chosen)
    indicators = tuple(replace(each, weight=weights[each.rule.id]) for each in found)
    groups = group_scores(indicators, chosen)
    return QualityReport(
        indicators=indicators,
        dimensions={dimension: groups[dimension.value] for dimension in Dimension},
        weights=_dimension_weights(indicators),
        total=_total(indicators, weights),
        declared_total=declared_total(indicators, chosen),
    )


def group_scores(indicators: Sequence[Indicator], standard: Standard) -> dict[str, Fraction | None]:
    """Return the score of each group of a standard, None where no rule measured it."""
    scores: dict[str, Fraction | None] = {}
    weights = indicator_weights(indicators, standard)
    for group in standard.groups:
        inside = [each for each in indicators if _group_of(each, standard) == group.id]
        share = sum((weights[each.rule.id] for each in inside), Fraction(0))
        scores[group.id] = _weighted(inside, weights) / share if share else None
    return scores


def indicator_weights(indicators: Sequence[Indicator], standard: Standard) -> dict[str, Fraction]:
    """Return the share of each measured rule in the total, by rule id; others weigh nothing."""
    members: dict[str, list[str]] = {}
    for each in indicators:
        if each.ratio is not None:
            criterion = standard.criterion_of(each.rule.kind)
            members.setdefault(criterion.entry.id, []).append(each.rule.id)
    weights = {each.rule.id: Fraction(0) for each in indicators}
    measured = [each for each in standard.criteria if each.entry.id in members]
    groups = {each.id: each.weight for each in standard.groups}
    used = {each.group for each in measured}
    whole = sum((groups[group] for group in used), Fraction(0))
    for criterion in measured:
        siblings = sum(
            (each.entry.weight for each in measured if each.group == criterion.group), Fraction(0)
        )
        share = groups[criterion.group] / whole * criterion.entry.weight / siblings
        for rule_id in members[criterion.entry.id]:
            weights[rule_id] = share / len(members[criterion.entry.id])
    return weights


def declared_total(indicators: Sequence[Indicator], standard: Standard) -> Fraction | None:
    """Return the total of the rules that the exchange itself derived."""
    own = [each for each in indicators if each.rule.origin is Origin.DECLARED]
    return _total(own, indicator_weights(own, standard))


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


def _dimension_weights(indicators: Sequence[Indicator]) -> dict[Dimension, Fraction]:
    weights: dict[Dimension, Fraction] = {}
    for each in indicators:
        if each.ratio is not None:
            dimension = each.rule.dimension
            weights[dimension] = weights.get(dimension, Fraction(0)) + each.weight
    return weights


def _total(indicators: Sequence[Indicator], weights: Mapping[str, Fraction]) -> Fraction | None:
    if not any(weights.values()):
        return None
    return _weighted(indicators, weights)


def _weighted(indicators: Sequence[Indicator], weights: Mapping[str, Fraction]) -> Fraction:
    terms = (weights[each.rule.id] * (each.ratio or Fraction(0)) for each in indicators)
    return sum(terms, Fraction(0))


def _group_of(indicator: Indicator, standard: Standard) -> str:
    return standard.criterion_of(indicator.rule.kind).group
