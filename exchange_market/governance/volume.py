"""The volume delivered in a calendar year against the target, and figures of the market.

A year is that of Asia/Shanghai; a petabyte is 10^15 bytes (IEC 80000-13 leaves PB decimal).
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from contracts.lifecycle import State
from exchange_market.accounts.organisation import OrganisationState
from exchange_market.accounts.service import count_organisations
from exchange_market.agreements.overview import count_contracts
from exchange_market.catalog.listing import ListingState
from exchange_market.catalog.service import count_products
from exchange_market.metering.overview import delivered_between
from exchange_market.persistence.transaction import Reading
from exchange_market.settlement.books import sums_per_currency, wrong_balances
from exchange_market.settlement.overview import SettledAmounts, settled_amounts

ZONE = ZoneInfo("Asia/Shanghai")
PETABYTE = 10**15
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class MonthVolume:
    """What was delivered in one month, such as 2026-11."""

    month: str
    delivered_bytes: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class YearVolume:
    """What was delivered in a year, and how far a straight line to the target would be by now."""

    year: int
    target_bytes: int
    planned_share: float
    months: tuple[MonthVolume, ...]

    @property
    def delivered_bytes(self) -> int:
        """Body bytes of the whole year."""
        return sum(month.delivered_bytes for month in self.months)

    @property
    def deliveries(self) -> int:
        """How many deliveries that were."""
        return sum(month.deliveries for month in self.months)

    @property
    def achieved_share(self) -> float:
        """The part of the target that was delivered."""
        return self.delivered_bytes / self.target_bytes


@dataclass(frozen=True, slots=True)
class MarketFigures:
    """Counts and sums over the whole market. A ledger sum that is not zero is a fault."""

    organisations: dict[OrganisationState, int]
    listings: dict[ListingState, int]
    contracts: dict[State, int]
    settled: tuple[SettledAmounts, ...]
    ledger_sums: dict[str, int]
    wrong_balances: tuple[str, ...]


def present_year(now: datetime) -> int:
    """The calendar year that it is in Asia/Shanghai."""
    return now.astimezone(ZONE).year


async def volume_of_year(reading: Reading, year: int, target_bytes: int) -> YearVolume:
    """The year month by month."""
    starts = [datetime(year, month, 1, tzinfo=ZONE) for month in range(1, _MONTHS + 1)]
    starts.append(datetime(year + 1, 1, 1, tzinfo=ZONE))
    months: list[MonthVolume] = []
    for since, until in pairwise(starts):
        found = await delivered_between(reading, since, until)
        months.append(MonthVolume(f"{since:%Y-%m}", found.body_bytes, found.deliveries))
    elapsed = (reading.now() - starts[0]) / (starts[-1] - starts[0])
    return YearVolume(year, target_bytes, min(max(elapsed, 0.0), 1.0), tuple(months))


async def market_figures(reading: Reading) -> MarketFigures:
    """The market as it stands now."""
    return MarketFigures(
        organisations=await count_organisations(reading),
        listings=await count_products(reading),
        contracts=await count_contracts(reading),
        settled=await settled_amounts(reading),
        ledger_sums=await sums_per_currency(reading),
        wrong_balances=tuple(await wrong_balances(reading)),
    )
