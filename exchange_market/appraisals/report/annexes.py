"""The annexes of a valuation report: workings, inputs, sensitivity, quality, recomputation."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from exchange_market.appraisals.report.comparables import comparables
from exchange_market.appraisals.report.material import Material, MeasuredQuality
from exchange_market.appraisals.report.result_view import MethodView, PaperView, ParameterView
from exchange_market.appraisals.report.sections import adjustment_title, method_title
from exchange_market.appraisals.report.vocabulary import FORMULAS
from exchange_market.appraisals.report.words import Words, grouped, whole
from exchange_market.documents.charts import Radar, RadarAxis, Tornado, TornadoBar
from exchange_market.documents.report import (
    Align,
    Block,
    Code,
    Column,
    Facts,
    Figure,
    Paragraph,
    Table,
    Tone,
)

Builder = Callable[[Material, Words], tuple[Block, ...]]
COMMAND: Final = "python -m pricing value case.json"
_TORNADO_BARS_MAX: Final = 12
_INDICATORS_MAX: Final = 60
_EVIDENCE_SHOWN: Final = 12
_RADAR_WIDTH: Final = 0.7
_RADAR_AXES_MIN: Final = 3


def _workings(material: Material, words: Words) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for method in material.result.methods:
        blocks += _method(method, material.result.currency, words)
    return tuple(blocks)


def _method(method: MethodView, currency: str, words: Words) -> list[Block]:
    title = method_title(method, words)
    options = tuple(
        f"{words.name(name)} {words.name(value)}" for name, value in method.options.items()
    )
    inputs = "\n".join(
        f"{words.name(name)}: {', '.join(names)}" for name, names in method.arguments.items()
    )
    facts = (
        (words.say("method"), title),
        (words.say("formula"), FORMULAS.get(method.kind, "")),
        (words.say("options"), words.joined(options)),
        (words.say("inputs_used"), inputs),
    )
    lines = [(words.name(name), grouped(amount)) for name, amount in method.lines]
    lines += [(adjustment_title(each, words), grouped(each.amount)) for each in method.adjustments]
    lines.append((words.say("sum"), grouped(method.at_medians or Decimal(0))))
    amount = words.say("amount_in", currency=words.currency(currency))
    columns = (Column(words.say("line"), 2.5), Column(amount, 1.0, Align.RIGHT))
    caption = words.say("lines_caption", method=title)
    blocks: list[Block] = [
        Facts(tuple(fact for fact in facts if fact[1])),
        Table(caption, columns, tuple(lines), has_total=True),
    ]
    if method.paper is not None and method.paper.figures:
        figures = tuple(
            f"{words.name(name)} {_paper_cell(value, 'factor', words)}"
            for name, value in method.paper.figures
        )
        blocks.append(Paragraph(f"{words.say('figures')} {words.joined(figures)}", Tone.QUIET))
    if method.paper is not None and method.paper.rows:
        blocks.append(_paper(method.paper, words.say("paper_caption", method=title), words))
    return blocks


def _paper(paper: PaperView, caption: str, words: Words) -> Table:
    columns = tuple(
        Column(
            words.name(each.name),
            {"year": 0.5, "factor": 0.9, "text": 1.4}.get(each.measure, 1.25),
            Align.LEFT if each.measure == "text" else Align.RIGHT,
        )
        for each in paper.columns
    )
    rows = tuple(
        tuple(
            _paper_cell(cell, column.measure, words)
            for cell, column in zip(row, paper.columns, strict=True)
        )
        for row in paper.rows
    )
    return Table(caption, columns, rows)


def _paper_cell(cell: str, measure: str, words: Words) -> str:
    match measure:
        case "amount":
            return f"{Decimal(cell):,.2f}"
        case "factor":
            return f"{Decimal(cell):.6f}".rstrip("0").rstrip(".")
        case "text":
            return words.name(cell)
        case _:
            return cell


def _parameters(material: Material, words: Words) -> tuple[Block, ...]:
    if not material.is_full:
        return (_sources(material, words),)
    columns = (
        Column(words.say("parameter_name"), 1.25),
        Column(words.say("distribution"), 1.5),
        Column(words.say("percentiles"), 1.6),
        Column(words.say("parameter_source"), 2.0),
        Column(words.say("accepted_by"), 1.1),
        Column(words.say("evidence"), 1.1),
    )
    rows = tuple(_parameter(each, words) for each in material.result.parameters)
    return (Table(words.say("parameters_caption"), columns, rows),)


def _parameter(parameter: ParameterView, words: Words) -> tuple[str, ...]:
    unit = f" {parameter.unit}" if parameter.unit else ""
    written = "\n".join(
        f"{words.name(name)} {figure}{unit}" for name, figure in parameter.distribution
    )
    is_fixed = [name for name, _ in parameter.distribution] == ["value"]
    spread = "" if is_fixed or parameter.percentiles is None else " / ".join(
        f"{Decimal(figure):,.6g}" for figure in parameter.percentiles
    )  # fmt: skip
    evidence = parameter.evidence
    digest = f"{evidence[:_EVIDENCE_SHOWN]}…" if evidence else "—"
    return (
        parameter.name,
        written,
        spread or "—",
        parameter.source,
        parameter.accepted_by or "—",
        digest,
    )


def _sources(material: Material, words: Words) -> Table:
    columns = (
        Column(words.say("parameter_name")),
        Column(words.say("parameter_source"), 2.5),
        Column(words.say("unit"), 0.6),
    )
    rows = tuple((each.name, each.source, each.unit) for each in material.result.parameters)
    return Table(words.say("sources_caption"), columns, rows)


def _sensitivity(material: Material, words: Words) -> tuple[Block, ...]:
    result = material.result
    if not result.swings:
        return (Paragraph(words.say("no_uncertainty")),)
    currency = words.currency(result.currency)
    columns = (
        Column(words.say("parameter_name"), 1.6),
        Column(words.say("at_low"), 1.2, Align.RIGHT),
        Column(words.say("at_high"), 1.2, Align.RIGHT),
        Column(words.say("swing"), 1.2, Align.RIGHT),
        Column(words.say("first_index"), 0.9, Align.RIGHT),
        Column(words.say("total_index"), 0.9, Align.RIGHT),
    )
    rows = tuple(
        (
            each.parameter,
            grouped(each.low),
            grouped(each.high),
            grouped(abs(each.high - each.low)),
            each.first_order or "—",
            each.total or "—",
        )
        for each in result.swings
    )
    caption = words.say("sobol_caption", points=f"{result.sensitivity_points:,}")
    return (_tornado(material, words, currency), Table(caption, columns, rows))


def _tornado(material: Material, words: Words, currency: str) -> Figure:
    result = material.result
    bars = tuple(
        TornadoBar(
            each.parameter,
            float(each.low),
            float(each.high),
            whole(each.low),
            whole(each.high),
            each.total[:4],
        )
        for each in result.swings[:_TORNADO_BARS_MAX]
    )
    has_indices = any(bar.note for bar in bars)
    conclusion = result.conclusion
    middle = result.value.middle if conclusion is None else conclusion.at_medians
    chart = Tornado(
        bars,
        float(middle),
        whole(middle),
        words.say("at_low"),
        words.say("at_high"),
        words.say("total_index") if has_indices else "",
    )
    description = "; ".join(f"{bar.label}: {bar.low_text} – {bar.high_text}" for bar in bars)
    return Figure(chart, words.say("tornado_caption", currency=currency), description)


def _quality(material: Material, words: Words) -> tuple[Block, ...]:
    quality = material.quality
    if quality is None:
        return (Paragraph(words.say("no_quality")),)
    facts = Facts(
        (
            (words.say("quality_total"), score_text(quality.total) or words.say("not_measured")),
            *(
                (words.name(name), score_text(score) or words.say("not_measured"))
                for name, score in quality.dimensions
            ),
        )
    )
    blocks: list[Block] = []
    if len(quality.dimensions) >= _RADAR_AXES_MIN:
        blocks.append(_radar(quality, words))
    blocks += [facts, _indicators(quality, words)]
    if quality.withheld:
        text = words.say("withheld", count=quality.withheld)
        blocks.append(Paragraph(text, Tone.QUIET))
    return tuple(blocks)


def _radar(quality: MeasuredQuality, words: Words) -> Figure:
    axes = tuple(
        RadarAxis(
            words.name(name),
            None if score is None else float(score),
            score_text(score) or words.say("not_measured"),
        )
        for name, score in quality.dimensions
    )
    scores = words.joined(tuple(f"{axis.label} {axis.text}" for axis in axes))
    return Figure(
        Radar(axes),
        words.say("radar_caption"),
        words.say("radar_description", scores=scores),
        _RADAR_WIDTH,
    )


def _indicators(quality: MeasuredQuality, words: Words) -> Table:
    shown = quality.indicators[:_INDICATORS_MAX]
    columns = (
        Column(words.say("measures"), 3.0),
        Column(words.say("dimension"), 1.0),
        Column(words.say("conforming"), 0.9, Align.RIGHT),
        Column(words.say("examined"), 0.9, Align.RIGHT),
        Column(words.say("ratio"), 0.7, Align.RIGHT),
    )
    rows = tuple(
        (
            words.indicator(each.id),
            words.name(each.dimension),
            f"{each.conforming:,}",
            f"{each.examined:,}",
            score_text(each.ratio) or "—",
        )
        for each in shown
    )
    total = len(quality.indicators)
    caption = words.say("indicators_caption", total=total, shown=len(shown))
    return Table(caption, columns, rows)


def _recompute(material: Material, words: Words) -> tuple[Block, ...]:
    result = material.result
    facts = (
        (words.say("engine"), f"pricing {result.engine_version}"),
        (words.say("seed"), str(result.seed)),
        (words.say("points"), f"{result.points:,}"),
        (words.say("input_hash"), result.input_hash),
        (words.say("key_id"), material.key_id),
    )
    text = "recompute_text" if material.is_full else "recompute_public"
    return (
        Facts(tuple(fact for fact in facts if fact[1])),
        Paragraph(words.say(text, id=material.valuation_id)),
        Code(COMMAND, words.say("command")),
    )


def score_text(score: str | None) -> str:
    """A score with four digits, cut so that 1 means every single case; empty if unmeasured."""
    return "" if score is None else score[:6]


def annexes(material: Material) -> tuple[tuple[str, Builder], ...]:
    """Headings and builders; workings and sensitivities only in the full report."""
    wanted: list[tuple[str, Builder]] = [("a_parameters", _parameters)]
    if material.result.market is not None:
        wanted.append(("a_market", comparables))
    if material.is_full:
        wanted = [("a_methods", _workings), *wanted, ("a_sensitivity", _sensitivity)]
    return (*wanted, ("a_quality", _quality), ("a_recompute", _recompute))
