"""What certification answers: proved, repaired or rejected, with numbers that can be recomputed."""

from dataclasses import dataclass
from fractions import Fraction

from pricing.plans.meters import Meter
from pricing.plans.model import Plan


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Two purchases of `first` and `second` units that cost less than one of both together."""

    meter: Meter
    first: int
    second: int
    price_apart: Fraction
    price_together: Fraction


@dataclass(frozen=True, slots=True)
class PriceChange:
    """What a repair did where it matters most: at the last quantity of a tier of a charge.

    On the list `quantity` costs `list_price`, but `cheaper_quantity`, which is more, costs only
    `repaired_price`.
    """

    charge: int
    meter: Meter
    quantity: int
    list_price: Fraction
    cheaper_quantity: int
    repaired_price: Fraction


@dataclass(frozen=True, slots=True)
class Proved:
    """The plan cannot be gamed; `rules` are ids of `pricing.plans.rules.RULES` that prove it."""

    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repaired:
    """The plan could be gamed; `plan` cannot, never asks more, and `rules` prove it."""

    plan: Plan
    changes: tuple[PriceChange, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """The plan can be gamed, or (without counterexample) no rule proves that it cannot.

    `reason` is an id of `pricing.plans.rules.REASONS`: what to change.
    """

    counterexample: Counterexample | None
    reason: str


Certificate = Proved | Repaired | Rejected
