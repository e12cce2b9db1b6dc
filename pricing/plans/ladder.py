"""Version ladders: the same product with more or less noise, dearer the more accurate it is.

Accuracy adds up when versions are combined: the inverse variance of independent noise (weighted
averaging), the epsilon of differential privacy (sequential composition). So a ladder is safe when a
more accurate version never costs less, and no set of versions that together are as accurate costs
less than the one. That is the condition of Chen, Koutris and Kumar, "Towards Model-based Pricing
for Machine Learning in a Data Marketplace", section 4 (monotone and subadditive in 1/variance).
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from heapq import heappop, heappush
from itertools import pairwise
from math import lcm
from typing import Final

from pricing.errors import InvalidInput
from pricing.money import minor_digits
from pricing.plans.bounds import check_price
from pricing.plans.curve import NOTHING, Curve, Piece, is_subadditive

RUNGS_MAX: Final = 50
STATES_MAX: Final = 20_000


class Measure(StrEnum):
    """What tells the accuracy of a version."""

    PRECISION = "inverse_variance"
    EPSILON = "epsilon"


@dataclass(frozen=True, slots=True)
class Rung:
    """One version: its accuracy, which is above zero, and its price in major units."""

    accuracy: Decimal
    price: Decimal

    def __post_init__(self) -> None:
        check_price(self.accuracy, "accuracy")
        if self.accuracy == 0:
            raise InvalidInput("accuracy", "must be above 0")
        check_price(self.price, "price")


@dataclass(frozen=True, slots=True)
class Ladder:
    """The versions of a product, by rising accuracy."""

    currency: str
    measure: Measure
    rungs: tuple[Rung, ...]

    def __post_init__(self) -> None:
        minor_digits(self.currency)
        if not 1 <= len(self.rungs) <= RUNGS_MAX:
            raise InvalidInput("rungs", f"must have 1 to {RUNGS_MAX} elements")
        for index, (lower, higher) in enumerate(pairwise(self.rungs), start=1):
            if higher.accuracy <= lower.accuracy:
                raise InvalidInput(f"rungs[{index}].accuracy", "must be above the one before")


@dataclass(frozen=True, slots=True)
class Cover:
    """`bought` (rung, how many) are together at least as accurate as rung `instead_of`, and cost
    `price_apart`, which is less than its `price`."""

    bought: tuple[tuple[Rung, int], ...]
    instead_of: Rung
    price_apart: Decimal


@dataclass(frozen=True, slots=True)
class LadderProved:
    """The ladder cannot be gamed, by a rule of `pricing.plans.rules.RULES`."""

    rule: str


@dataclass(frozen=True, slots=True)
class LadderRepaired:
    """Some version cost more than a more accurate one; in `ladder` none does, nor is any dearer
    than before."""

    ladder: Ladder
    changed: tuple[Rung, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class LadderRejected:
    """The ladder can be gamed, or (without cover) the search for a way had to be given up."""

    cover: Cover | None


LadderCertificate = LadderProved | LadderRepaired | LadderRejected


def certify_ladder(ladder: Ladder) -> LadderCertificate:
    """Prove, repair or reject a ladder by the check of price plans and an exact search."""
    repaired, changed = _repair(ladder)
    if is_subadditive(_curve(repaired)):
        rule = "ladder.tier_ends"
    else:
        try:
            accuracies = _whole_accuracies(repaired)
            # Both are exact; the copies of one version are many, but found at once.
            cover = _cheaper_copies(repaired, accuracies) or _cheapest_mix(repaired, accuracies)
        except _GivenUp:
            return LadderRejected(None)
        if cover is not None:
            return LadderRejected(_on_the_list(ladder, cover))
        rule = "ladder.no_cover"
    return LadderRepaired(repaired, changed, rule) if changed else LadderProved(rule)


def _repair(ladder: Ladder) -> tuple[Ladder, tuple[Rung, ...]]:
    """Lower every price that is above that of a more accurate version."""
    rungs: list[Rung] = []
    for rung in reversed(ladder.rungs):
        lowest = min(rung.price, rungs[-1].price) if rungs else rung.price
        rungs.append(replace(rung, price=lowest))
    rungs.reverse()
    changed = tuple(new for new, old in zip(rungs, ladder.rungs, strict=True) if new != old)
    return replace(ladder, rungs=tuple(rungs)), changed


def _whole_accuracies(ladder: Ladder) -> list[int]:
    exact = [Fraction(rung.accuracy) for rung in ladder.rungs]
    scale = lcm(*(accuracy.denominator for accuracy in exact))
    return [int(accuracy * scale) for accuracy in exact]


def _curve(ladder: Ladder) -> Curve:
    """Return the price between the versions too, on straight lines from no accuracy at no price.

    If no combination is cheaper on these, none of the versions themselves is.
    """
    pieces: list[Piece] = []
    at, price = 0, NOTHING
    for accuracy, rung in zip(_whole_accuracies(ladder), ladder.rungs, strict=True):
        slope = (Fraction(rung.price) - price) / (accuracy - at)
        pieces.append(Piece(at, price, slope))
        at, price = accuracy, Fraction(rung.price)
    return Curve((*pieces, Piece(at, price, NOTHING)))


_Bought = tuple[int, "_Bought"] | None


class _GivenUp(Exception):
    """More combinations than `STATES_MAX` would have to be looked at."""


def _cheaper_copies(ladder: Ladder, accuracies: list[int]) -> Cover | None:
    """Return several of one version that are cheaper than a better one, or None."""
    for better, wanted in zip(ladder.rungs, accuracies, strict=True):
        for worse, accuracy in zip(ladder.rungs, accuracies, strict=True):
            copies = -(-wanted // accuracy)
            if worse.price * copies < better.price:
                return Cover(((worse, copies),), better, worse.price * copies)
    return None


def _cheapest_mix(ladder: Ladder, accuracies: list[int]) -> Cover | None:
    """Return a combination that is cheaper than one version, or None if there is none: exact.

    Combinations are looked at from the cheapest on; one that is less accurate than a cheaper one
    leads nowhere. Finding the cheapest cover is a knapsack problem, hence the limit.
    """
    rungs = ladder.rungs
    # Combinations share what they have in common: a pair of the last version bought and the rest.
    waiting: list[tuple[Decimal, int, int, _Bought]] = [(Decimal(0), 0, 0, None)]
    reached, looked_at, pushed = -1, 0, 0
    while waiting:
        cost, negative, _, bought = heappop(waiting)
        if -negative <= reached:
            continue
        reached, looked_at = -negative, looked_at + 1
        if looked_at > STATES_MAX:
            raise _GivenUp
        covered = [
            rung
            for rung, accuracy in zip(rungs, accuracies, strict=True)
            if accuracy <= reached and cost < rung.price
        ]
        if covered:
            return Cover(_counts(rungs, bought), covered[-1], cost)
        for index in range(0 if bought is None else bought[0], len(rungs)):
            dearer = cost + rungs[index].price
            if dearer < rungs[-1].price:
                pushed += 1
                following = (index, bought)
                heappush(waiting, (dearer, negative - accuracies[index], pushed, following))
    return None


def _counts(rungs: tuple[Rung, ...], bought: _Bought) -> tuple[tuple[Rung, int], ...]:
    counts: dict[int, int] = {}
    while bought is not None:
        index, bought = bought
        counts[index] = counts.get(index, 0) + 1
    return tuple((rungs[index], counts[index]) for index in sorted(counts))


def _on_the_list(ladder: Ladder, cover: Cover) -> Cover:
    """Say a cover in listed versions: instead of a repaired one, the cheaper one above it."""
    by_price: dict[Rung, int] = {}
    for rung, count in cover.bought:
        real = min(
            (each for each in ladder.rungs if each.accuracy >= rung.accuracy),
            key=lambda each: (each.price, each.accuracy),
        )
        by_price[real] = by_price.get(real, 0) + count
    listed = next(r for r in ladder.rungs if r.accuracy == cover.instead_of.accuracy)
    return Cover(tuple(by_price.items()), listed, cover.price_apart)
