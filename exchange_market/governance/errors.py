"""Refusals of governance."""

from exchange_market.kernel.errors import Conflict, Forbidden, Missing, TooLarge


class AlreadyReviewed(Forbidden):
    """The first reviewer cannot be the second one."""

    code = "governance.already_reviewed"
    en = "You approved this listing already; important data takes another administrator as well."
    zh = "您已批准此产品；重要数据还须由另一名管理员批准。"


class SecondPersonRequired(Forbidden):
    """Who asked for direct identifiers cannot grant that to themselves."""

    code = "governance.second_person_required"
    en = "You asked for this yourself; another administrator has to decide about it."
    zh = "该申请由您提出；须由另一名管理员决定。"


class AffectedOrganisationExcluded(Forbidden):
    """An administrator of the provider's own organisation takes no part."""

    code = "governance.affected_organisation_excluded"
    en = (
        "The data belong to your own organisation; somebody of another organisation has to do this."
    )
    zh = "该数据属于贵机构；须由其他机构的人员操作。"


class BreakGlassNotFound(Missing):
    """No such request for raw rows."""

    code = "governance.break_glass_not_found"
    en = "There is no request {request_id} for raw rows."
    zh = "没有编号为 {request_id} 的原始数据查看申请。"


class BreakGlassMoveRefused(Conflict):
    """The request is not in the state for this step, or its time is over."""

    code = "governance.break_glass_move_refused"
    en = "The request for raw rows is {state}; this step needs it to be {needed}."
    zh = "原始数据查看申请当前为“{state}”状态；此步骤要求其为“{needed}”状态。"


class RevisionNotReadable(Conflict):
    """The revision has no rows to read."""

    code = "governance.revision_not_readable"
    en = "Revision {revision} has no rows to read: it is not ready, or its data were erased."
    zh = "第 {revision} 版没有可读取的数据：尚未就绪，或数据已被清除。"


class ContractNotSigned(Conflict):
    """Evidence needs all three signatures."""

    code = "governance.contract_not_signed"
    en = "The contract is {state} and not signed by all parties; there is nothing to prove yet."
    zh = "合同处于“{state}”状态，各方尚未全部签署；暂无可出具的证据。"


class ReceiptsWaiting(Conflict):
    """Receipts are signed in batches within a second; the last ones are not yet."""

    code = "governance.receipts_waiting"
    en = "{waiting} receipts wait for their signature; ask again in {retry_after_seconds} s."
    zh = "有 {waiting} 份收据等待签名；请在 {retry_after_seconds} 秒后重试。"


class EvidenceTooLarge(TooLarge):
    """A bundle holds all receipts of a contract or none."""

    code = "governance.evidence_too_large"
    en = "The contract has {what} beyond the {limit} that one bundle holds; read them page by page."
    zh = "该合同的 {what} 超出单个证据包的上限 {limit}；请分页读取。"


class TraceNotFound(Missing):
    """Nothing of that id that the asker may trace."""

    code = "governance.trace_not_found"
    en = "There is nothing with the id {object_id} that you may trace."
    zh = "没有您可追溯的编号为 {object_id} 的对象。"
