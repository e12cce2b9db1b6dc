"""What strangers to a deal may read of the comparables: digests, reasons, and figures over five."""

from collections import Counter
from decimal import Decimal
from typing import Final

from pricing.valuation.market.multiples import quartiles
from pricing.valuation.market.selection import Selection

DEALS_MIN: Final = 5
"""A statistic over fewer deals would tell what somebody paid (k-anonymity with k = 5)."""


def public_comparables(selection: Selection, currency: str) -> dict[str, object]:
    """Return the selection without anything that a single deal could be told from.

    The ids of deals are digests; `statistics` is None below five used deals.
    """
    return {
        "currency": currency,
        "used": [each.deal.id for each in selection.used],
        "rejected": [
            {"id": each.deal.id, "reasons": [reason.value for reason in each.reasons]}
            for each in selection.rejected
        ],
        "reasons": reason_counts(selection),
        "statistics": statistics(selection),
    }


def reason_counts(selection: Selection) -> dict[str, int]:
    """Return how many deals each reason took out."""
    counts = Counter(reason.value for each in selection.rejected for reason in each.reasons)
    return dict(sorted(counts.items()))


def statistics(selection: Selection) -> dict[str, object] | None:
    """Return quartiles of the price per month and per thousand rows and month; None below five."""
    used = selection.used
    if len(used) < DEALS_MIN:
        return None
    months = [each.price_now for each in used]
    rows = [each.price_now * 1000.0 / each.deal.rows for each in used]
    return {
        "deals": len(used),
        "price_per_month": _quartiles(months),
        "price_per_thousand_rows_and_month": _quartiles(rows),
    }


def _quartiles(values: list[float]) -> dict[str, str]:
    """Write quartiles with two digits: of five deals, the exact ones are three of the prices."""
    names = ("lower_quartile", "median", "upper_quartile")
    return {
        name: format(Decimal(f"{value:.1e}"), "f")
        for name, value in zip(names, quartiles(values), strict=True)
    }
