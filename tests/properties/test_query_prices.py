"""Prices of queries: nothing is cheaper in pieces, nothing costs more than the whole."""

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricing.errors import InvalidInput
from pricing.money import Money
from pricing.queryprice import (
    DataQuery,
    difference_sql,
    plan_support,
    query_from_json,
    quote,
    support_table,
)
from pricing.queryprice.support import Neighbour, NeighbourKind

ROWS = 300
COLUMNS = ("city", "year", "amount", "note")
WHOLE = Money.parse("10000", "CNY")
OPERATORS = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def table() -> pa.Table:
    """Three hundred rows, among them missing values and numbers that are none."""
    random = np.random.default_rng(5)
    amounts = [None if i % 11 == 0 else float(random.integers(1, 50)) for i in range(ROWS)]
    amounts[3], amounts[4] = float("nan"), float("inf")
    return pa.table(
        {
            "city": [("南昌", "九江", "赣州")[int(n)] for n in random.integers(3, size=ROWS)],
            "year": pa.array(random.integers(2019, 2025, size=ROWS), pa.int32()),
            "amount": pa.array(amounts, pa.float64()),
            "note": [None if i % 7 else f"note {i}" for i in range(ROWS)],
        }
    )


class Support:
    """The neighbours of the table in DuckDB."""

    def __init__(self) -> None:
        self.plan = plan_support(ROWS, len(COLUMNS), seed=3)
        self.connection = duckdb.connect()
        self.connection.register("support", support_table(self.plan, table()))
        described = self.connection.execute("DESCRIBE support").fetchall()
        kinds = [row[1] for row in described[2:]]
        self.types: dict[str, str] = dict(zip(COLUMNS, kinds, strict=True))

    def told_apart(self, query: DataQuery) -> frozenset[int]:
        statement, values = difference_sql(query, self.types, "support")
        found = self.connection.execute(statement, list(values)).fetchall()
        return frozenset(number for (number,) in found)


SUPPORT = Support()

conditions = st.one_of(
    st.fixed_dictionaries(
        {
            "column": st.just("year"),
            "op": st.sampled_from(["eq", "ne", "lt", "lte", "gt", "gte"]),
            "value": st.integers(2018, 2026),
        }
    ),
    st.fixed_dictionaries(
        {
            "column": st.just("city"),
            "op": st.just("in"),
            "values": st.lists(
                st.sampled_from(["南昌", "九江", "赣州", "nowhere"]), min_size=1, max_size=3
            ),
        }
    ),
)
aggregates = st.one_of(
    st.just({"function": "count"}),
    st.sampled_from(["sum", "avg", "min", "max"]).map(
        lambda function: {"function": function, "column": "amount"}
    ),
)
documents = st.fixed_dictionaries(
    {
        "columns": st.lists(st.sampled_from(COLUMNS), max_size=3, unique=True),
        "where": st.lists(conditions, max_size=2),
        "aggregates": st.lists(aggregates, max_size=2),
    }
).filter(lambda document: document["columns"] or document["aggregates"])


def read(document: dict[str, Any]) -> DataQuery:
    return query_from_json(document, COLUMNS)


@settings(max_examples=40, deadline=None)
@given(st.lists(documents, min_size=1, max_size=5))
def test_a_buyer_with_a_history_pays_for_everything_once(asked: list[dict[str, Any]]) -> None:
    known: frozenset[int] = frozenset()
    paid = Money.zero("CNY")
    for document in asked:
        told = SUPPORT.told_apart(read(document))
        quoted = quote(WHOLE, len(SUPPORT.plan), told, known)
        assert Money.zero("CNY") <= quoted.due <= quoted.alone <= WHOLE
        paid += quoted.due
        known |= told

    assert paid == quote(WHOLE, len(SUPPORT.plan), known).alone
    assert paid <= WHOLE


@given(documents)
def test_what_another_query_determines_never_costs_more(document: dict[str, Any]) -> None:
    query = read(document)
    # All rows of the touched columns determine the answer.
    told = SUPPORT.told_apart(DataQuery(tuple(sorted(query.touched)) or ("city",)))

    assert SUPPORT.told_apart(query) <= told
    assert told <= SUPPORT.told_apart(DataQuery(COLUMNS))


def changed(neighbour: Neighbour) -> list[dict[str, Any]]:
    """The neighbour's whole table, made row by row."""
    rows: list[dict[str, Any]] = table().to_pylist()
    for row in rows:
        if row["amount"] is not None and not np.isfinite(row["amount"]):
            row["amount"] = None
    new = dict(rows[neighbour.row])
    for column in neighbour.columns:
        name = COLUMNS[column]
        given_value = rows[neighbour.donor][name]
        new[name] = None if given_value == new[name] else given_value
    match neighbour.kind:
        case NeighbourKind.DELETED:
            rows.pop(neighbour.row)
        case NeighbourKind.INSERTED:
            rows.append(new)
        case _:
            rows[neighbour.row] = new
    return rows


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents, st.integers(0, len(SUPPORT.plan) - 1))
def test_neighbours_that_answer_differently_are_told_apart(
    document: dict[str, Any], number: int
) -> None:
    query = read(document)
    with duckdb.connect() as connection:
        unchanged = Neighbour(NeighbourKind.CELL, 0, 0, ())
        answers = []
        for neighbour in (unchanged, SUPPORT.plan[number]):
            rows = pa.Table.from_pylist(changed(neighbour), schema=table().schema)
            connection.register("rows", rows)
            answers.append(sorted(connection.execute(_sql(query)).fetchall(), key=repr))

    if answers[0] != answers[1]:
        assert number in SUPPORT.told_apart(query)


def _sql(query: DataQuery) -> str:
    outputs = [*query.columns, *(f"{a.function}({a.column or '*'})" for a in query.aggregates)]
    conditions = [
        f"{c.column} IN ({', '.join(repr(v) for v in c.values)})"
        if c.op == "in"
        else f"{c.column} {OPERATORS[c.op]} {c.values[0]}"
        for c in query.conditions
    ]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    group = f" GROUP BY {', '.join(query.columns)}" if query.aggregates and query.columns else ""
    return f"SELECT {', '.join(outputs)} FROM rows{where}{group}"  # noqa: S608 - names of the test


def test_the_whole_costs_the_price_of_the_whole_less_what_cannot_be_told_apart() -> None:
    told = SUPPORT.told_apart(DataQuery(COLUMNS))

    quoted = quote(WHOLE, len(SUPPORT.plan), told)

    # A neighbour in which a missing value is replaced by a missing one is the same table.
    assert 0.75 * len(SUPPORT.plan) < quoted.told_apart <= len(SUPPORT.plan)
    every = quote(WHOLE, len(SUPPORT.plan), frozenset(range(len(SUPPORT.plan))))
    assert every.alone == WHOLE


def test_a_count_is_not_free_and_costs_less_than_a_column() -> None:
    count = SUPPORT.told_apart(read({"aggregates": [{"function": "count"}]}))

    assert 0 < len(count) < len(SUPPORT.told_apart(read({"columns": ["city"]})))


def test_a_condition_on_nothing_costs_nothing() -> None:
    query = read(
        {"columns": list(COLUMNS), "where": [{"column": "year", "op": "gt", "value": 3000}]}
    )

    assert SUPPORT.told_apart(query) == frozenset()


def test_the_same_seed_gives_the_same_support() -> None:
    assert plan_support(50, 4, seed=1) == plan_support(50, 4, seed=1)
    assert plan_support(50, 4, seed=1) != plan_support(50, 4, seed=2)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "columns"),
        ({"columns": ["salary"]}, "query.columns[0]"),
        ({"columns": ["city"], "limit": 3}, "query.limit"),
        (
            {"columns": ["city"], "where": [{"column": "year", "op": "like", "value": 1}]},
            "query.where[0].op",
        ),
        (
            {"columns": ["city"], "where": [{"column": "year", "op": "in", "values": []}]},
            "query.where[0].values",
        ),
        (
            {"aggregates": [{"function": "median", "column": "year"}]},
            "query.aggregates[0].function",
        ),
        ({"aggregates": [{"function": "sum"}]}, "query.aggregates[0].column"),
    ],
)
def test_a_query_that_cannot_be_priced_names_its_field(
    document: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read(document)

    assert refusal.value.field == field
