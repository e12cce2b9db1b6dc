"""Objects of one organisation, and bodies that are valid, for tests of who may reach what."""

from typing import Any

from exchange_market.appraisals.jobs import profile_revision
from exchange_market.catalog import service as catalog
from exchange_market.metering.service import sign_waiting_receipts
from tests.support.accounts import PASSWORD, add_member, registration
from tests.support.appraisals import CASE
from tests.support.catalogue import FULL_DESCRIPTION
from tests.support.exchange import ROW_PLAN, Trade, wishes

REASON = "it says so in the licence"


async def hidden_objects(trade: Trade) -> dict[str, str]:
    """A path value for each parameter of the API: objects that no stranger may know of."""
    colleague = await add_member(
        trade.client, trade.people["provider"], "colleague@example.com", "member"
    )
    contract = await trade.paid(await trade.product())
    key = await trade.key(contract)
    assert (await trade.fetch(key, f"{contract['product_id']}/rows?limit=3")).status_code == 200
    listed = await trade.call("buyer", "GET", f"/contracts/{contract['id']}/keys")
    await sign_waiting_receipts(trade.exchange.database, trade.exchange.keyring)
    invoice = await trade.call(
        "admin",
        "POST",
        f"/contracts/{contract['id']}/invoices",
        headers={"Idempotency-Key": "first invoice"},
    )
    top_ups = await trade.call("buyer", "GET", "/top-ups")
    product_id, valuation_id = await _valued_draft(trade)
    request = await trade.call(
        "admin",
        "POST",
        "/admin/break-glass",
        json={"product_id": product_id, "revision_number": 1, "reason": "a complaint of a buyer"},
    )
    return {
        "product_id": product_id,
        "number": "1",
        "valuation_id": valuation_id,
        "contract_id": contract["id"],
        "key_id": listed["keys"][0]["id"],
        "invoice_id": invoice["id"],
        "top_up_id": top_ups["items"][0]["id"],
        "request_id": request["id"],
        "user_id": colleague.user_id,
        "organisation_id": trade.org("provider"),
        "kind": "contract",
        "object_id": contract["id"],
    }


async def _valued_draft(trade: Trade) -> tuple[str, str]:
    described = FULL_DESCRIPTION | {"key_columns": ["id"]}
    draft = await trade.call("provider", "POST", "/products", json=described)
    product_id: str = draft["listing"]["id"]
    await trade.revision(product_id)
    exchange = trade.exchange
    async with exchange.database.read() as reading:
        revision = await catalog.latest_ready_revision(reading, product_id)
    await profile_revision(
        exchange.database,
        exchange.objects,
        {"product_id": product_id, "revision_id": revision.id},
    )
    path = f"/products/{product_id}"
    await trade.call("provider", "PUT", f"{path}/price-plan", json={"plan": ROW_PLAN})
    valued = await trade.call("provider", "POST", f"{path}/valuations", json=CASE)
    return product_id, valued["id"]


def bodies(hidden: dict[str, str]) -> dict[str, Any]:
    """A valid JSON body for each operation that takes one."""
    decision = {"decision": "approve", "reason": REASON}
    return {
        "acceptInvitation": {"token": "x" * 20, "display_name": "Wang", "password": PASSWORD},
        "acceptOffer": {"offer_number": 1},
        "askSandbox": {"sql": "SELECT 1"},
        "changePassword": {"current_password": PASSWORD, "new_password": PASSWORD + "!"},
        "changeUser": {"state": "suspended"},
        "confirmSecondFactor": {"code": "123456"},
        "createProduct": {"title_zh": "航班", "subject": "transport"},
        "decideContract": {"decision": "suspend", "reason": REASON},
        "decideOrganisation": {"decision": "suspend", "reason": REASON},
        "decideProduct": decision,
        "decideRawRowsRequest": decision,
        "decideSample": {"decision": "approve"},
        "decideTopUp": {"decision": "confirm"},
        "decideValuation": decision,
        "describeColumns": {"columns": [{"name": "id", "meaning_zh": "编号"}]},
        "describeProduct": {"title_en": "Mine now"},
        "discloseResource": {"answers": {}},
        "enrolSecondFactor": {"password": PASSWORD},
        "inviteUser": {"email": "friend@example.com", "roles": ["member"]},
        "issueKey": {"label": "job"},
        "makeOffer": {"terms": wishes()},
        "openSession": {"email": "owner1@example.com", "password": "not this one"},
        "proposeValuation": CASE,
        "quotePrice": {"usage": {"rows": 10}},
        "quoteQuery": {"query": {"columns": ["id"]}},
        "recordTopUp": {
            "organisation_id": hidden["organisation_id"],
            "amount_micro": 1,
            "currency": "CNY",
            "bank_reference": "never-received",
        },
        "refreshSession": {"refresh_token": "x" * 40},
        "registerOrganisation": registration(1),
        "requestContract": {"product_id": hidden["product_id"], "terms": wishes()},
        "requestRawRows": {
            "product_id": hidden["product_id"],
            "revision_number": 1,
            "reason": "a complaint of a buyer",
        },
        "revokePresentedKey": {"key": "dxk_live_" + "A" * 40},
        "setHoldsPersons": {"holds_persons": True},
        "setPricePlan": {"plan": ROW_PLAN},
        "setQualityRules": {"rules": [{"kind": "no_duplicate_rows"}]},
        "signContract": {"document_digest": "sha256:" + "0" * 64, "code": "123456"},
        "suspendContract": {"reason": REASON},
        "withdrawFromNegotiation": {"reason": REASON},
        "withdrawListing": {"reason": REASON},
    }
