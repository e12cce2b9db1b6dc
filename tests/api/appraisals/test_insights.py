"""Why a price, what changed in a valuation, and how good valuations were, over HTTP."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from exchange_market.appraisals import store
from exchange_market.appraisals.service import decide_valuation
from tests.support.appraisals import CASE, PER_ROW, Appraisals
from tests.support.catalogue import ADMINISTRATOR, PROVIDER, STRANGER
from tests.support.deal_facts import DEAL

pytestmark = pytest.mark.anyio


async def approved(appraisals: Appraisals, product_id: str, **changes: Any) -> Any:
    path = f"/products/{product_id}/valuations"
    status, body = await appraisals.call(PROVIDER, "POST", path, json=CASE | changes)
    assert status == 201, body
    async with appraisals.database.write() as tx:
        await decide_valuation(tx, ADMINISTRATOR, body["id"], "approve", "plausible")
    return body


async def priced(appraisals: Appraisals, product_id: str, unit_price: str) -> None:
    plan = PER_ROW | {"charges": [PER_ROW["charges"][0] | {"unit_price": unit_price}]}
    path = f"/products/{product_id}/price-plan"
    status, body = await appraisals.call(PROVIDER, "PUT", path, json={"plan": plan})
    assert status == 200, body


async def test_a_price_is_explained_beside_its_value_and_quality(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}/price-explanation"
    assert (await appraisals.call(PROVIDER, "GET", path))[0] == 404
    await priced(appraisals, product_id, "0.5")
    _, unvalued = await appraisals.call(PROVIDER, "GET", path)
    valuation = await approved(appraisals, product_id)
    await appraisals.publish(product_id, PROVIDER)

    _, shown = await appraisals.call(None, "GET", path)

    assert (unvalued["standing"], unvalued["ratio"]) == ("not_comparable", None)
    assert (shown["rows"], shown["whole_micro"], shown["currency"]) == (48, 24_000_000, "CNY")
    assert shown["standing"] == "below"
    assert shown["ratio"] == round(24_000_000 / valuation["middle_micro"], 2)
    assert shown["valuation"]["input_hash"] == valuation["input_hash"]
    assert shown["certificate"]["outcome"] == "proved"
    english = " ".join(reason["en"] for reason in shown["reasons"])
    chinese = "".join(reason["zh"] for reason in shown["reasons"])
    assert "All 48 rows of revision 1 bought at once cost 24.00 CNY." in english
    assert "below the approved range" in english
    assert "第 1 版全部 48 行的价格为 24.00 CNY" in chinese
    # Nothing but what the public view of the valuation shows.
    assert "0.05" not in str(shown["valuation"])


async def test_the_standing_of_a_price_follows_the_range(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    valuation = await approved(appraisals, product_id)
    path = f"/products/{product_id}/price-explanation"
    per_row = {
        "within": valuation["middle_micro"] / 48 / 1e6,
        "above": 2 * valuation["high_micro"] / 48 / 1e6,
        "free": 0,
    }

    for standing, unit_price in per_row.items():
        await priced(appraisals, product_id, f"{unit_price:.6f}")
        _, shown = await appraisals.call(PROVIDER, "GET", path)
        assert shown["standing"] == standing


async def test_a_reviewer_sees_what_changed_and_a_stranger_nothing(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    first = await approved(appraisals, product_id)
    parameters = CASE["parameters"] | {"revenue": {"value": "2000000", "source": "new ledger"}}
    second = await approved(appraisals, product_id, parameters=parameters)
    path = f"/valuations/{second['id']}/changes"

    _, shown = await appraisals.call(ADMINISTRATOR, "GET", path)
    _, none = await appraisals.call(ADMINISTRATOR, "GET", f"/valuations/{first['id']}/changes")

    assert (shown["previous_id"], shown["previous_version"]) == (first["id"], 1)
    assert shown["middle_ratio"] == pytest.approx(2.0, abs=0.001)
    by_path = {change["path"]: change for change in shown["changes"]}
    assert by_path["parameters.revenue"]["after"]["source"] == "new ledger"
    assert not any(name.startswith("parameters.royalty") for name in by_path)
    assert (none["previous_id"], none["changes"]) == (None, [])
    assert (await appraisals.call(STRANGER, "GET", path))[0] == 404


async def test_calibration_counts_settled_deals_after_the_approval(appraisals: Appraisals) -> None:
    product_id = await appraisals.measured()
    valuation = await approved(appraisals, product_id)
    _, before = await appraisals.call(None, "GET", "/valuation-calibration")
    async with appraisals.database.read() as reading:
        revision_id = (await store.find_valuation(reading, valuation["id"])).revision_id  # type: ignore[union-attr]
        now = reading.now()
    prices = [valuation["middle_micro"]] * 4 + [valuation["high_micro"] + 1]
    async with appraisals.database.write() as tx:
        for number, price in enumerate(prices):
            deal = replace(
                DEAL,
                contract_id=f"con_{number}",
                deal_id=f"deal_{number}",
                product_id=product_id,
                revision_id=revision_id,
                provider_id=PROVIDER.organisation_id,
                buyer_id=STRANGER.organisation_id,
                whole_micro=price,
                opened_at=now + timedelta(days=1),
                settled_at=now + timedelta(days=2),
            )
            await store.save_deal(tx, deal)

    _, after = await appraisals.call(None, "GET", "/valuation-calibration")

    assert (before["deals"], before["groups"]) == (0, [])
    [everything, *_] = after["groups"]
    assert everything == {
        "kind": "all",
        "name": "all",
        "deals": 5,
        "caught": 4,
        "below": 0,
        "above": 1,
        "caught_share": 0.8,
        "caught_low": everything["caught_low"],
        "caught_high": everything["caught_high"],
        "median_ratio": 1.0,
    }
    assert after["expected_share"] == 0.8
