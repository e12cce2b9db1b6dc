"""The quality report over HTTP: in full for the provider, thinned for strangers."""

import pytest

from tests.support.appraisals import CASE, PER_ROW, Appraisals
from tests.support.catalogue import ADMINISTRATOR, COLLEAGUE, PROVIDER, STRANGER

pytestmark = pytest.mark.anyio


async def test_strangers_read_a_thinned_report_of_a_published_product(
    appraisals: Appraisals,
) -> None:
    product_id = await appraisals.measured()
    path = f"/products/{product_id}/revisions/1/quality"
    hidden = [await appraisals.call(who, "GET", path) for who in (None, STRANGER)]
    for method, route, body in (
        ("POST", "valuations", CASE),
        ("PUT", "price-plan", {"plan": PER_ROW}),
    ):
        await appraisals.call(PROVIDER, method, f"/products/{product_id}/{route}", json=body)
    await appraisals.publish(product_id, PROVIDER)

    shown = {who: await appraisals.call(who, "GET", path) for who in (None, STRANGER)}
    full = {who: await appraisals.call(who, "GET", path) for who in (COLLEAGUE, ADMINISTRATOR)}

    assert {status for status, _ in hidden} == {404}
    for status, body in shown.values():
        assert (status, body["is_full"]) == (200, False)
        assert "tail" not in str(body)
        assert body["report"]["withheld_indicators"] == 3
    for status, body in full.values():
        assert (status, body["is_full"]) == (200, True)
        counts = {each["id"]: each["conforming"] for each in body["report"]["indicators"]}
        assert counts["completeness.not_null(tail)"] == 47


async def test_an_unmeasured_revision_has_no_report(appraisals: Appraisals) -> None:
    product_id = await appraisals.catalogue.draft()
    await appraisals.revision(product_id)
    path = f"/products/{product_id}/revisions"

    unmeasured = await appraisals.call(PROVIDER, "GET", f"{path}/1/quality")
    unknown = await appraisals.call(PROVIDER, "GET", f"{path}/2/quality")

    assert (unmeasured[0], unmeasured[1]["code"]) == (404, "appraisals.quality_report_not_found")
    assert (unknown[0], unknown[1]["code"]) == (404, "catalog.revision_not_found")
