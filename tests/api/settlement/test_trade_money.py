"""Money over HTTP: top-ups by four eyes, payment, invoices, settlement, and the rest given back."""

import asyncio
from typing import Any

from exchange_market.agreements.service import expire_contracts
from exchange_market.settlement.books import sums_per_currency, wrong_balances
from pricing.plans import plan_from_json, rate, usage_from_json
from tests.support.exchange import ROW_PLAN, Trade

K = {"Idempotency-Key": "one"}


def transfer(trade: Trade, **members: Any) -> dict[str, Any]:
    """A bank transfer of ten yuan for the buyer."""
    return {
        "organisation_id": trade.org("buyer"),
        "amount_micro": 10_000_000,
        "currency": "CNY",
        "bank_reference": "20261123-0001",
        **members,
    }


async def balances(trade: Trade, who: str) -> dict[str, int]:
    """What somebody's organisation holds, by kind of account."""
    found = await trade.call(who, "GET", "/balances")
    return {balance["kind"]: balance["balance_micro"] for balance in found["balances"]}


async def books_are_right(trade: Trade) -> None:
    """Entries add up to zero, and each kept balance to its entries."""
    async with trade.exchange.database.read() as reading:
        assert all(total == 0 for total in (await sums_per_currency(reading)).values())
        assert await wrong_balances(reading) == []


async def test_a_top_up_takes_two_persons_and_counts_once(trade: Trade) -> None:
    path = "/admin/top-ups"
    first = await trade.send("admin", "POST", path, json=transfer(trade), headers=K)
    again = await trade.send("admin", "POST", path, json=transfer(trade), headers=K)
    assert (first.status_code, again.content) == (201, first.content)
    refused: list[tuple[str, dict[str, Any], dict[str, str], tuple[int, str]]] = [
        ("admin", transfer(trade, amount_micro=1), K, (409, "idempotency.key_reused")),
        ("admin", transfer(trade), {}, (400, "idempotency.key_required")),
        ("second", transfer(trade), K, (409, "settlement.bank_reference_used")),
        ("buyer", transfer(trade), K, (403, "access.wrong_role")),
        (
            "second",
            transfer(trade, bank_reference="other", currency="XXQ"),
            K,
            (400, "settlement.currency_unknown"),
        ),
        (
            "second",
            transfer(trade, bank_reference="other", organisation_id=trade.org("admin")),
            K,
            (403, "settlement.affected_party_excluded"),
        ),
        ("second", transfer(trade, amount_micro=0), K, (400, "http.input_invalid")),
        ("second", transfer(trade, amount_micro=2**60), K, (400, "http.input_invalid")),
    ]
    for who, body, headers, expected in refused:
        assert await trade.refusal(who, "POST", path, json=body, headers=headers) == expected
    assert await balances(trade, "buyer") == {}

    decision = f"{path}/{first.json()['id']}/decision"
    confirm = {"decision": "confirm"}
    assert await trade.refusal("admin", "POST", decision, json=confirm) == (
        403,
        "settlement.second_person_required",
    )
    outcomes = await asyncio.gather(
        *(trade.send("second", "POST", decision, json=confirm) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in outcomes) == [200, 409, 409, 409]
    assert await balances(trade, "buyer") == {"buyer_prepaid": 10_000_000}
    assert await balances(trade, "stranger") == {}
    assert (await trade.call("stranger", "GET", "/ledger"))["items"] == []
    assert (await trade.call("stranger", "GET", "/top-ups"))["items"] == []
    await books_are_right(trade)


async def test_a_refused_top_up_brings_nothing(trade: Trade) -> None:
    top_up = await trade.call("admin", "POST", "/admin/top-ups", json=transfer(trade), headers=K)
    body = {"decision": "refuse", "reason": "not on the statement"}
    path = f"/admin/top-ups/{top_up['id']}/decision"
    assert (await trade.call("second", "POST", path, json=body))["state"] == "refused"
    assert await balances(trade, "buyer") == {}
    assert (await trade.refusal("second", "POST", path, json={"decision": "confirm"}))[0] == 409


async def test_a_refused_top_up_frees_its_bank_reference_for_one_other(trade: Trade) -> None:
    path = "/admin/top-ups"
    mistyped = transfer(trade, amount_micro=1_000_000)
    refused = await trade.call("admin", "POST", path, json=mistyped, headers=K)
    again = {"Idempotency-Key": "again"}
    used = (409, "settlement.bank_reference_used")
    assert await trade.refusal("admin", "POST", path, json=transfer(trade), headers=again) == used
    body = {"decision": "refuse", "reason": "the amount is another"}
    await trade.call("second", "POST", f"{path}/{refused['id']}/decision", json=body)

    answers = await asyncio.gather(
        *(
            trade.send(
                "admin",
                "POST",
                path,
                json=transfer(trade),
                headers={"Idempotency-Key": f"{number}"},
            )
            for number in "1234"
        )
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    [right] = [answer.json() for answer in answers if answer.status_code == 201]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {used[1]}
    confirm = {"decision": "confirm"}
    await trade.call("second", "POST", f"{path}/{right['id']}/decision", json=confirm)
    assert await balances(trade, "buyer") == {"buyer_prepaid": 10_000_000}
    # Confirmed, it is used for good.
    assert await trade.refusal("admin", "POST", path, json=transfer(trade), headers=again) == used
    await books_are_right(trade)


async def test_twins_of_one_payment_have_one_effect_and_one_answer(trade: Trade) -> None:
    contract = await trade.signed(await trade.product(), max_rows=100)
    await trade.top_up(120_000_000, "reference")
    path = f"/contracts/{contract['id']}/payment"

    answers = await asyncio.gather(
        *(trade.send("buyer", "POST", path, headers=K) for _ in range(6))
    )

    assert {(answer.status_code, answer.content) for answer in answers} == {
        (200, answers[0].content)
    }
    replayed = [answer.headers.get("idempotent-replay") for answer in answers]
    assert sorted(map(str, replayed)) == ["None", *["true"] * 5]
    assert await balances(trade, "buyer") == {"buyer_prepaid": 70_000_000}
    postings = (await trade.call("buyer", "GET", "/ledger"))["items"]
    assert [posting["kind"] for posting in postings] == ["contract_payment", "top_up"]
    await books_are_right(trade)


async def test_payment_takes_the_maximum_charge_once(trade: Trade) -> None:
    contract = await trade.signed(await trade.product(), max_rows=100)
    path = f"/contracts/{contract['id']}/payment"

    assert await trade.refusal("buyer", "POST", path, headers=K) == (
        402,
        "settlement.balance_too_low",
    )
    assert not (await trade.call("buyer", "GET", f"/contracts/{contract['id']}"))["is_paid"]
    for who in ("provider", "stranger"):
        assert await trade.refusal(who, "POST", path, headers=K) == (
            404,
            "agreements.contract_not_found",
        )
    await trade.top_up(60_000_000, "reference")
    assert (await trade.refusal("buyer", "POST", path))[1] == "idempotency.key_required"

    answers = await asyncio.gather(
        *(
            trade.send("buyer", "POST", path, headers={"Idempotency-Key": str(number)})
            for number in range(5)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    paid = next(answer for answer in answers if answer.status_code == 200)
    number = str(answers.index(paid))
    replay = await trade.send("buyer", "POST", path, headers={"Idempotency-Key": number})
    assert (replay.status_code, replay.content) == (200, paid.content)
    assert await balances(trade, "buyer") == {"buyer_prepaid": 10_000_000}
    postings = (await trade.call("buyer", "GET", "/ledger"))["items"]
    assert [posting["kind"] for posting in postings] == ["contract_payment", "top_up"]
    await books_are_right(trade)


async def deliver(trade: Trade, contract: Any, key: str, rows: int) -> None:
    """One page of so many rows."""
    answer = await trade.fetch(key, f"{contract['product_id']}/rows?limit={rows}")
    assert answer.headers["x-row-count"] == str(rows)


async def invoice(trade: Trade, contract: Any, number: int, who: str = "admin") -> Any:
    """An invoice of what was not billed yet."""
    path = f"/contracts/{contract['id']}/invoices"
    return await trade.call(who, "POST", path, headers={"Idempotency-Key": f"invoice-{number}"})


async def settle(trade: Trade, invoice_id: str, who: str = "second") -> Any:
    """Its settlement."""
    headers = {"Idempotency-Key": invoice_id}
    return await trade.call(who, "POST", f"/invoices/{invoice_id}/settlement", headers=headers)


async def test_invoices_add_up_and_what_is_left_comes_back(trade: Trade) -> None:
    contract = await trade.paid(await trade.product(), max_rows=100, ends_on="2026-12-10")
    key = await trade.key(contract)
    path = f"/contracts/{contract['id']}/invoices"
    assert await trade.refusal("admin", "POST", path, headers=K) == (
        409,
        "settlement.nothing_to_invoice",
    )
    totals, shares, last = [], [], {"id": ""}
    for number, rows in enumerate((7, 13, 1)):
        await deliver(trade, contract, key, rows)
        issued = last = await invoice(trade, contract, number)
        assert issued == await invoice(trade, contract, number)
        totals.append(issued["total_micro"])
        shares.append(issued["provider_share_micro"])
        rated = rate(plan_from_json(ROW_PLAN), usage_from_json({"rows": issued["usage"]["rows"]}))
        assert sum(totals) == rated.total.amount_micro
        assert issued["provider_share_micro"] + issued["commission_micro"] == totals[-1]
        headers = {"Idempotency-Key": "s"}
        assert await trade.refusal(
            "admin", "POST", f"/invoices/{issued['id']}/settlement", headers=headers
        ) == (403, "settlement.second_person_required")
        settled = await settle(trade, issued["id"])
        assert settled == await settle(trade, issued["id"])
        assert (
            await trade.refusal(
                "second", "POST", f"/invoices/{issued['id']}/settlement", headers=headers
            )
        ) == (409, "settlement.invoice_settled")
    assert totals == [3_500_000, 6_500_000, 500_000]
    # 95 % of each, in whole fen by the largest remainder.
    assert shares == [3_330_000, 6_180_000, 480_000]
    assert await balances(trade, "provider") == {"provider_payable": sum(shares)}
    assert (await trade.refusal("stranger", "GET", f"/invoices/{last['id']}"))[0] == 404
    assert (await trade.call("stranger", "GET", "/invoices"))["items"] == []
    page = await trade.call("provider", "GET", "/invoices?limit=2")
    rest = await trade.call("provider", "GET", f"/invoices?limit=2&cursor={page['next_cursor']}")
    assert len(page["items"] + rest["items"]) == 3
    assert (await trade.refusal("buyer", "GET", f"/invoices?cursor={page['next_cursor']}"))[
        0
    ] == 400

    await end(trade)
    closing = await invoice(trade, contract, 9)
    assert closing["total_micro"] == 0
    assert await trade.refusal("admin", "POST", path, headers=K) == (
        409,
        "settlement.nothing_to_invoice",
    )
    await settle(trade, closing["id"])
    assert await balances(trade, "buyer") == {"buyer_prepaid": 7_000_000 + 39_500_000}
    assert await trade.refusal("admin", "POST", path, headers=K) == (
        409,
        "settlement.nothing_to_invoice",
    )
    await books_are_right(trade)


async def test_an_unused_contract_gives_everything_back(trade: Trade) -> None:
    contract = await trade.paid(await trade.product(), max_rows=100, ends_on="2026-12-10")
    await end(trade)
    await settle(trade, (await invoice(trade, contract, 1))["id"])
    assert await balances(trade, "buyer") == {"buyer_prepaid": 57_000_000}
    assert (await balances(trade, "provider")) == {}
    await books_are_right(trade)


async def test_invoices_at_once_bill_nothing_twice(trade: Trade) -> None:
    contract = await trade.paid(await trade.product(), max_rows=100)
    await deliver(trade, contract, await trade.key(contract), 10)
    path = f"/contracts/{contract['id']}/invoices"

    answers = await asyncio.gather(
        *(
            trade.send(who, "POST", path, headers={"Idempotency-Key": "at once"})
            for who in ("admin", "second")
        )
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert (await trade.refusal("buyer", "POST", path, headers=K))[0] == 403


async def test_what_does_not_exist_is_not_found(trade: Trade) -> None:
    for path in ("/invoices/inv_none/settlement", "/contracts/con_none/invoices"):
        assert (await trade.refusal("admin", "POST", path, headers=K))[0] == 404


async def end(trade: Trade) -> None:
    """Let the contract's period pass."""
    trade.clock.forward(days=20)
    async with trade.exchange.database.write() as tx:
        assert await expire_contracts(tx) == 1
    await trade.sign_in_again("admin", "second", "buyer", "provider")
