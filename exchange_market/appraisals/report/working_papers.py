"""The working papers of a valuation as a workbook whose amounts are formulas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from exchange_market.appraisals.report.comparables import comparables_sheet
from exchange_market.appraisals.report.evidence_sheets import (
    INPUTS_TOP,
    MEDIAN_COLUMN,
    Row,
    headings,
    inputs_sheet,
    quality_sheet,
    sensitivity_sheet,
)
from exchange_market.appraisals.report.formulas import (
    PaperPlace,
    cell_formula,
    figure_formula,
    line_formula,
)
from exchange_market.appraisals.report.material import Material
from exchange_market.appraisals.report.result_view import (
    AdjustmentView,
    MethodView,
    PaperView,
)
from exchange_market.appraisals.report.sections import adjustment_title, method_title
from exchange_market.appraisals.report.words import Words
from exchange_market.documents.spreadsheet import (
    Cell,
    Formula,
    Sheet,
    Style,
    Workbook,
    place,
    reference,
    sheet_names,
)
from exchange_market.kernel.errors import Language
from pricing.money import minor_digits

_LINES_TOP: Final = 5
_BLANK: Final[Row] = ()


def build_working_papers(material: Material, language: Language) -> Workbook:
    """Write the working papers in one language: a pure function of a full material."""
    words = Words(language)
    result = material.result
    wanted = (
        words.say("s_summary"),
        *(method_title(method, words) for method in result.methods),
        words.say("s_parameters"),
        words.say("s_sensitivity"),
        words.say("s_quality"),
        words.say("s_market"),
    )
    summary, *of_methods, inputs, sensitivity, quality, market = sheet_names(wanted)
    medians = {
        parameter.name: reference(INPUTS_TOP + row, MEDIAN_COLUMN, inputs)
        for row, parameter in enumerate(result.parameters)
    }
    deals = result.market
    papers = [
        _method_sheet(name, method, material, medians, words)
        for name, method in zip(of_methods, result.methods, strict=True)
    ]
    return Workbook(
        kind=words.say("papers"),
        title=f"{words.say('papers')} {material.valuation_id}",
        issuer=material.operator_name,
        issued_at=material.reported_at,
        sheets=(
            _summary_sheet(summary, of_methods, material, medians, words),
            *papers,
            inputs_sheet(inputs, material, words),
            sensitivity_sheet(sensitivity, material, words),
            quality_sheet(quality, material, words),
            *(() if deals is None else (comparables_sheet(market, deals, words),)),
        ),
    )


def _summary_sheet(
    name: str,
    of_methods: Sequence[str],
    material: Material,
    medians: Mapping[str, str],
    words: Words,
) -> Sheet:
    result, product = material.result, material.product
    facts = (
        ("bound_to", words.say("reference", id=material.valuation_id, version=material.version)),
        ("object", product.title(words.language)),
        ("client", product.provider(words.language)),
        ("value_type", words.value_type(result.value_type)),
        ("valued_on", result.valued_on),
        ("state", words.name(material.state)),
        ("engine", result.engine_version),
        ("seed", str(result.seed)),
        ("points", str(result.points)),
        ("input_hash", result.input_hash),
        ("key_id", material.key_id),
    )
    value = result.value
    rows: list[Row] = [
        (Cell(words.say("papers"), Style.TITLE),),
        (Cell(words.say("formulas_note"), Style.NOTE),),
        _BLANK,
        *((Cell(words.say(key), Style.LABEL), Cell(text)) for key, text in facts),
        _BLANK,
        headings(words.say("conclusion"), words.say("amount_in", currency=result.currency)),
        *(
            (Cell(words.say(key), Style.LABEL), Cell(amount, Style.AMOUNT))
            for key, amount in (("p10", value.low), ("p50", value.middle), ("p90", value.high))
        ),
        _BLANK,
    ]
    rows += _weighing(len(rows), of_methods, material, medians, words)
    return Sheet(name, tuple(rows), (34, 26, 12, 20, 60))


def _weighing(
    top: int,
    of_methods: Sequence[str],
    material: Material,
    medians: Mapping[str, str],
    words: Words,
) -> list[Row]:
    result = material.result
    digits = minor_digits(result.currency)
    keys = ("method", "indicated", "weight", "weighted", "reason")
    rows: list[Row] = [headings(*(words.say(key) for key in keys))]
    total = Decimal(0)
    for sheet, method in zip(of_methods, result.methods, strict=True):
        row = top + len(rows)
        indicated = method.at_medians or Decimal(0)
        weighted = indicated * method.weight
        total += weighted
        length = len(method.lines) + len(method.adjustments)
        source = reference(_LINES_TOP + length, 1, sheet)
        rows.append(
            (
                Cell(method_title(method, words)),
                Cell(Formula(f"={source}", float(indicated)), Style.AMOUNT),
                Cell(method.weight, Style.PERCENT),
                Cell(Formula(f"={place(row, 1)}*{place(row, 2)}", float(weighted)), Style.AMOUNT),
                Cell(words.reason(method.reason)),
            )
        )
    first, last = place(top + 1, 3), place(top + len(rows) - 1, 3)
    rounded = round(total, digits)
    conclusion = result.conclusion
    before = rounded if conclusion is None else conclusion.before_adjustments
    summed = Formula(f"=ROUND(SUM({first}:{last}),{digits})", float(before))
    rows.append((Cell(words.say("sum"), Style.TOTAL), *_none(2), Cell(summed, Style.TOTAL)))
    if conclusion is not None and conclusion.adjustments:
        steps = _Steps(top + len(rows) - 1, 3, digits, medians, words)
        rows += [
            steps.adjustment(each, top + len(rows) + index)
            for index, each in enumerate(conclusion.adjustments)
        ]
        rows.append(steps.total("at_medians", top + len(rows), conclusion.at_medians))
    return rows


@dataclass(frozen=True, slots=True)
class _Steps:
    """Discounts and premiums below the rows that begin at `first`, each on what is left there."""

    first: int
    column: int
    digits: int
    medians: Mapping[str, str]
    words: Words

    def adjustment(self, adjustment: AdjustmentView, row: int) -> Row:
        """The row of one adjustment."""
        sign = "-" if adjustment.kind.endswith("discount") else ""
        share = self.medians[adjustment.parameter]
        written = f"=ROUND({sign}{self._sum(row - 1)}*{share},{self.digits})"
        cell = Cell(Formula(written, float(adjustment.amount)), Style.AMOUNT)
        return (
            Cell(adjustment_title(adjustment, self.words)),
            *_none(self.column - 1),
            cell,
        )

    def total(self, key: str, row: int, amount: Decimal) -> Row:
        """The sum of all rows above."""
        cell = Cell(Formula(f"={self._sum(row - 1)}", float(amount)), Style.TOTAL)
        return (Cell(self.words.say(key), Style.TOTAL), *_none(self.column - 1), cell)

    def _sum(self, last: int) -> str:
        return f"SUM({place(self.first, self.column)}:{place(last, self.column)})"


def _method_sheet(
    name: str, method: MethodView, material: Material, medians: Mapping[str, str], words: Words
) -> Sheet:
    digits = minor_digits(material.result.currency)
    lines_end = _LINES_TOP + len(method.lines) + len(method.adjustments) + 1
    paper = None
    if method.paper is not None and method.paper.rows:
        paper = PaperPlace(method, method.paper, lines_end + 2, medians)
    options = "; ".join(
        f"{words.name(key)} {words.name(value)}" for key, value in method.options.items()
    )
    amount = words.say("amount_in", currency=material.result.currency)
    rows: list[Row] = [
        (Cell(method_title(method, words), Style.TITLE),),
        (Cell(words.say("options"), Style.LABEL), Cell(options)),
        (Cell(words.say("reason"), Style.LABEL), Cell(words.reason(method.reason))),
        _BLANK,
        headings(words.say("line"), amount),
        *_lines(method, paper, digits, medians, words),
        _BLANK,
    ]
    if paper is not None:
        rows += _paper_rows(paper, words)
    return Sheet(name, tuple(rows), (30, 20, *(18.0 for _ in range(10))))


def _lines(
    method: MethodView,
    paper: PaperPlace | None,
    digits: int,
    medians: Mapping[str, str],
    words: Words,
) -> list[Row]:
    rows: list[Row] = []
    for key, amount in method.lines:
        written = None if paper is None else line_formula(paper, key, digits)
        value = amount if written is None else Formula(written, float(amount))
        rows.append((Cell(words.name(key)), Cell(value, Style.AMOUNT)))
    steps = _Steps(_LINES_TOP, 1, digits, medians, words)
    rows += [
        steps.adjustment(each, _LINES_TOP + len(method.lines) + index)
        for index, each in enumerate(method.adjustments)
    ]
    rows.append(steps.total("sum", _LINES_TOP + len(rows), method.at_medians or Decimal(0)))
    return rows


def _paper_rows(paper: PaperPlace, words: Words) -> list[Row]:
    view: PaperView = paper.paper
    rows: list[Row] = [headings(*(words.name(column.name) for column in view.columns))]
    for index, cells in enumerate(view.rows):
        row: list[Cell] = []
        for text, column in zip(cells, view.columns, strict=True):
            if column.measure == "text":
                row.append(Cell(words.name(text) if column.name != "parameter" else text))
                continue
            style = {"amount": Style.AMOUNT, "factor": Style.FACTOR}.get(column.measure)
            written = cell_formula(paper, index, column.name)
            value = Decimal(text) if written is None else Formula(written, float(text))
            row.append(Cell(value, style or Style.PLAIN))
        rows.append(tuple(row))
    if view.figures:
        rows += [_BLANK, headings(words.say("figures"))]
    for name, text in view.figures:
        written = figure_formula(paper, name)
        value = Decimal(text) if written is None else Formula(written, float(text))
        rows.append((Cell(words.name(name)), Cell(value)))
    return rows


def _none(count: int) -> Row:
    return tuple(Cell(None) for _ in range(count))
