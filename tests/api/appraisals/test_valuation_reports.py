"""Valuation reports over HTTP: who sees how much, in which form, made once."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest

from exchange_market.appraisals.service import decide_valuation
from exchange_market.documents.fonts import FontSearch
from tests.support.appraisals import CASE, PER_ROW, Appraisals, open_appraisals
from tests.support.catalogue import ADMINISTRATOR, COLLEAGUE, PROVIDER, STRANGER
from tests.support.reports import pdf_text

pytestmark = pytest.mark.anyio

SECRETS = ("1,000,000", "1000000", "20,000.00", "0.12", "0.03", "0.08", "P10 / P50 / P90")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
async def appraisals(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Appraisals]:
    """On one engine: a report knows nothing of where its values were read."""
    async with open_appraisals(sqlite_url, tmp_path) as opened:
        yield opened


async def proposed(appraisals: Appraisals) -> tuple[str, str]:
    """A measured product and a valuation of it that waits for its review."""
    product_id = await appraisals.measured()
    status, body = await appraisals.call(
        PROVIDER, "POST", f"/products/{product_id}/valuations", json=CASE
    )
    assert status == 201, body
    return product_id, body["id"]


async def approved(appraisals: Appraisals) -> str:
    """An approved valuation of a published product."""
    product_id, valuation_id = await proposed(appraisals)
    plan = {"plan": PER_ROW}
    await appraisals.call(PROVIDER, "PUT", f"/products/{product_id}/price-plan", json=plan)
    await appraisals.publish(product_id, PROVIDER)
    async with appraisals.database.write() as tx:
        await decide_valuation(tx, ADMINISTRATOR, valuation_id, "approve", "plausible")
    return valuation_id


async def stored(appraisals: Appraisals) -> list[str]:
    """The reports in the object store."""
    return [key async for key in appraisals.catalogue.objects.keys() if "reports/" in key]  # noqa: SIM118


async def test_provider_and_administrators_get_the_whole_report(appraisals: Appraisals) -> None:
    _, valuation_id = await proposed(appraisals)
    path = f"/valuations/{valuation_id}/report"

    answer = await appraisals.fetch(PROVIDER, f"{path}?format=pdf&language=en")
    chinese = await appraisals.fetch(ADMINISTRATOR, f"{path}?format=html&language=zh")

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    text = pdf_text(answer.content)
    assert "Annex A: Workings of each method" in text
    assert "1,000,000.00" in text
    assert "the exchange has not approved it" in re.sub(r"\s+", " ", text)
    assert chinese.headers["content-type"] == "text/html; charset=utf-8"
    assert "附件一 各方法测算过程" in chinese.text
    assert "尚未经交易所复核通过" in chinese.text
    for each in (answer, chinese):
        assert each.headers["cache-control"] == "private, no-cache"
        assert each.headers["vary"] == "Authorization, Accept-Language"


async def test_strangers_get_the_public_part_of_an_approved_valuation(
    appraisals: Appraisals,
) -> None:
    valuation_id = await approved(appraisals)
    path = f"/valuations/{valuation_id}/report"

    full = await appraisals.fetch(COLLEAGUE, f"{path}?format=html&language=en")
    page = await appraisals.fetch(None, f"{path}?format=html&language=en")
    answer = await appraisals.fetch(STRANGER, f"{path}?language=en")

    text = pdf_text(answer.content)
    for shown in (page.text, text):
        assert "public part" in shown
        assert "sales ledger" in shown
        assert "the only method with evidence for the value" in re.sub(r"\s+", " ", shown)
        for secret in (*SECRETS, "Workings of each method", "Sensitivity", "usr_provider"):
            assert secret not in shown, secret
    for secret in ("1,000,000.00", "0.03", "0.08", "Annex A: Workings of each method"):
        assert secret in full.text, secret
    assert full.headers["etag"] != page.headers["etag"]


async def test_undecided_valuations_and_working_papers_are_hidden_from_strangers(
    appraisals: Appraisals,
) -> None:
    _, undecided = await proposed(appraisals)
    published = await approved(appraisals)

    hidden = [
        await appraisals.fetch(who, path)
        for who in (None, STRANGER)
        for path in (f"/valuations/{undecided}/report", "/valuations/val_unknown/report")
    ]
    papers = await appraisals.fetch(STRANGER, f"/valuations/{published}/working-papers")
    nobody = await appraisals.fetch(None, f"/valuations/{published}/working-papers")

    assert {(each.status_code, each.json()["code"]) for each in hidden} == {
        (404, "appraisals.valuation_not_found")
    }
    assert (papers.status_code, papers.json()["code"]) == (404, "appraisals.valuation_not_found")
    assert nobody.status_code == 401
    assert await stored(appraisals) == []


async def test_working_papers_are_a_workbook_for_provider_and_administrators(
    appraisals: Appraisals,
) -> None:
    _, valuation_id = await proposed(appraisals)
    path = f"/valuations/{valuation_id}/working-papers?language=zh"

    answers = [await appraisals.fetch(who, path) for who in (PROVIDER, ADMINISTRATOR)]

    assert answers[0].content == answers[1].content
    assert answers[0].headers["content-type"] == XLSX
    assert answers[0].headers["content-disposition"].startswith("attachment; filename=")
    book = openpyxl.load_workbook(io.BytesIO(answers[0].content))
    assert book.sheetnames[0] == "摘要"
    quality = list(book["质量指标"].iter_rows(min_row=4, values_only=True))
    assert any("SELECT" in str(row[5]) for row in quality)


async def test_a_file_has_a_name_in_its_language_and_one_for_every_system(
    appraisals: Appraisals,
) -> None:
    _, valuation_id = await proposed(appraisals)
    path = f"/valuations/{valuation_id}/report?format=html"

    answer = await appraisals.fetch(PROVIDER, path, **{"Accept-Language": "zh-CN"})

    disposition = answer.headers["content-disposition"]
    plain, _, extended = disposition.partition("; filename*=UTF-8''")
    assert plain == f'inline; filename="{valuation_id}-v1-zh.html"'
    assert unquote(extended) == "数据资产评估报告 纽约离港航班 v1.html"


async def test_a_page_may_do_nothing_but_show_itself(appraisals: Appraisals) -> None:
    _, valuation_id = await proposed(appraisals)

    answer = await appraisals.fetch(PROVIDER, f"/valuations/{valuation_id}/report?format=html")

    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("frame-ancestors 'none'; sandbox")
    assert "<script" not in answer.text
    assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "")


async def test_a_report_is_made_once_and_anew_when_something_changed(
    appraisals: Appraisals,
) -> None:
    _, valuation_id = await proposed(appraisals)
    path = f"/valuations/{valuation_id}/report?format=html&language=en"

    first = await appraisals.fetch(PROVIDER, path)
    kept = await stored(appraisals)
    again = await appraisals.fetch(PROVIDER, path)
    unchanged = await appraisals.fetch(PROVIDER, path, **{"If-None-Match": first.headers["etag"]})
    async with appraisals.database.write() as tx:
        await decide_valuation(tx, ADMINISTRATOR, valuation_id, "return", "no evidence")
    returned = await appraisals.fetch(PROVIDER, path, **{"If-None-Match": first.headers["etag"]})

    assert kept == [f"reports/{first.headers['etag'][1:-1]}.html"]
    assert again.content == first.content
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == first.headers["etag"]
    assert returned.status_code == 200
    assert "no evidence" in returned.text
    assert len(await stored(appraisals)) == 2


@pytest.mark.parametrize("query", ["format=docx", "language=fr"])
async def test_other_formats_and_languages_are_refused(appraisals: Appraisals, query: str) -> None:
    _, valuation_id = await proposed(appraisals)

    status, _ = await appraisals.call(PROVIDER, "GET", f"/valuations/{valuation_id}/report?{query}")

    assert status == 400
    assert await stored(appraisals) == []


async def test_without_a_chinese_font_only_the_pdf_is_refused(
    sqlite_url: str, tmp_path: Path
) -> None:
    nowhere: Any = (tmp_path / "no fonts",)
    fonts = FontSearch(system=nowhere, packaged=nowhere)
    async with open_appraisals(sqlite_url, tmp_path / "data", fonts) as appraisals:
        _, valuation_id = await proposed(appraisals)
        path = f"/valuations/{valuation_id}"

        refused = await appraisals.fetch(PROVIDER, f"{path}/report", **{"Accept-Language": "zh"})
        page = await appraisals.fetch(PROVIDER, f"{path}/report?format=html")
        papers = await appraisals.fetch(PROVIDER, f"{path}/working-papers")

    assert (refused.status_code, refused.json()["code"]) == (503, "documents.chinese_font_missing")
    assert "mplfonts" in refused.json()["detail"]
    assert (page.status_code, papers.status_code) == (200, 200)
