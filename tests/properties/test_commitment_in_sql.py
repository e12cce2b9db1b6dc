"""Given the salts, a database that knows only SHA-256 and concatenation computes the same
commitment."""

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.commitment import (
    CellValue,
    Commitment,
    cell_salts,
    commit_row,
    reveal_cell,
    verify_cell,
)
from contracts.merkle import MerkleTree, root

SECRET = bytes(range(100, 132))
INSTANTS = st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1))  # noqa: DTZ001
COLUMNS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any], str]] = {
    "count": (pa.int64(), st.integers(-(2**63), 2**63 - 1), "'i' || {0}::VARCHAR"),
    "ratio": (
        pa.float64(),
        st.floats(),
        "CASE WHEN isnan({0}) THEN 'fnan' ELSE 'f' || {0}::VARCHAR END",
    ),
    "price": (
        pa.decimal128(12, 2),
        st.decimals(-(10**9), 10**9, places=2),
        "'d' || {0}::VARCHAR",
    ),
    "name": (
        pa.string(),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
        "'s' || {0}",
    ),
    "open": (pa.bool_(), st.booleans(), "'b' || {0}::VARCHAR"),
    "day": (pa.date32(), st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)), "'D' || {0}::VARCHAR"),
    "seen": (pa.timestamp("us"), INSTANTS, "'t' || epoch_us({0})::VARCHAR"),
    "at": (
        pa.timestamp("us", tz="UTC"),
        INSTANTS.map(lambda moment: moment.replace(tzinfo=dt.UTC)),
        "'z' || epoch_us({0})::VARCHAR",
    ),
    "clock": (pa.time64("us"), st.times(), "'T' || epoch_us({0})::VARCHAR"),
}
ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | each for name, (_, each, _) in COLUMNS.items()}),
    min_size=1,
    max_size=4,
)


def blob(raw: bytes) -> str:
    return "'" + "".join(f"\\x{byte:02X}" for byte in raw) + "'::BLOB"


def row_leaf_sql() -> str:
    """Row leaves by ordinal, written with sha256, unhex, encode and concatenation alone."""
    cells = " || ".join(
        f"unhex(sha256(salts[{i + 1}] || "
        f"coalesce(encode({form.format(chr(34) + name + chr(34))}), {blob(bytes(1))})))"
        for i, (name, (_, _, form)) in enumerate(COLUMNS.items())
    )
    # Every part is a constant of this file.
    return f"SELECT unhex(sha256({blob(bytes(1))} || {cells})) FROM revision ORDER BY ordinal"  # noqa: S608


def cells_of(row: dict[str, CellValue]) -> list[tuple[str, CellValue]]:
    return [(name, row[name]) for name in COLUMNS]


def leaves_by_database(rows: list[dict[str, CellValue]]) -> list[bytes]:
    table = pa.table(
        {
            name: pa.array([row[name] for row in rows], kind)
            for name, (kind, _, _) in COLUMNS.items()
        }
        | {
            "ordinal": pa.array(range(len(rows)), pa.int64()),
            "salts": pa.array(
                [cell_salts(SECRET, row, len(COLUMNS)) for row in range(len(rows))],
                pa.list_(pa.binary()),
            ),
        }
    )
    with duckdb.connect() as connection:
        connection.register("revision", table)
        return [leaf for (leaf,) in connection.execute(row_leaf_sql()).fetchall()]


@settings(max_examples=25)
@given(ROWS)
def test_the_database_computes_the_documented_leaves(rows: list[dict[str, CellValue]]) -> None:
    assert leaves_by_database(rows) == [
        commit_row(SECRET, ordinal, cells_of(row)) for ordinal, row in enumerate(rows)
    ]


def test_a_thousand_rows_have_one_root_on_both_sides() -> None:
    rows: list[dict[str, CellValue]] = [
        {
            "count": number,
            "ratio": number / 7,
            "price": Decimal(number).scaleb(-2),
            "name": f"航班 {number}",
            "open": number % 2 == 0,
            "day": dt.date(2013, 1, 1) + dt.timedelta(days=number),
            "seen": None,
            "at": dt.datetime(2013, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=number),
            "clock": dt.time(5, 17, microsecond=number),
        }
        for number in range(1000)
    ]

    assert root(leaves_by_database(rows)) == root(
        commit_row(SECRET, ordinal, cells_of(row)) for ordinal, row in enumerate(rows)
    )


@settings(max_examples=25)
@given(ROWS, st.data())
def test_any_cell_opens_against_the_published_root(
    rows: list[dict[str, CellValue]], data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(sorted(COLUMNS)))
    tree = MerkleTree(
        commit_row(SECRET, ordinal, cells_of(cells)) for ordinal, cells in enumerate(rows)
    )

    verify_cell(
        reveal_cell(SECRET, row, cells_of(rows[row]), column, tree),
        Commitment(tuple(COLUMNS), len(rows), tree.root),
    )
