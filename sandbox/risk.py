"""The re-identification risk and the usefulness of a release, measured on the released values.

Nothing here trusts the anonymiser: classes are formed again by grouping the released file. Classes
of the risk measures: El Emam, "Guide to the De-Identification of Personal Health Information"
(2013), prosecutor, journalist and marketer risk. GB/T 42460-2023, "Guide for evaluating the
effectiveness of personal information de-identification", lends the vocabulary (evaluation with a
k-anonymity model); the thresholds are configuration of the exchange, not figures of a standard.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sandbox.anonymise.outcome import Release
from sandbox.loss import ColumnUtility, column_utilities
from sandbox.parquet_sql import ParquetSql, quoted
from sandbox.roles import Role


@dataclass(frozen=True, slots=True)
class RiskThresholds:
    """What a release must reach; risks and shares are within 0 and 1."""

    k_min: int = 5
    l_min: int = 2
    prosecutor_max: float = 0.2
    marketer_max: float = 0.2
    suppressed_share_max: float = 0.05
    information_loss_max: float = 1.0


@dataclass(frozen=True, slots=True)
class RiskReport:
    """The measured figures of one release.

    `l` is None without sensitive columns. `prosecutor_*`: the attacker knows that the person is in
    the sample, 1 / class size there. `journalist_*`: the attacker does not, 1 / class size in the
    anonymised table. `marketer`: expected share of rows matched rightly. `uniqueness_*`: share of
    rows alone on their quasi-identifiers. `information_loss`: GenILoss, mean over all cells of the
    quasi-identifiers. `discernibility`: sum of squared class sizes (a suppressed row counts as all
    rows), per row.
    """

    rows_released: int
    classes: int
    k: int
    l: int | None  # noqa: E741
    prosecutor_max: float
    prosecutor_average: float
    journalist_max: float
    journalist_average: float
    marketer: float
    uniqueness_original: float
    uniqueness_released: float
    suppressed_share: float
    information_loss: float
    discernibility: float
    columns: tuple[ColumnUtility, ...]

    def shortfalls(self, thresholds: RiskThresholds) -> tuple[str, ...]:
        """Return the names of the figures that fail; empty if the release may be shown."""
        fails = {
            "k": self.k < thresholds.k_min,
            "l": self.l is not None and self.l < thresholds.l_min,
            "prosecutor_max": self.prosecutor_max > thresholds.prosecutor_max,
            "marketer": self.marketer > thresholds.marketer_max and self.classes > 0,
            "suppressed_share": self.suppressed_share > thresholds.suppressed_share_max,
            "information_loss": self.information_loss > thresholds.information_loss_max,
        }
        return tuple(name for name, failed in fails.items() if failed)

    def meets(self, thresholds: RiskThresholds) -> bool:
        """Say whether every figure is within the thresholds."""
        return not self.shortfalls(thresholds)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, ratios rounded to six places."""
        figures = {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name != "columns"
        }
        plain = {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in figures.items()
        }
        return {**plain, "columns": [column.to_json() for column in self.columns]}


def assess(source: Path, released: Path, release: Release) -> RiskReport:
    """Measure a release that `anonymise_parquet` wrote from `source`.

    Raises `ValueError` for a release without generalisation (a plain sample of a table without
    persons): it has no person whose risk could be measured.
    """
    if release.k is None:
        raise ValueError("a sample of a table without persons has no re-identification risk")
    with ParquetSql(source=source, released=released) as sql:
        quasi = release.named(Role.QUASI_IDENTIFIER)
        sizes, diversity = _classes(sql, quasi, release.named(Role.SENSITIVE))
        originals = tuple(
            dict.fromkeys(
                column.source for column in release.columns if column.role is Role.QUASI_IDENTIFIER
            )
        )
        uniqueness = _uniqueness(sql, originals, release.rows_source)
        utilities = column_utilities(sql, release)
    rows = int(sizes.sum())
    before = np.array(release.class_sizes_drawn, np.float64)
    after = np.array(release.class_sizes_released, np.float64)
    kept_losses = [one.information_loss for one in utilities if one.information_loss is not None]
    suppressed_share = release.rows_suppressed / release.rows_considered
    loss = float(np.mean(kept_losses)) if kept_losses else 0.0
    return RiskReport(
        rows_released=rows,
        classes=len(sizes),
        k=int(sizes.min()),
        l=diversity,
        prosecutor_max=1 / int(sizes.min()),
        prosecutor_average=len(sizes) / rows,
        journalist_max=float(1 / before.min()),
        journalist_average=float(np.mean(1 / before)),
        marketer=float(np.sum(after / before) / rows),
        uniqueness_original=uniqueness,
        uniqueness_released=float(np.count_nonzero(sizes == 1) / rows),
        suppressed_share=suppressed_share,
        information_loss=loss * (1 - suppressed_share) + suppressed_share,
        discernibility=float(np.sum(sizes.astype(np.float64) ** 2) / rows)
        + suppressed_share * release.rows_considered,
        columns=utilities,
    )


def _classes(
    sql: ParquetSql, quasi: tuple[str, ...], sensitive: tuple[str, ...]
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], int | None]:
    """Return the class sizes of the released values and the least distinct sensitive values."""
    distinct = "".join(
        f", count(DISTINCT {quoted(name)}) + max(({quoted(name)} IS NULL)::INTEGER)"
        for name in sensitive
    )
    grouping = ", ".join(quoted(name) for name in quasi) or "()"
    rows = sql.columns(f"SELECT count(*){distinct} FROM released GROUP BY {grouping}")  # noqa: S608
    least = min((int(column.min()) for column in rows[1:]), default=None)
    return rows[0].astype(np.int64), least


def _uniqueness(sql: ParquetSql, originals: tuple[str, ...], rows: int) -> float:
    if not originals:
        return float(rows == 1)
    grouping = ", ".join(quoted(name) for name in originals)
    query = f"SELECT count(*) FROM (SELECT 1 FROM source GROUP BY {grouping} HAVING count(*) = 1)"  # noqa: S608
    return sql.figure(query) / rows
