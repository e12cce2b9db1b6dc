"""Refusals of metering."""

from exchange_market.kernel.errors import Forbidden, Missing


class QuotaExhausted(Forbidden):
    """The contract's hard quota does not cover this delivery."""

    code = "metering.quota_exhausted"
    en = (
        "The contract's quota of {meter} is used up: {remaining} of {limit} left, {wanted} "
        "asked for."
    )
    zh = "合同的 {meter} 配额不足：剩余 {remaining}（共 {limit}），本次需要 {wanted}。"


class UsageNotFound(Missing):
    """No such contract, or not the asker's."""

    code = "metering.usage_not_found"
    en = "There is no usage of a contract {contract_id}."
    zh = "没有合同 {contract_id} 的用量。"
