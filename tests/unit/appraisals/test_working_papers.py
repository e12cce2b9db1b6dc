"""Working papers: what is shown follows from visible formulas, and text is never one."""

import copy
import io

import openpyxl
import pytest

from exchange_market.appraisals.report.working_papers import build_working_papers
from exchange_market.documents.spreadsheet import write_xlsx
from tests.support.formulas import Formulas
from tests.support.reports import CASE, EVIDENCE, material, product, result_of


@pytest.fixture(scope="module")
def papers() -> Formulas:
    return Formulas(write_xlsx(build_working_papers(material(), "en")))


def test_every_formula_gives_the_figure_of_the_engine(papers: Formulas) -> None:
    found = papers.all()

    wrong = [
        (sheet, cell, formula, cached, papers.value(sheet, cell))
        for sheet, cell, formula, cached in found
        if papers.value(sheet, cell) != pytest.approx(cached, abs=0.011, rel=1e-9)
    ]
    assert wrong == []
    assert len(found) > 90


def test_present_values_follow_from_flows_and_factors(papers: Formulas) -> None:
    sheet = papers.book["Relief from royalty (relief)"]
    top = next(row for row in range(1, 30) if sheet.cell(row, 1).value == "Year") + 1
    headings = [cell.value for cell in sheet[top - 1] if cell.value]
    formulas = [cell.value for cell in sheet[top]]

    assert headings == [
        "Year",
        "Revenue",
        "Royalty",
        "Tax",
        "Net flow",
        "Quality coefficient",
        "Survival",
        "Years",
        "Discount factor",
        "Present value",
    ]
    inputs = {papers.book["Inputs"].cell(row, 1).value: row for row in range(4, 34)}
    median = {name: f"'Inputs'!$C${row}" for name, row in inputs.items()}
    assert formulas[:10] == [
        1,
        f"={median['sales_1']}",
        f"=B{top}*{median['royalty']}",
        f"=-C{top}*{median['tax']}",
        f"=C{top}+D{top}",
        f"={median['kept']}",
        f"=(1-{median['leaving']})^A{top}",
        f"=A{top}-0.5",
        f"=(1+({median['risk_free']}+{median['premium']}))^-H{top}",
        f"=E{top}*F{top}*G{top}*I{top}",
    ]
    assert papers.value(sheet.title, f"J{top}") == pytest.approx(
        float(papers.cached[sheet.title][f"J{top}"].value), abs=1e-5
    )


def test_the_weighted_value_and_its_adjustments_end_in_the_conclusion(papers: Formulas) -> None:
    summary = papers.book["Summary"]
    labels = {summary.cell(row, 1).value: row for row in range(1, summary.max_row + 1)}
    conclusion = result_of(CASE)["conclusion"]

    assert papers.value("Summary", f"D{labels['Sum']}") == pytest.approx(
        float(conclusion["before_adjustments"]), abs=0.011
    )
    assert papers.value("Summary", f"D{labels['Conclusion at the medians']}") == pytest.approx(
        float(conclusion["at_medians"]), abs=0.011
    )


def test_the_sheets_name_sources_evidence_and_sql(papers: Formulas) -> None:
    names = papers.book.sheetnames
    inputs = {row[0]: row for row in papers.book["Inputs"].iter_rows(min_row=4, values_only=True)}
    quality = list(papers.book["Quality"].iter_rows(min_row=4, values_only=True))

    assert names[0] == "Summary"
    assert names[-3:] == ["Inputs", "Sensitivity", "Quality"]
    assert inputs["royalty"][6:9] == ("licences seen 许可合同", "李评 Li Ping", EVIDENCE)
    assert quality[0][:4] == ("tail (present)", "Completeness", 328_125, 336_776)
    assert quality[0][5] == "SELECT count(tail) FROM revision"


def test_lines_follow_from_the_rows_above_them(papers: Formulas) -> None:
    sheet = papers.book["With-and-without (loss)"]
    lines = {sheet.cell(row, 1).value: sheet.cell(row, 2).value for row in range(6, 10)}

    assert set(lines) == {"Present value", "Terminal value", "Tax amortisation benefit", "Sum"}
    assert all(str(formula).startswith("=") for formula in lines.values())


def test_what_people_wrote_is_never_a_formula() -> None:
    case = copy.deepcopy(CASE)
    attack = '=HYPERLINK("http://evil.example","x")'
    case["parameters"]["royalty"]["source"] = attack
    case["parameters"]["royalty"]["accepted_by"] = "@SUM(A1:A9)"
    case["weights"]["relief"]["reason"] = "+1+cmd|' /C calc'!A0"
    case["methods"][0]["name"] = "=relief[1]:'x'"
    case["weights"]["=relief[1]:'x'"] = case["weights"].pop("relief")
    valued = material(result_of(case), product=product(title_en="-2+3", title_zh="-2+3"))

    content = write_xlsx(build_working_papers(valued, "en"))

    book = openpyxl.load_workbook(io.BytesIO(content))
    texts = {
        cell.value: cell
        for page in book
        for row in page.iter_rows()
        for cell in row
        if cell.data_type == "s"
    }
    for text in (attack, "@SUM(A1:A9)", "+1+cmd|' /C calc'!A0", "-2+3"):
        assert texts[text].quotePrefix, text
    formulas = [formula for _, _, formula, _ in Formulas(content).all()]
    assert formulas
    assert not [each for each in formulas if "HYPERLINK" in each or "cmd" in each]
    assert any(name.startswith("Relief from royalty (=relief 1") for name in book.sheetnames)


def test_the_same_material_gives_the_same_bytes() -> None:
    first, again = (write_xlsx(build_working_papers(material(), "zh")) for _ in range(2))

    assert first == again


def test_a_result_of_an_older_engine_still_has_its_papers() -> None:
    result = result_of(CASE)
    for method in result["methods"]:
        del method["working_paper"], method["arguments"], method["adjustments"]
    for parameter in result["parameters"]:
        del parameter["p10"], parameter["p50"], parameter["p90"], parameter["uses"]
    del result["conclusion"]

    book = Formulas(write_xlsx(build_working_papers(material(result), "zh"))).book

    assert book.sheetnames[0] == "摘要"
    assert len(book.sheetnames) == 9
