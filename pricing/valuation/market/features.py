"""The describing columns of deals and of the data valued, for regression and for distances."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from pricing.errors import InvalidInput
from pricing.valuation.distributions import Array
from pricing.valuation.market.deal import Target
from pricing.valuation.market.selection import Comparable

NUMBERS: Final = ("log_rows", "quality", "age_years", "exclusive", "log_term_months")
LEVEL_DEALS_MIN: Final = 5
"""A licence or a subject with fewer deals has no column of its own: it would explain itself."""
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns: one row for each deal, and the same columns of the target."""

    names: tuple[str, ...]
    deals: Array
    target: Array

    def only(self, kept: Sequence[int]) -> "Table":
        """Return the table with some of its columns."""
        names = tuple(self.names[i] for i in kept)
        return Table(names, self.deals[:, list(kept)], self.target[list(kept)])


@dataclass(frozen=True, slots=True)
class Dropped:
    """A column that says nothing beside the others: `constant` or `collinear`."""

    column: str
    why: str


def numbers(used: Sequence[Comparable], target: Target) -> Table:
    """Return the five numeric columns."""
    deals = np.array([_deal_numbers(each) for each in used], dtype=np.float64)
    row = _numbers(
        (target.rows, target.quality, target.age_years, target.is_exclusive, target.term_months)
    )
    return Table(NUMBERS, deals, np.array(row, dtype=np.float64))


def levels(used: Sequence[Comparable], target: Target, name: str) -> Table:
    """Return one 0/1 column for each licence or subject beside the commonest one.

    Those with fewer than `LEVEL_DEALS_MIN` deals are pooled. Raises InvalidInput when the target
    would fall into an empty pool: no deal then tells what its kind costs.
    """
    found = [str(getattr(each.deal, name)) for each in used]
    counted = Counter(found)
    common = sorted(level for level, n in counted.items() if n >= LEVEL_DEALS_MIN)
    own = str(getattr(target, name))
    if own not in common and len(common) == len(counted):
        raise InvalidInput(
            f"comparables.target.{name}", f"no settled deal has the {name} {own!r}; name another"
        )
    pooled = [level if level in common else "" for level in found]
    sizes = Counter(pooled)
    base = min(sizes, key=lambda level: (-sizes[level], level))
    shown = [level for level in sorted(sizes) if level != base]
    names = tuple(f"{name}={level or '*'}" for level in shown)
    deals = np.array([[float(each == level) for level in shown] for each in pooled])
    mine = own if own in common else ""
    row = np.array([float(mine == level) for level in shown])
    return Table(names, deals.reshape(len(used), len(shown)), row)


def beside(*tables: Table) -> Table:
    """Return the columns of several tables as one."""
    return Table(
        tuple(name for table in tables for name in table.names),
        np.hstack([table.deals for table in tables]),
        np.concatenate([table.target for table in tables]),
    )


def independent(table: Table) -> tuple[Table, tuple[Dropped, ...]]:
    """Drop constant columns, and those that earlier ones add up to (Gram and Schmidt)."""
    basis: list[Array] = []
    kept: list[int] = []
    dropped: list[Dropped] = []
    for place, name in enumerate(table.names):
        column = table.deals[:, place] - table.deals[:, place].mean()
        size = float(np.linalg.norm(column))
        if size <= _TINY * max(1.0, float(np.abs(table.deals[:, place]).max())):
            dropped.append(Dropped(name, "constant"))
            continue
        rest = column / size
        for vector in (*basis, *basis):  # twice: once leaves rounding errors behind
            rest = rest - vector * float(vector @ rest)
        left = float(np.linalg.norm(rest))
        if left <= _TINY:
            dropped.append(Dropped(name, "collinear"))
            continue
        basis.append(rest / left)
        kept.append(place)
    return table.only(kept), tuple(dropped)


def outside(table: Table) -> tuple[str, ...]:
    """Return the columns in which the target lies beyond every deal."""
    if not table.names:
        return ()
    low, high = table.deals.min(axis=0), table.deals.max(axis=0)
    is_out = (table.target < low - _TINY) | (table.target > high + _TINY)
    return tuple(name for name, out in zip(table.names, is_out, strict=True) if out)


def _deal_numbers(each: Comparable) -> tuple[float, ...]:
    deal = each.deal
    quality = Decimal(0) if deal.quality is None else deal.quality
    return _numbers((deal.rows, quality, deal.age_years, deal.is_exclusive, each.months))


def _numbers(figures: tuple[int, Decimal, Decimal, bool, Decimal | float]) -> tuple[float, ...]:
    rows, quality, age, is_exclusive, months = figures
    return (
        float(np.log(rows)),
        float(quality),
        float(age),
        float(is_exclusive),
        float(np.log(float(months))),
    )
