"""What an ingestion makes of a table: the Parquet file, and in one more pass its root and its
pages."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from contracts.merkle import RootAccumulator
from exchange_market.catalog.ingestion import limits
from exchange_market.catalog.ingestion.commitment import add_rows, cell_hashes_sql, row_salt_sql
from exchange_market.catalog.ingestion.messages import FoundColumn
from exchange_market.catalog.ingestion.page_file import PageFile
from exchange_market.catalog.ingestion.table import Table, literal, quoted
from exchange_market.catalog.page_values import codec_of


class OrderLost(RuntimeError):
    """The rows came back in another order than they were written: a fault of ours or of DuckDB."""


@dataclass(frozen=True, slots=True)
class CommitmentPlan:
    """The revision's commitment secret, and the columns by which its pages are found."""

    secret: bytes = field(repr=False)
    key_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Artefacts:
    """The files of a revision and what they commit to."""

    columns: tuple[FoundColumn, ...]
    rows: int
    root: bytes


def write_parquet(connection: duckdb.DuckDBPyConnection, table: Table, target: Path) -> None:
    """Write the table in the order of the file, zstd-compressed, in bounded row groups."""
    cells = ", ".join(f"{column.sql} AS {quoted(column.name)}" for column in table.columns)
    group = limits.row_group_rows(len(table.columns), table.rows, table.row_bytes_max)
    connection.execute(
        f"COPY (SELECT {cells} FROM {table.relation}) TO {literal(target)} "  # noqa: S608
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group})"
    )


def commit_and_page(
    connection: duckdb.DuckDBPyConnection,
    parquet: Path,
    pages: Path,
    plan: CommitmentPlan,
    on_rows: Callable[[int], None],
) -> Artefacts:
    """Read the Parquet file once more; hash every row and store it as pages, batch by batch."""
    columns = _columns(connection, parquet)
    reader = _stream(connection, parquet, columns, plan.secret)
    tree = RootAccumulator()
    with PageFile(pages, columns, plan.key_columns) as file:
        for batch in reader:
            ordinals = batch.column(0).to_numpy()
            first = tree.size
            if not np.array_equal(ordinals, np.arange(first, first + len(ordinals))):
                raise OrderLost
            cells = batch.columns[1 : 1 + len(columns)]
            add_rows(tree, batch.columns[1 + len(columns) :])
            file.add_rows(first, cells)
            on_rows(tree.size)
    return Artefacts(columns, tree.size, tree.root())


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _columns(connection: duckdb.DuckDBPyConnection, parquet: Path) -> tuple[FoundColumn, ...]:
    described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(parquet)})")  # noqa: S608
    return tuple(FoundColumn(row[0], row[1]) for row in described.fetchall())


def _stream(
    connection: duckdb.DuckDBPyConnection,
    parquet: Path,
    columns: Sequence[FoundColumn],
    secret: bytes,
) -> pa.RecordBatchReader:
    named = ", ".join(f"{quoted(column.name)} AS v{i}" for i, column in enumerate(columns))
    stored = [codec_of(column.type).sql(f"v{i}") for i, column in enumerate(columns)]
    hashes = cell_hashes_sql(
        [(column.name, column.type, f"v{i}") for i, column in enumerate(columns)], "row_salt"
    )
    outputs = ", ".join(f"{sql} AS o{i}" for i, sql in enumerate([*stored, *hashes]))
    # The file has no column for the ordinal: it is the number of the row.
    source = f"read_parquet({literal(parquet)}, file_row_number = true)"
    query = (
        f"SELECT ordinal, {outputs} FROM (SELECT file_row_number AS ordinal, "  # noqa: S608
        f"{row_salt_sql(secret, 'file_row_number')} AS row_salt, {named} FROM {source})"
    )
    # Where values are long the row groups are short, and so must be the batches.
    rows = min(limits.batch_rows(len(columns)), pq.read_metadata(parquet).row_group(0).num_rows)
    return connection.sql(query).to_arrow_reader(rows)
