"""Evidence bundles over HTTP: who gets them, when, and that they verify without the exchange."""

import io
import zipfile

import pytest

from contracts.bundle import verify_bundle
from contracts.container import write_zip
from tests.support.market import ADMINISTRATOR, BUYER, PROVIDER, STRANGER, Market


@pytest.mark.parametrize("who", [BUYER, PROVIDER, ADMINISTRATOR], ids=lambda who: who.user_id)
async def test_the_bundle_of_a_trade_verifies_against_the_published_keys(
    market: Market, who
) -> None:
    contract = await market.paid_contract(await market.published())
    key_id = await market.key(contract)
    for number in range(3):
        await market.deliver(contract, key_id, rows=10 + number, size=1_000)
    await market.sign_receipts()
    await market.settled_invoice(contract)
    await market.place_leaves()

    answer = await market.send(who, "GET", f"/contracts/{contract.id}/evidence")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    published = (await market.client.get("/.well-known/jwks.json")).json()
    report = verify_bundle(answer.content, published)
    assert [check for check in report.checks if not check.ok] == []
    details = {check.name: check.detail for check in report.checks}
    assert details["receipts.jsonl"] == "3 receipts without gap, signed in 1 batches"
    # 6 moves of the contract, its payment, the key, the invoice issued and settled.
    assert details["audit.jsonl"] == "10 leaves have their hashes"
    assert all(signature.pinned for signature in report.signatures)
    assert verify_bundle(answer.content).ok


async def test_a_changed_byte_in_any_member_is_found(market: Market) -> None:
    contract = await market.paid_contract(await market.published())
    await market.deliver(contract, await market.key(contract), rows=10, size=1_000)
    await market.sign_receipts()
    await market.place_leaves()
    bundle = (await market.send(BUYER, "GET", f"/contracts/{contract.id}/evidence")).content
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}

    assert verify_bundle(write_zip(members)).ok
    for name, content in members.items():
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        assert not verify_bundle(write_zip(members | {name: flipped})).ok, name


async def test_a_bundle_waits_for_the_signature_of_its_receipts(market: Market) -> None:
    contract = await market.paid_contract(await market.published())
    await market.deliver(contract, await market.key(contract), rows=10, size=1_000)

    status, problem = await market.call(BUYER, "GET", f"/contracts/{contract.id}/evidence")

    assert (status, problem["code"]) == (409, "governance.receipts_waiting")
    assert problem["params"] == {"waiting": 1, "retry_after_seconds": 1}
    await market.sign_receipts()
    assert (await market.call_status(BUYER, f"/contracts/{contract.id}/evidence")) == 200


async def test_strangers_learn_nothing_about_a_contract(market: Market) -> None:
    contract = await market.signed_contract(await market.published())

    status, problem = await market.call(STRANGER, "GET", f"/contracts/{contract.id}/evidence")

    assert (status, problem["code"]) == (404, "agreements.contract_not_found")
