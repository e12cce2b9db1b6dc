"""The auditor's round finds nothing after an honest trade, and what somebody changed afterwards."""

import pytest
from sqlalchemy import text

from exchange_market.governance.checks import run_checks
from exchange_market.trust.extracts import verify_trail
from tests.support.database import take_guards_away
from tests.support.market import Market


async def traded(market: Market) -> None:
    """A trade with three deliveries, invoiced twice and settled."""
    contract = await market.paid_contract(await market.published())
    key_id = await market.key(contract)
    await market.deliver(contract, key_id, rows=100, size=40_000)
    await market.deliver(contract, key_id, rows=50, size=20_000)
    await market.settled_invoice(contract)
    await market.deliver(contract, key_id, rows=7, size=3_000)
    await market.settled_invoice(contract)
    await market.sign_receipts()
    await market.place_leaves()


async def failed(market: Market) -> list[str]:
    """The names of the checks that do not hold."""
    return [check.name for check in await run_checks(market.database) if not check.ok]


async def test_nothing_is_found_after_an_honest_trade(market: Market) -> None:
    await traded(market)

    checks = await run_checks(market.database)

    details = {check.name: check.detail for check in checks if check.ok}
    assert {name: details.get(name) for name in ("receipts_are_whole", "invoices_recompute")} == {
        "receipts_are_whole": "3 checked",
        "invoices_recompute": "2 checked",
    }
    assert details["quotas_equal_usage"] == "3 checked"
    assert len(details) == len(checks) == 6


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE quota SET used = used - 1 WHERE meter = 'rows'", ["quotas_equal_usage"]),
        (
            "UPDATE ledger_account SET balance_micro = balance_micro + 1 WHERE kind = 'bank'",
            ["balances_equal_entries"],
        ),
        (
            "UPDATE usage_event SET rows = rows - 1 WHERE sequence = 2",
            ["quotas_equal_usage", "receipts_are_whole", "invoices_recompute"],
        ),
        (
            "DELETE FROM usage_event WHERE sequence = 3",
            ["quotas_equal_usage", "receipts_are_whole", "invoices_recompute"],
        ),
        (
            "UPDATE usage_event SET receipt_hash = 'sha256:0' WHERE sequence = 3",
            ["receipts_are_whole"],
        ),
        (
            "UPDATE invoice SET total_micro = total_micro + 1 WHERE contract_sequence = 1",
            ["invoices_recompute"],
        ),
        ("UPDATE audit_leaf SET actor_id = 'usr_x' WHERE sequence = 9", ["audit_chain_is_intact"]),
    ],
)
async def test_what_was_changed_behind_the_services_is_found(
    market: Market, statement: str, found: list[str]
) -> None:
    await traded(market)
    await take_guards_away(market.database)
    async with market.database.write() as tx:
        await tx.session.execute(text(statement))

    assert await failed(market) == found


@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        ("UPDATE audit_leaf SET action = 'catalog.nothing' WHERE sequence = 5", 5),
        ("DELETE FROM audit_leaf WHERE sequence = 7", 7),
        ("UPDATE audit_leaf SET chain_hash = leaf_hash WHERE sequence = 6", 6),
    ],
)
async def test_the_first_bad_leaf_is_named(market: Market, statement: str, bad: int) -> None:
    await traded(market)
    await take_guards_away(market.database)
    async with market.database.write() as tx:
        await tx.session.execute(text(statement))

    verdict = await verify_trail(market.database)

    assert (verdict.ok, verdict.first_bad_sequence, verdict.leaves) == (False, bad, bad - 1)


async def test_an_empty_exchange_is_in_order(market: Market) -> None:
    assert await failed(market) == []
