"""What people wrote reaches HTML, charts and spreadsheets as text that can be seen."""

import io
import xml.etree.ElementTree as ET

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_market.appraisals.report.build import build_report
from exchange_market.documents.charts import (
    Radar,
    RadarAxis,
    RangeBar,
    Ranges,
    Tornado,
    TornadoBar,
    draw,
)
from exchange_market.documents.charts.canvas import text_width
from exchange_market.documents.charts.ranges import round_ticks
from exchange_market.documents.html import content_security_policy, render_html
from exchange_market.documents.spreadsheet import (
    Cell,
    Sheet,
    Workbook,
    sheet_names,
    write_csv,
    write_xlsx,
)
from exchange_market.documents.text import visible
from tests.support.reports import material, product

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 合同\nline", "plain 合同\nline"),
        ("pay\u202egnp.exe", "pay[U+202E]gnp.exe"),
        ("a\u0000b\u200bc\u2066d", "a[U+0000]b[U+200B]c[U+2066]d"),
        ("bell\u0007", "bell[U+0007]"),
    ],
)
def test_characters_that_cannot_be_seen_are_told(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(max_size=30))
def test_what_is_shown_has_nothing_hidden_and_is_shown_once_only(text: str) -> None:
    shown = visible(text)

    assert visible(shown) == shown
    assert all(character.isprintable() or character in "\n\t\u3000" or character.isspace()
               for character in shown)  # fmt: skip


def test_html_escapes_what_people_wrote_and_runs_nothing() -> None:
    attack = '<script>alert("1")</script><img src=x onerror=alert(1)>'
    valued = material(
        product=product(title_en=attack, description_en=f"{{{{ 7*7 }}}} {attack}"),
        decision_reason="right\u202eleft",
    )

    page = render_html(build_report(valued, "en")).decode()

    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert "right[U+202E]left" in page
    assert " style=" not in page
    assert "script-src" not in content_security_policy()
    assert content_security_policy().startswith("default-src 'none'; style-src 'sha256-")
    assert page == render_html(build_report(valued, "en")).decode()


def test_a_tornado_has_a_bar_on_each_side_of_the_middle() -> None:
    bars = (
        TornadoBar("royalty", 24.0, 49.0, "24", "49", "0.97"),
        TornadoBar("<rate> & co", 39.0, 35.0, "39", "35"),
    )
    drawn = ET.fromstring(draw(Tornado(bars, 37.0, "37", "low", "high", "Sobol")))  # noqa: S314

    texts = [element.text for element in drawn.iter(f"{SVG}text")]
    rectangles = [element.attrib for element in drawn.iter(f"{SVG}rect")][2:]
    edges = [(float(each["x"]), float(each["x"]) + float(each["width"])) for each in rectangles]
    middle = float(next(drawn.iter(f"{SVG}line")).attrib["x1"])
    assert {"royalty", "<rate> & co", "24", "49", "37", "0.97"} <= set(texts)
    assert edges[0][1] == pytest.approx(middle, abs=0.02)
    assert edges[1][0] == pytest.approx(middle, abs=0.02)
    # The second one falls with its input: its high end lies on the left.
    assert edges[3][1] == pytest.approx(middle, abs=0.02)
    assert edges[0][1] - edges[0][0] == pytest.approx(
        13 / 12 * (edges[1][1] - edges[1][0]), rel=0.01
    )


def test_a_radar_marks_only_what_was_measured() -> None:
    axes = (
        RadarAxis("完整性", 1.0, "1.0000"),
        RadarAxis("准确性", 0.5, "0.5000"),
        RadarAxis("时效性", None, "未测量"),
    )
    drawn = ET.fromstring(draw(Radar(axes)))  # noqa: S314

    dots = [element.attrib for element in drawn.iter(f"{SVG}circle")]
    outline = list(drawn.iter(f"{SVG}polygon"))[-1].attrib["points"].split()
    assert len(dots) == 2
    assert outline == ["260,53", "308.5,193", "260,165"]
    assert "未测量" in [element.text for element in drawn.iter(f"{SVG}text")]


def test_long_labels_are_cut_and_undrawable_ones_told() -> None:
    bars = (RangeBar("名" * 60, "n😀", 1.0, 2.0, 3.0, "1 – 2 – 3"),)

    drawn = ET.fromstring(draw(Ranges(bars, "CNY"), lambda character: character != "😀"))  # noqa: S314

    texts = [str(element.text) for element in drawn.iter(f"{SVG}text")]
    cut = next(text for text in texts if text.startswith("名"))
    assert cut.endswith("…")
    assert text_width(cut, 13) <= 190
    assert "n[U+1F600]" in texts


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_ticks_enclose_the_range_and_stay_few(low: float, width: float) -> None:
    ticks = round_ticks(low, low + width, 5)

    assert ticks[0] <= low
    assert ticks[-1] >= low + width or ticks[-1] == pytest.approx(low + width)
    assert 2 <= len(ticks) <= 9


def test_csv_cells_that_look_like_formulas_get_an_apostrophe() -> None:
    rows = [["=1+1", "+A1", "-A1", "@SUM(A1)", "\tcmd", "\rcmd", "fine", 'quo"te', "-5"]]

    written = write_csv(rows)

    assert written.startswith(b"\xef\xbb\xbf")
    cells = written.decode("utf-8-sig").removesuffix("\r\n").split(",")
    assert cells == [
        "'=1+1",
        "'+A1",
        "'-A1",
        "'@SUM(A1)",
        "'\tcmd",
        "'[U+000D]cmd",
        "fine",
        '"quo""te"',
        "'-5",
    ]


@given(st.text(min_size=1, max_size=20))
def test_no_text_becomes_a_formula_or_a_number(text: str) -> None:
    sheet = Sheet("s", ((Cell(text),),))
    issued_at = material_time()

    content = write_xlsx(Workbook("k", "t", "i", issued_at, (sheet,)))

    cell = openpyxl.load_workbook(io.BytesIO(content))["s"]["A1"]
    assert cell.data_type == "s"
    assert cell.value == visible(text)


def test_names_of_sheets_are_legal_and_different() -> None:
    names = sheet_names(["a/b:c", "a b c", "'quoted'", "", "x" * 40, "x" * 41])

    assert names == ("a b c", "a b c 2", "quoted", "Sheet", "x" * 31, "x" * 29 + " 2")


def material_time():
    """When the documents of these tests are issued."""
    return material().reported_at
