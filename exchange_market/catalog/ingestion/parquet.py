"""Parquet as a table, after its footer was checked.

Types that the exchange does not deliver are turned into the nearest one it does: single precision
into double, half-open kinds (UUID, ENUM, intervals) into text, nested values into JSON text.
"""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from exchange_market.catalog.ingestion import limits
from exchange_market.catalog.ingestion.inference import check_rows, too_long
from exchange_market.catalog.ingestion.refusals import (
    ColumnsTooMany,
    FileEmpty,
    NestingTooDeep,
    NoRows,
    NotParquet,
    TooMuchInside,
    ValueOutOfRange,
)
from exchange_market.catalog.ingestion.table import (
    Table,
    TypedColumn,
    checked_names,
    literal,
    quoted,
)

_MAGIC = b"PAR1"
_TAIL_BYTES = 8
_KEPT = frozenset(
    "BOOLEAN TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT "
    "DOUBLE VARCHAR BLOB DATE TIMESTAMP TIME".split()
) | {"TIMESTAMP WITH TIME ZONE"}
_CAST = {
    "FLOAT": "DOUBLE",
    "TIMESTAMP_NS": "TIMESTAMP",
    "TIMESTAMP_MS": "TIMESTAMP",
    "TIMESTAMP_S": "TIMESTAMP",
    "TIME_NS": "TIME",
}
_COLUMNS_PER_PASS = 200
_SIZE = {"VARCHAR": "strlen", "BLOB": "octet_length"}
_DATED = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"})


def read_parquet(connection: duckdb.DuckDBPyConnection, original: Path, scratch: Path) -> Table:
    """The table in a Parquet file; raises one of the refusals."""
    del scratch
    _check_ends(original)
    rows = _check_footer(original)
    relation = f"read_parquet({literal(original)}, binary_as_string = false)"
    try:
        return parquet_table(connection, relation, rows)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        # The pass writes nothing, so whatever else goes wrong is in the file.
        raise NotParquet from None


def parquet_table(connection: duckdb.DuckDBPyConnection, relation: str, rows: int) -> Table:
    """The table behind a relation of typed columns, after a pass over all values."""
    described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608
    names = checked_names([row[0] for row in described])
    columns = tuple(
        _typed(name, row[0], row[1]) for name, row in zip(names, described, strict=True)
    )
    kinds = {row[0]: row[1] for row in described}
    row_bytes_max = _check_values(connection, relation, columns, kinds)
    return Table(relation, columns, rows, row_bytes_max)


def _typed(name: str, source: str, found: str) -> TypedColumn:
    sql = quoted(source)
    if found in _KEPT or (found.startswith("DECIMAL") and not found.endswith("]")):
        return TypedColumn(name, found, sql)
    if found in _CAST:
        return TypedColumn(name, _CAST[found], f"CAST({sql} AS {_CAST[found]})")
    if found.endswith("]") or found.startswith(("STRUCT", "MAP", "UNION")):
        sql = f"CASE WHEN {sql} IS NULL THEN NULL ELSE to_json({sql}) END"
    return TypedColumn(name, "VARCHAR", f"CAST({sql} AS VARCHAR)")


def _check_values(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: tuple[TypedColumn, ...],
    found: dict[str, str],
) -> int:
    row_bytes_max = 0
    checks = [
        _check_sql(column, quoted(source), kind)
        for column, (source, kind) in zip(columns, found.items(), strict=True)
    ]
    for start in range(0, len(checks), _COLUMNS_PER_PASS):
        some = slice(start, start + _COLUMNS_PER_PASS)
        query = f"SELECT {', '.join(checks[some])} FROM {relation}"  # noqa: S608
        answer = connection.execute(query).fetchone() or ()
        for column, found_out in zip(columns[some], answer, strict=True):
            if column.type not in _SIZE:
                if found_out:
                    raise ValueOutOfRange(column=column.name)
                continue
            bytes_longest = found_out or 0
            if bytes_longest > limits.FIELD_BYTES_MAX:
                size_sql = f"{_SIZE[column.type]}({column.sql})"
                raise too_long(connection, relation, column.name, size_sql)
            row_bytes_max += bytes_longest
    return row_bytes_max


def _check_sql(column: TypedColumn, source: str, kind: str) -> str:
    # An aggregate: the length of the longest value, else true if some value is wrong.
    if column.type in _SIZE:
        return f"max({_SIZE[column.type]}({column.sql}))"
    exact = f"{source} <> {column.sql}::{kind}" if kind.endswith("_NS") else "false"
    if column.type in _DATED:
        years = f"year({column.sql}) NOT BETWEEN 1 AND 9999"
        return f"bool_or(NOT isfinite({column.sql}) OR {years} OR {exact})"
    # Hashing reads every value, which finds damaged pages; counting would only ask the footer.
    return f"bool_or({exact}) OR max(hash({column.sql})) IS NULL"


def _check_ends(original: Path) -> None:
    size = original.stat().st_size
    if size == 0:
        raise FileEmpty
    with original.open("rb") as file:
        head = file.read(len(_MAGIC))
        if head != _MAGIC or size < len(_MAGIC) + _TAIL_BYTES:
            raise NotParquet
        file.seek(-_TAIL_BYTES, 2)
        tail = file.read(_TAIL_BYTES)
    footer_bytes = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or footer_bytes > size:
        raise NotParquet
    if footer_bytes > limits.PARQUET_FOOTER_BYTES_MAX:
        raise TooMuchInside(
            what=f"footer of {footer_bytes} bytes", most=limits.PARQUET_FOOTER_BYTES_MAX
        )


def _check_footer(original: Path) -> int:
    try:
        with pq.ParquetFile(
            original,
            thrift_string_size_limit=limits.PARQUET_FOOTER_BYTES_MAX,
            thrift_container_size_limit=limits.PARQUET_FOOTER_BYTES_MAX,
        ) as file:
            metadata, schema = file.metadata, file.schema_arrow
            unfolded = sum(
                metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)
            )
    except (pa.ArrowException, OSError, ValueError):
        raise NotParquet from None
    if len(schema) > limits.COLUMNS_MAX or metadata.num_columns > 4 * limits.COLUMNS_MAX:
        raise ColumnsTooMany(
            columns=max(len(schema), metadata.num_columns), columns_max=limits.COLUMNS_MAX
        )
    checked_names(schema.names)
    for field in schema:
        if _depth(field.type) > limits.NESTING_MAX:
            raise NestingTooDeep(column=field.name, nesting_max=limits.NESTING_MAX)
    if unfolded > limits.PARQUET_DECOMPRESSED_BYTES_MAX:
        raise TooMuchInside(what=f"{unfolded} bytes", most=limits.PARQUET_DECOMPRESSED_BYTES_MAX)
    if metadata.num_rows == 0:
        raise NoRows
    check_rows(metadata.num_rows)
    return metadata.num_rows


def _depth(kind: pa.DataType) -> int:
    deepest, waiting = 0, [(kind, 0)]
    while waiting:
        inner, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(inner.field(i).type, depth + 1) for i in range(inner.num_fields)]
    return deepest
