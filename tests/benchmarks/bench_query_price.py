"""How fast queries are quoted and revenue is shared.

Run `python -m tests.benchmarks.bench_query_price`. Quotes: the support of a million rows against
running the same queries on the million rows in the same DuckDB. Shapley: 100,000 training rows by
50 test rows, and a check against brute force over all orders of seven rows.
"""

import statistics
import time
from collections.abc import Callable
from itertools import permutations
from math import factorial

import duckdb
import numpy as np

from pricing.queryprice import difference_sql, plan_support, query_from_json, support_table
from pricing.shapley import knn_shapley

ROWS = 1_000_000
QUERIES = {
    "two columns of one country": {
        "columns": ["country", "amount"],
        "where": [{"column": "country", "op": "eq", "value": "C7"}],
    },
    "sum by country": {
        "columns": ["country"],
        "aggregates": [{"function": "sum", "column": "amount"}],
    },
    "count": {"aggregates": [{"function": "count"}]},
}
WHOLE = {
    "two columns of one country": "SELECT country, amount FROM big WHERE country = 'C7'",
    "sum by country": "SELECT country, sum(amount) FROM big GROUP BY country",
    "count": "SELECT count(*) FROM big",
}


def median_ms(run: Callable[[], object], times: int = 9) -> float:
    """The median of some runs in milliseconds, after one that does not count."""
    run()
    spent: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        spent.append((time.perf_counter() - began) * 1_000)
    return statistics.median(spent)


def bench_quotes() -> None:
    """Milliseconds for each quote and for the query itself."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE big AS SELECT range AS id, 'C' || range % 40 AS country, "  # noqa: S608
            f"hash(range) % 10000 / 100 AS amount FROM range({ROWS})"
        )
        table = connection.sql("FROM big").to_arrow_table()
        began = time.perf_counter()
        plan = plan_support(table.num_rows, table.num_columns, seed=1)
        connection.register("signed", support_table(plan, table))
        connection.execute("CREATE TABLE support AS FROM signed")
        print(f"support of {len(plan)} neighbours: {time.perf_counter() - began:.3f} s")
        types = {name: "VARCHAR" if name == "country" else "DOUBLE" for name in table.column_names}
        for name, document in QUERIES.items():
            query = query_from_json(document, types)
            statement, values = difference_sql(query, types, "support")
            told = len(connection.execute(statement, list(values)).fetchall())
            quoting = median_ms(lambda s=statement, v=values: connection.execute(s, v).fetchall())
            running = median_ms(lambda s=WHOLE[name]: connection.sql(s).to_arrow_table())
            ratio = running / quoting
            print(f"{name}: quote {quoting:.1f} ms, query {running:.1f} ms ({ratio:.1f}x), {told}")


def bench_shapley() -> None:
    """Seconds for 100,000 by 50, and the largest difference from brute force."""
    random = np.random.default_rng(1)
    features, labels = random.normal(size=(100_000, 8)), random.integers(2, size=100_000)
    tests, answers = random.normal(size=(50, 8)), random.integers(2, size=50)
    began = time.perf_counter()
    knn_shapley(features, labels, tests, answers, k=5)
    print(f"Shapley of 100,000 x 50: {time.perf_counter() - began:.2f} s")
    few, few_labels = features[:7], labels[:7]
    exact = np.zeros(7)
    order_of = np.argsort(np.square(few - tests[0]).sum(axis=1))
    rank = {int(row): place for place, row in enumerate(order_of)}

    def utility(members: tuple[int, ...]) -> float:
        nearest = sorted(members, key=lambda row: rank[row])[:3]
        return sum(int(few_labels[row] == answers[0]) for row in nearest) / 3

    for order in permutations(range(7)):
        for place, row in enumerate(order):
            exact[row] += utility(order[: place + 1]) - utility(order[:place])
    values = knn_shapley(few, few_labels, tests[:1], answers[:1], k=3)
    print(f"largest difference from brute force: {np.abs(values - exact / factorial(7)).max():.1e}")


if __name__ == "__main__":
    bench_quotes()
    bench_shapley()
