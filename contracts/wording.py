"""Words of the contract's text in both languages.

The fixed clauses and the phrases for single terms.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.keys import Custody
from contracts.terms import (
    Dispute,
    DisputeMethod,
    Grade,
    Language,
    Operation,
    Party,
    Product,
    ProhibitedUse,
    ResponsiblePerson,
    RevisionPolicy,
    Role,
)

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """One phrase in Chinese and English."""

    zh: str
    en: str

    def text(self, language: Language) -> str:
        """The phrase in one language."""
        return self.zh if language is Language.ZH else self.en


ROLES = {
    Role.PROVIDER: Pair("数据提供方", "Provider"),
    Role.BUYER: Pair("数据需求方", "Buyer"),
    Role.EXCHANGE: Pair("数据中介方（交易所）", "Intermediary (the exchange)"),
}
CUSTODIES = {
    Custody.EXCHANGE: Pair("签名密钥由交易所代管", "its signing key is held by the exchange"),
    Custody.PARTY: Pair("签名密钥由本方自持", "its signing key is held by the party itself"),
}
OPERATIONS = {
    Operation.ROWS: Pair("按行分页接口（rows）", "pages of rows (rows)"),
    Operation.FILE: Pair("整份文件下载（file）", "whole files (file)"),
}
GRADES = {
    Grade.GENERAL: Pair("一般数据", "general data"),
    Grade.IMPORTANT: Pair("重要数据", "important data"),
}
LANGUAGES = {Language.ZH: Pair("中文", "Chinese"), Language.EN: Pair("英文", "English")}
ENFORCEMENT = {
    Language.ZH: {"enforced": "系统强制执行", "monitored": "系统记录监测", "legal": "法律约定"},
    Language.EN: {"enforced": "enforced", "monitored": "monitored", "legal": "legal only"},
}
PROHIBITED_USES = {
    ProhibitedUse.DISTRIBUTE: Pair(
        "向第三方披露、传播数据", "disclose or distribute the data to third parties"
    ),
    ProhibitedUse.SELL: Pair("转售数据", "resell the data"),
    ProhibitedUse.DERIVE: Pair(
        "以数据制作衍生数据产品对外提供", "make derived data products for others from the data"
    ),
    ProhibitedUse.REIDENTIFY: Pair(
        "识别或者试图识别数据中的个人", "identify or try to identify persons in the data"
    ),
    ProhibitedUse.LINK: Pair(
        "与其他来源的个人数据关联", "link the data with data on persons from other sources"
    ),
    ProhibitedUse.TRAIN: Pair(
        "用于训练对外提供服务的模型", "train models that serve others with the data"
    ),
    ProhibitedUse.EXPORT: Pair("将数据传输至境外", "transfer the data out of the territory"),
}

# Rows: clause id, enforcement, Chinese, English.
STANDING_DUTIES: tuple[tuple[str, str, str, str], ...] = (
    (
        "security",
        "legal",
        "安全与保密：各方采取与数据分级相称的技术和管理措施；需求方妥善保管接口密钥，"
        "发生泄露立即撤销并通知交易所。",
        "Security and confidentiality: each party protects the data as their grade requires; the "
        "buyer keeps its API "
        "keys safe and, on a leak, revokes them and informs the exchange at once.",
    ),
    (
        "personal_information",
        "legal",
        "个人信息：涉及个人信息的，提供方依《个人信息保护法》第二十三条履行告知并取得单独同意，"
        "需求方在所告知的目的和方式内处理。",
        "Personal information: where there is any, the provider informs the persons and obtains "
        "separate consent "
        "(Personal Information Protection Law, article 23); the buyer keeps within the purposes "
        "and ways so stated.",
    ),
    (
        "breach",
        "enforced",
        "违约与中止：合同中止、争议、到期或者终止期间，系统停止交付；违约方赔偿由此造成的损失。",
        "Breach and suspension: while the contract is suspended, disputed, expired or terminated, "
        "the system delivers "
        "nothing; the party in breach makes good the loss it caused.",
    ),
    (
        "deletion",
        "legal",
        "到期处理：合同期满或者终止后三十日内，需求方删除所取得的数据，法律另有规定的除外。",
        "At the end: within thirty days after the contract ends the buyer deletes the data it "
        "received, unless the "
        "law says otherwise.",
    ),
)
INTERMEDIARY_DUTIES: tuple[tuple[str, str, str, str], ...] = (
    (
        "intermediary",
        "monitored",
        "中介义务：交易所依《数据安全法》第三十三条要求提供方说明数据来源，审核交易双方身份，"
        "并留存审核、交易记录。",
        "Duties of the intermediary: under article 33 of the Data Security Law the exchange has "
        "the provider state the "
        "source, verifies the identity of both sides, and keeps the records of review and "
        "transaction.",
    ),
    (
        "records",
        "enforced",
        "记录与证据：每次交付计量并生成签名回执，连同本合同可脱离交易所独立验证；"
        "回执不含个人身份和查询内容。",
        "Records and evidence: each delivery is metered and leaves a signed receipt, which can be "
        "verified with this "
        "contract without the exchange; receipts hold neither persons nor contents of queries.",
    ),
    (
        "signatures",
        "enforced",
        "签署：各方对同一字节序列作电子签名，缺一不生效；签名密钥由谁保管在当事方信息中载明。",
        "Signature: all parties sign the same bytes electronically, and without any one of them "
        "the contract has no "
        "effect; the particulars of each party say who holds its signing key.",
    ),
    (
        "intermediary_liability",
        "legal",
        "中介责任：交易所对其审核、计量和记录负责，不对数据内容的准确性作担保。",
        "Liability of the intermediary: the exchange answers for its reviews, metering and "
        "records; it does not "
        "guarantee that the contents of the data are accurate.",
    ),
)


def party(value: Party, language: Language) -> str:
    """The line of the text that names one party."""
    role, custody = ROLES[value.role].text(language), CUSTODIES[value.custody].text(language)
    identifier = f"{value.identifier.scheme} {value.identifier.value}, {value.identifier.country}"
    if language is Language.ZH:
        return f"{role}：{value.name}（{identifier}）；密钥 {value.kid}，{custody}。"
    return f"{role}: {value.name} ({identifier}); key {value.kid}, {custody}."


def revision(product: Product) -> Pair:
    """Which revisions of a product the contract covers."""
    if product.revision_policy is RevisionPolicy.FIXED:
        return Pair(f"第{product.revision}修订版", f"revision {product.revision} only")
    return Pair("期限内发布的最新修订版", "the newest revision published during the period")


def responsible(person: ResponsiblePerson, language: Language) -> str:
    """One responsible person."""
    if language is Language.ZH:
        return f"{ROLES[person.role].zh} {person.name}（{person.contact}）"
    return f"{ROLES[person.role].en} {person.name} ({person.contact})"


def amount(micro: int, currency: str) -> str:
    """An amount with at least two decimals and no rounding: ``CNY 1234.50``."""
    whole, fraction = divmod(micro, MICRO)
    decimals = f"{fraction:06d}".rstrip("0").ljust(2, "0")
    return f"{currency} {whole}.{decimals}"


def purchase_order(number: str | None) -> Pair:
    """The sentence that quotes the buyer's purchase order, if there is one."""
    if number is None:
        return Pair("", "")
    return Pair(f"需求方采购订单号：{number}。", f" The buyer's purchase order: {number}.")


def succession(digest: str | None) -> Pair:
    """The sentence that names the contract version this one replaces, if any."""
    if digest is None:
        return Pair("", "")
    return Pair(f"本合同替代 {digest}。", f" This contract replaces {digest}.")


def dispute(value: Dispute) -> Pair:
    """The dispute clause: mediation first, then arbitration or a court."""
    if value.method is DisputeMethod.ARBITRATION:
        forum = Pair(
            f"提交{value.institution}仲裁", f"submitted to arbitration by {value.institution}"
        )
    else:
        forum = Pair(f"向{value.institution}起诉", f"brought before {value.institution}")
    return Pair(
        f"争议：适用 {value.governing_law} 法律；争议先由交易所调解，调解不成的，{forum.zh}。",
        f"Disputes: the law of {value.governing_law} governs; a dispute is first mediated by the "
        "exchange and, "
        f"failing that, {forum.en}.",
    )


def listing(phrases: Iterable[Pair]) -> Pair:
    """Several phrases joined into one."""
    pairs = tuple(phrases)
    return Pair("、".join(pair.zh for pair in pairs), ", ".join(pair.en for pair in pairs))
