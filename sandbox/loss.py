"""What a release lost: the certainty penalty and the fidelity of each column."""

from dataclasses import dataclass
from typing import Any

from sandbox.anonymise.axes import Kind
from sandbox.anonymise.outcome import Release, ReleasedColumn
from sandbox.parquet_sql import ParquetSql, quoted, text
from sandbox.roles import Role

_TIMES = ("DATE", "TIME")


@dataclass(frozen=True, slots=True)
class ColumnUtility:
    """How much of a column survives.

    `information_loss` is the mean normalised certainty penalty of a quasi-identifier (0 exact, 1
    nothing left), None for other columns. `fidelity` compares the sample with the source: one minus
    the distance of the means over the domain for numbers, one minus the total variation distance of
    the distributions otherwise; None if it was not measured.
    """

    name: str
    role: Role
    information_loss: float | None
    fidelity: float | None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, ratios rounded to six places."""
        loss, fidelity = self.information_loss, self.fidelity
        return {
            "name": self.name,
            "role": self.role.value,
            "information_loss": None if loss is None else round(loss, 6),
            "fidelity": None if fidelity is None else round(fidelity, 6),
        }


def column_utilities(sql: ParquetSql, release: Release) -> tuple[ColumnUtility, ...]:
    """Measure the columns released under their own name, over the views `source` and `released`."""
    types = sql.types("source")
    released = [column for column in release.columns if column.name == column.source]
    return tuple(_utility(sql, column, types[column.name]) for column in released)


def _utility(sql: ParquetSql, column: ReleasedColumn, kind: str) -> ColumnUtility:
    loss = fidelity = None
    if column.kind is Kind.CATEGORICAL:
        loss = _set_loss(sql, column.name)
    elif column.kind is not None:
        loss = _range_loss(sql, column, kind)
    if column.kind is Kind.NUMERIC:
        fidelity = _mean_fidelity(sql, column.name, kind)
    elif column.role in {Role.QUASI_IDENTIFIER, Role.SENSITIVE}:
        fidelity = _distribution_fidelity(sql, column.name)
    return ColumnUtility(column.name, column.role, loss, fidelity)


def _range_loss(sql: ParquetSql, column: ReleasedColumn, kind: str) -> float:
    """Mean of (upper bound - lower bound) / (domain maximum - minimum)."""
    low, high = (_number(column.name + suffix, kind, column.order) for suffix in ("_min", "_max"))
    value = _number(column.name, kind, column.order)
    width = f"SELECT nullif(max({value}) - min({value}), 0) FROM source WHERE isfinite({value})"  # noqa: S608
    query = f"SELECT avg(coalesce(({high} - {low}) / ({width}), 0)) FROM released"  # noqa: S608
    return sql.figure(query)


def _set_loss(sql: ParquetSql, name: str) -> float:
    """Mean of (categories covered - 1) / (categories of the domain - 1)."""
    value = quoted(name)
    domain = sql.figure(
        f"SELECT count(DISTINCT {value}) + max(({value} IS NULL)::INTEGER) FROM source"  # noqa: S608
    )
    covered = sql.figure(
        f"SELECT avg(json_array_length({quoted(name + '_set')})) FROM released"  # noqa: S608
    )
    return (covered - 1) / (domain - 1) if domain > 1 else 0.0


def _mean_fidelity(sql: ParquetSql, name: str, kind: str) -> float:
    value = _number(name, kind, ())
    figures = f"avg({value}), max({value}) - min({value})"
    mean, width = sql.row(f"SELECT {figures} FROM source WHERE isfinite({value})")  # noqa: S608
    shown, _ = sql.row(f"SELECT {figures} FROM released")  # noqa: S608
    if mean is None or shown is None or not width:
        return 1.0 if mean == shown else 0.0
    return max(0.0, 1 - abs(mean - shown) / width)


def _distribution_fidelity(sql: ParquetSql, name: str) -> float:
    """One minus half the sum of the absolute differences of the shares of each value."""
    shares = (
        "SELECT {0} AS value, count(*) / sum(count(*)) OVER () AS share FROM {1} GROUP BY value"
    )
    sides = (shares.format(quoted(name), side) for side in ("source", "released"))
    query = (
        "SELECT sum(abs(coalesce(a.share, 0) - coalesce(b.share, 0))) / 2 FROM ({}) AS a "
        "FULL JOIN ({}) AS b ON a.value IS NOT DISTINCT FROM b.value"
    )
    return max(0.0, 1 - sql.figure(query.format(*sides)))


def _number(name: str, kind: str, order: tuple[str, ...]) -> str:
    """Return the SQL of a column as a DOUBLE, an ordered word as its place in the order."""
    value = quoted(name)
    if order:
        words = ", ".join(text(word) for word in order)
        return f"list_position([{words}], {value})::DOUBLE"
    return f"epoch({value})::DOUBLE" if kind.startswith(_TIMES) else f"{value}::DOUBLE"
