"""What is billed beyond delivered rows: one allowance for a legal entity, days, and a revision."""

import asyncio
from typing import Any

from sqlmodel import select

from exchange_market.agreements.rows import AllowanceGrantRow
from exchange_market.governance.checks import run_checks
from tests.support.exchange import Trade, wishes

K = {"Idempotency-Key": "one"}
ALLOWANCE: dict[str, Any] = {
    "currency": "CNY",
    "charges": [{"kind": "per_unit", "meter": "rows", "unit_price": "0.5", "free_units": 10}],
    "one_allowance_per_legal_entity": True,
}
BY_THE_MONTH: dict[str, Any] = {
    "currency": "CNY",
    "charges": [
        {"kind": "subscription", "amount": "30", "days": 30, "prorated": True},
        {"kind": "per_unit", "meter": "rows", "unit_price": "0.5"},
    ],
}
PURCHASE: dict[str, Any] = {"currency": "CNY", "charges": [{"kind": "one_off", "amount": "600"}]}


def free_units(contract: Any) -> int:
    return contract["plan"]["charges"][0]["free_units"]


async def billed(trade: Trade, contract: Any, rows: int) -> Any:
    """The first invoice of a paid contract after one delivery of so many rows."""
    key = await trade.key(contract)
    answer = await trade.fetch(key, f"{contract['product_id']}/rows?limit={rows}")
    assert answer.headers["x-row-count"] == str(rows)
    path = f"/contracts/{contract['id']}/invoices"
    return await trade.call("admin", "POST", path, headers=K)


async def all_checks_hold(trade: Trade) -> None:
    found = await run_checks(trade.exchange.database)
    assert [check for check in found if not check.ok] == []


async def test_a_second_contract_of_a_legal_entity_gets_no_second_allowance(trade: Trade) -> None:
    product_id = await trade.product(ALLOWANCE)
    first = await trade.paid(product_id, max_rows=100)
    second = await trade.paid(product_id, max_rows=100)

    invoices = [await billed(trade, contract, 30) for contract in (first, second)]

    assert [free_units(contract) for contract in (first, second)] == [10, 0]
    assert [c["max_charge_micro"] for c in (first, second)] == [45_000_000, 50_000_000]
    assert [invoice["total_micro"] for invoice in invoices] == [10_000_000, 15_000_000]
    await all_checks_hold(trade)


async def test_of_two_contracts_with_the_allowance_the_second_cannot_be_signed(
    trade: Trade,
) -> None:
    product_id = await trade.product(ALLOWANCE)
    offered = await trade.requested(product_id)
    await trade.call(
        "provider", "POST", f"/contracts/{offered['id']}/offers", json={"terms": wishes()}
    )
    accepted = await trade.accepted(product_id)
    first = await trade.signed(product_id)
    body = {"offer_number": 2}
    path = f"/contracts/{offered['id']}"

    refusals = [
        await trade.refusal("buyer", "POST", f"{path}/acceptance", json=body),
        (answer := await trade.sign("provider", accepted)).json()["code"],
    ]

    assert refusals == [(409, "agreements.allowance_used"), "agreements.allowance_used"]
    assert first["id"] in answer.json()["detail"]
    states = [
        (await trade.call("buyer", "GET", f"/contracts/{contract['id']}"))["state"]
        for contract in (offered, accepted)
    ]
    assert states == ["offered", "accepted"]
    # The buyer asks again, and gets the same price without the free units.
    again = await trade.call("buyer", "POST", f"{path}/offers", json={"terms": wishes()})
    assert free_units(again) == 0


async def test_signatures_at_the_same_moment_grant_one_allowance(trade: Trade) -> None:
    product_id = await trade.product(ALLOWANCE)
    contracts = [await trade.accepted(product_id) for _ in range(2)]
    for contract in contracts:
        assert (await trade.sign("provider", contract)).status_code == 201

    answers = [await trade.sign("buyer", contracts[0])]
    trade.clock.forward(seconds=30)
    answers += await asyncio.gather(*(trade.sign("buyer", contract) for contract in contracts[1:]))

    assert [answer.status_code for answer in answers] == [201, 409]
    async with trade.exchange.database.read() as reading:
        granted = (await reading.session.scalars(select(AllowanceGrantRow))).all()
    assert [row.contract_id for row in granted] == [contracts[0]["id"]]


async def test_another_product_has_an_allowance_of_its_own(trade: Trade) -> None:
    contracts = [await trade.signed(await trade.product(ALLOWANCE)) for _ in range(2)]

    assert [free_units(contract) for contract in contracts] == [10, 10]


async def test_a_subscription_is_owed_for_the_days_of_the_contract(trade: Trade) -> None:
    product_id = await trade.product(BY_THE_MONTH)
    contract = await trade.paid(
        product_id, max_rows=100, starts_on="2026-11-01", ends_on="2026-12-16"
    )

    invoice = await billed(trade, contract, 30)

    assert contract["max_charge_micro"] == 45_000_000 + 50_000_000
    assert [line["amount"] for line in invoice["rating"]["lines"]] == ["45.00", "15.00"]
    assert invoice["total_micro"] == 60_000_000
    await all_checks_hold(trade)


async def test_a_purchase_names_the_revision_that_is_bought(trade: Trade) -> None:
    product_id = await trade.product(PURCHASE)
    body = {"product_id": product_id, "terms": wishes(), "note": ""}

    refused = await trade.send("buyer", "POST", "/contracts", json=body)
    contract = await trade.paid(product_id, revision=1)
    invoice = await billed(trade, contract, 30)

    assert (refused.status_code, refused.json()["code"]) == (400, "agreements.terms_invalid")
    assert refused.json()["errors"][0]["field"] == "revision"
    assert (contract["max_charge_micro"], invoice["total_micro"]) == (600_000_000, 600_000_000)
    await all_checks_hold(trade)
