"""The scan of a Parquet file."""

from collections.abc import Sequence
from pathlib import Path

from sandbox.parquet_sql import ParquetSql
from sandbox.scan.judge import judge
from sandbox.scan.measure import measure
from sandbox.scan.report import ScanReport

MAX_COLUMNS = 2_000


class ScanRefused(Exception):
    """The file cannot be scanned; `reason` is a stable word, `remedy` a sentence."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}: {remedy}")
        self.reason = reason
        self.remedy = remedy


def scan_parquet(path: Path, *, columns: Sequence[str] | None = None) -> ScanReport:
    """Find the role of every column, or of `columns`, by name, form and distinctness of values.

    Every rule looks at the whole column. Whether rows are persons is decided on the scanned columns
    only, so pass `columns` for a second look, not for a verdict. Raises `ScanRefused`.
    """
    with ParquetSql(source=path) as sql:
        types = sql.types("source")
        chosen = list(types) if columns is None else list(columns)
        if unknown := [name for name in chosen if name not in types]:
            raise ScanRefused("unknown_column", f"no such column: {', '.join(unknown)}")
        if len(chosen) > MAX_COLUMNS:
            raise ScanRefused("too_many_columns", f"at most {MAX_COLUMNS} columns can be scanned")
        rows = int(sql.figure("SELECT count(*) FROM source"))
        measured = {name: measure(sql, name, types[name], rows) for name in chosen}
    return judge(measured, rows)
