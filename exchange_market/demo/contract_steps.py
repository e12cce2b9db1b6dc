"""Steps of the buyer: find, try, negotiate, sign, pay, get a key."""

from datetime import timedelta
from typing import Any

from exchange_market.demo.buyer_program import BuyerProgram
from exchange_market.demo.listing_steps import Figures
from exchange_market.demo.person import Person
from exchange_market.demo.trade import Trade
from exchange_market.kernel.clock import SystemClock

QUOTA_ROWS = 8_000
TOP_UP_MICRO = 1_000_000_000


def search(trade: Trade) -> Figures:
    """A two-character Chinese word and an English one find the listings."""
    found = {
        word: [item["id"] for item in trade.buyer.get("/v1/products", q=word)["items"]]
        for word in ("航班", "保险", "flights")
    }
    if trade.flights_id not in found["航班"] or trade.products["persons"] not in found["保险"]:
        raise AssertionError(f"the search did not find the listings: {found}")
    return {word: len(ids) for word, ids in found.items()}


def sandbox_query(trade: Trade) -> Figures:
    """SQL over the samples, before anything is paid or signed."""
    delays = _ask(
        trade,
        "flights",
        "SELECT origin, count(*) AS flights, round(avg(dep_delay), 1) AS mean_delay "
        "FROM sample GROUP BY origin ORDER BY origin",
    )
    insured = _ask(
        trade,
        "persons",
        "SELECT insurance, count(*) AS persons FROM sample GROUP BY insurance ORDER BY insurance",
    )
    return {
        "flights": delays["rows"],
        "persons": insured["rows"],
        "elapsed_ms": [delays["elapsed_ms"], insured["elapsed_ms"]],
    }


def sandbox_refusal(trade: Trade) -> Figures:
    """Statements that reach for files or write are refused, each with its own reason."""
    refused = [
        trade.buyer.expect_refusal(
            "trials.statement_refused", lambda sql=sql: _ask(trade, "flights", sql)
        )
        for sql in (
            "SELECT * FROM read_csv('server.log')",
            "SELECT * FROM '../revisions/data.parquet'",
            "WITH x AS (COPY sample TO 'out.csv') SELECT 1",
        )
    ]
    return {"refused": len(refused)}


def negotiate(trade: Trade) -> Figures:
    """The buyer asks, the provider counters with a smaller quota, the buyer accepts."""
    asked = _terms(trade, rows=2 * QUOTA_ROWS)
    requested = trade.buyer.post(
        "/v1/contracts",
        {"product_id": trade.flights_id, "terms": asked, "note": "For a study of delays"},
    )
    path = f"/v1/contracts/{requested['id']}"
    trade.buyer.expect_refusal(
        "agreements.move_not_allowed",
        lambda: trade.buyer.post(f"{path}/acceptance", {"offer_number": 1}),
    )
    offer = trade.provider.post(
        f"{path}/offers",
        {"terms": _terms(trade, rows=QUOTA_ROWS), "note": "整文件一次，另加八千行分页"},
    )
    accepted = trade.buyer.post(f"{path}/acceptance", {"offer_number": 2})
    history = trade.buyer.get(f"{path}/offers")["offers"]
    trade.contract = accepted
    return {
        "offers": len(history),
        "changed": history[-1]["changed"],
        "max_charge_micro": offer["max_charge_micro"],
    }


def sign(trade: Trade) -> Figures:
    """Provider, buyer and exchange sign the same bytes."""
    for person in (trade.provider, trade.buyer):
        trade.contract = _sign(trade, person)
    signatures = trade.buyer.get(f"{trade.contract_path}/signatures")["signatures"]
    return {
        "state": trade.contract["state"],
        "signatures": len(signatures),
        "document_digest": trade.contract["document_digest"],
    }


def top_up(trade: Trade) -> Figures:
    """One administrator records the bank transfer, another confirms it; then the contract is
    paid."""
    recorded = trade.administrator.post(
        "/v1/admin/top-ups",
        {
            "organisation_id": trade.buyer.organisation_id,
            "amount_micro": TOP_UP_MICRO,
            "currency": "CNY",
            "bank_reference": "ICBC-20261123-000017",
        },
    )
    decision = f"/v1/admin/top-ups/{recorded['id']}/decision"
    refused = trade.administrator.expect_refusal(
        "settlement.second_person_required",
        lambda: trade.administrator.post(decision, {"decision": "confirm"}),
    )
    trade.second_administrator.post(decision, {"decision": "confirm"})
    paid = trade.buyer.post(f"{trade.contract_path}/payment")
    return {
        "amount_micro": TOP_UP_MICRO,
        "refused_first": refused,
        "set_aside_micro": paid["paid_micro"],
    }


def issue_key(trade: Trade) -> Figures:
    """The buyer's program gets a key, shown once."""
    issued = trade.buyer.post(f"{trade.contract_path}/keys", {"label": "nightly job"})
    trade.program = BuyerProgram(trade.server.url, trade.flights_id, issued["key"])
    return {"prefix": issued["prefix"], "hint": issued["hint"]}


def _sign(trade: Trade, person: Person) -> dict[str, Any]:
    contract = person.get(trade.contract_path)
    person.download(f"{trade.contract_path}/text?language=zh")
    return person.post(
        f"{trade.contract_path}/signatures",
        {"document_digest": contract["document_digest"], "code": person.code()},
    )


def _ask(trade: Trade, name: str, sql: str) -> dict[str, Any]:
    return trade.buyer.post(
        f"/v1/products/{trade.products[name]}/sandbox/queries", {"sql": sql, "max_rows": 100}
    )


def _terms(trade: Trade, *, rows: int) -> dict[str, Any]:
    # The contract day turns at midnight in Shanghai: yesterday in UTC is never later than today
    # there.
    today = SystemClock().now().date()
    return {
        "purpose_codes": ["research"],
        "purpose_statement": "研究航班延误的成因 Study why flights are delayed",
        "starts_on": (today - timedelta(days=1)).isoformat(),
        "ends_on": (today + timedelta(days=90)).isoformat(),
        "max_rows": trade.flights.rows + rows,
        "max_bytes": 200_000_000,
        "max_calls": 1_000,
    }
