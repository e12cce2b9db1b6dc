"""What can be wrong with samples and with queries on them.

The sandbox has its own sentences for what it refuses: `refusal_of` passes them on, with the
sandbox's own code in the parameter `reason`.
"""

from exchange_market.kernel.errors import (
    Conflict,
    ExchangeError,
    Invalid,
    Language,
    Missing,
    RateLimited,
    Unavailable,
)
from sandbox.broker import QueryFailed, StatementRefused


class SampleNotFound(Missing):
    """There is no sample that the asker may see."""

    code = "trials.sample_not_found"
    en = "Product {product_id} has no sample that can be shown."
    zh = "产品 {product_id} 没有可供查看的样本。"


class SampleActionRefused(Conflict):
    """The sample's state does not allow the step."""

    code = "trials.sample_action_refused"
    en = "A sample that is {state} cannot be moved by '{action}'."
    zh = "状态为“{state}”的样本不能执行“{action}”。"


class SampleChanged(Conflict):
    """The sample looked at is not the present one any more."""

    code = "trials.sample_changed"
    en = "The sample was built again since you looked at it; look at the new one before you decide."
    zh = "自您查看后样本已重新生成；请查看新样本后再作决定。"


class SampleNotApproved(Conflict):
    """Only an approved sample can be queried."""

    code = "trials.sample_not_approved"
    en = "The sample is {state}; it can be queried once its provider has approved it."
    zh = "样本状态为“{state}”；须经提供方批准后方可查询。"


class RejectionReasonRequired(Invalid):
    """A rejection has to say why."""

    code = "trials.rejection_reason_required"
    en = "Say why the sample is rejected."
    zh = "请说明拒绝样本的原因。"


class TooManyQueries(RateLimited):
    """The organisation asked more often than the sandbox allows."""

    code = "trials.too_many_queries"
    en = "Your organisation may send {limit} sandbox queries in {seconds} seconds; wait a little."
    zh = "贵机构在 {seconds} 秒内最多可发送 {limit} 次沙箱查询；请稍候再试。"


class InSandboxWords:
    """Speaks the sentence of the sandbox, which is no template: it may quote the statement."""

    params: dict[str, object]

    def text(self, language: Language) -> str:
        """The sandbox's sentence in the language asked for."""
        return str(self.params[language])


class StatementNotAllowed(InSandboxWords, Invalid):
    """The statement gate does not let the statement run."""

    code = "trials.statement_refused"
    en = "The sandbox does not run this statement."
    zh = "沙箱不执行该语句。"


class QueryFaulty(InSandboxWords, Invalid):
    """The statement may run, but gives an error."""

    code = "trials.query_failed"
    en = "The query failed."
    zh = "查询失败。"


class QueryTooExpensive(InSandboxWords, Invalid):
    """The query needs more time or memory than there is for it."""

    code = "trials.query_too_expensive"
    en = "The query needs more time or memory than a sample query may use."
    zh = "查询所需时间或内存超过样本查询的上限。"


class SandboxUnavailable(InSandboxWords, Unavailable):
    """The sandbox cannot answer now, through no fault of the asker."""

    code = "trials.sandbox_unavailable"
    en = "The sandbox cannot answer just now."
    zh = "沙箱暂时无法响应。"


_RETRY_AFTER_SECONDS = 3
_TOO_EXPENSIVE = frozenset({"query_timeout", "memory_exceeded", "worker_lost"})


def refusal_of(told: StatementRefused | QueryFailed) -> ExchangeError:
    """The error of the exchange for what the sandbox said; its `reason` is the sandbox's code."""
    words: dict[str, object] = {"reason": told.code, "detail": dict(told.detail)}
    words |= {"en": told.en, "zh": told.zh}
    if isinstance(told, StatementRefused):
        return StatementNotAllowed(field="sql", **words)
    if told.code == "query_error":
        return QueryFaulty(field="sql", **words)
    if told.code in _TOO_EXPENSIVE:
        return QueryTooExpensive(field="sql", **words)
    return SandboxUnavailable(retry_after_seconds=_RETRY_AFTER_SECONDS, **words)
