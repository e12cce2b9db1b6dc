"""The commitment computed over columns equals the reference computed cell by cell."""

# ruff: noqa: DTZ001 - timestamps without a zone are what is tested here

import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.commitment import commit_row, encode_value
from contracts.merkle import root
from exchange_market.catalog.ingestion import commitment as bulk
from exchange_market.catalog.ingestion.artefacts import CommitmentPlan, commit_and_page
from exchange_market.catalog.ingestion.commitment import encoded_sql
from exchange_market.catalog.ingestion.table import open_duckdb
from exchange_market.catalog.pages import Order, PageStore

SECRET = bytes(range(7, 39))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)

# Arrow type -> values of it.
COLUMNS: Mapping[pa.DataType, st.SearchStrategy[Any]] = {
    pa.bool_(): st.booleans(),
    pa.int16(): st.integers(-(2**15), 2**15 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float64(): st.floats(),
    pa.decimal128(9, 2): st.decimals(-9_999_999, 9_999_999, places=2),
    pa.decimal128(3, 3): st.decimals(Decimal("-0.999"), Decimal("0.999"), places=3),
    pa.decimal128(38, 5): st.integers(-(10**38) + 1, 10**38 - 1).map(
        lambda number: Decimal((int(number < 0), tuple(map(int, str(abs(number)))), -5))
    ),
    pa.string(): TEXT,
    pa.binary(): st.binary(max_size=40),
    pa.date32(): st.dates(),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("us", "UTC"): st.datetimes(timezones=st.just(UTC)),
    pa.time64("us"): st.times(),
}
TABLES = st.lists(
    st.tuples(*(st.none() | values for values in COLUMNS.values())), min_size=1, max_size=20
)
NAMES = [f"列 {i} '\"" for i in range(len(COLUMNS))]
EDGES = [
    -0.0, 0.1, 1e16, 1e15, 123456789012345680.0, 1e-5, 1e-4, 5e-324, 1.7976931348623157e308,
    float("nan"), float("inf"), float("-inf"), 1e22, 1e23, 9007199254740993.0,
]  # fmt: skip


def row_with_float(number: float) -> tuple[Any, ...]:
    row: list[Any] = [None] * len(COLUMNS)
    row[4] = number
    return tuple(row)


@settings(max_examples=60)
@given(TABLES)
@example([row_with_float(number) for number in EDGES])
@example(
    [
        (True, 0, 0, 0, 0.0, Decimal("-0.00"), Decimal("0.000"), Decimal("0.00000"), "", b"",
         date(1, 1, 1), datetime(1, 1, 1), datetime(1, 1, 1, tzinfo=UTC), time(0)),
    ]
)  # fmt: skip
def test_root_and_pages_equal_the_reference(rows: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        columns = list(zip(*rows, strict=True))
        arrays = [pa.array(cells, kind) for cells, kind in zip(columns, COLUMNS, strict=True)]
        pq.write_table(pa.table(arrays, names=NAMES), folder / "t.parquet", row_group_size=7)

        with open_duckdb(folder, 2**31) as connection:
            made = commit_and_page(
                connection,
                folder / "t.parquet",
                folder / "pages",
                CommitmentPlan(SECRET, (NAMES[4],)),
                lambda rows: None,
            )
        with PageStore(folder / "pages") as store:
            page = store.page(NAMES, order=Order.ORDINAL, limit=len(rows))

    cells = [list(zip(NAMES, row, strict=True)) for row in rows]
    leaves = [commit_row(SECRET, ordinal, row) for ordinal, row in enumerate(cells)]
    assert made.rows == len(rows)
    assert made.root == root(leaves)
    # A page repeats each value exactly: the same encoding, of the same type.
    assert [[encode_value(value) for value in row] for row in page.rows] == [
        [encode_value(value) for value in row] for row in rows
    ]


def test_rows_of_many_batches_and_queries_equal_the_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each row group is a batch and takes several queries; the last of each is a shorter one.
    monkeypatch.setattr(bulk, "_CELLS_PER_QUERY", 2_500)
    table = pa.table(
        {
            "word": [f"航班 {i}" if i % 7 else None for i in range(5_000)],
            "number": range(5_000),
            "long": ["x" * (i % 100) for i in range(5_000)],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=2_048)
    seen: list[int] = []

    with open_duckdb(tmp_path, 2**31) as connection:
        made = commit_and_page(
            connection,
            tmp_path / "t.parquet",
            tmp_path / "pages",
            CommitmentPlan(SECRET, ()),
            seen.append,
        )

    rows = [list(row.items()) for row in table.to_pylist()]
    assert made.root == root(commit_row(SECRET, i, row) for i, row in enumerate(rows))
    assert (made.rows, len(seen)) == (5_000, 3)


@given(st.floats())
def test_a_double_is_encoded_as_python_writes_it(number: float) -> None:
    query = f"SELECT {encoded_sql('DOUBLE', 'v')} FROM (SELECT $1::DOUBLE AS v)"  # noqa: S608

    encoded = duckdb.execute(query, [number]).fetchone()

    assert encoded == (encode_value(number),)
