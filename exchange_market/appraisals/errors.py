"""What can be wrong with quality reports, valuations and price plans."""

from exchange_market.kernel.errors import Conflict, Forbidden, Invalid, Missing, TooLarge


class DocumentRefused(Invalid):
    """A field of a valuation case, a price plan or a usage breaks a rule."""

    code = "appraisals.document_refused"
    en = "The field {field} {problem}."
    zh = "字段 {field} 不符合要求：{problem}。"


class MeterNotCounted(Invalid):
    """A price for something that the exchange does not count would bill nothing."""

    code = "appraisals.meter_not_counted"
    en = (
        "The exchange cannot count {meter} yet, so it would bill nothing for it; "
        "price by {countable}."
    )
    zh = "交易所暂不能计量 {meter}，按其计价将收不到费用；请按 {countable} 计价。"


class ValuationTooLarge(TooLarge):
    """The result of a valuation does not fit a signature."""

    code = "appraisals.valuation_too_large"
    en = "The result of this valuation has more than {bytes_max} bytes; shorten its texts."
    zh = "该估值结果超过 {bytes_max} 字节；请缩短其中的文字。"


class ComparablesNotFound(Missing):
    """Comparables are for the provider of a product and for administrators."""

    code = "appraisals.comparables_not_found"
    en = "There are no comparables of product {product} for you."
    zh = "没有可供您查看的产品 {product} 的可比案例。"


class QualityReportNotFound(Missing):
    """The revision was not measured, or the asker may not know."""

    code = "appraisals.quality_report_not_found"
    en = "Revision {revision} has no quality report yet."
    zh = "版本 {revision} 尚无质量报告。"


class QualityRulesFixed(Conflict):
    """A listing under review or withdrawn keeps the quality rules it has."""

    code = "appraisals.quality_rules_fixed"
    en = "The quality rules of a listing that is {state} cannot be changed."
    zh = "处于“{state}”状态的上架产品不能修改质量规则。"


class QualityNotMeasured(Conflict):
    """A valuation rests on the quality report of the latest revision, which is still being made."""

    code = "appraisals.quality_not_measured"
    en = "The quality report of revision {revision} is not ready yet; try again in a moment."
    zh = "版本 {revision} 的质量报告尚未完成；请稍后再试。"


class ValuationNotFound(Missing):
    """No such valuation, or not one that the asker may see."""

    code = "appraisals.valuation_not_found"
    en = "There is no valuation {valuation}."
    zh = "没有估值 {valuation}。"


class ValuationMoveRefused(Conflict):
    """The decision does not fit the state of the valuation."""

    code = "appraisals.valuation_move_refused"
    en = "A valuation that is {state} cannot be decided with '{action}'."
    zh = "处于“{state}”状态的估值不能执行“{action}”。"


class DecisionReasonRequired(Invalid):
    """A valuation is not returned without a word."""

    code = "appraisals.decision_reason_required"
    en = "Write the reason of this decision."
    zh = "请填写作出该决定的理由。"


class AppraiserExcluded(Forbidden):
    """Whoever proposed a valuation, or belongs to its provider, does not decide on it."""

    code = "appraisals.appraiser_excluded"
    en = "Whoever proposed a valuation, or belongs to its provider, does not decide on it."
    zh = "提出估值的人员以及提供方机构的人员不得对该估值作出决定。"


class ReviewerRequired(Forbidden):
    """Only administrators of the exchange decide on valuations."""

    code = "appraisals.reviewer_required"
    en = "Only administrators of the exchange decide on valuations."
    zh = "只有交易所管理员可以对估值作出决定。"


class PricePlanNotFound(Missing):
    """The product has no price yet."""

    code = "appraisals.price_plan_not_found"
    en = "The product has no price plan yet."
    zh = "该数据产品尚无价格方案。"


class PricePlanFixed(Conflict):
    """A listing under review or withdrawn keeps the price it has."""

    code = "appraisals.price_plan_fixed"
    en = "The price of a listing that is {state} cannot be changed."
    zh = "处于“{state}”状态的上架产品不能修改价格。"


class PricePlanNeedsRepair(Conflict):
    """The plan can be gamed as it stands, and there is a repaired plan that cannot."""

    code = "appraisals.price_plan_needs_repair"
    en = (
        "The plan can be gamed. {reason_en} "
        "Send it again with accept_repair to take the repaired plan."
    )
    zh = "该方案可被套利。{reason_zh}如接受修正后的方案，请附 accept_repair 重新提交。"


class PricePlanRejected(Conflict):
    """The plan can be gamed and only its provider can say which prices were meant."""

    code = "appraisals.price_plan_rejected"
    en = "The plan can be gamed. {reason_en}"
    zh = "该方案可被套利。{reason_zh}"
