"""Intangible asset, inventory or not recognised: questions in order, the answer with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pricing.document import Document
from pricing.errors import InvalidInput

Text = Mapping[str, str]


class Treatment(StrEnum):
    """What the answers lead to; `undecided` while one is missing that matters."""

    INTANGIBLE = "intangible"
    INVENTORY = "inventory"
    UNRECOGNISED = "unrecognised"
    UNDECIDED = "undecided"


class Acquisition(StrEnum):
    """How the enterprise came by the resource: the columns of the disclosure."""

    PURCHASED = "purchased"
    DEVELOPED = "developed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the enterprise answers; None is not answered yet."""

    controlled: bool | None = None
    benefits_probable: bool | None = None
    cost_measurable: bool | None = None
    held_for_sale: bool | None = None
    identifiable: bool | None = None
    acquisition: Acquisition | None = None
    development_criteria_met: bool | None = None


@dataclass(frozen=True, slots=True)
class Classification:
    """The treatment, why, and the question to answer next (None when it is decided)."""

    treatment: Treatment
    reason: Text
    open_question: str | None


QUESTIONS: Final[Mapping[str, Text]] = {
    "controlled": {
        "zh": "该数据资源是否由过去的交易或事项形成，并由企业合法拥有或控制？",
        "en": "Does the enterprise lawfully own or control the resource through past events?",
    },
    "benefits_probable": {
        "zh": "与该数据资源有关的经济利益是否很可能流入企业？",
        "en": "Is it probable that economic benefits of the resource flow to the enterprise?",
    },
    "cost_measurable": {
        "zh": "该数据资源的成本是否能够可靠计量？",
        "en": "Can the cost of the resource be measured reliably?",
    },
    "held_for_sale": {
        "zh": "企业在日常活动中持有该数据资源，最终目的是否为出售数据资源本身"
        "（而非反复授权使用或提供服务）？",
        "en": "Is it held in ordinary activities to sell the resource itself, "
        "rather than to license it again and again or to serve with it?",
    },
    "identifiable": {
        "zh": "该数据资源是否可辨认（能够单独分离，或源自合同性权利或其他法定权利）？",
        "en": "Is it identifiable: separable, or arising from contractual or other legal rights?",
    },
    "acquisition": {
        "zh": "该数据资源如何取得：外购、自行开发，还是其他方式？",
        "en": "How was it acquired: purchased, developed in-house, or otherwise?",
    },
    "development_criteria_met": {
        "zh": "自行开发的支出是否处于开发阶段并同时满足资本化的全部条件？",
        "en": "For what was developed in-house: are the costs of the development phase, "
        "with every condition of capitalisation met?",
    },
}

_NEEDED: Final = ("controlled", "benefits_probable", "cost_measurable")
_REFUSED: Final[Mapping[str, Text]] = {
    "controlled": {
        "zh": "企业未合法拥有或控制该资源，不符合资产定义。",
        "en": "The enterprise does not own or control it, so it is no asset of its own.",
    },
    "benefits_probable": {
        "zh": "经济利益不是很可能流入企业，不满足资产确认条件；可自愿披露。",
        "en": "Benefits are not probable: not recognised, may be disclosed voluntarily.",
    },
    "cost_measurable": {
        "zh": "成本不能可靠计量，不满足资产确认条件；评估值不能代替成本；可自愿披露。",
        "en": "Its cost cannot be measured reliably, and an appraised value is no substitute; "
        "it is not recognised and may be disclosed voluntarily.",
    },
    "identifiable": {
        "zh": "该资源不可辨认，不符合无形资产定义；可自愿披露。",
        "en": "It is not identifiable, so it is no intangible asset; "
        "it may be disclosed voluntarily.",
    },
    "development_criteria_met": {
        "zh": "研究阶段支出或未满足资本化条件的开发支出应计入当期损益，不确认为资产。",
        "en": "Costs of research, and of development that misses a condition, are expensed.",
    },
}
_INVENTORY: Final[Text] = {
    "zh": "企业合法拥有或控制、成本能够可靠计量，且日常持有以备出售数据资源本身。",
    "en": "Owned or controlled, of measurable cost, and held in ordinary activities to be sold.",
}
_INTANGIBLE: Final[Text] = {
    "zh": "企业合法拥有或控制、可辨认、成本能够可靠计量，用于自用、对外提供服务或授权使用。",
    "en": "Owned or controlled, identifiable, of measurable cost, and used, served or licensed.",
}
_OPEN: Final[Text] = {
    "zh": "尚需回答一个问题。",
    "en": "One more question has to be answered.",
}


def classify(answers: Answers) -> Classification:
    """Follow the questions until one decides; the first that is open stops it."""
    for name in _NEEDED:
        if (stopped := _stopped(answers, name)) is not None:
            return stopped
    if answers.held_for_sale is None:
        return Classification(Treatment.UNDECIDED, _OPEN, "held_for_sale")
    if answers.held_for_sale:
        return Classification(Treatment.INVENTORY, _INVENTORY, None)
    return _as_intangible(answers)


def answers_from_json(document: Document) -> Answers:
    """Read answers; a question that is missing or null is open."""
    acquisition = document.text("acquisition", "")
    if acquisition and acquisition not in set(Acquisition):
        raise InvalidInput(document.at("acquisition"), f"must be one of {', '.join(Acquisition)}")
    answers = Answers(
        controlled=document.optional_flag("controlled"),
        benefits_probable=document.optional_flag("benefits_probable"),
        cost_measurable=document.optional_flag("cost_measurable"),
        held_for_sale=document.optional_flag("held_for_sale"),
        identifiable=document.optional_flag("identifiable"),
        acquisition=Acquisition(acquisition) if acquisition else None,
        development_criteria_met=document.optional_flag("development_criteria_met"),
    )
    document.finish()
    return answers


def _as_intangible(answers: Answers) -> Classification:
    """What is not for sale itself is an intangible asset, or is not recognised."""
    if (stopped := _stopped(answers, "identifiable")) is not None:
        return stopped
    if answers.acquisition is None:
        return Classification(Treatment.UNDECIDED, _OPEN, "acquisition")
    if answers.acquisition is Acquisition.DEVELOPED:
        stopped = _stopped(answers, "development_criteria_met")
        if stopped is not None:
            return stopped
    return Classification(Treatment.INTANGIBLE, _INTANGIBLE, None)


def _stopped(answers: Answers, name: str) -> Classification | None:
    """Stop where the answer is no or open; None when it is yes."""
    answer: bool | None = getattr(answers, name)
    if answer is None:
        return Classification(Treatment.UNDECIDED, _OPEN, name)
    return None if answer else Classification(Treatment.UNRECOGNISED, _REFUSED[name], None)
