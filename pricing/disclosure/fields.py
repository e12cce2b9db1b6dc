"""The fields of the disclosure with their labels, and who can fill each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FilledBy(StrEnum):
    """Where a value comes from."""

    VALUATION = "valuation"
    PRODUCT = "product"
    ANSWERS = "answers"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the disclosure."""

    id: str
    section: str
    label: Mapping[str, str]
    filled_by: FilledBy


SECTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "resource": {"zh": "数据资源", "en": "The data resource"},
    "amounts": {"zh": "账面金额", "en": "Carrying amounts"},
    "accounting": {"zh": "会计政策与估计", "en": "Accounting policies and estimates"},
    "valuation": {"zh": "评估", "en": "Valuation"},
    "use": {"zh": "应用与影响", "en": "Use and effects"},
    "limits": {"zh": "权利与限制", "en": "Rights and limits"},
}


def _fields(section: str, by: FilledBy, *labels: tuple[str, str, str]) -> tuple[Field, ...]:
    return tuple(Field(name, section, {"zh": zh, "en": en}, by) for name, zh, en in labels)


FIELDS: Final = (
    *_fields("resource", FilledBy.PRODUCT, ("name", "数据资源名称", "name of the resource")),
    *_fields(
        "resource",
        FilledBy.ANSWERS,
        ("treatment", "确认类别", "recognised as"),
        ("acquisition", "取得方式", "how it was acquired"),
    ),
    *_fields(
        "resource",
        FilledBy.PRODUCT,
        ("raw_data_type", "原始数据的类型", "type of the raw data"),
        ("scale", "规模", "scale"),
        ("source", "来源", "source"),
        ("ownership", "权属", "ownership"),
        ("quality", "质量", "quality"),
        ("upkeep", "加工维护情况", "processing and upkeep"),
    ),
    *_fields(
        "resource",
        FilledBy.ENTERPRISE,
        ("security", "安全保护情况", "protection and security"),
    ),
    *_fields(
        "amounts",
        FilledBy.ENTERPRISE,
        ("cost_opening", "账面原值：期初余额", "cost: opening balance"),
        ("cost_purchased", "账面原值：本期购入", "cost: purchased in the period"),
        (
            "cost_developed",
            "账面原值：内部研发（采集加工）",
            "cost: developed in-house",
        ),
        ("cost_other_increase", "账面原值：其他增加", "cost: other increases"),
        ("cost_decrease", "账面原值：本期减少", "cost: decreases in the period"),
        ("cost_closing", "账面原值：期末余额", "cost: closing balance"),
        ("amortisation", "累计摊销", "accumulated amortisation"),
        ("impairment", "减值准备或存货跌价准备", "impairment or inventory write-down"),
        ("carrying_amount", "账面价值", "carrying amount"),
    ),
    *_fields(
        "accounting",
        FilledBy.ENTERPRISE,
        ("useful_life", "使用寿命的估计及依据", "useful life and how it was estimated"),
        ("amortisation_method", "摊销方法", "amortisation method"),
        ("cost_formula", "发出存货的计价方法", "cost formula of inventory"),
        ("net_realisable_value", "可变现净值的确定依据", "how net realisable value is found"),
        ("expensed_research", "计入当期损益的研究开发支出", "research and development expensed"),
    ),
    *_fields(
        "valuation",
        FilledBy.VALUATION,
        ("valued_on", "评估基准日", "valuation date"),
        ("purpose", "评估目的", "purpose"),
        ("value_type", "价值类型", "value type"),
        ("value_range", "评估区间（P10–P50–P90）", "range (P10, P50, P90)"),
        ("sources", "评估依据的信息来源", "sources of the information relied upon"),
        ("assumptions", "评估结论成立的假设前提和限制条件", "assumptions and limiting conditions"),
        ("methods", "评估方法的选择", "choice of methods"),
        (
            "parameters",
            "各重要参数的来源、分析、比较与测算过程",
            "key parameters: source, analysis, comparison, computation",
        ),
        ("input_hash", "评估输入的哈希（SHA-256）", "hash of the inputs (SHA-256)"),
    ),
    *_fields(
        "use",
        FilledBy.ENTERPRISE,
        ("scenarios", "应用场景或业务模式", "use scenarios or business model"),
        ("value_creation", "对企业创造价值的影响方式", "how it creates value"),
        ("major_transactions", "对重大交易事项的影响及风险", "effect on major transactions"),
    ),
    *_fields(
        "limits",
        FilledBy.PRODUCT,
        (
            "transfer_limits",
            "转让、许可或应用的限制",
            "limits on transfer, licence or use",
        ),
    ),
    *_fields(
        "limits",
        FilledBy.ENTERPRISE,
        ("regional_limits", "地域、领域及法律法规限制", "regional, field and legal limits"),
        ("lapsed_rights", "权利失效情况、事由及影响", "lapsed rights, why, and the effect"),
    ),
)
