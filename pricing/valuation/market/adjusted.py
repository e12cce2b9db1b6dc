"""Adjustment coefficients: a known price made like the data valued, factor by factor.

Guideline 9 form: V = V_comparable x technology x density x date x capacity x other, over several
comparables by stated shares. Annex form: P = sum over data sets of Q_i x quality x supply and
demand x date x capacity x other. Sources: China Appraisal Society, Expert Guideline No. 9 (data
asset valuation) and Guiding Opinions on Data Asset Valuation (2023), annex of sample models; both
forms are from general knowledge, not checked against the text.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from pricing.valuation.distributions import Array

GUIDELINE_9: Final = ("technology", "density", "date", "capacity", "other")
ANNEX_2023: Final = ("quality", "supply_demand", "date", "capacity", "other")


def factor_lines(
    prices: Array, coefficients: Mapping[str, Array], shares: Array
) -> dict[str, Array]:
    """Return the price of the comparables and what each coefficient in turn adds to it.

    Arrays are (comparables, draws), or (1, draws) where one figure holds for all; the lines add up
    to the sum over comparables of share x price x every coefficient.
    """
    running = prices * shares
    lines = {"comparable_price": running.sum(axis=0)}
    for name, coefficient in coefficients.items():
        lines[name] = (running * (coefficient - 1.0)).sum(axis=0)
        running = running * coefficient
    return lines


def capacity_ratio(target_rows: int, rows: Sequence[int], elasticity: Array) -> Array:
    """Return (rows of the target / rows of each deal)^elasticity; shape (deals, draws)."""
    ratios = target_rows / np.array(rows, dtype=np.float64)
    return ratios[:, np.newaxis] ** elasticity
