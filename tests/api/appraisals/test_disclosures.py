"""The accounting disclosure over HTTP: filled with what the exchange knows, for its owner alone."""

import csv
import io
from typing import Any

import pytest

from tests.support.appraisals import CASE, Appraisals
from tests.support.catalogue import ADMINISTRATOR, PROVIDER, STRANGER

pytestmark = pytest.mark.anyio


async def valued(appraisals: Appraisals) -> Any:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}/valuations"
    status, body = await appraisals.call(PROVIDER, "POST", path, json=CASE)
    assert status == 201, body
    return body


async def test_a_resource_is_disclosed_with_its_value_and_scale(appraisals: Appraisals) -> None:
    valuation = await valued(appraisals)
    path = f"/valuations/{valuation['id']}/disclosure"
    answers = {"controlled": True, "benefits_probable": True, "cost_measurable": True}

    _, open_one = await appraisals.call(PROVIDER, "POST", path, json={"answers": answers})
    _, decided = await appraisals.call(
        ADMINISTRATOR, "POST", path, json={"answers": answers | {"held_for_sale": True}}
    )

    assert open_one["classification"]["treatment"] == "undecided"
    assert open_one["classification"]["open_question"]["id"] == "held_for_sale"
    assert decided["classification"]["treatment"] in {"inventory", "undecided"}
    values = {
        field["id"]: field["value"]
        for section in decided["sections"]
        for field in section["fields"]
    }
    assert "48 x 4" in str(values)
    assert valuation["result"]["value"]["p50"] in str(values)


async def test_the_table_has_a_row_for_each_field(appraisals: Appraisals) -> None:
    valuation = await valued(appraisals)
    path = f"/valuations/{valuation['id']}/disclosure"
    _, document = await appraisals.call(PROVIDER, "POST", path, json={})

    answer = await appraisals.client.post(
        f"/v1{path}?format=csv",
        json={},
        headers={"Authorization": f"Bearer {PROVIDER.user_id}"},
    )

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    fields = [field["id"] for section in document["sections"] for field in section["fields"]]
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert [row[2] for row in rows] == ["id", *fields]


async def test_strangers_and_unknown_fields_are_refused(appraisals: Appraisals) -> None:
    valuation = await valued(appraisals)
    path = f"/valuations/{valuation['id']}/disclosure"

    assert (await appraisals.call(STRANGER, "POST", path, json={}))[0] == 404
    for body, field in (
        ({"answers": {"colour": True}}, "answers.colour"),
        ({"statements": {"value": "mine"}}, "statements.value"),
        ({"answers": {"acquisition": "stolen"}}, "answers.acquisition"),
    ):
        status, problem = await appraisals.call(PROVIDER, "POST", path, json=body)
        assert (status, problem["errors"][0]["field"]) == (400, field)
