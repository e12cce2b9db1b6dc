"""What the exchange's own contracts were paid, as comparables of the market approach."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from pricing.money import MICRO
from pricing.valuation.market.deal import Deal, Party

DAYS_PER_MONTH: Final = Decimal("30.436875")
"""A twelfth of the mean Gregorian year."""
DAYS_PER_YEAR: Final = Decimal("365.2425")
_DIGITS: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFact:
    """A contract as a deal: `price_micro` is what its settled invoices add up to.

    `settled_at` is None while more may be billed. `rows` are the rows delivered for that price.
    `whole_micro` is what the whole revision costs under the plan of the contract, whose negotiation
    began at `opened_at`.
    `deal_id` and the digests of both legal entities are keyed: they tell equal from different and
    nothing else. `quality` is the total of the revision's quality report, as decimal text.
    """

    contract_id: str
    deal_id: str
    product_id: str
    revision_id: str
    provider_id: str
    buyer_id: str
    provider_digest: str
    buyer_digest: str
    currency: str
    price_micro: int
    whole_micro: int
    opened_at: datetime
    settled_at: datetime | None
    term_days: int
    licence: str
    subject: str
    rows: int
    quality: str | None
    age_days: int
    recorded_at: datetime


def deal_of(fact: DealFact) -> Deal:
    """The deal as `pricing` compares it: confidential, and never exclusive, since no contract of
    this exchange promises exclusivity."""
    return Deal(
        id=fact.deal_id,
        price=Decimal(fact.price_micro) / MICRO,
        currency=fact.currency,
        settled_on=None if fact.settled_at is None else fact.settled_at.date(),
        is_refunded=False,
        term_months=(fact.term_days / DAYS_PER_MONTH).quantize(_DIGITS),
        licence=fact.licence,
        is_exclusive=False,
        subject=fact.subject,
        rows=fact.rows,
        entities=None,
        quality=None if fact.quality is None else Decimal(fact.quality),
        age_years=years(fact.age_days),
        seller=Party(entity=fact.provider_digest),
        buyer=Party(entity=fact.buyer_digest),
        is_confidential=True,
    )


def years(days: int) -> Decimal:
    """A number of days in years."""
    return (days / DAYS_PER_YEAR).quantize(_DIGITS)
