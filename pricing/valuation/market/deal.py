"""A deal as a comparable, and the licence on the data that are valued, as plain values.

A valuation stays a pure function of its case because the deals are part of the case. Parties are
digests: equal digests are the same legal entity, and nothing else can be read from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

OLDEST_DAYS: Final = 1_096
"""Three years: prices of older deals are no evidence of today's."""
ROUND_TRIP_DAYS: Final = 90
"""What comes back to its seller within this time was not bought to be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A side of a deal: the digest of the legal entity and those of its beneficial owners."""

    entity: str
    owners: tuple[str, ...] = ()

    @property
    def persons(self) -> frozenset[str]:
        """Everybody who stands behind this side, itself included."""
        return frozenset((self.entity, *self.owners))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """What was paid in all for one licence, what it was for, and who traded.

    `price` is in major units of `currency`; `settled_on` is None while money is still to come;
    `term_months` is None for a licence without end; `rows` are those that the price paid for;
    `entities` counts the persons, firms or things described. `quality` is a total in [0, 1].
    """

    id: str
    price: Decimal
    currency: str
    settled_on: date | None
    is_refunded: bool
    term_months: Decimal | None
    licence: str
    is_exclusive: bool
    subject: str
    rows: int
    entities: int | None
    quality: Decimal | None
    age_years: Decimal
    seller: Party
    buyer: Party
    is_confidential: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The licence whose price is asked for, on the data that are valued."""

    rows: int
    entities: int | None
    quality: Decimal
    age_years: Decimal
    term_months: Decimal
    licence: str
    is_exclusive: bool
    subject: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """A figure that somebody answers for, with the text that says where it comes from."""

    value: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class PriceIndex:
    """A price level per month, written as `2026-01`, for the date coefficient."""

    levels: Mapping[str, Decimal]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How deals are chosen and made alike.

    `rates` give the case's currency per unit of another. `exclusivity` is the price of an exclusive
    licence over that of a plain one; without it the two kinds are not compared. `perpetual_months`
    is what a licence without end counts for; without it such deals are left out.
    """

    oldest_days: int = OLDEST_DAYS
    round_trip_days: int = ROUND_TRIP_DAYS
    rates: Mapping[str, Assumption] = field(default_factory=dict[str, Assumption])
    exclusivity: Assumption | None = None
    perpetual_months: Assumption | None = None
    index: PriceIndex | None = None


@dataclass(frozen=True, slots=True)
class Comparables:
    """The market section of a case: what is priced, the candidate deals, and the rules."""

    target: Target
    deals: tuple[Deal, ...]
    rules: Rules
