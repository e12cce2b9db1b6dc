"""Valuation reports as PDF: complete in both languages, the same each time, deaf to markup."""

import copy
import io
import re
import socket
from dataclasses import replace
from pathlib import Path

import anyio
import msgspec
import pypdf
import pytest

from exchange_market.appraisals.report.build import build_report
from exchange_market.documents import pdf as pdf_module
from exchange_market.documents.errors import (
    ChineseFontMissing,
    DocumentTimedOut,
    DocumentTooLarge,
)
from exchange_market.documents.fonts import FontSearch
from exchange_market.documents.job import TypesettingJob
from exchange_market.documents.pdf import Typesetter, TypesettingFailed, report_job
from exchange_market.kernel.errors import Language
from tests.support.reports import CASE, material, pdf_text, product, result_of

pytestmark = pytest.mark.anyio

SECTIONS = {
    "zh": (
        "一、委托人、产权持有人和评估报告使用人",
        "二、评估目的",
        "三、评估对象和评估范围",
        "四、价值类型",
        "五、评估基准日",
        "六、评估依据",
        "七、评估方法",
        "八、评估程序实施过程和情况",
        "九、评估假设",
        "十、评估结论",
        "十一、特别事项说明",
        "十二、评估报告使用限制说明",
        "十三、评估报告日",
    ),
    "en": (
        "1. Client, rights holder and users of the report",
        "2. Purpose",
        "3. Object and scope",
        "4. Value type",
        "5. Valuation date",
        "6. Basis",
        "7. Methods",
        "8. What was done",
        "9. Assumptions",
        "10. Conclusion",
        "11. Special notes",
        "12. Limits of use",
        "13. Report date",
    ),
}


@pytest.fixture
def typesetter() -> Typesetter:
    return Typesetter(FontSearch())


async def job_of(template: str, folder: Path) -> TypesettingJob:
    """A job with a template of the test's own and no more than the real one may do."""
    font = await Typesetter(FontSearch()).font()
    job = report_job(build_report(material(), "en"), font, folder)
    return msgspec.structs.replace(job, template=template)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_report_has_thirteen_sections_and_every_figure(
    typesetter: Typesetter, language: Language
) -> None:
    result = result_of(CASE)

    pdf = await typesetter.pdf(build_report(material(result), language))

    text = pdf_text(pdf)
    flat = re.sub(r"\s+", "", text)
    for section in SECTIONS[language]:
        assert section.replace(" ", "") in flat
    for amount in result["value"].values():
        assert f"{float(amount):,.2f}" in text
    for method in result["methods"]:
        assert f"{float(method['at_medians']):,.2f}" in text
        assert method["reason"].replace(" ", "") in flat
    first = result["methods"][0]["working_paper"]["rows"][0]
    assert f"{float(first[-1]):,.2f}" in text
    for swing in result["sensitivity"]:
        assert f"{float(swing['high']):,.2f}" in text
    for told in (result["input_hash"], "key-of-valuations", "python-mpricingvaluecase.json"):
        assert told in flat
    assert "李评LiPing" in flat
    assert "0.9743" in text


async def test_the_same_material_gives_the_same_bytes(typesetter: Typesetter) -> None:
    report = build_report(material(), "zh")

    first, again = await typesetter.pdf(report), await Typesetter(FontSearch()).pdf(report)

    assert first == again
    information = pypdf.PdfReader(io.BytesIO(first)).metadata
    assert information is not None
    assert str(information.creation_date) == "2026-11-04 09:00:00+00:00"


async def test_the_pdf_is_archivable_and_embeds_its_fonts(typesetter: Typesetter) -> None:
    reader = pypdf.PdfReader(
        io.BytesIO(await typesetter.pdf(build_report(material(), "zh"))), strict=True
    )

    metadata = reader.xmp_metadata
    assert metadata is not None
    assert "<pdfaid:part>2</pdfaid:part>" in metadata.stream.get_data().decode()
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata.stream.get_data().decode()
    fonts = {
        str(font.get_object()["/BaseFont"]): font.get_object()
        for page in reader.pages
        for font in page["/Resources"].get_object().get("/Font", {}).values()  # type: ignore[union-attr]
    }
    assert fonts
    for font in fonts.values():
        (descendant,) = font["/DescendantFonts"]
        descriptor = descendant.get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)


async def test_markup_of_users_is_shown_as_text(typesetter: Typesetter) -> None:
    attacks = (
        '#read("/etc/passwd")',
        '#import "@preview/example:0.1.0": *',
        "#eval(sys.inputs.values) $x^2$ *bold* @label <label>",
        "<script>alert(1)</script> & <b>bold</b>",
        "\\u{41} ]#pagebreak()[ `raw`",
    )
    case = copy.deepcopy(CASE)
    case["assumptions"] = list(attacks)
    case["parameters"]["#premium"] = case["parameters"].pop("premium")
    for method in case["methods"][:3]:
        method["arguments"]["discount_rate"] = ["risk_free", "#premium"]
    valued = material(
        result_of(case),
        product=product(title_en='"); #panic("pwned', title_zh="标题#[注入]"),
        decision_reason="safe \u202egnp.exe \u0007 ring",
        operator_name="操作方 #link(1)",
    )

    text = re.sub(r"\s+", "", pdf_text(await typesetter.pdf(build_report(valued, "en"))))

    for attack in (*attacks, '"); #panic("pwned', "操作方 #link(1)", "#premium"):
        assert attack.replace(" ", "") in text, attack
    assert "safe[U+202E]gnp.exe[U+0007]ring" in text
    assert "root:" not in text


async def test_what_the_font_cannot_draw_is_told_by_its_code(typesetter: Typesetter) -> None:
    valued = material(product=product(description_en="fine 合同 😀 عربي", title_en="T 😀"))

    text = pdf_text(await typesetter.pdf(build_report(valued, "en")))

    assert "fine 合同 [U+1F600] [U+0639][U+0631][U+0628][U+064A]" in text


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ('#read("/etc/passwd")', "etc/passwd"),
        ('#read("../../../../etc/passwd")', "escape"),
        ('#import "@preview/example:0.1.0": add', "package"),
        ('#import "@local/example:0.1.0": add', "package"),
        ('#image("font.svg")', "not found"),
    ],
)
async def test_a_template_reaches_no_file_and_no_package(
    tmp_path: Path, typesetter: Typesetter, template: str, told: str
) -> None:
    job = await job_of(template, tmp_path)

    with pytest.raises(TypesettingFailed) as refused:
        await typesetter.run(job)

    assert told in str(refused.value)
    assert "no_new_privileges" in str(refused.value)


async def test_the_child_cannot_reach_a_listening_socket(
    tmp_path: Path, typesetter: Typesetter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package host is asked through a proxy here, which would see the attempt."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        monkeypatch.setattr(pdf_module, "NO_PROXY_THERE", address)
        job = await job_of('#import "@preview/example:0.1.0": add', tmp_path)

        with pytest.raises(TypesettingFailed) as refused:
            await typesetter.run(job)

        listener.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert "no_network" in str(refused.value) or "landlock" in str(refused.value)


async def test_an_endless_template_is_ended(tmp_path: Path, typesetter: Typesetter) -> None:
    endless = "#let a = range(3000000)\n#for i in range(1000000) { a = a.rev() }"
    slow = msgspec.structs.replace(await job_of(endless, tmp_path), seconds_max=1)

    with pytest.raises(DocumentTimedOut) as refused:
        await typesetter.run(slow)

    assert refused.value.params == {"seconds": 1}


async def test_too_much_to_show_is_refused(typesetter: Typesetter) -> None:
    report = build_report(material(decision_reason="x" * 9_000_000), "zh")

    with pytest.raises(DocumentTooLarge):
        await typesetter.pdf(report)


async def test_without_a_chinese_font_the_pdf_is_refused_and_names_the_package(
    tmp_path: Path,
) -> None:
    nowhere = FontSearch(named=tmp_path, system=(tmp_path,), packaged=(tmp_path,))

    with pytest.raises(ChineseFontMissing) as refused:
        await Typesetter(nowhere).pdf(build_report(material(), "en"))

    for language in ("en", "zh"):
        text = refused.value.text(language)
        assert "mplfonts" in text
        assert "fonts-noto-cjk" in text
        assert "EXCHANGE_FONT_DIR" in text


async def test_long_names_and_great_figures_break_nothing(typesetter: Typesetter) -> None:
    case = copy.deepcopy(CASE)
    long_name = "parameter_" + "x" * 90
    case["parameters"][long_name] = case["parameters"].pop("tax")
    for method in case["methods"][:3]:
        method["arguments"]["tax_rate"] = long_name
    for name in ("sales_1", "sales_2", "sales_3"):
        case["parameters"][name]["value"] = "812345678901"
    result = result_of(case)
    valued = material(result, product=product(title_en="Wide " + "W" * 150))

    pdf = await typesetter.pdf(build_report(valued, "en"))

    text = pdf_text(pdf)
    assert long_name in re.sub(r"\s+", "", text)
    for row in result["methods"][0]["working_paper"]["rows"]:
        for amount in (row[1], row[2], row[-1]):
            assert f"{float(amount):,.2f}" in text


async def test_no_folder_of_a_job_is_left_behind(
    tmp_path: Path, typesetter: Typesetter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    report = build_report(material(), "en")

    await typesetter.pdf(replace(report, sections=()))

    assert [path async for path in anyio.Path(tmp_path).iterdir()] == []
