"""The disclosure of one data resource: filled from the valuation and the product, or left open.

What only the books of the enterprise can tell stays null and is marked `enterprise`: an exchange
that guessed a carrying amount would do harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pricing.disclosure.classify import (
    QUESTIONS,
    Acquisition,
    Answers,
    Classification,
    Text,
    Treatment,
    classify,
)
from pricing.disclosure.fields import FIELDS, SECTIONS, Field, FilledBy
from pricing.document import Document
from pricing.errors import InvalidInput

BASIS: Final[Mapping[str, str]] = {
    "number": "财会〔2023〕11号",
    "title_zh": "企业数据资源相关会计处理暂行规定",
    "title_en": "Interim Provisions on Accounting Treatment Related to Enterprise Data Resources",
    "in_force_on": "2024-01-01",
}
NOTICE: Final[Text] = {
    "zh": "本表为编制披露的辅助材料，不构成会计、审计或法律意见；字段依据公开转载文本整理，"
    "未与官方原文逐字核对。评估值不等于入账成本。",
    "en": "An aid for preparing a disclosure, not accounting, audit or legal advice; fields follow "
    "public copies of the provisions, not checked word for word. An appraised value is no cost.",
}
_TREATMENTS: Final[Mapping[Treatment, Text]] = {
    Treatment.INTANGIBLE: {"zh": "无形资产", "en": "intangible asset"},
    Treatment.INVENTORY: {"zh": "存货", "en": "inventory"},
    Treatment.UNRECOGNISED: {"zh": "未确认为资产", "en": "not recognised as an asset"},
    Treatment.UNDECIDED: {"zh": "尚未判断", "en": "not decided yet"},
}
_ACQUISITIONS: Final[Mapping[Acquisition, Text]] = {
    Acquisition.PURCHASED: {"zh": "外购", "en": "purchased"},
    Acquisition.DEVELOPED: {"zh": "自行开发（加工）", "en": "developed or processed in-house"},
    Acquisition.OTHER: {"zh": "其他方式取得", "en": "acquired otherwise"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceFacts:
    """What the exchange knows of a resource; texts are empty where it knows nothing.

    `statements` are those of the enterprise, by the id of a field that it has to fill.
    """

    name: str
    raw_data_type: str
    scale: str
    source: str
    ownership: str
    quality: str
    upkeep: str
    licence_limits: str
    statements: Mapping[str, str] = field(default_factory=dict[str, str])


def statements_from_json(document: Document) -> dict[str, str]:
    """Read the statements of the enterprise; only its own fields are accepted."""
    own = {each.id for each in FIELDS if each.filled_by is FilledBy.ENTERPRISE}
    unknown = sorted(set(document.names()) - own)
    if unknown:
        raise InvalidInput(document.at(unknown[0]), "is no field that the enterprise fills")
    return {name: document.text(name) for name in document.names()}


def disclosure_to_json(
    result: Mapping[str, Any], facts: ResourceFacts, answers: Answers
) -> dict[str, object]:
    """Return the disclosure of one resource; `result` is the JSON of its valuation."""
    found = classify(answers)
    values = _values(result, facts, answers, found)
    return {
        "form": "mof-2023-11",
        "basis": dict(BASIS),
        "notice": dict(NOTICE),
        "classification": {
            "treatment": found.treatment.value,
            "reason": dict(found.reason),
            "open_question": None
            if found.open_question is None
            else {"id": found.open_question, **QUESTIONS[found.open_question]},
        },
        "sections": [
            {
                "id": name,
                "title": dict(title),
                "fields": [_filled(each, values) for each in FIELDS if each.section == name],
            }
            for name, title in SECTIONS.items()
        ],
    }


def disclosure_rows(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the disclosure as a table with a header: one row for each field."""
    rows: list[tuple[str, ...]] = [
        ("section_zh", "section_en", "id", "label_zh", "label_en", "value_zh", "value_en", "by")
    ]
    for section in document["sections"]:
        for each in section["fields"]:
            value = each["value"] or {"zh": "", "en": ""}
            rows.append(
                (
                    section["title"]["zh"],
                    section["title"]["en"],
                    each["id"],
                    each["label"]["zh"],
                    each["label"]["en"],
                    value["zh"],
                    value["en"],
                    each["filled_by"],
                )
            )
    return rows


def _filled(each: Field, values: Mapping[str, Text]) -> dict[str, object]:
    value = values.get(each.id)
    return {
        "id": each.id,
        "label": dict(each.label),
        "value": None if value is None else dict(value),
        "filled_by": each.filled_by.value,
    }


def _values(
    result: Mapping[str, Any], facts: ResourceFacts, answers: Answers, found: Classification
) -> dict[str, Text]:
    acquired = None if answers.acquisition is None else _ACQUISITIONS[answers.acquisition]
    known = {
        "name": facts.name,
        "raw_data_type": facts.raw_data_type,
        "scale": facts.scale,
        "source": facts.source,
        "ownership": facts.ownership,
        "quality": facts.quality,
        "upkeep": facts.upkeep,
        "transfer_limits": facts.licence_limits,
        **facts.statements,
        **_valuation(result),
    }
    values: dict[str, Text] = {
        name: {"zh": text, "en": text} for name, text in known.items() if text
    }
    values["treatment"] = _TREATMENTS[found.treatment]
    if acquired is not None:
        values["acquisition"] = acquired
    values["methods"] = _methods(result)
    return values


def _valuation(result: Mapping[str, Any]) -> dict[str, str]:
    value = result["value"]
    currency = result["currency"]
    return {
        "valued_on": result["valued_on"],
        "value_type": result["value_type"],
        "purpose": result["purpose"],
        "value_range": f"{value['p10']} – {value['p50']} – {value['p90']} {currency}",
        "sources": "; ".join(f"{each['name']}: {each['source']}" for each in result["parameters"]),
        "assumptions": "; ".join([*result["assumptions"], *result["limits"]]),
        "parameters": "; ".join(_parameter(each) for each in result["parameters"]),
        "input_hash": result["input_hash"],
    }


def _parameter(parameter: Mapping[str, Any]) -> str:
    numbers = ", ".join(
        f"{name} {number}"
        for name, number in parameter["distribution"].items()
        if isinstance(number, str)
    )
    return f"{parameter['name']} ({numbers})" if numbers else str(parameter["name"])


def _methods(result: Mapping[str, Any]) -> Text:
    names = {"cost": "成本法", "income": "收益法", "market": "市场法"}
    chosen = [
        (each["kind"], each["approach"], each["weight"], each["reason"])
        for each in result["methods"]
    ]
    return {
        "zh": "；".join(f"{names[a]}（{kind}），权重 {w}：{why}" for kind, a, w, why in chosen),
        "en": "; ".join(f"{a} approach ({kind}), weight {w}: {why}" for kind, a, w, why in chosen),
    }
