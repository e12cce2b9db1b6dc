"""Refusals of metering."""

from exchange_market.kernel.errors import Forbidden


class QuotaExhausted(Forbidden):
    """The contract's hard quota does not cover this delivery."""

    code = "metering.quota_exhausted"
    en = "The contract's quota of {meter} does not cover this: {remaining} of {limit} are left."
    zh = "合同的 {meter} 配额不足：剩余 {remaining}（共 {limit}）。"
