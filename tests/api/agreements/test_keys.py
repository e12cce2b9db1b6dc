"""API keys: shown once, two at most, revoked by their owner or by whoever holds them."""

import asyncio
from typing import Any

from sqlalchemy import event

from exchange_market.accounts.service import Decision, decide_organisation
from exchange_market.agreements.service import suspend_contracts_of
from tests.support.exchange import Trade

UNKNOWN = "dxk_live_" + "0" * 43


async def test_a_key_is_shown_once_and_bound_to_its_contract(trade: Trade) -> None:
    contract = await trade.paid(await trade.product())
    path = f"/contracts/{contract['id']}/keys"
    once = {"Idempotency-Key": "k"}

    first = await trade.call("buyer", "POST", path, json={"label": "job"}, headers=once)
    again = await trade.call("buyer", "POST", path, json={"label": "job"}, headers=once)

    assert first["key"].startswith("dxk_live_")
    assert again == first | {"key": None}
    assert (await trade.call("buyer", "GET", path))["keys"] == [again]
    assert await trade.refusal("provider", "POST", path, json={"label": "job"}) == (
        404,
        "agreements.contract_not_found",
    )
    await trade.key(contract)
    assert await trade.refusal("buyer", "POST", path, json={"label": "third"}) == (
        409,
        "agreements.too_many_keys",
    )
    page = await trade.call("buyer", "GET", f"{path}?limit=1")
    rest = await trade.call("buyer", "GET", f"{path}?limit=1&cursor={page['next_cursor']}")
    assert [key["id"] for key in rest["keys"]] == [first["id"]]

    other = await trade.product()
    assert await refused(trade, first["key"], f"{other}/rows") == (
        403,
        "delivery.key_of_another_contract",
    )
    assert (await trade.fetch(first["key"], f"{contract['product_id']}/rows")).status_code == 200


async def test_a_contract_without_payment_gets_no_key(trade: Trade) -> None:
    contract = await trade.signed(await trade.product())
    body = {"label": "job"}
    assert await trade.refusal("buyer", "POST", f"/contracts/{contract['id']}/keys", json=body) == (
        409,
        "agreements.contract_not_deliverable",
    )


async def test_revocation_stops_the_very_next_request(trade: Trade) -> None:
    contract = await trade.paid(await trade.product())
    key, leaked = await trade.key(contract), await trade.key(contract)
    rows = f"{contract['product_id']}/rows"
    for text in (key, leaked):
        assert (await trade.fetch(text, rows)).status_code == 200
    listed = await trade.call("buyer", "GET", f"/contracts/{contract['id']}/keys")
    ids = {entry["hint"]: entry["id"] for entry in listed["keys"]}

    assert (await trade.refusal("stranger", "DELETE", f"/keys/{ids[key[-4:]]}"))[0] == 404
    await trade.call("buyer", "DELETE", f"/keys/{ids[key[-4:]]}")
    assert await refused(trade, key, rows) == (401, "agreements.key_refused")
    body = {"key": leaked}
    for _ in range(2):
        assert (await trade.call(None, "POST", "/keys/revocation", json=body))["revoked_at"]
    assert await refused(trade, leaked, rows) == (401, "agreements.key_refused")
    assert (await trade.usage(contract))["deliveries"] == 2


async def test_what_is_no_key_never_reaches_the_database(trade: Trade) -> None:
    contract = await trade.paid(await trade.product())
    key = await trade.key(contract)
    await trade.call("buyer", "GET", "/contracts")
    asked: list[str] = []
    exchange = trade.exchange
    engine: Any = exchange.database._engine.sync_engine  # pyright: ignore[reportPrivateUsage]

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "access_epoch" not in statement:  # the watcher asks that all the time
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        for text in ("nonsense", key[:-1], key[:-1] + "!", UNKNOWN + "000000", "ключ"):
            bearer = {b"Authorization": f"Bearer {text}".encode()}
            answer = await trade.client.get(
                f"/v1/data/{contract['product_id']}/rows", headers=bearer
            )
            assert answer.status_code == 401
            revoked = await trade.send(None, "POST", "/keys/revocation", json={"key": text})
            assert revoked.status_code == 401
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [text for text in asked if "api_key" in text] == []
    assert (await trade.client.get(f"/v1/data/{contract['product_id']}/rows")).status_code == 401


async def test_a_stopped_contract_delivers_nothing_until_the_exchange_resumes_it(
    trade: Trade,
) -> None:
    contract = await trade.paid(await trade.product())
    key, path = await trade.key(contract), f"/contracts/{contract['id']}"
    rows = f"{contract['product_id']}/rows?limit=1"
    assert (await trade.fetch(key, rows)).status_code == 200

    await trade.call("provider", "POST", f"{path}/suspension", json={"reason": "leak feared"})
    assert await refused(trade, key, rows) == (403, "delivery.contract_stopped")
    decision = {"decision": "resume", "reason": "cleared"}
    admin = f"/admin{path}/decision"
    assert (await trade.refusal("buyer", "POST", admin, json=decision))[0] == 403
    await trade.call("admin", "POST", admin, json=decision)
    await asyncio.sleep(0.3)
    assert (await trade.fetch(key, rows)).status_code == 200

    administrator = await trade.exchange.sessions.authenticate(
        trade.people["admin"].tokens["access_token"]
    )
    async with trade.exchange.database.write() as tx:
        await decide_organisation(
            tx, administrator, trade.org("provider"), Decision.SUSPEND, "fraud", ()
        )
        assert await suspend_contracts_of(tx, trade.org("provider")) == 1
    assert await refused(trade, key, rows) == (403, "delivery.contract_stopped")


async def test_an_expired_contract_delivers_nothing(trade: Trade) -> None:
    contract = await trade.paid(await trade.product(), ends_on="2026-12-10")
    key, rows = await trade.key(contract), f"{contract['product_id']}/rows?limit=1"
    assert (await trade.fetch(key, rows)).status_code == 200

    trade.clock.forward(days=20)  # and no sweeper has been there yet

    assert (await refused(trade, key, rows))[0] in (401, 403)
    assert (await refused(trade, key, f"{contract['product_id']}/file"))[0] in (401, 403)


async def refused(trade: Trade, key: str, path: str) -> tuple[int, str]:
    """Status and code of a delivery that must be refused."""
    answer = await trade.fetch(key, path)
    return answer.status_code, answer.json()["code"]
