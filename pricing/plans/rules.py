"""Why a certificate was given or refused, in Chinese and English."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One sentence in Chinese and in English; the edge chooses."""

    zh: str
    en: str

    def to_json(self) -> dict[str, object]:
        """Return both sentences as a JSON object."""
        return {"zh": self.zh, "en": self.en}


RULES: Final[dict[str, Bilingual]] = {
    "free": Bilingual("免费方案没有可以套利的价格。", "A free plan has no price to game."),
    "flat": Bilingual(
        "固定费用不随用量变化, 分开购买只会多付一次。",
        "A flat fee ignores the quantity; a second purchase pays it again.",
    ),
    "per_unit.proportional": Bilingual(
        "按单位计价与用量成正比。", "A price per unit is proportional to the quantity."
    ),
    "package.whole_packages": Bilingual(
        "按整包向上取整, 拆分购买不会减少包数。",
        "Started packages are charged whole, so parts never need fewer packages.",
    ),
    "graduated.tier_ends": Bilingual(
        "已在所有阶梯端点逐一核对: 分开购买不会更便宜。",
        "Checked at every tier end: two purchases never cost less than one.",
    ),
    "volume.tier_ends": Bilingual(
        "已在所有阶梯端点逐一核对: 多买不降价, 分开购买不会更便宜。",
        "Checked at every tier end: more never costs less, nor do two purchases instead of one.",
    ),
    "subscription.by_days": Bilingual(
        "订阅费与天数成正比。", "A subscription by days is proportional to the days."
    ),
    "subscription.whole_spans": Bilingual(
        "订阅按整期收取, 分期购买不会减少期数。",
        "Started subscription spans are charged whole, so parts never need fewer spans.",
    ),
    "one_off": Bilingual(
        "一次性购买按版本收费, 与用量无关。",
        "A one-off purchase is paid for each revision and ignores the quantity.",
    ),
    "tiered_package.tier_ends": Bilingual(
        "按整包计价, 并已在所有阶梯端点逐一核对: 多买不降价, 分开购买不会更便宜。",
        "Packages are charged whole, and their tiers were checked at every end: more never costs"
        " less, nor do two purchases instead of one.",
    ),
    "percentage.proportional": Bilingual(
        "按金额比例并按笔收费, 各自成正比。",
        "A share of the amount and a fee for each event are each proportional.",
    ),
    "graduated_percentage.tier_ends": Bilingual(
        "已在所有金额阶梯端点逐一核对: 拆分金额不会更便宜。",
        "Checked at every end of the amount tiers: a split amount never costs less.",
    ),
    "cost_plus.proportional": Bilingual(
        "成本加成与成本成正比。", "Cost plus is proportional to the declared cost."
    ),
    "usage_discount.tier_ends": Bilingual(
        "折扣后的价格曲线已在所有端点逐一核对。",
        "The price after the discount was checked at every end of its pieces.",
    ),
    "commitment.tier_ends": Bilingual(
        "超量单价不高于承诺用量的单价: 再承诺一次不会更便宜。",
        "Overage is not dearer than the committed units: a second commitment never costs less.",
    ),
    "whole_plan.tier_ends": Bilingual(
        "整个方案作为一条价格曲线, 已在所有端点逐一核对。",
        "The whole plan was checked as one price curve at every end of its pieces.",
    ),
    "sum": Bilingual("各项安全费用之和仍然安全。", "A sum of safe charges is safe."),
    "minimum": Bilingual("最低消费不破坏该性质。", "A minimum keeps a safe price safe."),
    "maximum": Bilingual("封顶不破坏该性质。", "A maximum keeps a safe price safe."),
    "allowance.one_per_legal_entity": Bilingual(
        "免费额度按已核验的法人主体只给一次, 拆分账户得不到第二份。",
        "The allowance is given once per verified legal entity; a second account gets none.",
    ),
    "ladder.tier_ends": Bilingual(
        "版本之间的价格折线已在所有端点逐一核对: 更精确的不更便宜, 合并低精度版本不会更便宜。",
        "The line through the versions was checked at every end: a better version never costs less,"
        " nor do several worse ones that make up for it.",
    ),
    "ladder.no_cover": Bilingual(
        "已逐一排除所有更便宜的组合: 没有一组版本能以更低价格达到同等精度。",
        "Every cheaper combination was looked at: none is as good as a version that costs more.",
    ),
    "rounding.whole_prices": Bilingual(
        "每个价格都是最小货币单位的整数倍, 逐笔取整没有影响。",
        "Every price is a whole number of minor units, so rounding each purchase changes nothing.",
    ),
}

REASONS: Final[dict[str, Bilingual]] = {
    "unproved": Bilingual(
        "没有规则能证明该方案不可套利; 请简化计费项。",
        "No rule proves that this plan cannot be gamed; simplify its charges.",
    ),
    "allowance.unbound": Bilingual(
        "免费额度须绑定法人主体 (one_allowance_per_legal_entity), 否则每个新账户都会再得一份。",
        "Bind the allowance to the legal entity (one_allowance_per_legal_entity); otherwise every"
        " new account gets it again.",
    ),
    "ladder.unproved": Bilingual(
        "可能的版本组合过多, 无法证明其不可套利; 请减少版本或拉近单位精度价格。",
        "There are too many combinations to prove that none is cheaper; offer fewer versions, or"
        " let the price for each unit of accuracy fall.",
    ),
    "rounding.per_purchase": Bilingual(
        "逐笔四舍五入使拆分购买有利可图; 请改为按期取整 (per_period)。",
        "Rounding each purchase rewards splitting it; round once per period (per_period).",
    ),
}
