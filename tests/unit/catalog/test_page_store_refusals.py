"""What the page store refuses, and that it stops in time."""

# ruff: noqa: DTZ001 - timestamps without a zone are what is tested here

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_market.catalog.ingestion.artefacts import CommitmentPlan, commit_and_page
from exchange_market.catalog.ingestion.table import open_duckdb
from exchange_market.catalog.page_values import Value
from exchange_market.catalog.pages import (
    Comparison,
    Filter,
    FilterRefused,
    Order,
    PageColumnUnknown,
    PageStore,
    PageTimedOut,
    Position,
)
from tests.support.ingestion import write_parquet


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 200,000 rows keyed by `i`."""
    folder = tmp_path_factory.mktemp("pages")
    parquet = write_parquet(
        folder / "t.parquet",
        "SELECT i, i % 7 AS r, (i / 100)::DECIMAL(9,2) AS m, DATE '2024-01-01' AS d, i > 5 AS b, "
        "'t' || i AS t FROM range(200000) g(i)",
    )
    with open_duckdb(folder, 2**31) as connection:
        commit_and_page(
            connection,
            parquet,
            folder / "p?#.sqlite",
            CommitmentPlan(bytes(32), ("i",)),
            lambda n: None,
        )
    return folder / "p?#.sqlite"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("i", "1"), ("i", True), ("i", 1.0), ("i", 2**63), ("m", Decimal("0.001")), ("m", 1.5),
        ("m", 10**7), ("d", datetime(2024, 1, 1)), ("d", "2024-01-01"), ("b", 1), ("t", b"x"),
        ("t", None), ("t", "\ud800"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(pages: Path, column: str, value: Value) -> None:
    with PageStore(pages) as store, pytest.raises(FilterRefused) as refused:
        store.page(["i"], filters=[Filter(column, Comparison.EQ, value)], limit=1)

    assert refused.value.params["column"] == column


def test_only_names_of_the_store_are_columns(pages: Path) -> None:
    with PageStore(pages) as store:
        for name in ("rowid", "c0", "I", "i; DROP TABLE page_row", ""):
            with pytest.raises(PageColumnUnknown):
                store.page([name], limit=1)
            with pytest.raises(PageColumnUnknown):
                store.page(["i"], filters=[Filter(name, Comparison.EQ, 1)], limit=1)


def test_a_list_is_for_in_and_has_a_limit(pages: Path) -> None:
    with PageStore(pages) as store:
        for condition in (
            Filter("i", Comparison.EQ, (1, 2)),
            Filter("i", Comparison.IN, 1),
            Filter("i", Comparison.IN, tuple(range(1_001))),
        ):
            with pytest.raises(FilterRefused):
                store.page(["i"], filters=[condition], limit=1)
        with pytest.raises(FilterRefused):
            store.page(["i"], filters=[Filter("i", Comparison.GT, 1)] * 51, limit=1)


def test_values_are_read_from_text_by_type(pages: Path) -> None:
    with PageStore(pages) as store:
        assert store.parse("i", "12") == 12
        assert store.parse("m", "1.50") == Decimal("1.50")
        assert store.parse("d", "2024-01-01") == date(2024, 1, 1)
        assert store.parse("b", "true") is True
        for column, text in (("i", "1.5"), ("m", "x"), ("d", "01/02/2024"), ("b", "yes")):
            with pytest.raises(FilterRefused):
                store.parse(column, text)


def test_a_slow_search_is_stopped_and_the_store_stays_usable(pages: Path) -> None:
    with PageStore(pages, seconds_max=0.0) as opened:
        pass
    slow = PageStore(pages)
    object.__setattr__(slow, "_seconds_max", 1e-9)

    with pytest.raises(PageTimedOut) as stopped:
        slow.page(["i"], filters=[Filter("t", Comparison.EQ, "none")], limit=1)

    assert stopped.value.params["keys"] == "i"
    object.__setattr__(slow, "_seconds_max", 5.0)
    assert slow.page(["i"], limit=1).rows == [(0,)]
    assert opened.rows == 200_000


def test_many_threads_read_at_once(pages: Path) -> None:
    with PageStore(pages) as store, ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda i: store.page(["i", "r"], after=Position((i,), i), limit=2).rows,
                range(0, 4000, 10),
            )
        )

    assert answers == [[(i + 1, (i + 1) % 7), (i + 2, (i + 2) % 7)] for i in range(0, 4000, 10)]


def test_the_file_is_never_written(pages: Path) -> None:
    before = (pages.read_bytes(), sorted(pages.parent.iterdir()))

    with PageStore(pages) as store:
        store.page(["i"], order=Order.ORDINAL, limit=5)

    assert (pages.read_bytes(), sorted(pages.parent.iterdir())) == before
