"""XLSX: the first sheet as a table, after the archive was measured.

calamine reads neither macros nor external links and expands no entities. It holds a sheet in
memory, so what may be inside is capped before it sees the file.
"""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from exchange_market.catalog.ingestion import limits
from exchange_market.catalog.ingestion.parquet import parquet_table
from exchange_market.catalog.ingestion.refusals import (
    FileEmpty,
    HeaderMissing,
    NoRows,
    NotSpreadsheet,
    TooMuchInside,
)
from exchange_market.catalog.ingestion.table import Table, checked_names, literal, quoted

_Cell: TypeAlias = int | float | str | bool | time | date | datetime | timedelta
_Row: TypeAlias = Sequence[_Cell]
_PARTS = ("[Content_Types].xml", "xl/workbook.xml")
_CHUNK_BYTES = limits.MIB
_WHOLE_MAX = 2**53


def read_spreadsheet(connection: duckdb.DuckDBPyConnection, original: Path, scratch: Path) -> Table:
    """The table on the first sheet of a workbook; raises one of the refusals.

    A column has a type if all its cells have it (whole numbers may mix with fractions, dates with
    times); any other mixture becomes text, numbers in it as the sheet shows them without format.
    """
    _check_archive(original)
    try:
        workbook = CalamineWorkbook.from_path(original)
        sheet = workbook.get_sheet_by_index(0)
    except (CalamineError, IndexError, ValueError):
        raise NotSpreadsheet from None
    names, rows = _extent(sheet)
    schema = pa.schema(
        [
            pa.field(f"c{position}", kind)
            for position, kind in enumerate(_kinds(sheet, len(names), rows))
        ]
    )
    target = scratch / "sheet.parquet"
    _write(sheet, schema, rows, target)
    renamed = ", ".join(f"c{i} AS {quoted(name)}" for i, name in enumerate(names))
    return parquet_table(
        connection,
        f"(SELECT {renamed} FROM read_parquet({literal(target)}))",  # noqa: S608
        rows,
    )


def _check_archive(original: Path) -> None:
    if original.stat().st_size == 0:
        raise FileEmpty
    try:
        with zipfile.ZipFile(original) as archive:
            entries = archive.infolist()
            if len(entries) > limits.ZIP_ENTRIES_MAX:
                raise TooMuchInside(what=f"{len(entries)} entries", most=limits.ZIP_ENTRIES_MAX)
            _check_sizes(entries)
            if not set(_PARTS) <= set(archive.namelist()):
                raise NotSpreadsheet
            for entry in entries:
                _check_contents(archive, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise NotSpreadsheet from None


def _check_sizes(entries: Sequence[zipfile.ZipInfo]) -> None:
    unfolded = sum(entry.file_size for entry in entries)
    if unfolded > limits.ZIP_DECOMPRESSED_BYTES_MAX:
        raise TooMuchInside(what=f"{unfolded} bytes", most=limits.ZIP_DECOMPRESSED_BYTES_MAX)
    folded = max(1, sum(entry.compress_size for entry in entries))
    if unfolded > limits.ZIP_RATIO_FREE_BYTES and unfolded > folded * limits.ZIP_RATIO_MAX:
        raise TooMuchInside(
            what=f"ratio {unfolded // folded}", most=f"ratio {limits.ZIP_RATIO_MAX}"
        )


def _check_contents(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    # The directory may lie about sizes. Reading stops at the stated size and then compares the
    # checksum, so whoever passes this holds what it says.
    with archive.open(entry) as part:
        while part.read(_CHUNK_BYTES):
            pass


def _rows(sheet: CalamineSheet) -> Iterator[_Row]:
    return sheet.iter_rows()


def _extent(sheet: CalamineSheet) -> tuple[tuple[str, ...], int]:
    rows = _rows(sheet)
    header = next(rows, None)
    if header is None:
        raise FileEmpty
    if all(cell == "" for cell in header):
        raise HeaderMissing
    names = checked_names([_as_text(cell) for cell in header])
    # Sheets often end in rows that were formatted but never filled.
    last = max((number for number, row in enumerate(rows, 1) if not _is_blank(row)), default=0)
    if last == 0:
        raise NoRows
    return names, last


def _is_blank(row: _Row) -> bool:
    return all(cell == "" for cell in row)


def _kinds(sheet: CalamineSheet, columns: int, rows: int) -> list[pa.DataType]:
    seen: list[set[type]] = [set() for _ in range(columns)]
    for row in islice(_rows(sheet), 1, rows + 1):
        for found, cell in zip(seen, row, strict=True):
            if cell != "":
                found.add(_kind(cell))
    return [_column_kind(found) for found in seen]


def _kind(cell: _Cell) -> type:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _WHOLE_MAX:
        return int
    return type(cell)


def _column_kind(found: set[type]) -> pa.DataType:
    if found == {int}:
        return pa.int64()
    if found and found <= {int, float}:
        return pa.float64()
    if found and found <= {date, datetime}:
        return pa.timestamp("us") if datetime in found else pa.date32()
    if found == {bool}:
        return pa.bool_()
    return pa.time64("us") if found == {time} else pa.string()


def _write(sheet: CalamineSheet, schema: pa.Schema, rows: int, target: Path) -> None:
    size = limits.batch_rows(len(schema))
    cells = islice(_rows(sheet), 1, rows + 1)
    with pq.ParquetWriter(target, schema) as writer:
        while some := list(islice(cells, size)):
            arrays = [
                pa.array([_value(cell, field.type) for cell in column], field.type)
                for column, field in zip(zip(*some, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _value(cell: _Cell, kind: pa.DataType) -> _Cell | None:
    if cell == "" and isinstance(cell, str):
        return None
    if pa.types.is_string(kind):
        return _as_text(cell)
    if pa.types.is_int64(kind):
        return int(cell)  # pyright: ignore[reportArgumentType] - all cells of the column are whole numbers
    if pa.types.is_timestamp(kind) and not isinstance(cell, datetime) and isinstance(cell, date):
        return datetime.combine(cell, time())
    return cell


def _as_text(cell: _Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _WHOLE_MAX:
        return str(int(cell))
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)
