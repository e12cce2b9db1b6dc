"""JSON form of version ladders and of their certificates, in words too."""

from typing import assert_never

from pricing.document import Document
from pricing.errors import InvalidInput
from pricing.plans.charge_codec import Json, decimal_text, located
from pricing.plans.ladder import (
    RUNGS_MAX,
    Cover,
    Ladder,
    LadderCertificate,
    LadderProved,
    LadderRejected,
    LadderRepaired,
    Measure,
    Rung,
)
from pricing.plans.rules import REASONS, RULES, Bilingual


def ladder_from_json(value: object, path: str = "") -> Ladder:
    """Read a ladder; raises InvalidInput that names the field (`rungs[1].price`)."""
    document = Document(value, path)
    currency, measure = document.text("currency"), document.text("measure")
    if measure not in set(Measure):
        raise InvalidInput(document.at("measure"), f"must be one of {', '.join(Measure)}")
    rungs = tuple(_rung(item, at) for at, item in document.items("rungs", at_most=RUNGS_MAX))
    document.finish()
    return located(path, lambda: Ladder(currency, Measure(measure), rungs))


def ladder_to_json(ladder: Ladder) -> Json:
    """Write a ladder as plain JSON values; `ladder_from_json` gives the same ladder back."""
    return {
        "currency": ladder.currency,
        "measure": ladder.measure.value,
        "rungs": [_rung_to_json(rung) for rung in ladder.rungs],
    }


def ladder_certificate_to_json(certificate: LadderCertificate, currency: str) -> Json:
    """Write a certificate with its explanation as plain JSON values."""
    match certificate:
        case LadderProved(rule):
            return {"outcome": "proved", "rules": [rule], **_said(RULES[rule])}
        case LadderRepaired(ladder, changed, rule):
            return {
                "outcome": "repaired",
                "rules": [rule],
                "ladder": ladder_to_json(ladder),
                "changes": [_rung_to_json(rung) for rung in changed],
                **_said(*(_change_sentence(rung, currency) for rung in changed), RULES[rule]),
            }
        case LadderRejected(cover):
            sentence = REASONS["ladder.unproved"] if cover is None else _sentence(cover, currency)
            shown = None if cover is None else _cover_to_json(cover)
            return {"outcome": "rejected", "counterexample": shown, **_said(sentence)}
        case _:  # pragma: no cover
            assert_never(certificate)


def _rung(value: object, path: str) -> Rung:
    document = Document(value, path)
    rung = located(path, lambda: Rung(document.decimal("accuracy"), document.decimal("price")))
    document.finish()
    return rung


def _rung_to_json(rung: Rung) -> Json:
    return {"accuracy": decimal_text(rung.accuracy), "price": decimal_text(rung.price)}


def _cover_to_json(cover: Cover) -> Json:
    return {
        "bought": [{**_rung_to_json(rung), "times": count} for rung, count in cover.bought],
        "instead_of": _rung_to_json(cover.instead_of),
        "price_apart": decimal_text(cover.price_apart),
    }


def _sentence(cover: Cover, currency: str) -> Bilingual:
    parts = [(count, decimal_text(rung.accuracy)) for rung, count in cover.bought]
    apart = f"{decimal_text(cover.price_apart)} {currency}"
    wanted = decimal_text(cover.instead_of.accuracy)
    listed = f"{decimal_text(cover.instead_of.price)} {currency}"
    zh = "、".join(f"{count} 份精度 {accuracy}" for count, accuracy in parts)
    en = " and ".join(f"{count} of accuracy {accuracy}" for count, accuracy in parts)
    return Bilingual(
        f"{zh} 的版本合计 {apart}, 合起来不低于精度 {wanted}, 而后者标价 {listed}。",
        f"{en} cost {apart} and are together as good as accuracy {wanted}, listed at {listed}.",
    )


def _change_sentence(rung: Rung, currency: str) -> Bilingual:
    accuracy, lowest = decimal_text(rung.accuracy), f"{decimal_text(rung.price)} {currency}"
    return Bilingual(
        f"精度 {accuracy} 的版本原比更精确的版本贵; 修正后收 {lowest}。",
        f"Accuracy {accuracy} cost more than a better version; the repaired ladder asks {lowest}.",
    )


def _said(*sentences: Bilingual) -> Json:
    return {"explanation": [sentence.to_json() for sentence in sentences]}
