"""The thirteen sections of an appraisal report, from client to report date."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from exchange_market.appraisals.report.material import Material
from exchange_market.appraisals.report.result_view import AdjustmentView, MethodView
from exchange_market.appraisals.report.words import Words, grouped, percent, whole
from exchange_market.documents.charts import RangeBar, Ranges
from exchange_market.documents.report import (
    Align,
    Block,
    Bullets,
    Column,
    Facts,
    Figure,
    Headline,
    Paragraph,
    Table,
    Tone,
)

Builder = Callable[[Material, Words], tuple[Block, ...]]
_APPROVED: Final = "approved"


def headline(material: Material, words: Words) -> Headline:
    """The range, large."""
    value, currency = material.result.value, material.result.currency
    figures = (("p10", value.low), ("p50", value.middle), ("p90", value.high))
    return Headline(
        tuple((words.say(name), words.money(amount, currency)) for name, amount in figures)
    )


def warnings(material: Material, words: Words) -> tuple[Block, ...]:
    """What a reader must not overlook: no approval, figures withheld."""
    blocks: list[Block] = []
    if material.state != _APPROVED:
        text = words.say("not_approved", state=words.name(material.state))
        blocks.append(Paragraph(text, Tone.WARNING))
    if not material.is_full:
        blocks.append(Paragraph(words.say("public_part"), Tone.QUIET))
    return tuple(blocks)


def method_title(method: MethodView, words: Words) -> str:
    """The name of the kind of a method, and the name it has in this case."""
    kind = words.name(method.kind)
    return kind if method.name == method.kind else words.titled(kind, method.name)


def _client(material: Material, words: Words) -> tuple[Block, ...]:
    client = material.product.provider(words.language)
    users = (
        words.say("users_full", operator=material.operator_name)
        if material.is_full
        else words.say("users_public")
    )
    rows = (
        (words.say("client"), client),
        (words.say("identifier"), material.product.provider_identifier),
        (words.say("rights_holder"), words.say("rights_holder_text", client=client)),
        (words.say("reviewer"), material.operator_name),
        (words.say("users"), users),
    )
    return (Facts(rows),)


def _purpose(material: Material, words: Words) -> tuple[Block, ...]:
    purpose = words.purpose(material.result.purpose)
    return (Paragraph(words.say("purpose_text", purpose=purpose)),)


def _object(material: Material, words: Words) -> tuple[Block, ...]:
    product = material.product
    scope = words.say(
        "scope_text",
        revision=product.revision,
        rows="—" if product.rows is None else f"{product.rows:,}",
        columns=product.columns,
    )
    start, end = product.temporal_start, product.temporal_end
    period = words.say("temporal_text", start=start, end=end) if start and end else ""
    frequency = words.name(product.update_frequency) if product.update_frequency else ""
    rows = (
        ("title", product.title(words.language)),
        ("product_id", product.id),
        ("subject", product.subject(words.language)),
        ("description", product.description(words.language)),
        ("scope", scope),
        ("temporal", period),
        ("spatial", product.spatial),
        ("granularity", product.granularity),
        ("frequency", frequency),
        ("source", product.source_statement),
        ("licence", product.licence_terms),
    )
    return (Facts(tuple((words.say(name), text or "—") for name, text in rows)),)


def _value_type(material: Material, words: Words) -> tuple[Block, ...]:
    return (
        Paragraph(
            words.say(
                "value_type_text",
                value_type=words.value_type(material.result.value_type),
                currency=words.currency(material.result.currency),
            )
        ),
    )


def _date(material: Material, words: Words) -> tuple[Block, ...]:
    return (Paragraph(words.say("date_text", day=material.result.valued_on)),)


def _basis(material: Material, words: Words) -> tuple[Block, ...]:
    quality = material.quality
    measured = (
        words.say("basis_no_quality")
        if quality is None
        else words.say(
            "basis_quality",
            id=quality.id,
            day=words.day(quality.measured_at),
            revision=material.product.revision,
        )
    )
    act = words.say(
        "basis_act",
        day=words.day(material.proposed_at),
        id=material.valuation_id,
        version=material.version,
    )
    sources = tuple(dict.fromkeys(each.source for each in material.result.parameters))
    return (
        Bullets((act, words.say("basis_standards"), measured)),
        Paragraph(words.say("basis_sources")),
        Bullets(sources),
    )


def _methods(material: Material, words: Words) -> tuple[Block, ...]:
    columns = (
        Column(words.say("method"), 1.5),
        Column(words.say("approach"), 0.8),
        Column(words.say("role"), 0.8),
        Column(words.say("weight"), 0.55, Align.RIGHT),
        Column(words.say("reason"), 2.6),
    )
    rows = tuple(
        (
            method_title(method, words),
            words.approach(method.approach),
            words.name(method.role),
            percent(method.weight),
            words.reason(method.reason),
        )
        for method in material.result.methods
    )
    return (
        Paragraph(words.say("methods_text")),
        Table(words.say("methods_caption"), columns, rows),
    )


def _process(material: Material, words: Words) -> tuple[Block, ...]:
    result, quality = material.result, material.quality
    steps = [words.say("process_upload", revision=material.product.revision)]
    if quality is not None:
        at, count = words.instant(quality.measured_at), len(quality.indicators) + quality.withheld
        steps.append(words.say("process_quality", at=at, count=count))
    proposed = words.say(
        "process_proposed",
        at=words.instant(material.proposed_at),
        engine=result.engine_version,
        seed=result.seed,
        points=f"{result.points:,}",
    )
    if material.proposed_by:
        proposed += " " + words.say("process_proposed_by", person=material.proposed_by)
    steps.append(proposed)
    if material.decided_at is not None:
        at, state = words.instant(material.decided_at), words.name(material.state)
        decided = words.say("process_decided", at=at, state=state)
        if material.decided_by:
            reason = material.decision_reason or words.say("no_reason")
            said = words.say("process_decided_by", person=material.decided_by, reason=reason)
            decided += " " + said
        steps.append(decided)
    return (Bullets(tuple(steps)),)


def _assumptions(material: Material, words: Words) -> tuple[Block, ...]:
    given = material.result.assumptions
    model = Paragraph(words.say("assumptions_model"))
    if not given:
        return (Paragraph(words.say("assumptions_none")), model)
    return (Paragraph(words.say("assumptions_given")), Bullets(given), model)


def _conclusion(material: Material, words: Words) -> tuple[Block, ...]:
    result = material.result
    text = words.say(
        "conclusion_text",
        day=result.valued_on,
        title=material.product.title(words.language),
        value_type=words.value_type(result.value_type),
        value=words.money(result.value.middle, result.currency),
        low=words.money(result.value.low, result.currency),
        high=words.money(result.value.high, result.currency),
    )
    blocks: list[Block] = [Paragraph(text), headline(material, words)]
    if all(method.range is not None for method in result.methods):
        blocks += [_ranges(material, words), _weighing(material, words)]
        blocks.append(Paragraph(words.say("medians_note"), Tone.QUIET))
    return tuple(blocks)


def _ranges(material: Material, words: Words) -> Figure:
    result = material.result
    titled = [
        (words.name(method.kind), f"{method.name} · {percent(method.weight)}", method.range)
        for method in result.methods
    ]
    titled.append((words.say("conclusion"), "", result.value))
    bars = tuple(
        RangeBar(
            label,
            note,
            float(each.low),
            float(each.middle),
            float(each.high),
            f"{whole(each.low)} – {whole(each.middle)} – {whole(each.high)}",
            is_conclusion=each is result.value,
        )
        for label, note, each in titled
        if each is not None
    )
    description = "; ".join(f"{bar.label}: {bar.text}" for bar in bars)
    chart = Ranges(bars, words.currency(result.currency))
    return Figure(chart, words.say("ranges_caption"), description)


def _weighing(material: Material, words: Words) -> Table:
    result = material.result
    rows: list[tuple[str, str, str, str]] = []
    total = Decimal(0)
    for method in result.methods:
        indicated = method.at_medians or Decimal(0)
        weighted = round(indicated * method.weight, -_exponent(indicated))
        total += weighted
        row = (grouped(indicated), percent(method.weight), grouped(weighted))
        rows.append((method_title(method, words), *row))
    if result.conclusion is not None:
        total = result.conclusion.at_medians
        if result.conclusion.adjustments:
            before = grouped(result.conclusion.before_adjustments)
            rows.append((words.say("before_adjustments"), "", "", before))
        rows += [
            (adjustment_title(each, words), "", "", grouped(each.amount))
            for each in result.conclusion.adjustments
        ]
    rows.append((words.say("at_medians"), "", "", grouped(total)))
    columns = (
        Column(words.say("method"), 2.2),
        Column(words.say("indicated"), 1.2, Align.RIGHT),
        Column(words.say("weight"), 0.7, Align.RIGHT),
        Column(words.say("weighted"), 1.2, Align.RIGHT),
    )
    return Table(words.say("weighted_caption"), columns, tuple(rows), has_total=True)


def adjustment_title(adjustment: AdjustmentView, words: Words) -> str:
    """The kind of an adjustment, the parameter that holds its share, and why it is taken."""
    title = f"{words.name(adjustment.kind)} ({adjustment.parameter})"
    return f"{title}\n{adjustment.reason}" if adjustment.reason else title


def _special(material: Material, words: Words) -> tuple[Block, ...]:
    result, quality = material.result, material.quality
    notes = _flags(material, words)
    if not notes:
        notes = [words.say("special_none")]
    if quality is not None:
        unmeasured = tuple(words.name(name) for name, score in quality.dimensions if score is None)
        if unmeasured:
            notes.append(words.say("special_unmeasured", dimensions=words.joined(unmeasured)))
    if material.is_full:
        parameters = result.parameters
        notes.append(
            words.say(
                "special_evidence",
                all=len(parameters),
                with_evidence=sum(bool(each.evidence) for each in parameters),
                accepted=sum(bool(each.accepted_by) for each in parameters),
            )
        )
    if result.swings:
        notes.append(words.say("special_ask", parameter=result.swings[0].parameter))
    return (*warnings(material, words), Bullets(tuple(notes)))


def _flags(material: Material, words: Words) -> list[str]:
    """One note for each flag, with all the methods or pairs of methods that it concerns."""
    titles = {method.name: method_title(method, words) for method in material.result.methods}
    concerned: dict[str, list[str]] = {}
    for flag, methods in material.result.flags:
        named = words.joined(tuple(titles.get(name, name) for name in methods))
        concerned.setdefault(flag, []).append(named)
    return [words.flag(flag, "; ".join(named)) for flag, named in concerned.items()]


def _limits(material: Material, words: Words) -> tuple[Block, ...]:
    text = Paragraph(words.say("limits_text", operator=material.operator_name))
    if not material.result.limits:
        return (text,)
    given = Paragraph(words.say("limits_given"))
    return (text, given, Bullets(material.result.limits))


def _report_date(material: Material, words: Words) -> tuple[Block, ...]:
    day, state = words.day(material.reported_at), words.name(material.state)
    blocks: list[Block] = [Paragraph(words.say("report_date_text", day=day, state=state))]
    if material.key_id:
        blocks.append(Paragraph(words.say("signature_text", key=material.key_id)))
    return tuple(blocks)


def _exponent(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


SECTIONS: Final[tuple[tuple[str, Builder], ...]] = (
    ("h_client", _client),
    ("h_purpose", _purpose),
    ("h_object", _object),
    ("h_value_type", _value_type),
    ("h_date", _date),
    ("h_basis", _basis),
    ("h_methods", _methods),
    ("h_process", _process),
    ("h_assumptions", _assumptions),
    ("h_conclusion", _conclusion),
    ("h_special", _special),
    ("h_limits", _limits),
    ("h_report_date", _report_date),
)
"""The usual sections in their usual order."""
