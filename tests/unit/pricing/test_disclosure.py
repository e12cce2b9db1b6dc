"""The accounting disclosure: what is filled, what stays open, and how a resource is classified."""

from typing import Any

import pytest

from pricing.disclosure import (
    Acquisition,
    Answers,
    ResourceFacts,
    Treatment,
    answers_from_json,
    classify,
    disclosure_rows,
    disclosure_to_json,
    statements_from_json,
)
from pricing.document import Document
from pricing.errors import InvalidInput
from pricing.valuation import case_from_json, result_to_json, value_case
from tests.support.appraisals import CASE

ASSET: dict[str, Any] = {
    "controlled": True,
    "benefits_probable": True,
    "cost_measurable": True,
    "held_for_sale": False,
    "identifiable": True,
    "acquisition": Acquisition.PURCHASED,
}
FACTS = ResourceFacts(
    name="航班 flights",
    raw_data_type="表格",
    scale="48 行",
    source="机场运行系统",
    ownership="自有",
    quality="",
    upkeep="每日更新",
    licence_limits="不得转售",
    statements={"scenarios": "运力调度"},
)


@pytest.mark.parametrize(
    ("changes", "treatment", "open_question"),
    [
        ({}, Treatment.INTANGIBLE, None),
        ({"held_for_sale": True}, Treatment.INVENTORY, None),
        ({"held_for_sale": True, "identifiable": None}, Treatment.INVENTORY, None),
        ({"controlled": False}, Treatment.UNRECOGNISED, None),
        ({"benefits_probable": False}, Treatment.UNRECOGNISED, None),
        ({"cost_measurable": False}, Treatment.UNRECOGNISED, None),
        ({"identifiable": False}, Treatment.UNRECOGNISED, None),
        ({"controlled": None}, Treatment.UNDECIDED, "controlled"),
        ({"held_for_sale": None}, Treatment.UNDECIDED, "held_for_sale"),
        ({"acquisition": None}, Treatment.UNDECIDED, "acquisition"),
        (
            {"acquisition": Acquisition.DEVELOPED},
            Treatment.UNDECIDED,
            "development_criteria_met",
        ),
        (
            {"acquisition": Acquisition.DEVELOPED, "development_criteria_met": False},
            Treatment.UNRECOGNISED,
            None,
        ),
        (
            {"acquisition": Acquisition.DEVELOPED, "development_criteria_met": True},
            Treatment.INTANGIBLE,
            None,
        ),
    ],
)
def test_the_answers_decide_the_treatment_or_name_the_next_question(
    changes: dict[str, Any], treatment: Treatment, open_question: str | None
) -> None:
    found = classify(Answers(**(ASSET | changes)))

    assert (found.treatment, found.open_question) == (treatment, open_question)
    assert found.reason["zh"]
    assert found.reason["en"]


def test_the_disclosure_is_filled_from_valuation_and_product_and_guesses_no_books() -> None:
    result = result_to_json(value_case(case_from_json(CASE)))

    document: Any = disclosure_to_json(result, FACTS, Answers(**ASSET))

    fields = {each["id"]: each for section in document["sections"] for each in section["fields"]}
    assert document["basis"]["number"] == "财会〔2023〕11号"
    assert "不构成" in document["notice"]["zh"]
    assert document["classification"]["treatment"] == "intangible"
    assert fields["treatment"]["value"] == {"zh": "无形资产", "en": "intangible asset"}
    assert fields["acquisition"]["value"]["zh"] == "外购"
    assert fields["scale"]["value"]["zh"] == "48 行"
    assert fields["quality"]["value"] is None
    assert fields["scenarios"]["value"]["zh"] == "运力调度"
    assert "royalty: licences seen" in fields["sources"]["value"]["en"]
    assert fields["methods"]["value"]["zh"].startswith("收益法（relief_from_royalty），权重 1")
    assert fields["input_hash"]["value"]["en"] == result["input_hash"]
    for name in ("cost_opening", "carrying_amount", "useful_life", "lapsed_rights"):
        assert fields[name]["value"] is None
        assert fields[name]["filled_by"] == "enterprise"


def test_the_table_has_one_row_for_each_field() -> None:
    result = result_to_json(value_case(case_from_json(CASE)))
    document: Any = disclosure_to_json(result, FACTS, Answers())

    header, *rows = disclosure_rows(document)

    assert header[2:] == ("id", "label_zh", "label_en", "value_zh", "value_en", "by")
    assert len(rows) == sum(len(section["fields"]) for section in document["sections"])
    assert (
        "数据资源",
        "The data resource",
        "scale",
        "规模",
        "scale",
        "48 行",
        "48 行",
        "product",
    ) in rows
    assert document["classification"]["open_question"]["id"] == "controlled"


def test_answers_and_statements_are_read_strictly() -> None:
    answers = answers_from_json(Document({"controlled": True, "held_for_sale": None}))

    assert answers == Answers(controlled=True)
    assert statements_from_json(Document({"scenarios": "调度"})) == {"scenarios": "调度"}
    for document, field in (
        ({"controlled": "yes"}, "controlled"),
        ({"acquisition": "found"}, "acquisition"),
        ({"colour": True}, "colour"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            answers_from_json(Document(document))
        assert refusal.value.field == field
    with pytest.raises(InvalidInput, match="is no field that the enterprise fills"):
        statements_from_json(Document({"value_range": "a million"}))
