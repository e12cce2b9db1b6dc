"""Refusals of delivery."""

from exchange_market.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Missing,
    RangeRefused,
    RateLimited,
    Unauthenticated,
)


class KeyMissing(Unauthenticated):
    """No API key was sent."""

    code = "delivery.key_missing"
    en = "Send the API key as 'Authorization: Bearer dxk_live_…'."
    zh = "请在 Authorization 头中以 Bearer 方式携带 API 密钥（dxk_live_…）。"


class KeyOfAnotherContract(Forbidden):
    """The key opens another product."""

    code = "delivery.key_of_another_contract"
    en = "This key belongs to a contract about another product than {product_id}."
    zh = "该密钥所属合同的标的不是产品 {product_id}。"


class ContractStopped(Forbidden):
    """The contract is not active, or not paid."""

    code = "delivery.contract_stopped"
    en = "The contract does not allow delivery now: it is {state}, paid: {is_paid}."
    zh = "合同目前不允许交付：状态为“{state}”，已付款：{is_paid}。"


class OutsideContract(Forbidden):
    """The contract's terms do not cover the request; `clause_id` names the clause.

    `about_en` and `about_zh` say of what the reason speaks; empty, or from ": " on.
    """

    code = "delivery.outside_contract"
    en = (
        "The contract does not cover this request ({reason}{about_en}); "
        "see its clause '{clause_id}'."
    )
    zh = "合同条款不允许此请求（{reason}{about_zh}）；见合同条款“{clause_id}”。"


class RevisionNotAvailable(Missing):
    """The product has no such ready revision, or the contract names another one."""

    code = "delivery.revision_not_available"
    en = "Revision {revision} is not available under this contract."
    zh = "该合同下无法获取版本 {revision}。"


class NoPages(Conflict):
    """The revision has no page store."""

    code = "delivery.no_pages"
    en = "This revision is delivered as a file only; fetch /file instead."
    zh = "该版本仅以文件方式交付；请改用 /file 接口。"


class FilterMalformed(Invalid):
    """A filter is not `column:op:value`."""

    code = "delivery.filter_malformed"
    en = "The filter '{text}' is not column:op:value with op one of {operators}."
    zh = "筛选条件“{text}”不符合 列:运算符:值 的格式；运算符须为 {operators} 之一。"


class ColumnsRepeated(Invalid):
    """A column is chosen twice."""

    code = "delivery.columns_repeated"
    en = "The column '{column}' is named twice; name each column once."
    zh = "列“{column}”重复；每列只能指定一次。"


class RangeNotSatisfiable(RangeRefused):
    """The asked byte range begins behind the end."""

    code = "delivery.range_not_satisfiable"
    en = "The range lies outside the file, which has {size_bytes} bytes."
    zh = "请求的范围超出文件长度（{size_bytes} 字节）。"


class TooManyDeliveries(RateLimited):
    """As many deliveries of the contract run as one web process runs at once."""

    code = "delivery.too_many_at_once"
    en = "{running} deliveries of this contract run already; let one end, then try again."
    zh = "该合同已有 {running} 个交付正在进行；请待其中一个结束后重试。"


class PagesBusy(RateLimited):
    """The contract's turns to read a page did not come in time."""

    code = "delivery.pages_busy"
    en = "Other pages of this contract took longer than {seconds} s; ask for fewer at once."
    zh = "该合同的其他页面请求超过 {seconds} 秒仍未完成；请减少同时请求的数量。"
