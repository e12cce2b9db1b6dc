"""Certificates in words (Chinese and English) and as plain JSON values."""

from fractions import Fraction
from typing import Final, assert_never

from pricing.money import MICRO
from pricing.plans.certificate import (
    Certificate,
    Counterexample,
    PriceChange,
    Proved,
    Rejected,
    Repaired,
)
from pricing.plans.codec import plan_to_json
from pricing.plans.meters import MONEY_METERS, Meter
from pricing.plans.rules import REASONS, RULES, Bilingual

DIGITS_MAX: Final = 24
_UNITS: Final[dict[Meter, Bilingual]] = {
    Meter.ROWS: Bilingual("行", "rows"),
    Meter.BYTES: Bilingual("字节", "bytes"),
    Meter.CALLS: Bilingual("次调用", "calls"),
    Meter.SEATS: Bilingual("个席位", "seats"),
    Meter.DAYS: Bilingual("天", "days"),
    Meter.REVISIONS: Bilingual("个版本", "revisions"),
    Meter.EVENTS: Bilingual("笔交易", "events"),
    Meter.AMOUNT: Bilingual("申报金额", "declared amount"),
    Meter.COST: Bilingual("申报成本", "declared cost"),
}


def explain(certificate: Certificate, currency: str) -> tuple[Bilingual, ...]:
    """Say why a certificate was given: the rules, the changes, or the counterexample."""
    match certificate:
        case Proved(rules):
            return tuple(RULES[rule] for rule in rules)
        case Repaired(_, changes, rules):
            said = tuple(_change_sentence(change, currency) for change in changes)
            return said + tuple(RULES[rule] for rule in rules)
        case Rejected(counterexample, reason):
            remedy = REASONS[reason]
            if counterexample is None:
                return (remedy,)
            said = _counterexample_sentence(counterexample, currency)
            # An unproved plan with a counterexample is explained by it alone.
            return (said,) if reason == "unproved" else (said, remedy)
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
        case Rejected(counterexample, reason):
            shown = None if counterexample is None else _counterexample_to_json(counterexample)
            return {"outcome": "rejected", "reason": reason, "counterexample": shown, **said}
        case _:  # pragma: no cover
            assert_never(certificate)


def _counterexample_sentence(case: Counterexample, currency: str) -> Bilingual:
    first, second, both = (
        _counted(case.meter, units, currency)
        for units in (case.first, case.second, case.first + case.second)
    )
    apart = f"{exact_text(case.price_apart)} {currency}"
    together = f"{exact_text(case.price_together)} {currency}"
    unit = _UNITS[case.meter]
    if case.first == case.second:
        zh = f"分两次各买 {first} {unit.zh}共 {apart}"
        en = f"Two purchases of {first} {unit.en} cost {apart}"
    else:
        zh = f"分别购买 {first} 和 {second} {unit.zh}共 {apart}"
        en = f"Two purchases, of {first} and {second} {unit.en}, cost {apart}"
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


def _counted(meter: Meter, units: int, currency: str) -> str:
    """Write a quantity: units as they are, money in major units."""
    if meter in MONEY_METERS:
        return f"{exact_text(Fraction(units, MICRO))} {currency}"
    return str(units)


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
