"""From request to signed contract over HTTP, with everything that must be refused on the way."""

import hashlib
from typing import Any

from contracts.document import parse_document
from contracts.signatures import verify_document
from exchange_market.accounts.service import Decision, decide_organisation
from exchange_market.agreements.negotiation import OFFERS_MAX
from exchange_market.agreements.service import expire_contracts
from exchange_market.catalog import service as catalog
from exchange_market.trust.keyring import published_keys
from tests.support.accounts import add_member
from tests.support.exchange import Trade, wishes


async def test_the_signed_document_is_the_one_that_was_read(trade: Trade) -> None:
    contract = await trade.accepted(await trade.product(), columns=["id", "name"])
    path = f"/contracts/{contract['id']}"
    document = (await trade.send("buyer", "GET", f"{path}/document")).content

    for who in ("provider", "buyer"):
        answer = await trade.sign(who, contract)
        assert answer.status_code == 201, answer.text

    assert answer.json()["state"] == "active"
    signed = (await trade.send("provider", "GET", f"{path}/document")).content
    assert signed == document
    assert contract["document_digest"] == f"sha256:{hashlib.sha256(signed).hexdigest()}"
    terms = parse_document(signed).terms
    assert terms.limits.columns == ("id", "name")
    assert terms.price.total_micro == contract["max_charge_micro"] == 500_000_000
    signatures = await trade.call("buyer", "GET", f"{path}/signatures")
    async with trade.exchange.database.read() as reading:
        jwks = await published_keys(reading)
    assert {signature.role.value for signature in verify_document(signed, signatures, jwks)} == {
        "provider",
        "buyer",
        "exchange",
    }
    text = (await trade.send("buyer", "GET", f"{path}/text?language=en")).text
    assert "market_research" in text or "Plan connections" in text


async def test_moves_out_of_turn_change_nothing(trade: Trade) -> None:
    contract = await trade.requested(await trade.product())
    path = f"/contracts/{contract['id']}"
    terms = {"terms": wishes(max_rows=10)}
    refused: list[tuple[str, str, dict[str, Any], tuple[int, str]]] = [
        ("buyer", "offers", terms, (409, "agreements.move_not_allowed")),
        ("buyer", "acceptance", {"offer_number": 1}, (409, "agreements.move_not_allowed")),
        ("provider", "acceptance", {"offer_number": 2}, (409, "agreements.offer_outdated")),
        ("provider", "acceptance", {"offer_number": 1}, (409, "agreements.move_not_allowed")),
        ("stranger", "offers", terms, (404, "agreements.contract_not_found")),
        ("stranger", "withdrawal", {"reason": "x"}, (404, "agreements.contract_not_found")),
        ("buyer", "suspension", {"reason": "x"}, (409, "agreements.move_not_allowed")),
    ]
    for who, what, body, expected in refused:
        assert await trade.refusal(who, "POST", f"{path}/{what}", json=body) == expected

    assert await trade.call("buyer", "GET", path) == contract
    assert len((await trade.call("buyer", "GET", f"{path}/offers"))["offers"]) == 1
    for read in (
        "",
        "/document",
        "/text",
        "/signatures",
        "/offers",
        "/usage",
        "/receipts",
        "/keys",
    ):
        found = await trade.refusal("stranger", "GET", path + read)
        assert found == (404, "agreements.contract_not_found"), read
    assert (await trade.call("stranger", "GET", "/contracts"))["items"] == []

    await trade.call("provider", "POST", f"{path}/offers", json=terms)
    outdated = await trade.refusal("buyer", "POST", f"{path}/acceptance", json={"offer_number": 1})
    assert outdated == (409, "agreements.offer_outdated")
    assert (await trade.call("buyer", "GET", path))["state"] == "offered"


BAD_WISHES: list[tuple[dict[str, Any], str]] = [
    ({"max_rows": None}, "agreements.charge_unbounded"),
    ({"max_rows": 2**53 - 1}, "agreements.terms_invalid"),
    ({"columns": ["nothing"]}, "agreements.terms_invalid"),
    ({"columns": ["id", "id"]}, "agreements.terms_invalid"),
    ({"revision": 9}, "agreements.terms_invalid"),
    ({"revision": 2**40}, "http.input_invalid"),
    ({"starts_on": "0001-01-01"}, "agreements.terms_invalid"),
    ({"starts_on": "2020-01-01", "ends_on": "2021-01-01"}, "agreements.terms_invalid"),
    ({"zone": "../../etc/passwd"}, "agreements.terms_invalid"),
    ({"zone": "Mars/Olympus"}, "agreements.terms_invalid"),
    ({"purpose_statement": "abc\u202edef"}, "text.characters_refused"),
    ({"purpose_codes": []}, "http.input_invalid"),
]


async def test_terms_that_do_not_hold_are_refused(trade: Trade) -> None:
    product_id = await trade.product()
    for wish, code in BAD_WISHES:
        body = {"product_id": product_id, "terms": wishes(**wish)}
        assert await trade.refusal("buyer", "POST", "/contracts", json=body) == (400, code), wish
    assert (await trade.call("buyer", "GET", "/contracts"))["items"] == []


async def test_only_the_provider_names_a_price(trade: Trade) -> None:
    product_id = await trade.product()
    contract = await trade.requested(product_id)
    path = f"/contracts/{contract['id']}/offers"
    charges = [{"kind": "per_unit", "meter": "rows", "unit_price": "0.25"}]
    plan = {"currency": "CNY", "charges": charges}
    gamed = {
        "currency": "CNY",
        "charges": [
            {
                "kind": "volume",
                "meter": "rows",
                "tiers": [{"up_to": 10, "unit_price": "1"}, {"up_to": None, "unit_price": "0.1"}],
            }
        ],
    }

    assert (await trade.refusal("provider", "POST", path, json={"terms": wishes(), "plan": gamed}))[
        0
    ] == 400
    offered = await trade.call("provider", "POST", path, json={"terms": wishes(), "plan": plan})
    assert offered["max_charge_micro"] == 250_000_000
    body = {"terms": wishes(), "plan": plan}
    assert await trade.refusal("buyer", "POST", path, json=body) == (
        400,
        "agreements.terms_invalid",
    )
    countered = await trade.call("buyer", "POST", path, json={"terms": wishes(max_rows=10)})
    assert (countered["state"], countered["max_charge_micro"]) == ("requested", 2_500_000)

    own = {"product_id": product_id, "terms": wishes()}
    assert await trade.refusal("provider", "POST", "/contracts", json=own) == (
        409,
        "agreements.own_product",
    )


async def test_offers_are_paged_and_limited(trade: Trade) -> None:
    contract = await trade.requested(await trade.product())
    path = f"/contracts/{contract['id']}/offers"
    for number in range(2, OFFERS_MAX + 1):
        side = "provider" if number % 2 == 0 else "buyer"
        await trade.call(side, "POST", path, json={"terms": wishes(max_rows=number)})

    assert await trade.refusal("buyer", "POST", path, json={"terms": wishes()}) == (
        409,
        "agreements.too_many_offers",
    )
    seen, cursor = [], ""
    while True:
        page = await trade.call("buyer", "GET", f"{path}?limit=7{cursor}")
        seen += page["offers"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
        stolen = await trade.refusal("provider", "GET", f"{path}?limit=7{cursor}")
        assert stolen == (400, "paging.cursor_refused")
    assert [offer["number"] for offer in seen] == list(range(1, OFFERS_MAX + 1))
    assert all(offer["changed"] == ["limits"] for offer in seen[1:])


async def test_a_signature_needs_the_right_person_document_and_code(trade: Trade) -> None:
    contract = await trade.accepted(await trade.product())
    path = f"/contracts/{contract['id']}/signatures"
    digest = contract["document_digest"]

    async def refused(who: str, **body: Any) -> Any:
        return await trade.refusal(who, "POST", path, json={"document_digest": digest} | body)

    wrong = {"document_digest": "sha256:" + "0" * 64, "code": trade.code("provider")}
    assert await refused("provider", **wrong) == (409, "agreements.document_differs")
    assert await refused("buyer", code=trade.code("buyer")) == (409, "agreements.move_not_allowed")
    right = trade.code("provider")
    mistyped = f"{(int(right) + 1) % 10**6:06}"
    assert (await refused("provider", code=mistyped))[1] == "accounts.code_refused"
    code = trade.code("provider")
    answer = await trade.send(
        "provider", "POST", path, json={"document_digest": digest, "code": code}
    )
    assert answer.json()["state"] == "agreed"
    assert await refused("provider", code=code) == (409, "agreements.move_not_allowed")

    other = await trade.accepted(contract["product_id"])
    body = {"document_digest": other["document_digest"], "code": code}
    used = await trade.refusal(
        "provider", "POST", f"/contracts/{other['id']}/signatures", json=body
    )
    assert used[1] == "accounts.code_used"
    # A session without a second factor signs nothing.
    clerk = await add_member(trade.client, trade.people["buyer"], "clerk@example.com", "member")
    trade.people["clerk"] = clerk
    assert await refused("clerk", code="123456") == (403, "agreements.signatory_required")
    assert (await trade.call("buyer", "GET", f"/contracts/{contract['id']}"))["state"] == "agreed"


async def test_nothing_is_signed_when_the_product_or_a_party_is_gone(trade: Trade) -> None:
    contract = await trade.accepted(await trade.product())
    administrator = await trade.exchange.sessions.authenticate(
        trade.people["admin"].tokens["access_token"]
    )
    database = trade.exchange.database
    async with database.write() as tx:
        await catalog.decide_listing(
            tx, administrator, contract["product_id"], "suspend", "complaint"
        )
    answer = await trade.sign("provider", contract)
    assert (answer.status_code, answer.json()["code"]) == (409, "agreements.product_not_on_offer")
    async with database.write() as tx:
        await catalog.decide_listing(
            tx, administrator, contract["product_id"], "reinstate", "resolved"
        )
        await decide_organisation(
            tx, administrator, trade.org("provider"), Decision.SUSPEND, "fraud", ()
        )
    body = {"document_digest": contract["document_digest"], "code": trade.code("buyer")}
    path = f"/contracts/{contract['id']}"
    assert (await trade.refusal("buyer", "POST", f"{path}/signatures", json=body))[1] in (
        "agreements.move_not_allowed",
        "agreements.party_not_verified",
    )
    own = {"product_id": contract["product_id"], "terms": wishes()}
    assert (await trade.send("buyer", "POST", "/contracts", json=own)).status_code in (404, 409)


async def test_time_ends_negotiations_and_contracts(trade: Trade) -> None:
    product_id = await trade.product()
    open_one = await trade.requested(product_id)
    signed = await trade.signed(product_id, ends_on="2026-12-10")
    database = trade.exchange.database
    trade.clock.forward(days=20)
    async with database.write() as tx:
        assert await expire_contracts(tx) == 1
    trade.clock.forward(days=11)
    async with database.write() as tx:
        assert await expire_contracts(tx) == 1
        assert await expire_contracts(tx) == 0
    await trade.sign_in_again("buyer")
    for contract in (open_one, signed):
        found = await trade.call("buyer", "GET", f"/contracts/{contract['id']}")
        assert found["state"] == "expired"


async def test_repeating_a_request_opens_one_negotiation(trade: Trade) -> None:
    body = {"product_id": await trade.product(), "terms": wishes()}
    key = {"Idempotency-Key": "once"}
    first = await trade.send("buyer", "POST", "/contracts", json=body, headers=key)
    again = await trade.send("buyer", "POST", "/contracts", json=body, headers=key)
    assert (
        (first.status_code, first.content)
        == (again.status_code, again.content)
        == (
            201,
            first.content,
        )
    )
    other = await trade.refusal(
        "buyer", "POST", "/contracts", json=body | {"note": "other"}, headers=key
    )
    assert other == (409, "idempotency.key_reused")
    assert len((await trade.call("buyer", "GET", "/contracts"))["items"]) == 1
