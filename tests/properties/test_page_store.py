"""Pages of the page store equal what DuckDB answers on the same rows, page after page."""

import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_market.catalog.ingestion.artefacts import CommitmentPlan, commit_and_page
from exchange_market.catalog.ingestion.table import open_duckdb
from exchange_market.catalog.pages import Comparison, Filter, Order, PageStore, Position, RowsPage

SCHEMA = pa.schema(
    [("k1", pa.int64()), ("k2", pa.string()), ("x", pa.float64()), ("m", pa.decimal128(20, 2))]
)
NAMES = SCHEMA.names
# Few different values, so that keys repeat and filters hit.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "k1": st.integers(-2, 2),
    "k2": st.sampled_from(["", "a", "b", "北京", "Z"]),
    "x": st.sampled_from([float("-inf"), -1.5, -0.0, 0.0, 2.0, float("inf"), float("nan")]),
    "m": st.decimals(-3, 3, places=2),
}
ROWS = st.lists(st.tuples(*(st.none() | VALUES[name] for name in NAMES)), min_size=1, max_size=40)
KINDS = {"k1": "BIGINT", "k2": "VARCHAR", "x": "DOUBLE", "m": "DECIMAL(20,2)"}
SQL = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


@st.composite
def conditions(draw: st.DrawFn) -> Filter:
    column = draw(st.sampled_from(NAMES))
    op = draw(st.sampled_from(Comparison))
    if op is Comparison.IN:
        return Filter(column, op, tuple(draw(st.lists(VALUES[column], min_size=1, max_size=3))))
    return Filter(column, op, draw(VALUES[column]))


def answer(path: Path, filters: list[Filter], order: Order) -> list[tuple[Any, ...]]:
    clauses, values = ["true"], []
    for condition in filters:
        many = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        values += many
        kind = KINDS[condition.column]
        marks = ", ".join(f"?::{kind}" for _ in many)
        operator = "IN" if condition.op is Comparison.IN else SQL[condition.op]
        clauses.append(f"{condition.column} {operator} ({marks})")
    keys = "k1 NULLS FIRST, k2 NULLS FIRST," if order is Order.KEY else ""
    return duckdb.execute(
        f"SELECT file_row_number, {', '.join(NAMES)} FROM read_parquet('{path}', "  # noqa: S608
        f"file_row_number = true) WHERE {' AND '.join(clauses)} ORDER BY {keys} file_row_number",
        values,
    ).fetchall()


def text_bytes(page: RowsPage) -> int:
    """The least that the values of a page take."""
    return sum(len(value) for row in page.rows for value in row if isinstance(value, str))


@settings(max_examples=80)
@given(
    ROWS,
    st.lists(conditions(), max_size=2),
    st.sampled_from(Order),
    st.integers(1, 7),
    st.none() | st.integers(0, 300),
)
def test_pages_hold_every_row_once_and_in_order(
    rows: list[tuple[Any, ...]],
    filters: list[Filter],
    order: Order,
    limit: int,
    bytes_max: int | None,
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "t.parquet"
        pq.write_table(
            pa.table(
                [
                    pa.array(cells, field.type)
                    for cells, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)
                ],
                schema=SCHEMA,
            ),
            path,
        )
        with open_duckdb(folder, 2**31) as connection:
            plan = CommitmentPlan(bytes(32), ("k1", "k2"))
            commit_and_page(connection, path, folder / "pages", plan, lambda rows: None)
        found: list[tuple[Any, ...]] = []
        after: Position | None = None
        with PageStore(folder / "pages") as store:
            while True:
                page = store.page(
                    NAMES,
                    filters=filters,
                    order=order,
                    after=after,
                    limit=limit,
                    bytes_max=bytes_max,
                )
                assert len(page.rows) <= limit
                assert bytes_max is None or len(page.rows) <= 1 or text_bytes(page) <= bytes_max
                found += [(o, *row) for o, row in zip(page.ordinals, page.rows, strict=True)]
                after = page.next
                if after is None:
                    break
                assert len(page.rows) == limit or (bytes_max is not None and page.rows)
        expected = answer(path, filters, order)

    assert list(map(repr, found)) == list(map(repr, expected))
