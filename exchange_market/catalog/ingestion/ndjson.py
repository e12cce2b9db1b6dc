"""NDJSON (one JSON object per line) as a table; nested values become JSON text.

A first pass in Python checks every line and gathers the keys in order of appearance, so that
faults are named by line; the rows are then read by DuckDB.
"""

import json
import re
from collections import Counter
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from exchange_market.catalog.ingestion import limits
from exchange_market.catalog.ingestion.decoding import as_utf8
from exchange_market.catalog.ingestion.inference import TextColumn, check_rows, infer_types
from exchange_market.catalog.ingestion.refusals import (
    ColumnsTooMany,
    JsonMalformed,
    LineTooLong,
    MemberDuplicated,
    NestingTooDeep,
    NoRows,
    TextMalformed,
)
from exchange_market.catalog.ingestion.table import Table, checked_names, literal

_LINES_BYTES = limits.MIB
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def read_ndjson(connection: duckdb.DuckDBPyConnection, original: Path, scratch: Path) -> Table:
    """The table in an NDJSON file; raises one of the refusals."""
    path = as_utf8(original, scratch)
    keys, line_bytes_max = _checked_keys(path)
    names = checked_names(keys)
    relation = _relation(_lines(path, scratch, line_bytes_max), keys)
    columns = [TextColumn(name, f"c{i}", f"q{i}") for i, name in enumerate(names)]
    try:
        return infer_types(connection, relation, columns)
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise
    except duckdb.Error:
        raise TextMalformed(format="NDJSON") from None


def _relation(lines: str, keys: list[str]) -> str:
    # The line is read as one JSON value; each cell is taken out by its exact key, so that no key
    # can be mistaken for a path, an SQL name, or for another key in other letters.
    cells = ", ".join(
        f"json_extract(json, {literal(_pointer(key))}) AS j{i}" for i, key in enumerate(keys)
    )
    columns = ", ".join(
        f"CASE json_type(j{i}) WHEN 'NULL' THEN NULL WHEN 'VARCHAR' THEN j{i} ->> '$' "
        f"ELSE j{i}::VARCHAR END AS c{i}, coalesce(json_type(j{i}) = 'VARCHAR', false) AS q{i}"
        for i in range(len(keys))
    )
    return f"(SELECT {columns} FROM (SELECT {cells} FROM {lines}))"  # noqa: S608


def _lines(path: Path, scratch: Path, line_bytes_max: int) -> str:
    if line_bytes_max <= limits.LINE_BYTES_SHORT:
        return (
            f"read_ndjson_objects({literal(path)}, "
            f"maximum_object_size = {limits.LINE_BYTES_MAX + 1})"
        )
    # DuckDB would parse up to 2,048 lines at a time, which takes several times their length. From
    # a Parquet file it takes no more than a row group.
    target = scratch / "lines.parquet"
    schema = pa.schema([("json", pa.string())])
    with path.open("rb") as file, pq.ParquetWriter(target, schema, compression="lz4") as writer:
        while lines := file.readlines(_LINES_BYTES):
            texts = pa.array([line.decode() for line in lines if not line.isspace()], pa.string())
            writer.write_batch(pa.record_batch([texts], schema=schema), row_group_size=2_048)
    return f"(SELECT json::JSON AS json FROM read_parquet({literal(target)}))"  # noqa: S608


def _pointer(key: str) -> str:
    # JSON Pointer (RFC 6901, section 3).
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _checked_keys(path: Path) -> tuple[list[str], int]:
    decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
    keys: dict[str, None] = {}
    number = rows = longest = 0
    with path.open("rb") as file:
        while line := file.readline(limits.LINE_BYTES_MAX + 1):
            number += 1
            if len(line) > limits.LINE_BYTES_MAX:
                raise LineTooLong(line=number, bytes_max=limits.LINE_BYTES_MAX)
            if line.isspace():
                continue
            rows += 1
            longest = max(longest, len(line))
            cells = _cells(decoder, line, number)
            if not keys.keys() >= cells.keys():
                keys.update(dict.fromkeys(cells))
                _check_count(keys)
    if not rows:
        raise NoRows
    check_rows(rows)
    return list(keys), longest


def _cells(
    decoder: msgspec.json.Decoder[dict[str, msgspec.Raw]], line: bytes, number: int
) -> dict[str, msgspec.Raw]:
    # The brackets are counted before anything parses the line by recursion.
    if line.count(b"[") + line.count(b"{") > limits.NESTING_MAX:
        _check_nesting(line, number)
    try:
        cells = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise JsonMalformed(line=number) from None
    if _may_hide_members(line, cells):
        _refuse_duplicates(line, number)
    return cells


def _may_hide_members(line: bytes, cells: dict[str, msgspec.Raw]) -> bool:
    # The decoder keeps the last of several members of one name. Each member has a colon, so where
    # no colon is left over, no member was dropped. That is many times cheaper than to list them.
    colons = line.count(b":") - len(cells)
    if not colons:
        return False
    colons -= b"".join(cells.values()).count(b":") + "".join(cells).count(":")
    # An escaped colon in a name was counted there, but not in the line.
    return colons != 0 or b"\\u003" in line


def _refuse_duplicates(line: bytes, number: int) -> None:
    pairs: list[tuple[str, object]] = []

    def note(members: list[tuple[str, object]]) -> None:
        # Called for inner objects first; the last call is for the row.
        pairs[:] = members

    json.loads(line, object_pairs_hook=note, parse_int=str, parse_float=str)
    counts = Counter(name for name, _ in pairs)
    for name, count in counts.items():
        if count > 1:
            member = name[: limits.COLUMN_NAME_CHARACTERS_MAX]
            raise MemberDuplicated(line=number, member=member)


def _check_nesting(line: bytes, number: int) -> None:
    depth = 0
    for token in _BRACKETS.finditer(line):
        if token[0] in b"[{":
            depth += 1
        elif token[0] in b"]}":
            depth -= 1
        # The object that is the row does not count.
        if depth > limits.NESTING_MAX + 1:
            raise NestingTooDeep(column=f"(line {number})", nesting_max=limits.NESTING_MAX)


def _check_count(keys: dict[str, None]) -> None:
    if len(keys) > limits.COLUMNS_MAX:
        raise ColumnsTooMany(columns=len(keys), columns_max=limits.COLUMNS_MAX)
