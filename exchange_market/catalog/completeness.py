"""What a listing still lacks before it can be reviewed: everything at once, not one refusal at a
time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exchange_market.catalog.facts import SAMPLE_APPROVED
from exchange_market.catalog.product import Column, FactKind, Grade, Product, Revision


@dataclass(frozen=True, slots=True)
class MissingItem:
    """One thing to add, with a stable code and what to do about it."""

    item: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that a review is based on. `facts` are those of `revision`, besides the price, which is
    the newest of the product.
    """

    product: Product
    provider_is_verified: bool
    revision: Revision | None
    columns: Sequence[Column]
    facts: Mapping[str, Mapping[str, Any]]


_TEXTS: Final = (
    ("title_zh", "a title in Chinese", "中文名称"),
    ("title_en", "a title in English", "英文名称"),
    ("description_zh", "a description in Chinese", "中文说明"),
    ("description_en", "a description in English", "英文说明"),
    ("spatial", "the coverage in space", "空间覆盖范围"),
    ("granularity", "the granularity", "数据粒度"),
    ("update_frequency", "the update frequency", "更新频率"),
    ("language", "the language of the data", "数据语种"),
    ("licence_terms", "the licence terms", "许可条款"),
    ("source_statement", "a statement of the source", "数据来源说明"),
    ("lawful_basis", "the lawful basis", "合法性依据"),
    ("responsible_person", "the responsible person", "责任人"),
    ("temporal_start", "the first day covered", "时间覆盖起始日"),
    ("temporal_end", "the end of the period covered", "时间覆盖结束日"),
)

_FACTS: Final = (
    (FactKind.QUALITY, "the quality report of the latest revision", "最新版本的质量报告"),
    (FactKind.VALUATION, "a valuation of the latest revision", "最新版本的估值"),
    (FactKind.PRICE, "a price plan", "价格方案"),
)


def missing_items(dossier: Dossier) -> tuple[MissingItem, ...]:
    """Everything that keeps the listing from a review, in the order in which to mend it."""
    return (
        *_missing_texts(dossier.product),
        *_missing_by_grade(dossier.product),
        *_missing_standing(dossier),
        *_missing_columns(dossier),
        *_missing_facts(dossier),
    )


def _missing_texts(product: Product) -> list[MissingItem]:
    return [MissingItem(name, en, zh) for name, en, zh in _TEXTS if not getattr(product, name)]


def _missing_by_grade(product: Product) -> list[MissingItem]:
    missing: list[MissingItem] = []
    if product.grade is Grade.IMPORTANT and not product.security_assessment:
        missing.append(
            MissingItem(
                "security_assessment",
                "the security assessment that important data needs",
                "重要数据所需的安全评估",
            )
        )
    if product.holds_persons is None:
        missing.append(
            MissingItem("holds_persons", "whether the data are about persons", "是否含有个人信息")
        )
    if product.holds_persons and not product.impact_assessment:
        missing.append(
            MissingItem(
                "impact_assessment",
                "the impact assessment that personal data needs",
                "个人信息所需的保护影响评估",
            )
        )
    return missing


def _missing_standing(dossier: Dossier) -> list[MissingItem]:
    missing: list[MissingItem] = []
    if not dossier.provider_is_verified:
        missing.append(
            MissingItem(
                "organisation_verified",
                "the verification of your organisation by the exchange",
                "交易所对贵机构的核验",
            )
        )
    if dossier.revision is None:
        missing.append(MissingItem("revision", "a ready revision of the data", "可用的数据版本"))
    return missing


def _missing_columns(dossier: Dossier) -> list[MissingItem]:
    missing: list[MissingItem] = []
    for column in dossier.columns:
        if not column.meaning_zh or not column.meaning_en:
            missing.append(
                MissingItem(
                    f"columns.{column.name}.meaning",
                    f"the meaning of column '{column.name}' in Chinese and English",
                    f"列“{column.name}”的中英文含义",
                )
            )
        if column.role is None:
            missing.append(
                MissingItem(
                    f"columns.{column.name}.role",
                    f"the scan of column '{column.name}'",
                    f"列“{column.name}”的敏感性扫描",
                )
            )
    if dossier.revision is not None:
        missing.extend(_undeclared_columns(dossier))
    return missing


def _undeclared_columns(dossier: Dossier) -> list[MissingItem]:
    product = dossier.product
    present = {column.name: column for column in dossier.columns}
    missing = [
        MissingItem(
            f"key_columns.{name}",
            f"a revision in which '{name}' is indexed as a key (upload it after declaring the key)",
            f"以“{name}”为键建立索引的版本（声明键后需重新上传）",
        )
        for name in product.key_columns
        if name not in present or not present[name].is_key
    ]
    if product.time_column is not None and product.time_column not in present:
        missing.append(
            MissingItem(
                "time_column",
                f"the time column '{product.time_column}' in the latest revision",
                f"最新版本中的时间列“{product.time_column}”",
            )
        )
    return missing


def _missing_facts(dossier: Dossier) -> list[MissingItem]:
    missing = [
        MissingItem(kind.value, en, zh)
        for kind, en, zh in _FACTS
        if kind.value not in dossier.facts
    ]
    sample = dossier.facts.get(FactKind.SAMPLE.value, {})
    if sample.get("state") != SAMPLE_APPROVED:
        missing.append(
            MissingItem(
                FactKind.SAMPLE.value,
                "a sample of the latest revision that you have approved",
                "经贵方批准的最新版本样本",
            )
        )
    return missing
