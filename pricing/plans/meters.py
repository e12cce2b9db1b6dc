"""What a price plan counts: each meter is a whole number within one billing period."""

from enum import StrEnum
from typing import Final


class Meter(StrEnum):
    """What is counted in a billing period.

    `days` are the days of the period, `revisions` the revisions bought, `events` declared
    transactions; the two amounts are declared money, in micro-units of the plan's currency.
    """

    ROWS = "rows"
    BYTES = "bytes"
    CALLS = "calls"
    SEATS = "seats"
    DAYS = "days"
    REVISIONS = "revisions"
    EVENTS = "events"
    AMOUNT = "amount_micro"
    COST = "cost_micro"


MONEY_METERS: Final = frozenset({Meter.AMOUNT, Meter.COST})
