"""What a query would cost, over HTTP."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange_market.appraisals.service import certify_document, set_price_plan
from tests.support.catalogue import PROVIDER, STRANGER
from tests.support.trial_tables import write_weather
from tests.support.trials import Trials

pytestmark = pytest.mark.anyio

PLAN = {"currency": "CNY", "charges": [{"kind": "per_unit", "meter": "rows", "unit_price": "5"}]}


async def priced(trials: Trials, folder: Path, table: Path | None = None) -> str:
    """A published product of 600 rows at 5 yuan each: 3,000 for the whole."""
    product_id = await trials.draft()
    await trials.upload(product_id, table or write_weather(folder / "weather.parquet"))
    async with trials.database.write() as tx:
        await set_price_plan(tx, PROVIDER, product_id, certify_document(PLAN), accept_repair=False)
    status, body = await trials.decide(product_id)
    assert status == 200, body
    await trials.publish(product_id)
    return product_id


async def quoted(
    trials: Trials, product_id: str, query: dict[str, Any], *history: dict[str, Any]
) -> Any:
    path = f"/products/{product_id}/sandbox/query-quotes"
    body = {"query": query, "history": list(history)}
    return await trials.call(STRANGER, "POST", path, json=body)


async def test_a_buyer_pays_for_the_whole_at_most_however_it_is_asked_for(
    trials_without_broker: Trials, tmp_path: Path
) -> None:
    trials = trials_without_broker
    product_id = await priced(trials, tmp_path)
    _, sandbox = await trials.call(STRANGER, "GET", f"/products/{product_id}/sandbox")
    names = [column["name"] for column in sandbox["tables"][0]["columns"]]

    dues: list[Decimal] = []
    for number, name in enumerate(names):
        history = [{"columns": [earlier]} for earlier in names[:number]]
        status, answer = await quoted(trials, product_id, {"columns": [name]}, *history)
        assert status == 200, answer
        assert answer["quote"]["whole"] == "3000.00"
        dues.append(Decimal(answer["quote"]["due"]))
    _, whole = await quoted(trials, product_id, {"columns": names})

    assert all(Decimal(0) < due < Decimal(3000) for due in dues)
    assert sum(dues) <= Decimal(whole["quote"]["alone"]) <= Decimal(3000)
    assert whole["revision"] == 1
    assert whole["quote"]["neighbours"] == 1_000


async def test_the_same_query_is_free_the_second_time(
    trials_without_broker: Trials, tmp_path: Path
) -> None:
    product_id = await priced(trials_without_broker, tmp_path)
    query = {
        "columns": ["station"],
        "where": [{"column": "temperature", "op": "gt", "value": 0}],
        "aggregates": [{"function": "avg", "column": "temperature"}],
    }

    _, first = await quoted(trials_without_broker, product_id, query)
    _, second = await quoted(trials_without_broker, product_id, query, query)

    assert Decimal(first["quote"]["due"]) > 0
    assert second["quote"] == first["quote"] | {"due": "0.00"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"columns": ["nothing"]}, "query.columns[0]"),
        (
            {"columns": [], "aggregates": [{"function": "sum", "column": "station"}]},
            "query.aggregates",
        ),
        (
            {
                "columns": ["station"],
                "where": [{"column": "temperature", "op": "eq", "value": "warm"}],
            },
            "query.where",
        ),
    ],
)
async def test_a_query_that_cannot_be_priced_names_its_field(
    trials_without_broker: Trials, tmp_path: Path, query: dict[str, Any], field: str
) -> None:
    product_id = await priced(trials_without_broker, tmp_path)

    status, problem = await quoted(trials_without_broker, product_id, query)

    assert (status, problem["errors"][0]["field"]) == (400, field)


def write_extremes(folder: Path) -> Path:
    """Columns named like those of the support, and the least whole number of 64 bits."""
    path = folder / "extremes.parquet"
    least = [-(2**63) if i % 3 == 0 else i for i in range(600)]
    columns = {
        "sign": pa.array([i % 7 for i in range(600)]),
        "neighbour": pa.array([i % 5 for i in range(600)]),
        "least": pa.array(least, pa.int64()),
    }
    pq.write_table(pa.table(columns), path)
    return path


async def test_columns_may_have_any_name_and_any_whole_number(
    trials_without_broker: Trials, tmp_path: Path
) -> None:
    trials = trials_without_broker
    product_id = await priced(trials, tmp_path, write_extremes(tmp_path))
    queries: list[dict[str, Any]] = [
        {"columns": ["sign"]},
        {"columns": ["neighbour"]},
        {"aggregates": [{"function": "sum", "column": "least"}]},
    ]

    alone: list[Decimal] = []
    for query in queries:
        status, answer = await quoted(trials, product_id, query)
        assert status == 200, answer
        alone.append(Decimal(answer["quote"]["alone"]))
    _, whole = await quoted(trials, product_id, {"columns": ["sign", "neighbour", "least"]})

    # Each column is about a third of the cells, and inserted and deleted rows come on top.
    assert all(Decimal(900) < price < Decimal(2000) for price in alone), alone
    assert Decimal(whole["quote"]["alone"]) > Decimal(2500)


async def test_a_query_that_no_quote_is_worth_is_refused(
    trials_without_broker: Trials, tmp_path: Path
) -> None:
    product_id = await priced(trials_without_broker, tmp_path)
    good = {"columns": ["station"]}
    large = {"column": "temperature", "op": "eq", "value": 10**300}
    wrong = {"columns": ["station"], "where": [large]}

    refused = [
        await quoted(trials_without_broker, product_id, wrong),
        await quoted(trials_without_broker, product_id, good, good, wrong),
    ]

    assert [(status, body["errors"][0]["field"]) for status, body in refused] == [
        (400, "query.where"),
        (400, "history[1].where"),
    ]
