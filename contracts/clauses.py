"""The clauses of a contract in Chinese and English, generated from its terms.

Each clause says how far the exchange stands behind it: ``enforced`` (checked by the software on
every delivery or signature), ``monitored`` (recorded, so that a breach can be shown), or ``legal``
(a promise between the parties). The set follows the model contracts for data provision and for data
intermediary services published by the National Data Administration and the State Administration for
Market Regulation in July 2025.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from contracts import wording
from contracts.terms import Language, Limits, Party, Terms

CLAUSE_SET = "provision+intermediary/1"


class Enforcement(StrEnum):
    """How far the exchange itself stands behind a clause."""

    ENFORCED = "enforced"
    MONITORED = "monitored"
    LEGAL = "legal"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: a stable id, the text in both languages, and who makes it hold."""

    id: str
    zh: str
    en: str
    enforcement: Enforcement

    def text(self, language: Language) -> str:
        """The clause in one language."""
        return self.zh if language is Language.ZH else self.en


def clauses(terms: Terms) -> tuple[Clause, ...]:
    """All clauses that these terms produce, in the order of the text."""
    return (
        *_subject(terms),
        *_use(terms),
        *_quotas(terms.limits),
        *_duties(terms),
        *_intermediary(terms),
    )


def text(terms: Terms, parties: Iterable[Party], language: Language) -> str:
    """The whole contract as plain text in one language, one line per paragraph.

    Its digest is in the document.
    """
    zh = language is Language.ZH
    lines = ["数据使用合同" if zh else "DATA USE CONTRACT"]
    lines += [wording.party(party, language) for party in parties]
    for number, clause in enumerate(clauses(terms), start=1):
        heading = f"第{number}条" if zh else f"Article {number}"
        mark = wording.ENFORCEMENT[language][clause.enforcement.value]
        lines.append(f"{heading} [{clause.id} | {mark}] {clause.text(language)}")
    return "\n".join(lines) + "\n"


def _subject(terms: Terms) -> tuple[Clause, ...]:
    product, source = terms.product, terms.source
    revision, grade = wording.revision(product), wording.GRADES[product.grade]
    return (
        _clause(
            "subject",
            Enforcement.ENFORCED,
            f"标的：数据产品《{product.title_zh}》（编号 {product.product_id}），{revision.zh}，"
            f"数据分级为{grade.zh}，数据字典摘要 {product.dictionary_digest}。",
            f'Subject: the data product "{product.title_en}" (id {product.product_id}), '
            f"{revision.en}, "
            f"graded {grade.en}, data dictionary digest {product.dictionary_digest}.",
        ),
        _clause(
            "source",
            Enforcement.LEGAL,
            f"来源与依据：提供方声明数据来源为：{source.statement}；提供依据为："
            f"{source.lawful_basis}。"
            "提供方保证来源合法，不侵害他人权益。",
            f"Source and basis: the provider states that the data come from: {source.statement}; "
            "the lawful basis of "
            f"supply is: {source.lawful_basis}. The provider warrants that the source is lawful "
            "and infringes no right.",
        ),
        _clause(
            "rights",
            Enforcement.LEGAL,
            "权利安排：提供方保留数据资源持有权和产品经营权；需求方取得本合同范围内的数据使用权，"
            "不可转让、不可再许可。",
            "Rights: the provider keeps the right to hold the data and to operate the product; "
            "the buyer receives the "
            "right to use them within this contract, which can neither be transferred nor "
            "sublicensed.",
        ),
    )


def _use(terms: Terms) -> tuple[Clause, ...]:
    limits, period, purpose = terms.limits, terms.period, terms.purpose
    operations = wording.listing(wording.OPERATIONS[operation] for operation in limits.operations)
    columns = ", ".join(limits.columns)
    forbidden = tuple(
        _clause(
            f"prohibited.{use.value}",
            Enforcement.LEGAL,
            f"禁止用途：需求方不得{wording.PROHIBITED_USES[use].zh}。",
            f"Prohibited use: the buyer shall not {wording.PROHIBITED_USES[use].en}.",
        )
        for use in terms.prohibited_uses
    )
    return (
        _clause(
            "purpose",
            Enforcement.MONITORED,
            f"用途：仅用于 {', '.join(purpose.codes)}。需求方说明：{purpose.statement}",
            f"Purpose: only {', '.join(purpose.codes)}. The buyer states: {purpose.statement}",
        ),
        _clause(
            "period",
            Enforcement.ENFORCED,
            f"期限：自{period.starts_on}零时起至{period.ends_on}零时止（不含），时区 "
            f"{period.zone}。期限外不予交付。",
            f"Period: from {period.starts_on} 00:00 until before {period.ends_on} 00:00, time "
            f"zone {period.zone}. "
            "Nothing is delivered outside the period.",
        ),
        _clause(
            "operations",
            Enforcement.ENFORCED,
            f"交付方式：{operations.zh}。其他方式不予交付。",
            f"Ways of delivery: {operations.en}. No other way is open.",
        ),
        _clause(
            "columns",
            Enforcement.ENFORCED,
            f"数据项：仅限下列字段，亦不得借筛选、排序间接取得其他字段：{columns}。",
            "Data items: only these columns, and no other one through a filter or an order: "
            f"{columns}.",
        ),
        *forbidden,
    )


def _quotas(limits: Limits) -> tuple[Clause, ...]:
    quotas = (
        ("quota.rows", limits.max_rows, wording.Pair("行", "rows")),
        ("quota.bytes", limits.max_bytes, wording.Pair("字节", "bytes")),
        ("quota.calls", limits.max_calls, wording.Pair("次调用", "calls")),
    )
    return tuple(
        _clause(
            clause_id,
            Enforcement.ENFORCED,
            f"限额：期限内至多 {quota}{unit.zh}，用尽即停止交付。",
            f"Quota: at most {quota} {unit.en} over the period; delivery stops when they are "
            "used up.",
        )
        for clause_id, quota, unit in quotas
        if quota is not None
    )


def _duties(terms: Terms) -> tuple[Clause, ...]:
    price, days = terms.price, terms.acceptance_days
    total, prepaid = (
        wording.amount(micro, price.currency) for micro in (price.total_micro, price.prepaid_micro)
    )
    order = wording.purchase_order(terms.purchase_order)
    return (
        _clause(
            "price",
            Enforcement.MONITORED,
            f"价款：总额 {total}，其中预付 {prepaid}；计价方案见合同文件 terms.price.plan。"
            f"{order.zh}",
            f"Price: {total} in total, of which {prepaid} is prepaid; the plan is "
            "terms.price.plan of the contract "
            f"document.{order.en}",
        ),
        _clause(
            "acceptance",
            Enforcement.MONITORED,
            f"验收：每次交付生成签名回执。需求方可在{days}日内确认或提出异议，"
            "逾期未异议视为验收合格。",
            "Acceptance: every delivery produces a signed receipt. The buyer may acknowledge or "
            "dispute it within "
            f"{days} days; a receipt not disputed by then is deemed accepted.",
        ),
        *_standing(wording.STANDING_DUTIES),
        _clause(
            "responsible",
            Enforcement.LEGAL,
            "责任人："
            + "；".join(wording.responsible(person, Language.ZH) for person in terms.responsible)
            + "。",
            "Responsible persons: "
            + "; ".join(wording.responsible(person, Language.EN) for person in terms.responsible)
            + ".",
        ),
    )


def _intermediary(terms: Terms) -> tuple[Clause, ...]:
    dispute = wording.dispute(terms.dispute)
    language = wording.LANGUAGES[terms.prevailing_language]
    succession = wording.succession(terms.supersedes)
    return (
        *_standing(wording.INTERMEDIARY_DUTIES),
        _clause(
            "changes",
            Enforcement.ENFORCED,
            "变更：仅以各方签署的新版本变更，新版本载明所替代版本的摘要。" + succession.zh,
            "Changes: only by a new version that all sign and that names the digest of the "
            "version it replaces." + succession.en,
        ),
        _clause("dispute", Enforcement.LEGAL, dispute.zh, dispute.en),
        _clause(
            "language",
            Enforcement.LEGAL,
            f"文本：中文与英文文本不一致时，以{language.zh}文本为准。",
            f"Text: where the Chinese and the English text differ, the {language.en} text "
            "prevails.",
        ),
    )


def _standing(standing: Iterable[tuple[str, str, str, str]]) -> tuple[Clause, ...]:
    return tuple(
        _clause(clause_id, Enforcement(mark), zh, en) for clause_id, mark, zh, en in standing
    )


def _clause(clause_id: str, enforcement: Enforcement, zh: str, en: str) -> Clause:
    return Clause(clause_id, zh, en, enforcement)
