"""Transactions, traces, figures and the audit trail over HTTP."""

import pytest
from sqlalchemy import event

from tests.support.market import ADMINISTRATOR, BUYER, PROVIDER, STRANGER, Market


async def traded(market: Market) -> tuple[str, str]:
    """Product and contract of a trade with two deliveries, invoiced and settled."""
    product_id = await market.published()
    contract = await market.paid_contract(product_id)
    key_id = await market.key(contract)
    await market.deliver(contract, key_id, rows=100, size=40_000)
    await market.deliver(contract, key_id, rows=50, size=20_000)
    await market.sign_receipts()
    await market.settled_invoice(contract)
    await market.place_leaves()
    return product_id, contract.id


async def test_a_transaction_shows_its_money_and_usage(market: Market) -> None:
    product_id, contract_id = await traded(market)

    status, page = await market.call(ADMINISTRATOR, "GET", "/admin/transactions")

    assert status == 200
    [found] = page["items"]
    assert (found["contract_id"], found["product_id"]) == (contract_id, product_id)
    assert (found["state"], found["is_paid"], found["currency"]) == ("active", True, "CNY")
    assert (found["billed_micro"], found["settled_micro"]) == (75_000_000, 75_000_000)
    assert (found["deliveries"], found["delivered_rows"]) == (2, 150)
    assert found["delivered_bytes"] == 60_000
    assert (found["provider_name_en"], found["buyer_name_en"]) == ("provider data", "buyer data")


async def test_transactions_are_filtered_and_paged(market: Market) -> None:
    product_id = await market.published()
    other = await market.published()
    contracts = [(await market.signed_contract(product_id)).id for _ in range(3)]
    await market.signed_contract(other)

    path = f"/admin/transactions?product_id={product_id}&state=active&limit=2"
    _, first = await market.call(ADMINISTRATOR, "GET", path)
    _, rest = await market.call(ADMINISTRATOR, "GET", f"{path}&cursor={first['next_cursor']}")

    found = [item["contract_id"] for item in first["items"] + rest["items"]]
    assert sorted(found) == sorted(contracts)
    for filters in ("state=expired", f"organisation_id={STRANGER.organisation_id}"):
        _, nothing = await market.call(ADMINISTRATOR, "GET", f"/admin/transactions?{filters}")
        assert nothing["items"] == []
    assert (await market.call(PROVIDER, "GET", "/admin/transactions"))[0] == 403


async def test_a_page_of_transactions_takes_the_same_number_of_queries(market: Market) -> None:
    product_id = await market.published()
    counted = []
    for _ in range(2):
        await market.signed_contract(product_id)
        statements: list[str] = []
        engine = market.database._engine.sync_engine

        def note(*arguments: object, seen: list[str] = statements) -> None:
            seen.append(str(arguments[2]))

        event.listen(engine, "before_cursor_execute", note)
        _, page = await market.call(ADMINISTRATOR, "GET", "/admin/transactions")
        event.remove(engine, "before_cursor_execute", note)
        counted.append((len(page["items"]), sum("SELECT" in each for each in statements)))

    assert counted == [(1, 5), (2, 5)]


async def test_the_volume_of_the_year_is_measured_against_the_plan(market: Market) -> None:
    await traded(market)

    status, volume = await market.call(None, "GET", "/statistics/volume?year=2026")
    _, present = await market.call(None, "GET", "/statistics/volume")
    _, before = await market.call(None, "GET", "/statistics/volume?year=2025")

    assert (status, present) == (200, volume)
    assert (volume["delivered_bytes"], volume["deliveries"]) == (60_000, 2)
    assert (volume["target_bytes"], volume["achieved_share"]) == (10_000_000, 0.006)
    # 326 whole days and 16 hours of 365 in Asia/Shanghai; the steps of the trade took a minute.
    assert abs(volume["planned_share"] - (326 + 16 / 24) / 365) < 1e-5
    by_month = {month["month"]: month["delivered_bytes"] for month in volume["months"]}
    assert by_month["2026-11"] == 60_000
    assert sum(by_month.values()) == 60_000
    assert (before["delivered_bytes"], before["planned_share"]) == (0, 1.0)
    assert (await market.call(None, "GET", "/statistics/volume?year=0"))[0] == 400


async def test_a_delivery_belongs_to_the_year_it_is_in_shanghai(market: Market) -> None:
    contract = await market.paid_contract(await market.published())
    key_id = await market.key(contract)
    market.clock.at = market.clock.at.replace(month=12, day=31, hour=15, minute=59, second=58)
    await market.deliver(contract, key_id, rows=1, size=7)  # 23:59:59 in Shanghai
    await market.deliver(contract, key_id, rows=1, size=11)  # midnight

    found = {
        year: (await market.call(None, "GET", f"/statistics/volume?year={year}"))[1]
        for year in (2026, 2027)
    }

    assert {year: volume["delivered_bytes"] for year, volume in found.items()} == {
        2026: 7,
        2027: 11,
    }


async def test_the_market_figures_balance(market: Market) -> None:
    await traded(market)
    await market.submitted()

    status, figures = await market.call(ADMINISTRATOR, "GET", "/admin/statistics")

    assert status == 200
    assert (figures["listings"]["published"], figures["listings"]["submitted"]) == (1, 1)
    assert figures["contracts"]["active"] == 1
    assert figures["organisations"]["verified"] == 4
    assert figures["settled"] == [
        {
            "currency": "CNY",
            "invoices": 1,
            "total_micro": 75_000_000,
            "provider_share_micro": 71_250_000,
            "commission_micro": 3_750_000,
        }
    ]
    assert figures["ledger_sums_micro"] == {"CNY": 0}
    assert figures["wrong_balances"] == []
    assert (await market.call(BUYER, "GET", "/admin/statistics"))[0] == 403


async def test_a_product_is_traced_from_its_source_to_its_whereabouts(market: Market) -> None:
    product_id, contract_id = await traded(market)

    status, trace = await market.call(PROVIDER, "GET", f"/trace/product/{product_id}")

    assert status == 200
    assert trace["source_statement"] == "Bureau of Transportation Statistics"
    assert trace["revisions"][0]["uploaded_by"] == PROVIDER.user_id
    approved = [step for step in trace["steps"] if step["action"] == "approve"]
    assert [step["actor_id"] for step in approved] == [ADMINISTRATOR.user_id]
    [contract] = trace["contracts"]
    assert (contract["id"], contract["buyer_id"]) == (contract_id, BUYER.organisation_id)
    assert [key["created_by"] for key in contract["keys"]] == [BUYER.user_id]
    assert (contract["receipts"], contract["delivered_bytes"]) == (2, 60_000)
    [invoice] = contract["invoices"]
    assert invoice["issued_by"] == ADMINISTRATOR.user_id
    assert invoice["settled_by"] == "usr_second"


async def test_a_buyer_traces_the_own_contract_and_a_stranger_nothing(market: Market) -> None:
    product_id, contract_id = await traded(market)

    for path in (f"/trace/product/{product_id}", f"/trace/contract/{contract_id}"):
        status, trace = await market.call(BUYER, "GET", path)
        assert (status, [contract["id"] for contract in trace["contracts"]]) == (200, [contract_id])
        assert trace["steps"] == []
        assert trace["revisions"][0]["uploaded_by"] is None
        status, problem = await market.call(STRANGER, "GET", path)
        assert (status, problem["code"]) == (404, "governance.trace_not_found")
    assert (await market.call(BUYER, "GET", f"/trace/salary/{product_id}"))[0] in (400, 404)


async def test_the_audit_trail_is_filtered_and_paged(market: Market) -> None:
    _, contract_id = await traded(market)

    path = f"/admin/audit?object_kind=contract&object_id={contract_id}&limit=4"
    _, first = await market.call(ADMINISTRATOR, "GET", path)
    _, rest = await market.call(ADMINISTRATOR, "GET", f"{path}&cursor={first['next_cursor']}")

    actions = [leaf["action"] for leaf in first["items"] + rest["items"]]
    assert actions == [
        "settlement.contract_paid",
        "agreements.activate",
        "agreements.verify",
        "agreements.agree",
        "agreements.accept",
        "agreements.offer",
        "agreements.request",
    ]
    _, keys = await market.call(ADMINISTRATOR, "GET", "/admin/audit?action=agreements.key_issued")
    assert [leaf["actor_id"] for leaf in keys["items"]] == [BUYER.user_id]
    assert (await market.call(PROVIDER, "GET", "/admin/audit"))[0] == 403


async def test_an_organisation_sees_only_what_its_own_people_did(market: Market) -> None:
    await traded(market)

    _, own = await market.call(BUYER, "GET", "/audit?limit=200")
    _, nothing = await market.call(STRANGER, "GET", "/audit")

    assert {leaf["organisation_id"] for leaf in own["items"]} == {BUYER.organisation_id}
    assert len(own["items"]) == 5
    assert nothing["items"] == []
    assert (await market.call(None, "GET", "/audit"))[0] == 401


async def test_the_chain_is_recomputed_over_http(market: Market) -> None:
    await traded(market)

    _, verdict = await market.call(ADMINISTRATOR, "GET", "/admin/audit/verification")
    _, part = await market.call(ADMINISTRATOR, "GET", "/admin/audit/verification?first=3&limit=4")

    assert (verdict["ok"], verdict["complete"], verdict["first_bad_sequence"]) == (True, True, None)
    assert verdict["leaves"] > 20
    assert (part["ok"], part["leaves"], part["complete"]) == (True, 4, False)


@pytest.mark.parametrize("beyond", [1, 2, 1_000, 2**53 - 1])
async def test_beyond_the_last_chained_leaf_there_is_nothing_to_alarm_about(
    market: Market, beyond: int
) -> None:
    await traded(market)
    _, whole = await market.call(ADMINISTRATOR, "GET", "/admin/audit/verification")
    first = min(whole["leaves"] + beyond, 2**53 - 1)

    status, verdict = await market.call(
        ADMINISTRATOR, "GET", f"/admin/audit/verification?first={first}"
    )

    assert status == 200
    assert (verdict["ok"], verdict["first_bad_sequence"]) == (True, None)
    assert (verdict["leaves"], verdict["complete"]) == (0, True)
    assert verdict["head"] == whole["head"]
