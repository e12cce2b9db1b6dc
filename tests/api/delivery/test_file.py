"""The Parquet file: whole, in ranges, resumed, known already, and as a view of some columns."""

import hashlib
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from contracts.receipt_sequence import verify_sequence
from contracts.receipts import SignedReceipt, verify_receipt
from contracts.records import from_json
from exchange_market.delivery.errors import RangeNotSatisfiable
from exchange_market.delivery.files import ByteRange, parse_range, read_bytes
from exchange_market.trust.keyring import published_keys
from tests.support.exchange import ROWS, TABLE, Trade


async def test_a_file_is_resumed_by_ranges_and_metered_exactly(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id, columns=TABLE.column_names)
    key, path = await trade.key(contract), f"{product_id}/file"

    head = await trade.fetch(key, path, method="HEAD")
    size = int(head.headers["content-length"])
    assert (head.status_code, head.content) == (200, b"")
    whole = await trade.fetch(key, path)
    assert (whole.status_code, len(whole.content)) == (200, size)
    assert whole.headers["etag"] == head.headers["etag"]
    assert repr(pq.read_table(io.BytesIO(whole.content)).to_pylist()) == repr(TABLE.to_pylist())

    tag = {"If-Range": head.headers["etag"]}
    first = await trade.fetch(key, path, headers={"Range": f"bytes=0-{size // 3}"})
    assert first.status_code == 206
    assert first.headers["content-range"] == f"bytes 0-{size // 3}/{size}"
    rest = await trade.fetch(key, path, headers=tag | {"Range": f"bytes={size // 3 + 1}-"})
    assert hashlib.sha256(first.content + rest.content).digest() == (
        hashlib.sha256(whole.content).digest()
    )
    suffix = await trade.fetch(key, path, headers={"Range": "bytes=-8"})
    assert suffix.content == whole.content[-8:]
    changed = await trade.fetch(key, path, headers={"If-Range": '"other"', "Range": "bytes=0-1"})
    assert (changed.status_code, changed.content) == (200, whole.content)

    for known in (head.headers["etag"], f'"x", W/{head.headers["etag"]}', "*"):
        answer = await trade.fetch(key, path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
    beyond = await trade.fetch(key, path, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")

    receipts = [entry["receipt"] for entry in await trade.receipts(contract)]
    received = [whole, first, rest, suffix, changed]
    assert [receipt["body_bytes"] for receipt in receipts] == [len(a.content) for a in received]
    assert receipts[0]["rows"] == ROWS
    # The row that the cut goes through is in both parts.
    assert receipts[1]["rows"] + receipts[2]["rows"] == ROWS + bool((size // 3 + 1) * ROWS % size)
    assert receipts[3]["rows"] == 1
    assert [receipt["content_digest"] for receipt in receipts] == [
        f"sha256:{hashlib.sha256(answer.content).hexdigest()}" for answer in received
    ]


async def test_conditions_and_ranges_as_in_rfc_9110(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id)
    key, path = await trade.key(contract), f"{product_id}/file"
    head = await trade.fetch(key, path, method="HEAD")
    size, tag = int(head.headers["content-length"]), head.headers["etag"]

    # Section 13.1.2: for HEAD too. Section 15.4.5: what a 304 has to carry, and no other length.
    for method in ("GET", "HEAD"):
        known = await trade.fetch(key, path, method=method, headers={"If-None-Match": f"W/{tag}"})
        assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
        assert known.headers["cache-control"] == "private, no-store"
        assert known.headers.get("content-length") in (None, str(size))
    # Section 14.2: Range is for GET alone.
    ranged = await trade.fetch(key, path, method="HEAD", headers={"Range": "bytes=0-9"})
    assert (ranged.status_code, ranged.headers["content-length"]) == (200, str(size))
    assert "content-range" not in ranged.headers
    assert (await trade.usage(contract))["deliveries"] == 0

    everything = await trade.fetch(key, path, headers={"Range": "bytes=0-"})
    assert (everything.status_code, len(everything.content)) == (206, size)
    assert everything.headers["content-range"] == f"bytes 0-{size - 1}/{size}"
    nothing = await trade.fetch(key, path, headers={"Range": "bytes=-0"})
    assert (nothing.status_code, nothing.headers["content-range"]) == (416, f"bytes */{size}")
    # Sections 13.1.5 and 14.2: a weak tag never matches; several ranges may be ignored.
    for headers in (
        {"Range": "bytes=0-9", "If-Range": f"W/{tag}"},
        {"Range": "bytes=0-9", "If-Range": "Sat, 01 Jan 2028 00:00:00 GMT"},
        {"Range": "bytes=0-1,5-6"},
    ):
        whole = await trade.fetch(key, path, headers=headers)
        assert (whole.status_code, len(whole.content)) == (200, size), headers
        assert "content-range" not in whole.headers


async def test_receipts_chain_and_verify_with_the_published_keys(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id)
    key = await trade.key(contract)
    for _ in range(4):
        await trade.fetch(key, f"{product_id}/file", headers={"Range": "bytes=0-99"})
    receipts = await trade.receipts(contract)
    async with trade.exchange.database.read() as reading:
        jwks = await published_keys(reading)

    signed = [from_json(SignedReceipt, entry["signed"]) for entry in receipts]

    for entry in signed:
        assert verify_receipt(entry, jwks).size == 4
    assert verify_sequence([entry.receipt for entry in signed]) == ()
    assert [entry["receipt"] for entry in receipts] == [e["signed"]["receipt"] for e in receipts]
    assert {entry.receipt.contract_digest for entry in signed} == {contract["document_digest"]}
    assert verify_sequence([signed[0].receipt, signed[2].receipt]) != ()


async def test_a_view_holds_only_the_columns_of_the_contract(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id, columns=["day", "id"])
    key = await trade.key(contract)

    answer = await trade.fetch(key, f"{product_id}/file")

    assert b"secret-" not in answer.content
    table = pq.read_table(io.BytesIO(answer.content))
    assert table.schema.names == ["id", "day"]
    assert table.to_pylist() == TABLE.select(["id", "day"]).to_pylist()
    (receipt,) = await trade.receipts(contract)
    assert receipt["receipt"]["artefact"] == "view"
    assert receipt["receipt"]["artefact_digest"] == (
        f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
    )


async def test_an_operation_outside_the_contract_is_refused(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.paid(product_id, operations=["rows"])
    key = await trade.key(contract)
    for method in ("GET", "HEAD"):
        assert (await trade.fetch(key, f"{product_id}/file", method=method)).status_code == 403
    assert (await trade.fetch(key, f"{product_id}/rows")).status_code == 200


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-", (0, 100)),
        ("Bytes=5-5", (5, 6)),
        ("bytes=90-1000", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("bytes=0-1,5-6", None),
        ("bytes=9-5", None),
        ("bytes=200-150", None),
        ("bytes=1 0-2 0", None),
        (" bytes=1-2 ", (1, 3)),
        ("rows=0-1", None),
        ("bytes=a-b", None),
    ],
)
def test_ranges_as_written_in_rfc_9110(
    header: str | None, expected: tuple[int, int] | None
) -> None:
    found = parse_range(header, 100)
    assert found == (None if expected is None else ByteRange(*expected))


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_ranges_behind_the_end_are_refused(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, 100)


async def test_a_file_that_became_shorter_is_not_taken_for_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)
    with pytest.raises(EOFError):
        _ = [chunk async for chunk in read_bytes(path, ByteRange(0, 11))]
