"""Reconciliation: explicit weights with written reasons, never a silent average."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from typing import Final

from pricing.errors import InvalidInput
from pricing.valuation.kinds import KINDS
from pricing.valuation.methods import Approach, Method

GAP_MAX: Final = 0.2
FLOOR_REASON: Final = (
    "有收益或市场证据时成本为下限 "
    "cost is the floor where there is evidence of income or of a market"
)
ONLY_REASON: Final = "唯一有证据的方法 the only method with evidence for the value"


@dataclass(frozen=True, slots=True)
class Weight:
    """Share of a method in the conclusion and the appraiser's written reason for it."""

    share: Decimal
    reason: str


class Role(StrEnum):
    """What a method says: an indication of the value, or a floor below it."""

    INDICATION = "indication"
    FLOOR = "floor"


class Flag(StrEnum):
    """What a reviewer should look at."""

    RANGES_DO_NOT_OVERLAP = "ranges_do_not_overlap"
    GAP_OVER_20_PERCENT = "gap_over_20_percent"
    FLOOR_CARRIES_WEIGHT = "floor_carries_weight"
    BELOW_FLOOR = "below_floor"
    NEGATIVE_OUTCOMES = "negative_outcomes"
    EQUAL_WEIGHTS = "equal_weights"
    HIGHEST_TAKES_ALL = "highest_takes_all"


@dataclass(frozen=True, slots=True)
class Finding:
    """A flag and the methods it concerns."""

    flag: Flag
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The 10th, 50th and 90th percentile of a value, in major units."""

    p10: float
    p50: float
    p90: float


def role_of(method: Method, methods: Sequence[Method]) -> Role:
    """Return floor for a cost method beside any income or market method, else indication."""
    has_evidence = any(KINDS[each.kind].approach is not Approach.COST for each in methods)
    is_cost = KINDS[method.kind].approach is Approach.COST
    return Role.FLOOR if is_cost and has_evidence else Role.INDICATION


def resolve_weights(methods: Sequence[Method], given: Mapping[str, Weight]) -> dict[str, Weight]:
    """Return the weight of every method; they add up to one exactly.

    Without given weights a single indication takes all of it; several must be weighed in writing.
    """
    indications = [each.name for each in methods if role_of(each, methods) is Role.INDICATION]
    if not given:
        if len(indications) != 1:
            raise InvalidInput("weights", "several methods: weigh each and write the reason")
        return {
            each.name: Weight(Decimal(1), ONLY_REASON)
            if each.name in indications
            else Weight(Decimal(0), FLOOR_REASON)
            for each in methods
        }
    unknown = sorted(set(given) - {each.name for each in methods})
    missing = sorted({each.name for each in methods} - set(given))
    if unknown or missing:
        raise InvalidInput(
            f"weights.{(unknown + missing)[0]}", "weigh every method, and only those"
        )
    if sum(weight.share for weight in given.values()) != 1:
        raise InvalidInput("weights", "must add up to exactly 1")
    return {each.name: given[each.name] for each in methods}


def findings(
    methods: Sequence[Method],
    weights: Mapping[str, Weight],
    ranges: Mapping[str, Range],
    conclusion: Range,
) -> tuple[Finding, ...]:
    """Return what a reviewer should look at: methods that disagree, and a floor that is not one."""
    found: list[Finding] = []
    for one, other in combinations([each.name for each in methods], 2):
        found += [
            Finding(flag, (one, other)) for flag in _disagreements(ranges[one], ranges[other])
        ]
    for each in methods:
        if role_of(each, methods) is Role.FLOOR:
            if weights[each.name].share > 0:
                found.append(Finding(Flag.FLOOR_CARRIES_WEIGHT, (each.name,)))
            if conclusion.p50 < ranges[each.name].p50:
                found.append(Finding(Flag.BELOW_FLOOR, (each.name,)))
    if conclusion.p10 < 0:
        found.append(Finding(Flag.NEGATIVE_OUTCOMES, ()))
    return (*found, *_questionable_weights(methods, weights, ranges))


def _questionable_weights(
    methods: Sequence[Method], weights: Mapping[str, Weight], ranges: Mapping[str, Range]
) -> list[Finding]:
    """Find weights that look like an average or a maximum, whatever their written reasons."""
    indications = [each.name for each in methods if role_of(each, methods) is Role.INDICATION]
    if len(indications) == 1:
        return []
    found: list[Finding] = []
    weighed = tuple(name for name in indications if weights[name].share > 0)
    if len(weighed) > 1 and len({weights[name].share for name in weighed}) == 1:
        found.append(Finding(Flag.EQUAL_WEIGHTS, weighed))
    highest = max(indications, key=lambda name: ranges[name].p50)
    if weights[highest].share == 1:
        found.append(Finding(Flag.HIGHEST_TAKES_ALL, (highest,)))
    return found


def _disagreements(one: Range, other: Range) -> list[Flag]:
    flags: list[Flag] = []
    if one.p90 < other.p10 or other.p90 < one.p10:
        flags.append(Flag.RANGES_DO_NOT_OVERLAP)
    if abs(one.p50 - other.p50) > GAP_MAX * abs(one.p50 + other.p50) / 2:
        flags.append(Flag.GAP_OVER_20_PERCENT)
    return flags
