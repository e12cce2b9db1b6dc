"""The valuation report: a cover, a summary, thirteen sections and annexes, from plain values."""

from exchange_market.appraisals.report.annexes import annexes
from exchange_market.appraisals.report.material import Material
from exchange_market.appraisals.report.sections import (
    SECTIONS,
    headline,
    method_title,
    warnings,
)
from exchange_market.appraisals.report.words import NUMERALS, Words
from exchange_market.documents.report import Paragraph, Report, Section
from exchange_market.kernel.errors import Language


def build_report(material: Material, language: Language) -> Report:
    """Write the report in one language: a pure function of its material."""
    words = Words(language)
    product, result = material.product, material.result
    other = product.title_en if language == "zh" else product.title_zh
    title = product.title(language)
    return Report(
        language=language,
        kind=words.say("kind" if material.is_full else "kind_public"),
        title=title,
        subtitle=other if other != title else "",
        label=words.name(material.state),
        reference=words.say("reference", id=material.valuation_id, version=material.version),
        issuer=material.operator_name,
        issued_at=material.reported_at,
        cover=(
            (words.say("client"), product.provider(language)),
            (words.say("object"), title),
            (words.say("value_type"), words.value_type(result.value_type)),
            (words.say("valued_on"), result.valued_on),
            (words.say("reported_on"), words.day(material.reported_at)),
            (words.say("reviewer"), material.operator_name),
        ),
        summary=_summary(material, words),
        sections=(
            *(
                Section(words.numbered(number, words.say(key)), build(material, words))
                for number, (key, build) in enumerate(SECTIONS, start=1)
            ),
            *(
                Section(
                    _annex(number, words.say(key), words),
                    build(material, words),
                    starts_page=number == 1,
                )
                for number, (key, build) in enumerate(annexes(material), start=1)
            ),
        ),
        page_words=(words.say("page_before"), words.say("page_between"), words.say("page_after")),
        contents_word=words.say("contents"),
    )


def _annex(number: int, heading: str, words: Words) -> str:
    written = NUMERALS[number - 1] if words.language == "zh" else chr(ord("A") + number - 1)
    return words.say("annex", number=written, heading=heading)


def _summary(material: Material, words: Words) -> Section:
    result, product = material.result, material.product
    text = words.say(
        "summary_text",
        client=product.provider(words.language),
        title=product.title(words.language),
        revision=product.revision,
        day=result.valued_on,
        value_type=words.value_type(result.value_type),
        methods=words.joined(tuple(method_title(each, words) for each in result.methods)),
        points=f"{result.points:,}",
        value=words.money(result.value.middle, result.currency),
        low=words.money(result.value.low, result.currency),
        high=words.money(result.value.high, result.currency),
    )
    blocks = (headline(material, words), Paragraph(text), *warnings(material, words))
    return Section(words.say("summary"), blocks)
