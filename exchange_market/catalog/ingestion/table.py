"""What every reader hands over: a relation in DuckDB, and each column's name, type and
expression."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from exchange_market.catalog.ingestion import limits
from exchange_market.catalog.ingestion.refusals import (
    ColumnNamesEmpty,
    ColumnNameTooLong,
    ColumnsDuplicated,
    ColumnsTooMany,
    HeaderMissing,
)
from exchange_market.kernel.text import single_line


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column of the revision: `sql` computes it over the relation, with DuckDB type `type`."""

    name: str
    type: str
    sql: str


@dataclass(frozen=True, slots=True)
class Table:
    """A whole table, not yet written. `relation` is a FROM clause that keeps the file's order;
    `row_bytes_max` adds up the longest texts of all columns."""

    relation: str
    columns: tuple[TypedColumn, ...]
    rows: int
    row_bytes_max: int


def open_duckdb(scratch: Path, memory_bytes_max: int, *readable: Path) -> duckdb.DuckDBPyConnection:
    """A private database that reads only the scratch folder, where it spills, and `readable` files.

    Three quarters of the memory are left to what DuckDB does not count: Arrow, SQLite and Python.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{memory_bytes_max // 4}B",
            "temp_directory": str(scratch / "spill"),
            "threads": 2,
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    # The search for common subexpressions takes minutes with thousands of columns, and finds
    # nothing here. Pushing a type into the CSV reader turns TRY_CAST into a cast that fails
    # (DuckDB 2.0.0).
    connection.execute("SET disabled_optimizers = 'common_subexpressions,type_pushdown'")
    connection.execute(f"SET allowed_directories = [{literal(scratch.absolute())}]")
    paths = ", ".join(literal(path.absolute()) for path in readable)
    connection.execute(f"SET allowed_paths = [{paths}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """A text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def checked_names(names: Sequence[str]) -> tuple[str, ...]:
    """Column names as given but trimmed; raises what is wrong with them."""
    if not names:
        raise HeaderMissing
    if len(names) > limits.COLUMNS_MAX:
        raise ColumnsTooMany(columns=len(names), columns_max=limits.COLUMNS_MAX)
    trimmed = tuple(name.strip() for name in names)
    empty = [position for position, name in enumerate(trimmed, 1) if not name]
    if empty:
        raise ColumnNamesEmpty(positions=_some(empty))
    for position, name in enumerate(trimmed, 1):
        _check_name(position, name)
    counts = Counter(name.casefold() for name in trimmed)
    repeated = [name for name in trimmed if counts[name.casefold()] > 1]
    if repeated:
        raise ColumnsDuplicated(columns=_some(list(dict.fromkeys(repeated))))
    return trimmed


def _check_name(position: int, name: str) -> None:
    if len(name) > limits.COLUMN_NAME_CHARACTERS_MAX:
        raise ColumnNameTooLong(position=position, characters_max=limits.COLUMN_NAME_CHARACTERS_MAX)
    # Checked, not normalised: the name stays as the provider wrote it.
    single_line(name, f"column {position}")


def _some(things: Sequence[object]) -> str:
    named = ", ".join(str(thing) for thing in things[: limits.ROWS_NAMED_MAX])
    return named if len(things) <= limits.ROWS_NAMED_MAX else f"{named}, …"
