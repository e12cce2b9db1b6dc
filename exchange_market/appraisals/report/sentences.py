"""Headings and sentences of a valuation report, in Chinese and English."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "kind": ("数据资产评估报告", "Data asset valuation report"),
    "kind_public": ("数据资产评估报告（公开版）", "Data asset valuation report (public part)"),
    "contents": ("目录", "Contents"),
    "page_before": ("第 ", "Page "),
    "page_between": (" 页，共 ", " of "),
    "page_after": (" 页", ""),
    "reference": ("报告编号 {id} · 第 {version} 版", "Report {id} · version {version}"),
    # cover and summary
    "client": ("委托人", "Client"),
    "object": ("评估对象", "Object"),
    "valued_on": ("评估基准日", "Valuation date"),
    "value_type": ("价值类型", "Value type"),
    "reported_on": ("评估报告日", "Report date"),
    "state": ("复核状态", "State of review"),
    "summary": ("摘要", "Summary"),
    "p10": ("低值（P10）", "Low (P10)"),
    "p50": ("评估值（P50）", "Value (P50)"),
    "p90": ("高值（P90）", "High (P90)"),
    "summary_text": (
        "受{client}委托，对“{title}”第 {revision} 版在 {day} 的{value_type}进行评估。"
        "采用{methods}，按书面理由加权，以 {points} 个 Sobol 点模拟参数的不确定性，"
        "评估值为{value}，八成的模拟结果落在{low}至{high}之间。",
        'On behalf of {client}, the {value_type} of "{title}", revision {revision}, was assessed '
        "as of {day}. The methods are {methods}, weighed with written reasons; uncertain inputs "
        "were drawn at {points} Sobol points. The value is {value}; in eight of ten outcomes it "
        "lies between {low} and {high}.",
    ),
    "not_approved": (
        "本报告的状态为“{state}”，尚未经交易所复核通过，不得作为交易依据。",
        'This report is "{state}": the exchange has not approved it, and no trade may rest on it.',
    ),
    "public_part": (
        "本文件为公开版：仅列示区间、方法、权重、理由与参数来源；参数数值、测算过程与敏感性"
        "由提供方保存，仅供提供方与交易所查阅。",
        "This is the public part: range, methods, weights, reasons and the sources of inputs. "
        "Figures of inputs, workings and sensitivities are kept for the provider and the exchange.",
    ),
    # 1
    "h_client": (
        "委托人、产权持有人和评估报告使用人",
        "Client, rights holder and users of the report",
    ),
    "rights_holder": ("产权持有人", "Rights holder"),
    "rights_holder_text": (
        "{client}（据其声明；权属文件未经本报告核验）",
        "{client} (as it declares; title documents were not examined for this report)",
    ),
    "identifier": ("统一社会信用代码或登记号", "Registration number"),
    "reviewer": ("复核与签章机构", "Reviewed and sealed by"),
    "users": ("评估报告使用人", "Users of the report"),
    "users_full": (
        "委托人；{operator}的复核管理员",
        "The client; the administrators of {operator} who review it",
    ),
    "users_public": (
        "查阅该数据产品的任何人",
        "Anybody who looks at the listing",
    ),
    # 2
    "h_purpose": ("评估目的", "Purpose"),
    "purpose_text": (
        "本次评估的目的是：{purpose}。评估结论仅服务于该目的，不得用于其他目的。",
        "The purpose is: {purpose}. The conclusion serves this purpose and no other.",
    ),
    # 3
    "h_object": ("评估对象和评估范围", "Object and scope"),
    "title": ("名称", "Title"),
    "product_id": ("产品标识", "Product id"),
    "subject": ("领域", "Domain"),
    "description": ("内容", "Content"),
    "scope": ("评估范围", "Scope"),
    "scope_text": (
        "第 {revision} 版：{rows} 行、{columns} 列",
        "Revision {revision}: {rows} rows, {columns} columns",
    ),
    "temporal": ("时间范围", "Period covered"),
    "temporal_text": ("{start} 至 {end}（不含末日）", "{start} to {end} (end not included)"),
    "spatial": ("空间范围", "Area covered"),
    "granularity": ("粒度", "Granularity"),
    "frequency": ("更新频率", "Updates"),
    "source": ("数据来源", "Source of the data"),
    "licence": ("许可条款", "Licence terms"),
    # 4, 5
    "h_value_type": ("价值类型", "Value type"),
    "value_type_text": (
        "价值类型为{value_type}。货币单位为{currency}。评估结论仅在该价值类型与所列假设下成立。",
        "The value type is {value_type}; amounts are in {currency}. The conclusion holds for this "
        "value type and under the assumptions stated, not otherwise.",
    ),
    "h_date": ("评估基准日", "Valuation date"),
    "date_text": (
        "评估基准日为 {day}，由委托人确定。参数取值与价格水平均对应该日；其后的变化未予考虑。",
        "The valuation date is {day}, set by the client. Inputs and price level are those of that "
        "day; what changed later is not considered.",
    ),
    # 6
    "h_basis": ("评估依据", "Basis"),
    "basis_act": (
        "行为依据：委托人于 {day} 提交的估值申请（{id} 第 {version} 版）。",
        "Mandate: the client's proposal of {day} ({id}, version {version}).",
    ),
    "basis_standards": (
        "方法参照：《数据资产评估指导意见》（中评协〔2023〕17号）；"
        "《信息技术 数据质量评价指标》（GB/T 36344-2018）；国际评估准则 IVS 210 无形资产。"
        "所列文件仅为方法参照，本报告不声明逐条符合。",
        "Methods follow: China Appraisal Society, guiding opinions on data asset valuation (2023, "
        "no. 17); GB/T 36344-2018, indicators for data quality evaluation; International Valuation "
        "Standards, IVS 210 Intangible Assets. They are references for the methods; conformity "
        "clause by clause is not claimed.",
    ),
    "basis_quality": (
        "质量依据：质量报告 {id}，{day} 对第 {revision} 版实测。",
        "Quality: report {id}, measured on revision {revision} at {day}.",
    ),
    "basis_no_quality": (
        "质量依据：该版本没有质量报告。",
        "Quality: there is no quality report of this revision.",
    ),
    "basis_sources": ("取价依据（参数来源）：", "Sources of the inputs:"),
    # 7
    "h_methods": ("评估方法", "Methods"),
    "methods_text": (
        "各方法的取舍与权重由评估人员书面说明。权重合计为 100 %；成本法在有收益或市场证据时"
        "仅作为价值下限。同一风险只计一次，由程序强制检查。",
        "The choice of methods and their weights carry written reasons. Weights add up to 100 %; "
        "where there is evidence of income or of a market, cost is a floor. A risk counts once "
        "only, which the engine enforces.",
    ),
    "methods_caption": ("方法、权重与理由", "Methods, weights and reasons"),
    "method": ("方法", "Method"),
    "approach": ("评估途径", "Approach"),
    "role": ("作用", "Role"),
    "weight": ("权重", "Weight"),
    "reason": ("理由", "Reason"),
    # 8
    "h_process": ("评估程序实施过程和情况", "What was done"),
    "process_upload": (
        "接收数据第 {revision} 版，逐列识别类型并计算承诺根。",
        "Revision {revision} of the data was received, its columns typed and its root committed.",
    ),
    "process_quality": (
        "{at}：按 GB/T 36344 六个维度在全部数据上实测质量（{count} 项指标）。",
        "{at}: quality was measured on all of the data in the six dimensions of GB/T 36344 "
        "({count} indicators).",
    ),
    "process_proposed": (
        "{at}：提供方提出估值；估值引擎 {engine} 以种子 {seed}、{points} 个 Sobol 点计算，"
        "交易所对结果逐字节签名。",
        "{at}: the provider proposed the valuation; engine {engine} computed it with seed {seed} "
        "at {points} Sobol points, and the exchange signed the bytes of the result.",
    ),
    "process_proposed_by": ("提出人：{person}。", "Proposed by {person}."),
    "process_decided": (
        "{at}：交易所管理员复核，结论为“{state}”。",
        "{at}: an administrator of the exchange reviewed it: {state}.",
    ),
    "process_decided_by": (
        "复核人：{person}。理由：{reason}",
        "Reviewed by {person}. Reason: {reason}",
    ),
    "no_reason": ("未填写", "none given"),
    # 9
    "h_assumptions": ("评估假设", "Assumptions"),
    "assumptions_given": ("评估人员陈述的假设：", "Assumptions stated by the appraiser:"),
    "assumptions_none": (
        "评估人员未陈述特别假设。",
        "The appraiser stated no particular assumptions.",
    ),
    "assumptions_model": (
        "模型假设：各不确定参数相互独立，按所列分布取值；现金流在所列时点发生；"
        "金额按货币最小单位四舍五入，仅在列示时舍入。",
        "Assumptions of the model: uncertain inputs are independent and follow the distributions "
        "stated; flows arrive when stated; amounts are rounded to the currency's minor unit, and "
        "only where they are shown.",
    ),
    # 10
    "h_conclusion": ("评估结论", "Conclusion"),
    "conclusion_text": (
        "在评估基准日 {day}，“{title}”的{value_type}评估值为{value}（P50），"
        "区间为{low}（P10）至{high}（P90）。",
        'As of {day}, the {value_type} of "{title}" is {value} (P50), within a range from {low} '
        "(P10) to {high} (P90).",
    ),
    "ranges_caption": (
        "各方法与结论的区间（P10 – P50 – P90）",
        "Ranges of the methods and of the conclusion (P10 – P50 – P90)",
    ),
    "conclusion": ("结论", "Conclusion"),
    "weighted_caption": (
        "加权过程（各参数取中位数）",
        "How the methods are weighed (all inputs at their medians)",
    ),
    "indicated": ("指示值", "Indicated"),
    "weighted": ("加权值", "Weighted"),
    "sum": ("合计", "Sum"),
    "before_adjustments": ("调整前", "Before adjustments"),
    "at_medians": ("参数取中位数时的结论", "Conclusion at the medians"),
    "medians_note": (
        "参数取中位数时的结论与结论区间的 P50 可能不同："
        "前者是中位输入的值，后者是全部模拟值的中位数。",
        "The conclusion at the medians may differ from the P50 of the range: one is the value of "
        "median inputs, the other the median of all values drawn.",
    ),
    # 11
    "h_special": ("特别事项说明", "Special notes"),
    "special_none": ("程序未提示特别事项。", "The engine raised no flags."),
    "special_unmeasured": (
        "以下质量维度未测量，未计入质量得分：{dimensions}。",
        "These dimensions of quality were not measured and count in no score: {dimensions}.",
    ),
    "special_evidence": (
        "{all} 个参数中，{with_evidence} 个附有证据摘要，{accepted} 个载明确认人。",
        "Of {all} inputs, {with_evidence} name the digest of their evidence and {accepted} who "
        "accepted them.",
    ),
    "special_ask": (
        "不确定性主要来自“{parameter}”，复核时应优先索取其证据。",
        'Most of the uncertainty comes from "{parameter}": ask for its evidence first.',
    ),
    # 12
    "h_limits": ("评估报告使用限制说明", "Limits of use"),
    "limits_given": ("评估人员陈述的限制：", "Limits stated by the appraiser:"),
    "limits_text": (
        "本报告由数据提供方提出、{operator}复核，并非依法设立的评估机构出具的法定评估报告；"
        "法律要求法定评估的事项，须另行委托。未经许可不得断章取义地引用。评估结论不是价格保证。",
        "This report was proposed by the provider of the data and reviewed by {operator}; it is no "
        "statutory appraisal by a licensed firm, which must be asked for where the law wants one. "
        "It may not be quoted in misleading part, and the conclusion guarantees no price.",
    ),
    # 13
    "h_report_date": ("评估报告日", "Report date"),
    "report_date_text": (
        "评估报告日为 {day}（{state}）。",
        "The report date is {day} ({state}).",
    ),
    "signature_text": (
        "交易所以密钥 {key} 对估值结果签名，公钥见 /.well-known/jwks.json。",
        "The exchange signed the result with key {key}; the public key is in "
        "/.well-known/jwks.json.",
    ),
    # annexes
    "annex": ("附件{number} {heading}", "Annex {number}: {heading}"),
    "a_methods": ("各方法测算过程", "Workings of each method"),
    "formula": ("模型", "Model"),
    "options": ("选项", "Options"),
    "inputs_used": ("参数引用", "Inputs"),
    "lines_caption": ("{method}：组成（参数取中位数）", "{method}: lines (inputs at medians)"),
    "paper_caption": (
        "{method}：测算明细（参数取中位数）",
        "{method}: workings (inputs at medians)",
    ),
    "figures": ("单项参数（中位数）：", "Single figures (medians):"),
    "line": ("项目", "Line"),
    "amount_in": ("金额（{currency}）", "Amount ({currency})"),
    "a_parameters": ("参数表", "Inputs"),
    "parameters_caption": (
        "参数、分布、来源与确认人；完整证据摘要见工作底稿",
        "Inputs, distributions, sources and who accepted them; full digests of evidence are in the "
        "working papers",
    ),
    "parameter_name": ("参数", "Input"),
    "distribution": ("分布", "Distribution"),
    "percentiles": ("P10 / P50 / P90", "P10 / P50 / P90"),
    "unit": ("单位", "Unit"),
    "parameter_source": ("来源", "Source"),
    "accepted_by": ("确认人", "Accepted by"),
    "evidence": ("证据摘要", "Evidence (SHA-256)"),
    "sources_caption": (
        "参数及其来源（数值不公开）",
        "Inputs and their sources (figures withheld)",
    ),
    "a_market": ("可比交易", "Comparable deals"),
    "market_text": (
        "候选交易中采用 {used} 笔，排除 {rejected} 笔。他方保密交易仅以摘要列示，"
        "不足五笔时不列统计值。",
        "Of the candidates {used} deals were used and {rejected} rejected. Deals of others are "
        "named by digest only, and no statistic is shown over fewer than five.",
    ),
    "statistics_caption": (
        "采用交易的统计（{currency}）",
        "Statistics of the deals used ({currency})",
    ),
    "statistic": ("统计项", "Statistic"),
    "reasons_caption": ("排除理由", "Why deals were rejected"),
    "count": ("笔数", "Deals"),
    "deals_caption": ("交易清单（摘要）", "Deals by digest"),
    "deal": ("交易摘要", "Digest of the deal"),
    "outcome": ("处理", "Outcome"),
    "used": ("采用", "used"),
    "a_sensitivity": ("敏感性分析", "Sensitivity"),
    "tornado_caption": (
        "各参数单独由 P10 变动至 P90 时的结论（{currency}）",
        "The conclusion with one input at its P10 and at its P90 ({currency})",
    ),
    "at_low": ("参数取 P10", "Input at its P10"),
    "at_high": ("参数取 P90", "Input at its P90"),
    "total_index": ("Sobol 总指数", "Sobol total"),
    "sobol_caption": (
        "变动与方差贡献（Sobol 指数按 {points} 个点估计）",
        "Swings and shares of the variance (Sobol indices from {points} points)",
    ),
    "swing": ("变动幅度", "Swing"),
    "first_index": ("一阶指数", "First order"),
    "no_uncertainty": (
        "全部参数均为定值，结论没有不确定性区间。",
        "All inputs are fixed, so the conclusion has no range.",
    ),
    "a_quality": ("数据质量", "Quality of the data"),
    "radar_caption": (
        "GB/T 36344 六个维度的得分（0 至 1）",
        "Scores in the six dimensions of GB/T 36344 (0 to 1)",
    ),
    "radar_description": ("质量雷达图：{scores}", "Radar of quality: {scores}"),
    "quality_total": ("综合得分", "Total score"),
    "not_measured": ("未测量", "not measured"),
    "indicators_caption": (
        "质量指标（全部 {total} 项中的 {shown} 项；测量所用 SQL 见工作底稿）",
        "Indicators of quality ({shown} of {total}; the SQL is in the working papers)",
    ),
    "dimension": ("维度", "Dimension"),
    "measures": ("测量内容", "Measures"),
    "conforming": ("符合数", "Conforming"),
    "examined": ("检查数", "Examined"),
    "ratio": ("比率", "Ratio"),
    "withheld": (
        "另有 {count} 项指标涉及未公开的列，未列示。",
        "{count} further indicators are of columns that are not public and are left out.",
    ),
    "no_quality": ("该版本没有质量报告。", "There is no quality report of this revision."),
    "a_recompute": ("复算与验证", "Recompute and verify"),
    "engine": ("估值引擎版本", "Engine version"),
    "seed": ("随机种子", "Seed"),
    "points": ("Sobol 点数", "Sobol points"),
    "input_hash": ("输入摘要（SHA-256）", "Input hash (SHA-256)"),
    "key_id": ("签名密钥标识", "Signature key id"),
    "recompute_text": (
        "任何持有估值案例文件者均可复算：相同输入得到逐字节相同的结果。"
        "案例文件为 GET /v1/valuations/{id} 的 case 成员；"
        "结果应与 /v1/valuations/{id}/result 一致，其签名可用公钥验证。",
        "Whoever has the case can recompute it: the same inputs give the same bytes. The case is "
        "the member `case` of GET /v1/valuations/{id}; the result equals "
        "/v1/valuations/{id}/result, whose signature verifies with the public key.",
    ),
    "recompute_public": (
        "输入摘要使提供方无法事后更改输入：持有案例文件者可据此复算并核对。",
        "The input hash binds the provider to the inputs: whoever is given the case can recompute "
        "the result and compare.",
    ),
    "command": ("复算命令", "Command"),
    # working papers
    "papers": ("估值工作底稿", "Valuation working papers"),
    "s_summary": ("摘要", "Summary"),
    "s_parameters": ("参数", "Inputs"),
    "s_sensitivity": ("敏感性", "Sensitivity"),
    "s_market": ("可比交易", "Comparables"),
    "s_quality": ("质量指标", "Quality"),
    "formulas_note": (
        "金额单元格为公式；缓存值来自估值引擎，重算结果在最末位可能有舍入差异。",
        "Amounts are formulas; the cached values are the engine's, and recalculation may differ in "
        "the last digits by rounding.",
    ),
    "p10_input": ("P10", "P10"),
    "p50_input": ("P50（中位数）", "P50 (median)"),
    "p90_input": ("P90", "P90"),
    "sobol_points": (
        "Sobol 指数按 {points} 个点估计",
        "Sobol indices from {points} points",
    ),
    "bound_to": ("报告编号", "Report"),
}
