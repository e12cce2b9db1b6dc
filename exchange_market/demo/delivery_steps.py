"""Steps of delivery and money: fetch, run into the quota, be billed, and check everything."""

import hashlib
import io
import json
import subprocess
import sys
from typing import Any

import pyarrow as pa

from contracts.receipt_sequence import verify_receipts
from contracts.receipts import SignedReceipt
from contracts.records import from_json
from exchange_market.demo.listing_steps import Figures
from exchange_market.demo.person import wait_for
from exchange_market.demo.trade import Trade

_PAGE = 1_000


def deliver_rows(trade: Trade) -> Figures:
    """Pages as JSON with a cursor and a filter, then the same rows as NDJSON, CSV and Arrow."""
    program = trade.keyed_program()
    asked = {"columns": "origin,dest,dep_delay", "filter": "origin:eq:JFK", "limit": _PAGE}
    first = program.rows("json", **asked).json()
    second = program.rows("json", **asked, cursor=first["next_cursor"]).json()
    if first["rows"] == second["rows"] or {row[0] for row in first["rows"]} != {"JFK"}:
        raise AssertionError("the pages are not two different pages of flights from JFK")
    lines = program.rows("ndjson", **asked).text.splitlines()
    if [list(json.loads(line).values()) for line in lines] != first["rows"]:
        raise AssertionError("NDJSON and JSON differ")
    csv_rows = program.rows("csv", **asked).text.splitlines()
    with pa.ipc.open_stream(io.BytesIO(program.rows("arrow", **asked).content)) as stream:
        table = stream.read_all()
    if len(csv_rows) != _PAGE + 1 or table.num_rows != _PAGE:
        raise AssertionError("CSV or Arrow lack rows")
    return {"pages": 5, "rows": program.received_rows, "bytes": program.received_bytes}


def deliver_file(trade: Trade) -> Figures:
    """The whole revision as Parquet, in two parts; the bytes are those the exchange committed
    to."""
    program = trade.keyed_program()
    size, etag = program.file_size()
    target = trade.folder / "delivered.parquet"
    digest = program.fetch_file(target, size=size, etag=etag, rows=trade.flights.rows)
    expected = trade.revisions[trade.flights.name]["parquet_sha256"]
    if digest != expected:
        raise AssertionError(f"the file has digest {digest}, not {expected}")
    return {"bytes": size, "sha256": digest[:16], "etag": etag.strip('"')[:16]}


def refuse_after_quota(trade: Trade) -> Figures:
    """The contract's rows are used up to the last one; one more is refused and costs nothing."""
    program = trade.keyed_program()
    # Asked of the exchange: a row that the cut of the file went through counts in both parts.
    while left := _rows_left(_settled_usage(trade)):
        program.rows("csv", limit=min(_PAGE, left))
    trade.buyer.expect_refusal("metering.quota_exhausted", lambda: program.rows("csv", limit=1))
    usage = _settled_usage(trade)
    quota = _rows_quota(usage)
    if quota["used"] != quota["limit"] or usage["bytes"] != program.received_bytes:
        raise AssertionError(f"usage {usage} does not equal the {program.received_bytes} received")
    return {"rows": usage["rows"], "bytes": usage["bytes"], "deliveries": usage["deliveries"]}


def receipts(trade: Trade) -> Figures:
    """Every delivery has a signed receipt; signatures and sequence are checked on this side."""
    program = trade.keyed_program()
    found = wait_for("signed receipts", lambda: _all_signed(trade, program.deliveries), 30)
    keys = trade.buyer.get("/.well-known/jwks.json")
    signed = [from_json(SignedReceipt, receipt["signed"]) for receipt in found]
    batches, faults = verify_receipts(signed, keys)
    if faults:
        raise AssertionError(f"faults in the receipts: {faults}")
    told = sum(entry.receipt.body_bytes for entry in signed)
    if told != program.received_bytes:
        raise AssertionError(f"the receipts tell of {told} bytes, not {program.received_bytes}")
    return {"receipts": len(signed), "batches": len(batches), "bytes": told}


def invoice(trade: Trade) -> Figures:
    """Computed from usage by the contract's plan; rating it again here gives the same total."""
    trade.invoice = trade.administrator.post(f"{trade.contract_path}/invoices")
    usage = trade.invoice["usage"]
    rated = _pricing_rate(trade.contract["plan"], usage)
    total = f"{trade.invoice['total_micro'] / 1_000_000:.2f}"
    if rated["total"] != total:
        raise AssertionError(f"recomputed {rated['total']}, invoiced {total}")
    trade.buyer.expect_refusal("access.wrong_role", lambda: trade.buyer.post(_settlement(trade)))
    return {"number": trade.invoice["number"], "rows": usage["rows"], "total": total}


def settle(trade: Trade) -> Figures:
    """Another administrator books it: the provider's share, the commission, to the last
    micro-unit."""
    settled = trade.second_administrator.post(_settlement(trade))
    parts = settled["provider_share_micro"] + settled["commission_micro"]
    if parts != settled["total_micro"]:
        raise AssertionError("the shares do not add up to the total")
    held = trade.provider.get("/v1/balances")["balances"]
    return {
        "provider_share_micro": settled["provider_share_micro"],
        "commission_micro": settled["commission_micro"],
        "provider_holds_micro": sum(balance["balance_micro"] for balance in held),
    }


def audit(trade: Trade) -> Figures:
    """The chain of audit leaves is whole, and the ledger sums to zero."""
    chain = trade.administrator.get("/v1/admin/audit/verification")
    if not chain["ok"]:
        raise AssertionError(f"the audit chain is broken: {chain}")
    statistics = trade.administrator.get("/v1/admin/statistics")
    sums = statistics["ledger_sums_micro"]
    if any(sums.values()) or statistics["wrong_balances"]:
        raise AssertionError(f"the ledger does not balance: {statistics}")
    volume = trade.buyer.get("/v1/statistics/volume")
    return {
        "leaves": chain["leaves"],
        "ledger_sums": sums,
        "delivered_bytes_this_year": volume["delivered_bytes"],
    }


def verify(trade: Trade) -> Figures:
    """The evidence bundle verifies with the verifier alone, in a process of its own."""
    raw = wait_for("the evidence", lambda: trade.buyer.download(f"{trade.contract_path}/evidence"))
    bundle = trade.folder / "evidence.zip"
    bundle.write_bytes(raw)
    keys = trade.folder / "keys.json"
    keys.write_bytes(trade.buyer.download("/.well-known/jwks.json"))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "contracts", "verify", "--json", "--keys", str(keys), str(bundle)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise AssertionError(
            f"the evidence does not verify: {done.stdout[-3000:]}{done.stderr[-500:]}"
        )
    report = json.loads(done.stdout)
    return {
        "checks": len(report["checks"]),
        "bundle_bytes": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest()[:16],
    }


def _settlement(trade: Trade) -> str:
    return f"/v1/invoices/{trade.invoice['id']}/settlement"


def _settled_usage(trade: Trade) -> dict[str, Any]:
    # A file has a length, so its last byte may arrive before its settlement is in the books.
    program = trade.keyed_program()

    def look() -> dict[str, Any] | None:
        usage = trade.provider.get(f"{trade.contract_path}/usage")
        return usage if usage["deliveries"] == program.deliveries else None

    return wait_for("settlement of all deliveries", look, 10)


def _rows_left(usage: dict[str, Any]) -> int:
    quota = _rows_quota(usage)
    return quota["limit"] - quota["used"]


def _rows_quota(usage: dict[str, Any]) -> dict[str, Any]:
    return next(quota for quota in usage["quotas"] if quota["meter"] == "rows")


def _all_signed(trade: Trade, expected: int) -> list[dict[str, Any]] | None:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = trade.buyer.get(f"{trade.contract_path}/receipts", limit=200, cursor=cursor)
        found += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    complete = len(found) == expected and all(receipt["signed"] for receipt in found)
    return found if complete else None


def _pricing_rate(plan: dict[str, Any], usage: dict[str, Any]) -> dict[str, Any]:
    meters = {name: usage[name] for name in ("rows", "bytes", "calls")}
    done = subprocess.run(
        [sys.executable, "-m", "pricing", "rate", "-"],
        input=json.dumps({"plan": plan, "usage": meters}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)
