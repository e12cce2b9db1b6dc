"""What an ingestion makes of a table: the Parquet file, and in one more pass its root and its
pages."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from contracts.merkle import RootAccumulator
from exchange_market.catalog.ingestion import limits
from exchange_market.catalog.ingestion.commitment import (
    CellHasher,
    CellHashes,
    encoded_sql,
    row_leaves,
)
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
    """Read the Parquet file once more; hash every row and store it as pages, batch by batch.

    While SQLite stores a batch, DuckDB hashes it in another thread. Two batches are in memory.
    """
    columns = _columns(connection, parquet)
    hasher = CellHasher(connection, plan.secret)
    tree = RootAccumulator()
    stored = 0
    hashing: Future[list[CellHashes]] | None = None
    with (
        PageFile(pages, columns, plan.key_columns) as file,
        ThreadPoolExecutor(1, "hashing") as other,
    ):
        for batch in _stream(connection, parquet, columns):
            _check_order(batch.column(0), stored)
            next_hashing = other.submit(hasher.hashes, stored, batch.columns[1 + len(columns) :])
            file.add_rows(stored, batch.columns[1 : 1 + len(columns)])
            stored += batch.num_rows
            if hashing is not None:
                _add_leaves(tree, hashing.result())
            hashing = next_hashing
            on_rows(tree.size)
        if hashing is not None:
            _add_leaves(tree, hashing.result())
    return Artefacts(columns, tree.size, tree.root())


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _columns(connection: duckdb.DuckDBPyConnection, parquet: Path) -> tuple[FoundColumn, ...]:
    described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(parquet)})")  # noqa: S608
    return tuple(FoundColumn(row[0], row[1]) for row in described.fetchall())


def _check_order(ordinals: pa.Array, first: int) -> None:
    if not np.array_equal(ordinals.to_numpy(), np.arange(first, first + len(ordinals))):
        raise OrderLost


def _add_leaves(tree: RootAccumulator, hashed: Sequence[CellHashes]) -> None:
    for some in hashed:
        tree.add_leaf_hashes(row_leaves(some))


def _stream(
    connection: duckdb.DuckDBPyConnection, parquet: Path, columns: Sequence[FoundColumn]
) -> pa.RecordBatchReader:
    # Ordinal, stored values, encoded values. The file has no column for the ordinal: it is the
    # number of the row.
    named = ", ".join(f"{quoted(column.name)} AS v{i}" for i, column in enumerate(columns))
    stored = [codec_of(column.type).sql(f"v{i}") for i, column in enumerate(columns)]
    encoded = [encoded_sql(column.type, f"v{i}") for i, column in enumerate(columns)]
    outputs = ", ".join(f"{sql} AS o{i}" for i, sql in enumerate([*stored, *encoded]))
    source = f"read_parquet({literal(parquet)}, file_row_number = true)"
    query = (
        f"SELECT ordinal, {outputs} FROM "  # noqa: S608
        f"(SELECT file_row_number AS ordinal, {named} FROM {source})"
    )
    # Where values are long the row groups are short, and so must be the batches.
    rows = min(limits.batch_rows(len(columns)), pq.read_metadata(parquet).row_group(0).num_rows)
    return connection.sql(query).to_arrow_reader(rows)
