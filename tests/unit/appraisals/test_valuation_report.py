"""The report as plain values: complete for insiders, without figures of inputs for strangers."""

import copy
import json
import string
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from exchange_market.appraisals.report.build import build_report
from exchange_market.appraisals.report.sentences import SENTENCES
from exchange_market.appraisals.report.words import Words, percent
from exchange_market.appraisals.report.working_papers import build_working_papers
from exchange_market.documents.report import Figure, Table, report_values
from pricing.valuation.kinds import KINDS
from pricing.valuation.reconcile import Flag
from tests.support.reports import CASE, material, product, result_of

DIGESTS = tuple(f"{number:064x}" for number in range(1, 8))


def with_market(*, is_public: bool = False) -> dict[str, Any]:
    """A result that rests on six deals of the exchange; one was rejected."""
    result = copy.deepcopy(result_of(CASE))
    quartiles = {"lower_quartile": "1200", "median": "1500", "upper_quartile": "2100"}
    rejected = [{"id": DIGESTS[6], "reasons": ["related_parties", "too_old"]}]
    result["market"] = {
        "used": 6 if is_public else list(DIGESTS[:6]),
        "rejected": 1 if is_public else rejected,
        "reasons": {"related_parties": 1, "too_old": 1},
        "statistics": {"deals": 6, "price_per_month": quartiles},
    }
    return result


def text_of(report: object) -> str:
    return json.dumps(msgspec.to_builtins(report), ensure_ascii=False)


def test_every_kind_of_method_and_every_flag_has_a_name_in_both_languages() -> None:
    for language in ("zh", "en"):
        words = Words(language)
        unnamed = [kind for kind in KINDS if words.name(kind) == kind.replace("_", " ")]
        assert unnamed == []
        assert [each for each in Flag if each.value in words.flag(each.value, "x")] == []


def test_every_sentence_fills_in_the_same_in_both_languages() -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    unequal = [key for key, (zh, en) in SENTENCES.items() if fields(zh) != fields(en)]
    assert unequal == []


def test_a_report_that_is_not_approved_says_so_first() -> None:
    report = build_report(material(state="proposed", decided_at=None, decided_by=""), "en")

    assert report.label == "Proposed, not reviewed"
    assert "the exchange has not approved it" in text_of(report.summary)
    assert report.issued_at == material().proposed_at


def test_each_method_shows_its_lines_discounts_and_rows() -> None:
    report = build_report(material(), "en")

    (annex,) = [each for each in report.sections if each.heading.startswith("Annex A")]
    tables = [block for block in annex.blocks if isinstance(block, Table)]
    lines = tables[0]
    assert [row[0] for row in lines.rows] == [
        "Present value",
        "Marketability discount (illiquid)",
        "Sum",
    ]
    amounts = [Decimal(row[1].replace(",", "")) for row in lines.rows]
    assert amounts[0] + amounts[1] == amounts[2]
    assert [column.heading for column in tables[1].columns][:5] == [
        "Year",
        "Revenue",
        "Royalty",
        "Tax",
        "Net flow",
    ]


def test_comparables_are_named_by_digest_and_rejected_ones_with_their_reasons() -> None:
    valued = material(with_market())

    report = text_of(build_report(valued, "en"))
    book = build_working_papers(valued, "en")

    assert "6 deals were used and 1 rejected" in report
    assert DIGESTS[0] in report
    assert "related parties, too old" in report
    assert "1500" in report
    assert book.sheets[-1].name == "Comparables"
    assert len(book.sheets[-1].rows) == 3 + 7


def test_strangers_read_how_many_deals_there_were_and_no_digest() -> None:
    result = with_market(is_public=True)
    shown = {name: result[name] for name in result if name not in ("parameters", "sensitivity")}
    shown["inputs"] = [
        {name: each[name] for name in ("name", "source", "unit")} for each in result["parameters"]
    ]
    shown["methods"] = [
        {name: each[name] for name in ("name", "kind", "approach", "role", "weight", "reason")}
        for each in result["methods"]
    ]
    del shown["conclusion"]

    report = build_report(
        material(
            shown, is_full=False, proposed_by="", decided_by="", decision_reason="", key_id=""
        ),
        "en",
    )

    text = text_of(report)
    assert "6 deals were used and 1 rejected" in text
    assert "Deals by digest" not in text
    assert [each.heading for each in report.sections if each.heading.startswith("Annex")] == [
        "Annex A: Inputs",
        "Annex B: Comparable deals",
        "Annex C: Quality of the data",
        "Annex D: Recompute and verify",
    ]
    for figure in ("1,000,000", "300,000", "0.05 ", "Sobol total", "illiquid (", "usr_"):
        assert figure not in text


def test_drawings_say_in_words_what_they_show() -> None:
    report = build_report(material(), "zh")

    figures = [
        block
        for section in report.sections
        for block in section.blocks
        if isinstance(block, Figure)
    ]
    assert len(figures) == 3
    assert all(figure.description for figure in figures)
    assert "一致性 未测量" in figures[-1].description
    assert "<svg" in json.dumps(report_values(report))


@pytest.mark.parametrize(
    ("share", "written"), [("0.4", "40 %"), ("1", "100 %"), ("0.125", "12.5 %"), ("0", "0 %")]
)
def test_shares_are_written_with_the_digits_they_have(share: str, written: str) -> None:
    assert percent(Decimal(share)) == written


def test_a_product_with_one_title_is_named_by_it_in_both_languages() -> None:
    valued = material(product=product(title_en=""))

    assert build_report(valued, "en").title == "纽约离港航班"
    assert build_report(valued, "zh").subtitle == ""
