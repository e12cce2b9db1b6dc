"""Names for the codes of a result, in Chinese and English."""

from collections.abc import Mapping
from typing import Final

from pricing.valuation.reconcile import FLOOR_REASON, ONLY_REASON

_FLOOR: Final = "cost is the floor where there is evidence of income or of a market"
_ONLY: Final = "the only method with evidence for the value"

NAMES: Final[Mapping[str, tuple[str, str]]] = {
    # roles
    "indication": ("价值指示", "Indication"),
    "floor": ("价值下限", "Floor"),
    # kinds of methods
    "replacement_cost": ("更新重置成本法", "Replacement cost"),
    "reproduction_cost": ("复原重置成本法", "Reproduction cost"),
    "adjusted_cost": ("成本乘价值调整系数法", "Cost times value coefficients"),
    "total_cost_utility": ("总成本乘效用法", "Total cost times utility"),
    "direct_forecast": ("直接收益预测法", "Direct income forecast"),
    "revenue_share": ("收入分成法", "Revenue share"),
    "profit_share": ("利润分成法", "Profit share"),
    "relief_from_royalty": ("许可费节省法", "Relief from royalty"),
    "multi_period_excess_earnings": ("多期超额收益法", "Multi-period excess earnings"),
    "with_and_without": ("增量收益法（有无对比）", "With-and-without"),
    "capitalised_income": ("收益资本化法", "Capitalised income"),
    "capitalised_royalty": ("许可费资本化法", "Capitalised royalty"),
    "excess_earnings": ("单期超额收益法", "Excess earnings"),
    # columns and lines of methods
    "cost": ("成本合计", "Cost"),
    "income": ("收益", "Income"),
    "year": ("年", "Year"),
    "revenue": ("收入", "Revenue"),
    "profit": ("利润", "Profit"),
    "earnings": ("收益", "Earnings"),
    "cash_flow": ("现金流", "Cash flow"),
    "royalty": ("许可费", "Royalty"),
    "attributed": ("数据分成额", "Attributed to the data"),
    "with_asset": ("有数据时", "With the data"),
    "without_asset": ("无数据时", "Without the data"),
    "expected_loss": ("预期增量", "Expected difference"),
    "contributory_charge": ("贡献资产费用", "Contributory charges"),
    "tax": ("所得税", "Tax"),
    "flow": ("净收益", "Net flow"),
    "years_from_valuation": ("折现年期", "Years"),
    "discount_factor": ("折现系数", "Discount factor"),
    "present_value": ("现值", "Present value"),
    "part": ("组成", "Part"),
    "amount": ("金额", "Amount"),
    "rate_less_growth": ("资本化率减增长率", "Rate less growth"),
    "forecast_factor": ("预测误差系数", "Forecast factor"),
    "survival": ("留存率", "Survival"),
    "tax_amortisation_factor": ("税收摊销系数", "Tax amortisation factor"),
    "argument": ("用途", "Used as"),
    "parameter": ("参数", "Parameter"),
    "terminal_value": ("预测期后价值", "Terminal value"),
    "tax_amortisation_benefit": ("税收摊销收益", "Tax amortisation benefit"),
    "obsolescence": ("贬值", "Obsolescence"),
    "physical_obsolescence": ("实体性贬值", "Physical obsolescence"),
    "functional_obsolescence": ("功能性贬值", "Functional obsolescence"),
    "technological_obsolescence": ("技术性贬值", "Technological obsolescence"),
    "economic_obsolescence": ("经济性贬值", "Economic obsolescence"),
    "ageing": ("时效性损耗", "Ageing"),
    "opportunity_cost": ("机会成本", "Opportunity cost"),
    "taxes": ("税费", "Taxes and fees"),
    "items": ("成本项目", "Cost items"),
    "return": ("投资回报", "Return"),
    "utility": ("效用调整", "Utility"),
    "capitalised_earnings": ("资本化收益", "Capitalised earnings"),
    "capitalised_contributory_charge": ("资本化贡献资产费用", "Capitalised contributory charges"),
    "capitalised_tax": ("资本化所得税", "Capitalised tax"),
    "with_the_data": ("有数据时的现值", "With the data"),
    "without_the_data": ("无数据时的现值", "Without the data"),
    # arguments
    "royalty_rate": ("许可费率", "Royalty rate"),
    "discount_rate": ("折现率", "Discount rate"),
    "capitalisation_rate": ("资本化率", "Capitalisation rate"),
    "growth_rate": ("增长率", "Growth rate"),
    "terminal_growth_rate": ("永续增长率", "Terminal growth rate"),
    "tax_rate": ("所得税率", "Tax rate"),
    "deduction_tax_rate": ("摊销抵税税率", "Tax rate of the deduction"),
    "quality_coefficient": ("质量系数", "Quality coefficient"),
    "circulation_coefficient": ("流通系数", "Circulation coefficient"),
    "realisation_coefficient": ("价值实现系数", "Realisation coefficient"),
    "compliance_coefficient": ("合规系数", "Compliance coefficient"),
    "attrition_rate": ("流失率", "Attrition rate"),
    "share": ("分成率", "Share"),
    "probability": ("概率", "Probability"),
    "cash_flows": ("现金流", "Cash flows"),
    "assets": ("贡献资产", "Contributory assets"),
    "required_returns": ("要求回报率", "Required returns"),
    "charges": ("贡献资产费用", "Charges"),
    "profit_rate": ("开发者利润率", "Developer's profit rate"),
    "opportunity_rate": ("机会成本率", "Opportunity rate"),
    "opportunity_years": ("占用年限", "Years of opportunity cost"),
    "newness_rate": ("成新率", "Newness rate"),
    "age_years": ("已使用年限", "Age in years"),
    "life_years": ("经济寿命", "Life in years"),
    "half_life_years": ("时效半衰期", "Half-life in years"),
    "return_rate": ("成本回报率", "Rate of return"),
    # options
    "timing": ("折现约定", "Timing"),
    "end_year": ("年末", "End of year"),
    "mid_year": ("年中", "Mid-year"),
    "tax_amortisation_years": ("税收摊销年限", "Tax amortisation years"),
    "charges_taken": ("贡献资产费用扣除", "Charges taken"),
    "before_tax": ("税前", "Before tax"),
    "after_tax": ("税后", "After tax"),
    # adjustments
    "marketability_discount": ("缺乏流动性折价", "Marketability discount"),
    "minority_discount": ("少数权益折价", "Minority discount"),
    "control_premium": ("控制权溢价", "Control premium"),
    "exclusivity_premium": ("排他性溢价", "Exclusivity premium"),
    "other_discount": ("其他折价", "Other discount"),
    "other_premium": ("其他溢价", "Other premium"),
    # numbers of distributions
    "value": ("定值", "fixed"),
    "low": ("低", "low"),
    "mode": ("众数", "mode"),
    "high": ("高", "high"),
    "median": ("中位数", "median"),
    "sigma": ("对数标准差", "sigma"),
    "mean": ("均值", "mean"),
    "sd": ("标准差", "sd"),
    "outcomes": ("经验分布", "outcomes"),
    # comparable deals
    "adjusted_comparables": ("可比交易调整法", "Adjusted comparables"),
    "not_settled": ("未结算", "not settled"),
    "settled_after_valuation": ("结算晚于基准日", "settled after the valuation date"),
    "refunded": ("已退款", "refunded"),
    "related_parties": ("关联方交易", "related parties"),
    "round_trip": ("往返交易", "round trip"),
    "no_exchange_rate": ("无汇率", "no exchange rate"),
    "no_index": ("无价格指数", "no price index"),
    "too_old": ("过旧", "too old"),
    "no_rows": ("无行数", "no rows"),
    "no_quality": ("无质量得分", "no quality score"),
    "no_term": ("无期限", "no term"),
    "no_price": ("无价格", "no price"),
    "price_per_month": ("每月价格", "Price per month"),
    "price_per_thousand_rows_and_month": ("每千行每月价格", "Price per thousand rows and month"),
    "lower_quartile": ("下四分位", "Lower quartile"),
    "upper_quartile": ("上四分位", "Upper quartile"),
    # quality
    "normativity": ("规范性", "Normativity"),
    "completeness": ("完整性", "Completeness"),
    "accuracy": ("准确性", "Accuracy"),
    "consistency": ("一致性", "Consistency"),
    "timeliness": ("时效性", "Timeliness"),
    "accessibility": ("可访问性", "Accessibility"),
    # states of a valuation
    "proposed": ("待复核", "Proposed, not reviewed"),
    "approved": ("已复核通过", "Approved"),
    "returned": ("已退回", "Returned"),
    "superseded": ("已被新版本替代", "Superseded"),
    # update frequencies
    "real_time": ("实时", "Real time"),
    "hourly": ("每小时", "Hourly"),
    "daily": ("每日", "Daily"),
    "weekly": ("每周", "Weekly"),
    "monthly": ("每月", "Monthly"),
    "quarterly": ("每季度", "Quarterly"),
    "yearly": ("每年", "Yearly"),
    "irregular": ("不定期", "Irregular"),
    "never": ("不更新", "Never"),
}

APPROACHES: Final[Mapping[str, tuple[str, str]]] = {
    "cost": ("成本法", "Cost approach"),
    "income": ("收益法", "Income approach"),
    "market": ("市场法", "Market approach"),
}
INDICATORS: Final[Mapping[str, tuple[str, str]]] = {
    "declared_type": ("类型与声明一致", "stored with the declared type"),
    "pattern": ("格式符合规则", "written in the pattern"),
    "in_codes": ("取值在代码表内", "among the codes"),
    "not_null": ("非空", "present"),
    "in_range": ("数值在范围内", "within the range"),
    "unique": ("唯一", "unique"),
    "no_duplicate_rows": ("无重复行", "no duplicate rows"),
    "checksum": ("校验码正确", "check digit right"),
    "clean_text": ("文本无乱码", "clean text"),
    "ordered": ("先后次序正确", "in order"),
    "compared": ("字段间关系成立", "relation holds"),
    "determines": ("一值对应一值", "one determines the other"),
    "exists_in": ("引用值存在", "referred value exists"),
    "periods_covered": ("应有期间均有记录", "periods with records"),
    "fresh": ("数据新鲜", "fresh"),
    "decodable": ("可正常读取", "readable"),
}
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    FLOOR_REASON: ("有收益或市场证据时，成本仅为价值下限", _FLOOR),
    _FLOOR: ("有收益或市场证据时，成本仅为价值下限", _FLOOR),
    "cost is the floor where there is evidence of income": (
        "有收益证据时，成本仅为价值下限",
        "cost is the floor where there is evidence of income",
    ),
    ONLY_REASON: ("唯一有价值证据的方法", _ONLY),
    _ONLY: ("唯一有价值证据的方法", _ONLY),
}
"""Reasons that the engine writes by itself, in the words of every version of it."""

VALUE_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "market": ("市场价值", "market value"),
    "investment": ("投资价值", "investment value"),
    "in_use": ("在用价值", "value in use"),
    "liquidation": ("清算价值", "liquidation value"),
    "residual": ("残余价值", "residual value"),
    "fair": ("公允价值", "fair value"),
}
PURPOSES: Final[Mapping[str, tuple[str, str]]] = {
    "listing": (
        "数据产品上架交易定价参考",
        "to serve as a reference for the price of a listed data product",
    ),
    "accounting": ("财务报告", "financial reporting"),
    "financing": ("融资", "financing"),
    "contribution": ("作价出资", "contribution in kind"),
}
CURRENCIES: Final[Mapping[str, tuple[str, str]]] = {
    "CNY": ("人民币 {amount} 元", "CNY {amount}"),
    "HKD": ("港币 {amount} 元", "HKD {amount}"),
    "USD": ("{amount} 美元", "USD {amount}"),
    "EUR": ("{amount} 欧元", "EUR {amount}"),
}

FLAGS: Final[Mapping[str, tuple[str, str]]] = {
    "ranges_do_not_overlap": (
        "{methods}的区间互不重叠，使用者应关注各方法前提的差异",
        "the ranges of {methods} have nothing in common; weigh the premises of each",
    ),
    "gap_over_20_percent": (
        "{methods}的中位值相差超过 20 %",
        "the middle values of {methods} are more than 20 % apart",
    ),
    "floor_carries_weight": (
        "作为下限的{methods}被赋予了权重",
        "{methods} is a floor and yet carries weight",
    ),
    "below_floor": (
        "评估结论低于{methods}给出的下限",
        "the conclusion lies below the floor that {methods} gives",
    ),
    "negative_outcomes": (
        "部分模拟结果为负值，评估结论的低值低于零",
        "some outcomes are negative: the low end of the conclusion is below zero",
    ),
    "equal_weights": (
        "{methods}权重相等，请核对赋权理由",
        "{methods} weigh the same; look at the reasons",
    ),
    "highest_takes_all": (
        "结论完全取自数值最高的{methods}",
        "the conclusion is that of {methods} alone, the highest",
    ),
}

FORMULAS: Final[Mapping[str, str]] = {
    "replacement_cost": "P = (C + C·g + O + T) · Π(1 − d)",
    "reproduction_cost": "P = (C + C·g + O + T) · Π(1 − d)",
    "adjusted_cost": "P = (C + C·g + O + T) · Π δ",
    "total_cost_utility": "P = TC · (1 + R) · α · β · (1 + l) · (1 − r)",
    "direct_forecast": "P = Σ F(t) · (1 − T) · s(t) · (1 + i)^−t",
    "revenue_share": "P = Σ R(t) · K · (1 − T) · s(t) · (1 + i)^−t",
    "profit_share": "P = Σ E(t) · K · (1 − T) · s(t) · (1 + i)^−t",
    "relief_from_royalty": "P = Σ R(t) · k · (1 − T) · s(t) · (1 + i)^−t",
    "multi_period_excess_earnings": "P = Σ [E(t) − C(t) − T(t)] · s(t) · (1 + i)^−t",
    "with_and_without": "P = Σ [W(t) − N(t)] · p · (1 − T) · s(t) · (1 + i)^−t",
    "capitalised_income": "P = F · (1 − T) · s / (i − g)",
    "capitalised_royalty": "P = R · k · (1 − T) · s / (i − g)",
    "excess_earnings": "P = [E − Σ A·r] · s / (i − g)",
}
"""s is what forecast error, quality and attrition leave of a flow, t as the timing says."""
