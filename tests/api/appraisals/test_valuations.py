"""Valuations over HTTP: computed, signed, decided by others, shown without secrets."""

import copy
import hashlib
import json
from typing import Any

import pytest

from contracts.signing import verify_compact
from exchange_market.appraisals.errors import (
    AppraiserExcluded,
    DecisionReasonRequired,
    ReviewerRequired,
    ValuationMoveRefused,
)
from exchange_market.appraisals.service import ReviewFlag, decide_valuation, list_valuations
from exchange_market.persistence.outbox import waiting_events
from exchange_market.trust.keyring import published_keys
from pricing.valuation import case_from_json, result_bytes, value_case
from tests.support.appraisals import CASE, PER_ROW, Appraisals
from tests.support.catalogue import (
    ADMINISTRATOR,
    COLLEAGUE,
    PROVIDER,
    PROVIDER_ORG,
    STRANGER,
    person,
)

pytestmark = pytest.mark.anyio


async def propose(appraisals: Appraisals, product_id: str, **changes: Any) -> Any:
    status, body = await appraisals.call(
        PROVIDER, "POST", f"/products/{product_id}/valuations", json=CASE | changes
    )
    assert status == 201, body
    return body


async def decide(appraisals: Appraisals, valuation_id: str, decision: str, reason: str) -> None:
    async with appraisals.database.write() as tx:
        await decide_valuation(tx, ADMINISTRATOR, valuation_id, decision, reason)


async def test_the_signed_bytes_are_those_anybody_can_recompute(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()

    first = await propose(appraisals, product_id)
    second = await propose(appraisals, product_id)
    answer = await appraisals.client.get(
        f"/v1/valuations/{first['id']}/result",
        headers={"Authorization": f"Bearer {PROVIDER.user_id}"},
    )

    assert answer.content == result_bytes(value_case(case_from_json(CASE)))
    async with appraisals.database.read() as reading:
        keys = await published_keys(reading)
    verified = verify_compact(first["signature"], keys, typ="dx-valuation+jws")
    assert verified.payload == answer.content
    assert (first["version"], second["version"]) == (1, 2)
    assert first["result"] == second["result"]
    canonical = json.dumps(first["case"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(canonical.encode()).hexdigest() == first["input_hash"]
    assert first["low_micro"] < first["middle_micro"] < first["high_micro"]


async def test_strangers_see_an_approved_value_without_confidential_figures(
    appraisals: Appraisals,
) -> None:
    product_id = await appraisals.measured()
    valuation = await propose(appraisals, product_id)
    path = f"/valuations/{valuation['id']}"
    await appraisals.call(
        PROVIDER, "PUT", f"/products/{product_id}/price-plan", json={"plan": PER_ROW}
    )
    await appraisals.publish(product_id, PROVIDER)
    undecided = await appraisals.call(None, "GET", path)
    proposed_fact = (await appraisals.facts(product_id))["valuation"]
    await decide(appraisals, valuation["id"], "approve", "")

    status, shown = await appraisals.call(None, "GET", path)
    listed = await appraisals.call(STRANGER, "GET", f"/products/{product_id}/valuations")
    result = await appraisals.call(STRANGER, "GET", f"{path}/result")
    fact = (await appraisals.facts(product_id))["valuation"]

    assert undecided[0] == 404
    assert proposed_fact == {"state": "proposed"}
    assert status == 200
    assert [each["weight"] for each in shown["result"]["methods"]] == ["1", "0"]
    assert all(each["reason"] for each in shown["result"]["methods"])
    assert shown["input_hash"] == valuation["input_hash"]
    assert {each["source"] for each in shown["result"]["inputs"]} >= {"books", "law"}
    for published in (shown, listed[1]["items"][0], fact):
        for figure in ("20000", "1000000", "0.05", "0.25", "0.12"):
            assert f'"{figure}' not in json.dumps(published), figure
    assert shown["signature"] is None
    assert shown["case"] is None
    assert result[0] == 404
    assert (fact["state"], fact["low_micro"]) == ("approved", valuation["low_micro"])


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("parameters", "tax", "value"), "1.5", "parameters.tax"),
        (("parameters", "tax", "value"), 0.25, "parameters.tax.value"),
        (("parameters", "tax", "source"), "", "parameters.tax.source"),
        (("parameters", "tax", "source"), "law\u202e", "parameters.tax.source"),
        (("purpose",), "list\u0000ing", "purpose"),
        (("methods",), [], "methods"),
        (("weights",), {"relief": {"share": "1", "reason": "x"}}, "weights.cost"),
        (("points",), 32_768, "points"),
        (("points",), 2, "points"),
        (("currency",), "XXX", "currency"),
        (("unknown",), 1, "unknown"),
    ],
)
async def test_a_bad_case_names_its_field_and_changes_nothing(
    appraisals: Appraisals, path: tuple[str, ...], value: object, field: str
) -> None:
    product_id = await appraisals.measured()
    case = copy.deepcopy(CASE)
    inner = case
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value

    status, problem = await appraisals.call(
        PROVIDER, "POST", f"/products/{product_id}/valuations", json=case
    )

    assert status == 400
    assert problem["errors"][0]["field"] == field
    listed = await appraisals.call(PROVIDER, "GET", f"/products/{product_id}/valuations")
    assert listed[1]["items"] == []
    assert "valuation" not in await appraisals.facts(product_id)


async def test_a_value_rests_on_a_measured_revision_of_the_own_product(
    appraisals: Appraisals,
) -> None:
    product_id = await appraisals.catalogue.draft()
    path = f"/products/{product_id}/valuations"

    without = await appraisals.call(PROVIDER, "POST", path, json=CASE)
    await appraisals.revision(product_id)
    unmeasured = await appraisals.call(PROVIDER, "POST", path, json=CASE)
    stranger = await appraisals.call(STRANGER, "POST", path, json=CASE)
    nobody = await appraisals.call(None, "POST", path, json=CASE)

    assert (without[0], without[1]["code"]) == (409, "catalog.no_ready_revision")
    assert (unmeasured[0], unmeasured[1]["code"]) == (409, "appraisals.quality_not_measured")
    assert (stranger[0], nobody[0]) == (404, 401)


async def test_nobody_decides_on_what_is_their_own(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    valuation_id = (await propose(appraisals, product_id))["id"]
    inside = person("inside", PROVIDER_ORG, administrator=True)

    for who, error in (
        (COLLEAGUE, ReviewerRequired),
        (PROVIDER, ReviewerRequired),
        (inside, AppraiserExcluded),
    ):
        with pytest.raises(error):
            async with appraisals.database.write() as tx:
                await decide_valuation(tx, who, valuation_id, "approve", "fine")
    with pytest.raises(DecisionReasonRequired):
        await decide(appraisals, valuation_id, "return", " ")
    _, body = await appraisals.call(PROVIDER, "GET", f"/valuations/{valuation_id}")
    assert body["state"] == "proposed"

    await decide(appraisals, valuation_id, "return", "royalty without evidence")
    with pytest.raises(ValuationMoveRefused):
        await decide(appraisals, valuation_id, "approve", "after all")

    _, body = await appraisals.call(PROVIDER, "GET", f"/valuations/{valuation_id}")
    assert (body["state"], body["reason"]) == ("returned", "royalty without evidence")
    assert "valuation" not in await appraisals.facts(product_id)


async def test_a_new_proposal_replaces_the_waiting_one_but_not_the_approved_range(
    appraisals: Appraisals,
) -> None:
    product_id = await appraisals.measured()
    first = await propose(appraisals, product_id)
    second = await propose(appraisals, product_id, purpose="second")
    with pytest.raises(ValuationMoveRefused):
        await decide(appraisals, first["id"], "approve", "")
    await decide(appraisals, second["id"], "approve", "")
    await propose(appraisals, product_id, purpose="third")

    _, listed = await appraisals.call(PROVIDER, "GET", f"/products/{product_id}/valuations?limit=2")
    _, rest = await appraisals.call(
        PROVIDER,
        "GET",
        f"/products/{product_id}/valuations",
        params={"limit": 2, "cursor": listed["next_cursor"]},
    )

    states = [each["state"] for each in listed["items"] + rest["items"]]
    assert states == ["proposed", "approved", "superseded"]
    assert (await appraisals.facts(product_id))["valuation"]["valuation_id"] == second["id"]
    async with appraisals.database.read() as reading:
        topics = [event.topic for event in await waiting_events(reading, 100)]
    assert topics.count("appraisals.valuation_proposed") == 3
    assert topics.count("appraisals.valuation_superseded") == 1


async def test_the_review_queue_tells_what_to_look_at(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    await propose(appraisals, product_id)

    async def flags() -> tuple[ReviewFlag, ...]:
        async with appraisals.database.read() as reading:
            (item,) = await list_valuations(reading, state="proposed", limit=10)
        return item.flags

    assert await flags() == (ReviewFlag.UNPROVEN_PLAN, ReviewFlag.METHODS_DO_NOT_OVERLAP)
    await appraisals.call(
        PROVIDER, "PUT", f"/products/{product_id}/price-plan", json={"plan": PER_ROW}
    )
    assert ReviewFlag.PRICE_OUTSIDE_RANGE in await flags()
    await appraisals.revision(product_id)
    assert set(await flags()) == {
        ReviewFlag.PRICE_OUTSIDE_RANGE,
        ReviewFlag.METHODS_DO_NOT_OVERLAP,
        ReviewFlag.STALE_QUALITY,
    }


async def test_the_same_key_gives_the_same_valuation(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    path, headers = f"/products/{product_id}/valuations", {"Idempotency-Key": "once"}

    first = await appraisals.call(PROVIDER, "POST", path, json=CASE, headers=headers)
    again = await appraisals.call(PROVIDER, "POST", path, json=CASE, headers=headers)
    other = await appraisals.call(
        PROVIDER, "POST", path, json=CASE | {"purpose": "other"}, headers=headers
    )

    assert first == again
    assert other[0] == 409
    _, listed = await appraisals.call(PROVIDER, "GET", path)
    assert len(listed["items"]) == 1
