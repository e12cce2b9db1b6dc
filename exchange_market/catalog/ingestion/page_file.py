"""Writing the page store: one SQLite file with all rows, read later by
`exchange_market.catalog.pages`.

Tables: `page_column` (position, name, DuckDB type, position in the key or NULL) and `page_row`,
whose columns are called c0, c1, … so that no name from a file ever becomes part of a statement, and
whose rowid is the ordinal of the row.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from exchange_market.catalog.ingestion.messages import FoundColumn
from exchange_market.catalog.page_values import encode_double

_PAGE_BYTES = 8_192
_CACHE_KIB = 32_768


class PageFile:
    """A page store in the making; complete once the block has ended without an error."""

    def __init__(
        self, path: Path, columns: Sequence[FoundColumn], key_columns: Sequence[str]
    ) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        names = [column.name for column in columns]
        self._keys = [names.index(key) for key in key_columns]
        self._describe(columns)
        marks = ", ".join("?" * (len(columns) + 1))
        cells = ", ".join(f"c{i}" for i in range(len(columns)))
        self._insert = f"INSERT INTO page_row (rowid, {cells}) VALUES ({marks})"  # noqa: S608

    def __enter__(self) -> Self:
        """Begin."""
        self._database.execute("BEGIN")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Build the index over the key and finish; after an error, only close."""
        try:
            if kind is None:
                self._finish()
        finally:
            self._database.close()

    def add_rows(self, first: int, columns: Sequence[pa.Array]) -> None:
        """Append rows with ordinals from `first` on; the columns are in stored form but for NaN."""
        cells = [_stored(column) for column in columns]
        ordinals = range(first, first + len(columns[0]))
        self._database.executemany(self._insert, zip(ordinals, *cells, strict=True))

    def _describe(self, columns: Sequence[FoundColumn]) -> None:
        # There is nothing to protect: a build that is interrupted starts again with a new file.
        for setting in (
            f"page_size = {_PAGE_BYTES}",
            "journal_mode = OFF",
            "synchronous = OFF",
            "locking_mode = EXCLUSIVE",
            f"cache_size = -{_CACHE_KIB}",
        ):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute(
            "CREATE TABLE page_column "
            "(position INTEGER PRIMARY KEY, name TEXT, type TEXT, key INTEGER)"
        )
        # No declared types: SQLite must not convert what it is given.
        cells = ", ".join(f"c{i}" for i in range(len(columns)))
        self._database.execute(f"CREATE TABLE page_row ({cells})")
        self._database.executemany(
            "INSERT INTO page_column VALUES (?, ?, ?, ?)",
            (
                (i, column.name, column.type, self._keys.index(i) if i in self._keys else None)
                for i, column in enumerate(columns)
            ),
        )

    def _finish(self) -> None:
        if self._keys:
            key = ", ".join(f"c{i}" for i in self._keys)
            self._database.execute(f"CREATE INDEX page_key ON page_row ({key})")
        self._database.execute("COMMIT")


def _stored(column: pa.Array) -> list[object]:
    values = column.to_pylist()
    return list(encode_double(values)) if pa.types.is_floating(column.type) else values
