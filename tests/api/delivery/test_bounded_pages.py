"""Pages of wide rows: bounded in bytes, every row once, and a row wider than a page alone."""

import pyarrow as pa

from exchange_market.delivery.row_pages import PAGE_BYTES_MAX
from tests.support.exchange import Trade

COLUMNS = [f"part_{number}" for number in range(10)]
WIDE, ROWS, FIELD = 3, 24, 1_000_000
TABLE = pa.table(
    {
        "id": pa.array(range(ROWS), pa.int64()),
        **{
            name: [
                "w" * FIELD if row == WIDE or (row > WIDE and name == COLUMNS[0]) else "n"
                for row in range(ROWS)
            ]
            for name in COLUMNS
        },
    }
)


async def test_wide_rows_come_in_bounded_pages_and_each_once(trade: Trade) -> None:
    product_id = await trade.product(table=TABLE)
    terms = {"columns": TABLE.column_names}
    key = await trade.key(await trade.paid(product_id, **terms))

    pages, cursor = list[list[int]](), ""
    while True:
        answer = await trade.fetch(key, f"{product_id}/rows?limit=1000{cursor}")
        assert answer.status_code == 200, answer.text
        document = answer.json()
        found = [row[0] for row in document["rows"]]
        assert len(answer.content) <= PAGE_BYTES_MAX or found == [WIDE]
        pages.append(found)
        if document["next_cursor"] is None:
            break
        cursor = f"&cursor={document['next_cursor']}"

    assert pages == [[0, 1, 2], [WIDE], list(range(4, 12)), list(range(12, 20)), [20, 21, 22, 23]]

    small = await trade.paid(product_id, **terms, max_bytes=10 * FIELD + 5_000)
    small_key, after = await trade.key(small), ""
    sizes = list[int]()
    while True:
        answer = await trade.fetch(small_key, f"{product_id}/rows?limit=1000{after}")
        if answer.status_code == 403:
            break
        sizes.append(int(answer.headers["x-row-count"]))
        after = f"&cursor={answer.headers['x-next-cursor']}"
    # Nothing of the next row fits: one empty page, and then the refusal.
    assert sizes == [3, 1, 0]
    assert (await trade.usage(small))["calls"] == 3
