"""SQL over Parquet files in a private DuckDB: no network, no extensions, bounded memory."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import numpy as np

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "preserve_insertion_order": False,
    "python_enable_replacements": False,
}


class ParquetSql:
    """A connection in which each keyword names a Parquet file as a view."""

    def __init__(self, **files: Path) -> None:
        self._connection = duckdb.connect(":memory:", config=_CONFIG)
        for name, path in files.items():
            self._connection.from_parquet(_literal(path)).create_view(name)

    def __enter__(self) -> Self:
        """Use the connection until the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._connection.close()

    def types(self, name: str) -> dict[str, str]:
        """Return the type of every column of a view, in column order."""
        described = self._connection.execute(f"DESCRIBE {quoted(name)}").fetchall()
        return {row[0]: row[1] for row in described}

    def run(self, statement: str) -> None:
        """Run a statement of our own making that has no answer."""
        self._connection.execute(statement)

    def row(self, query: str) -> tuple[Any, ...]:
        """Run a query of our own making that answers with one row."""
        answer = self._connection.execute(query).fetchone()
        if answer is None:
            raise LookupError("the query answered with no row")
        return answer

    def figure(self, query: str) -> float:
        """Run a query that answers with one number; no value counts as 0."""
        return float(self.row(query)[0] or 0)

    def columns(self, query: str) -> list[np.ndarray[Any, np.dtype[Any]]]:
        """Run a query and return its columns in order."""
        relation = self._connection.sql(query)
        answer = relation.fetchnumpy()
        return [answer[name] for name in relation.columns]


def quoted(name: str) -> str:
    """Return a column or table name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a string as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def _literal(path: Path) -> str:
    # DuckDB reads glob characters in file names; a class of one character stands for itself.
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))
