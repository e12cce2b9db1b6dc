"""One sample in a locked in-memory DuckDB database, and the answer to one SELECT on it."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import duckdb

from sandbox.gate import TABLE_NAME, SampleSchema
from sandbox.worker.cells import json_row
from sandbox.worker.failure import QueryFailed
from sandbox.worker.limits import WorkerLimits

_FETCH_ROWS = 500
_MESSAGE_MAX_CHARACTERS = 500
_ZONED = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of one query: `rows_json` holds each row as a JSON array."""

    columns: list[dict[str, str]]
    rows_json: list[str]
    truncated: bool
    elapsed_ms: float


def open_database(limits: WorkerLimits) -> duckdb.DuckDBPyConnection:
    """Open an empty in-memory database that spills nowhere and installs nothing."""
    connection = duckdb.connect(":memory:", config={"threads": "1"})
    for setting in (
        "autoinstall_known_extensions=false",
        "autoload_known_extensions=false",
        "allow_community_extensions=false",
        "allow_persistent_secrets=false",
        "python_enable_replacements=false",
        "enable_progress_bar=false",
        "TimeZone='UTC'",
        "temp_directory=''",
        f"memory_limit='{limits.memory_mb}MB'",
    ):
        connection.execute(f"SET {setting}")
    return connection


class LockedSample:
    """The sample's rows, with every way out of the database closed."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, rows: int, limits: WorkerLimits
    ) -> None:
        self._connection = connection
        self._limits = limits
        self.rows = rows
        described = connection.execute(f"DESCRIBE {TABLE_NAME}").fetchall()
        self.columns = [{"name": str(row[0]), "type": str(row[1])} for row in described]

    @property
    def schema(self) -> SampleSchema:
        """The gate's view of this sample."""
        return SampleSchema.of_sample(column["name"] for column in self.columns)

    @classmethod
    def load(cls, connection: duckdb.DuckDBPyConnection, path: Path, limits: WorkerLimits) -> Self:
        """Copy a Parquet file into memory and lock the database; raises `duckdb.Error`."""
        rows = _copy_rows(connection, path)
        for setting in (
            "disabled_filesystems='LocalFileSystem'",
            "enable_external_access=false",
            f"max_execution_time={limits.query_seconds * 1000}",
            "lock_configuration=true",
        ):
            connection.execute(f"SET {setting}")
        return cls(connection, rows, limits)

    def run(self, sql: str, rows_max: int) -> Answer:
        """Run one statement in a read-only transaction that is rolled back afterwards.

        The rollback also drops what a statement that slipped through the gate might have created.
        """
        started = time.perf_counter()
        try:
            statements = self._connection.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise QueryFailed("query_error", message="only one SELECT can run")
            self._connection.execute("BEGIN TRANSACTION READ ONLY")
            try:
                columns, rows_json, truncated = self._fetch(statements[0], rows_max)
            finally:
                self._connection.execute("ROLLBACK")
        except (duckdb.OutOfMemoryException, MemoryError):
            raise QueryFailed("memory_exceeded") from None
        except duckdb.InterruptException:
            raise QueryFailed("query_timeout", seconds=self._limits.query_seconds) from None
        except (duckdb.Error, ValueError, RecursionError) as error:
            raise QueryFailed("query_error", message=_message(error)) from None
        elapsed_ms = round((time.perf_counter() - started) * 1000, 3)
        return Answer(columns, rows_json, truncated, elapsed_ms)

    def _fetch(
        self, statement: duckdb.Statement, rows_max: int
    ) -> tuple[list[dict[str, str]], list[str], bool]:
        result = self._connection.execute(statement)
        columns = [{"name": str(c[0]), "type": str(c[1])} for c in result.description or []]
        if any(_ZONED in column["type"] for column in columns):
            raise ValueError("a time with a zone cannot be shown: cast it to TIMESTAMP")
        rows_json: list[str] = []
        size = 0
        while chunk := result.fetchmany(_FETCH_ROWS):
            for row in chunk:
                text = json.dumps(json_row(row), ensure_ascii=False, allow_nan=False)
                size += len(text.encode())
                if len(rows_json) == rows_max or size > self._limits.answer_bytes_max:
                    return columns, rows_json, True
                rows_json.append(text)
        return columns, rows_json, False


def _copy_rows(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    source = "read_parquet($path, hive_partitioning := false, file_row_number := false)"
    parameters = {"path": _literal_glob(path)}
    described = connection.execute(f"DESCRIBE FROM {source}", parameters).fetchall()
    # A zoned time needs a package to show; in UTC the plain time says the same.
    zoned = [str(row[0]).replace('"', '""') for row in described if str(row[1]) == _ZONED]
    replaced = ", ".join(f'"{name}"::TIMESTAMP AS "{name}"' for name in zoned)
    projection = f"* REPLACE ({replaced})" if zoned else "*"
    copied = connection.execute(
        f"CREATE TABLE {TABLE_NAME} AS SELECT {projection} FROM {source}",  # noqa: S608  quoted names
        parameters,
    ).fetchone()
    return int(copied[0]) if copied else 0


def _literal_glob(path: Path) -> str:
    """Return the path with glob characters taken literally."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def _message(error: Exception) -> str:
    return " ".join(str(error).split())[:_MESSAGE_MAX_CHARACTERS]
