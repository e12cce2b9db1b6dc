"""Rows by API key: exact values in every format, every row once, nothing outside the contract."""

import base64
import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from math import isinf, isnan
from typing import Any

import pyarrow as pa

from tests.support.exchange import OPEN_COLUMNS, ROWS, TABLE, Trade

EXPECTED = sorted(TABLE.drop_columns(["secret"]).to_pylist(), key=lambda row: row["id"])


async def test_every_format_gives_the_exact_values(trade: Trade) -> None:
    contract = await trade.paid(await trade.product())
    key, path = await trade.key(contract), f"{contract['product_id']}/rows?format="

    arrow = await trade.fetch(key, path + "arrow")
    with pa.ipc.open_stream(arrow.content) as stream:
        table = stream.read_all()
    assert table.schema.names == OPEN_COLUMNS
    assert repr(table.to_pylist()) == repr(EXPECTED)
    assert table.schema.field("huge").type == pa.uint64()

    document = (await trade.fetch(key, path + "json")).json()
    assert document["columns"] == OPEN_COLUMNS
    assert document["next_cursor"] is None
    lines = (await trade.fetch(key, path + "ndjson")).text.splitlines()
    as_objects = [dict(zip(OPEN_COLUMNS, row, strict=True)) for row in document["rows"]]
    assert [json.loads(line) for line in lines] == as_objects
    assert [from_json(row) for row in as_objects] == [plain(row) for row in EXPECTED]

    text = (await trade.fetch(key, path + "csv")).content.decode()
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(read) == ROWS
    assert [row["name"] for row in read] == [row["name"] or "" for row in EXPECTED]
    assert [row["huge"] for row in read] == [str(row["huge"]) for row in EXPECTED]
    assert [row["price"] for row in read] == [
        "" if r["price"] is None else str(r["price"]) for r in EXPECTED
    ]
    # A missing value and an empty text are told apart.
    names = {line.split(",")[1] for line in text.split("\r\n")[1:] if line[:1].isdigit()}
    assert {"", '""'} <= names


def from_json(row: dict[str, Any]) -> dict[str, Any]:
    """A row of JSON as a reader would restore it."""
    ratio = row["ratio"]
    return row | {
        "price": None if row["price"] is None else Decimal(row["price"]),
        "wide": Decimal(row["wide"]),
        "at": datetime.fromisoformat(row["at"]),
        "raw": None if row["raw"] is None else base64.b64decode(row["raw"]),
        "ratio": ratio if isinstance(ratio, str | None) else repr(ratio),
    }


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A source row in the same terms."""
    ratio: float | None = row["ratio"]
    shown = None if ratio is None else repr(ratio)
    if ratio is not None and isnan(ratio):
        shown = "NaN"
    if ratio is not None and isinf(ratio):
        shown = "Infinity"
    day = row["day"]
    return row | {"ratio": shown, "day": None if day is None else day.isoformat()}


async def test_pages_cover_each_row_once_and_cursors_are_bound(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id)
    key, path = await trade.key(contract), f"{product_id}/rows?columns=name,id"
    seen: list[int] = []
    cursor = last = ""
    while True:
        answer = await trade.fetch(key, f"{path}&limit=17{cursor}")
        assert int(answer.headers["x-row-count"]) == len(answer.json()["rows"])
        seen += [row[1] for row in answer.json()["rows"]]
        following = answer.json()["next_cursor"]
        assert following == answer.headers.get("x-next-cursor")
        if following is None:
            break
        cursor = f"&cursor={following}"
        last = following
    assert seen == list(range(ROWS))
    assert b"secret" not in base64.urlsafe_b64decode(last + "==")
    assert len(last) < 60

    other = await trade.paid(product_id)
    other_key = await trade.key(other)
    for who, query in (
        (other_key, f"{path}&cursor={last}"),
        (key, f"{path}&cursor={last}&filter=id:gt:3"),
        (key, f"{product_id}/rows?columns=id&cursor={last}"),
        (key, f"{path}&cursor={last[:-2]}aa"),
    ):
        answer = await trade.fetch(who, query)
        assert (answer.status_code, answer.json()["code"]) == (400, "paging.cursor_refused")


async def test_a_column_outside_the_contract_cannot_be_reached(trade: Trade) -> None:
    product_id = await trade.product(keys=("secret", "id"))
    contract = await trade.paid(product_id, columns=["id", "day"])
    key = await trade.key(contract)

    for query in (
        "columns=secret",
        "columns=id,secret",
        "filter=secret:gte:secret-050",
        "columns=nothing",
    ):
        answer = await trade.fetch(key, f"{product_id}/rows?{query}")
        assert (answer.status_code, answer.json()["code"]) == (403, "delivery.outside_contract")
    answer = await trade.fetch(key, f"{product_id}/rows?limit=50")
    # Not in the order of the hidden key, which would tell of its values.
    assert [row[0] for row in answer.json()["rows"]] == TABLE["id"].to_pylist()[:50]
    cursor = answer.json()["next_cursor"]
    assert b"secret" not in base64.urlsafe_b64decode(cursor + "==")
    rest = await trade.fetch(key, f"{product_id}/rows?limit=100&cursor={cursor}")
    assert [row[0] for row in rest.json()["rows"]] == TABLE["id"].to_pylist()[50:]
    assert (await trade.usage(contract))["rows"] == ROWS


async def test_a_column_outside_the_contract_is_named_with_the_nearest_inside(
    trade: Trade,
) -> None:
    product_id = await trade.product()
    key = await trade.key(await trade.paid(product_id, columns=["id", "price", "ratio"]))

    async def refusal(query: str, language: str = "en") -> Any:
        path = f"{product_id}/rows?{query}"
        answer = await trade.fetch(key, path, headers={"Accept-Language": language})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (403, "delivery.outside_contract")
        return problem

    misspelt = await refusal("columns=id,Prise,name&filter=ratio:gt:1")
    assert misspelt["detail"] == (
        "The contract does not cover this request (column_not_allowed: 'Prise', 'name'; "
        "did you mean 'price'?); see its clause 'columns'."
    )
    assert misspelt["errors"] == [{"field": "columns", "message": misspelt["detail"]}]
    assert misspelt["params"]["columns"] == ["Prise", "name"]
    assert misspelt["params"]["nearest"] == ["price"]

    filtered = await refusal("columns=id&filter=secret:eq:x&filter=id:gt:1", "zh")
    assert filtered["detail"] == (
        "合同条款不允许此请求（column_not_allowed：'secret'）；见合同条款“columns”。"
    )
    assert [error["field"] for error in filtered["errors"]] == ["filter"]

    # Nothing tells a column that the contract leaves out from one that does not exist.
    hidden, unknown = await refusal("columns=secret"), await refusal("columns=zzzzzz")
    assert hidden["detail"].replace("secret", "zzzzzz") == unknown["detail"]
    long = await refusal("columns=" + ",".join(f"{n}{'x' * 90}" for n in range(100)))
    assert long["params"]["columns"] == [f"{n}{'x' * 79}" for n in range(5)]


async def test_malformed_questions_cost_nothing(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id)
    key = await trade.key(contract)
    for query in (
        "limit=0",
        "limit=10001",
        "format=xml",
        "columns=id,id",
        "columns=" + ",".join(["id"] * 4_000),
        "filter=id",
        "filter=id:like:3",
        "filter=id:eq:three",
        "filter=id:eq:" + "9" * 1_500,
        "filter=price:eq:1e999999999",
        "filter=price:eq:NaN",
        "filter=day:eq:2026-02-30",
        "filter=id:in:",
        "&".join(["filter=id:gt:1"] * 51),
        "cursor=AAAA",
        "revision=0",
    ):
        answer = await trade.fetch(key, f"{product_id}/rows?{query}")
        assert answer.status_code == 400, (query, answer.text)
    assert (await trade.fetch(key, f"{product_id}/rows?revision=9")).status_code == 404
    found = await trade.fetch(key, f"{product_id}/rows?filter=id:in:3,5&filter=day:gte:1900-01-01")
    assert {row[0] for row in found.json()["rows"]} <= {3, 5}
    assert (await trade.usage(contract))["deliveries"] == 1


async def test_receipts_state_what_was_received(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id)
    key = await trade.key(contract)
    sizes, ids = [], []
    started = datetime(2026, 11, 23, tzinfo=UTC)
    for wanted in ("json", "csv", "arrow", "ndjson", "json"):
        answer = await trade.fetch(key, f"{product_id}/rows?limit=9&format={wanted}")
        sizes.append(len(answer.content))
        ids.append(answer.headers["x-receipt-id"])

    receipts = await trade.receipts(contract)

    assert [entry["receipt"]["receipt_id"] for entry in receipts] == ids
    assert [entry["receipt"]["body_bytes"] for entry in receipts] == sizes
    assert [entry["receipt"]["rows"] for entry in receipts] == [9] * 5
    assert all(entry["receipt"]["started_at"] > started.isoformat() for entry in receipts)
    usage = await trade.usage(contract)
    assert (usage["bytes"], usage["rows"], usage["calls"]) == (sum(sizes), 45, 5)
    assert usage["last_receipt_hash"] == receipts[-1]["receipt_hash"]
    assert usage["quotas"] == [
        {"meter": "rows", "limit": 1_000, "used": 45, "reserved": 0, "remaining": 955}
    ]
