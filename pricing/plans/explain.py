"""Certificates in words (Chinese and English) and as plain JSON values."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, assert_never

from pricing.plans.certify import (
    Certificate,
    Counterexample,
    PriceChange,
    Proved,
    Rejected,
    Repaired,
)
from pricing.plans.codec import plan_to_json
from pricing.plans.model import Meter


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
}

DIGITS_MAX: Final = 24
_UNITS: Final[dict[Meter, Bilingual]] = {
    Meter.ROWS: Bilingual("行", "rows"),
    Meter.BYTES: Bilingual("字节", "bytes"),
    Meter.CALLS: Bilingual("次调用", "calls"),
}

_UNPROVED: Final = Bilingual(
    "没有规则能证明该方案不可套利; 请简化计费项。",
    "No rule proves that this plan cannot be gamed; simplify its charges.",
)


def explain(certificate: Certificate, currency: str) -> tuple[Bilingual, ...]:
    """Say why a certificate was given: the rules, the changes, or the counterexample."""
    match certificate:
        case Proved(rules):
            return tuple(RULES[rule] for rule in rules)
        case Repaired(_, changes, rules):
            said = tuple(_change_sentence(change, currency) for change in changes)
            return said + tuple(RULES[rule] for rule in rules)
        case Rejected(counterexample):
            if counterexample is None:
                return (_UNPROVED,)
            return (_counterexample_sentence(counterexample, currency),)
        case _:  # pragma: no cover
            assert_never(certificate)


def certificate_to_json(certificate: Certificate, currency: str) -> dict[str, object]:
    """Write a certificate with its explanation as plain JSON values."""
    said: dict[str, object] = {
        "explanation": [sentence.to_json() for sentence in explain(certificate, currency)]
    }
    match certificate:
        case Proved(rules):
            return {"outcome": "proved", "rules": list(rules), **said}
        case Repaired(plan, changes, rules):
            return {
                "outcome": "repaired",
                "rules": list(rules),
                "plan": plan_to_json(plan),
                "changes": [_change_to_json(change) for change in changes],
                **said,
            }
        case Rejected(counterexample):
            shown = None if counterexample is None else _counterexample_to_json(counterexample)
            return {"outcome": "rejected", "counterexample": shown, **said}
        case _:  # pragma: no cover
            assert_never(certificate)


def _counterexample_sentence(case: Counterexample, currency: str) -> Bilingual:
    unit, both = _UNITS[case.meter], case.first + case.second
    apart = f"{exact_text(case.price_apart)} {currency}"
    together = f"{exact_text(case.price_together)} {currency}"
    if case.first == case.second:
        zh = f"分两次各买 {case.first} {unit.zh}共 {apart}"
        en = f"Two purchases of {case.first} {unit.en} cost {apart}"
    else:
        zh = f"分别购买 {case.first} 和 {case.second} {unit.zh}共 {apart}"
        en = f"Two purchases, of {case.first} and {case.second} {unit.en}, cost {apart}"
    return Bilingual(
        f"{zh}, 低于一次购买 {both} {unit.zh}的 {together}。",
        f"{en}, less than one of {both} at {together}.",
    )


def _change_sentence(change: PriceChange, currency: str) -> Bilingual:
    unit = _UNITS[change.meter]
    listed = f"{exact_text(change.list_price)} {currency}"
    lowest = f"{exact_text(change.repaired_price)} {currency}"
    return Bilingual(
        f"{change.quantity} {unit.zh}标价 {listed}, 而 {change.cheaper_quantity} {unit.zh}只要"
        f" {lowest}; 修正后 {change.quantity} {unit.zh}收 {lowest}。",
        f"{change.quantity} {unit.en} are listed at {listed} while {change.cheaper_quantity} cost"
        f" {lowest}; the repaired plan asks {lowest} for {change.quantity}.",
    )


def _counterexample_to_json(case: Counterexample) -> dict[str, object]:
    return {
        "meter": case.meter.value,
        "first": case.first,
        "second": case.second,
        "price_apart": exact_text(case.price_apart),
        "price_together": exact_text(case.price_together),
    }


def _change_to_json(change: PriceChange) -> dict[str, object]:
    return {
        "charge": change.charge,
        "meter": change.meter.value,
        "quantity": change.quantity,
        "list_price": exact_text(change.list_price),
        "cheaper_quantity": change.cheaper_quantity,
        "repaired_price": exact_text(change.repaired_price),
    }


def exact_text(value: Fraction) -> str:
    """Write an exact amount: decimal digits where they end, else a fraction such as "1/3"."""
    digits = 0
    scaled = value
    while scaled.denominator != 1 and digits < DIGITS_MAX:
        digits, scaled = digits + 1, scaled * 10
    if scaled.denominator != 1:
        return str(value)
    sign, text = "-" if value < 0 else "", str(abs(scaled.numerator)).zfill(digits + 1)
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"
