"""Sheets of what a valuation rests on: inputs, sensitivity, measured quality."""

from decimal import Decimal
from typing import Final

from exchange_market.appraisals.report.material import Material
from exchange_market.appraisals.report.words import Words
from exchange_market.documents.spreadsheet import Cell, Formula, Sheet, Style, place

Row = tuple[Cell, ...]
INPUTS_TOP: Final = 3
"""The row of the first input on its sheet."""
MEDIAN_COLUMN: Final = 2
"""Where the median of an input stands."""
_BLANK: Final[Row] = ()


def headings(*texts: str) -> Row:
    """A row of column headings."""
    return tuple(Cell(text, Style.HEADING) for text in texts)


def inputs_sheet(name: str, material: Material, words: Words) -> Sheet:
    """Every input with figures, source, evidence and uses; formulas refer to the medians."""
    keys = ("parameter_name", "p10_input", "p50_input", "p90_input", "distribution", "unit")
    more = ("parameter_source", "accepted_by", "evidence", "inputs_used")
    rows: list[Row] = [
        (Cell(words.say("a_parameters"), Style.TITLE),),
        _BLANK,
        headings(*(words.say(key) for key in (*keys, *more))),
    ]
    for each in material.result.parameters:
        fixed = dict(each.distribution).get("value", "0")
        figures = each.percentiles or (fixed, fixed, fixed)
        rows.append(
            (
                Cell(each.name),
                *(Cell(Decimal(figure)) for figure in figures),
                Cell("; ".join(f"{words.name(key)} {text}" for key, text in each.distribution)),
                Cell(each.unit),
                Cell(each.source),
                Cell(each.accepted_by),
                Cell(each.evidence, Style.CODE),
                Cell("; ".join(f"{method} {words.name(use)}".strip() for method, use in each.uses)),
            )
        )
    return Sheet(name, tuple(rows), (24, 16, 16, 16, 34, 8, 40, 24, 68, 40), INPUTS_TOP)


def sensitivity_sheet(name: str, material: Material, words: Words) -> Sheet:
    """What each uncertain input moves, and its shares of the variance."""
    keys = ("parameter_name", "at_low", "at_high", "swing", "first_index", "total_index")
    rows: list[Row] = [
        (Cell(words.say("a_sensitivity"), Style.TITLE),),
        (Cell(words.say("sobol_points", points=material.result.sensitivity_points), Style.NOTE),),
        headings(*(words.say(key) for key in keys)),
    ]
    for each in material.result.swings:
        row = len(rows)
        swing = Formula(f"=ABS({place(row, 2)}-{place(row, 1)})", float(abs(each.high - each.low)))
        indices = (each.first_order, each.total)
        rows.append(
            (
                Cell(each.parameter),
                Cell(each.low, Style.AMOUNT),
                Cell(each.high, Style.AMOUNT),
                Cell(swing, Style.AMOUNT),
                *(Cell(Decimal(index) if index else None, Style.FACTOR) for index in indices),
            )
        )
    return Sheet(name, tuple(rows), (28, 20, 20, 20, 14, 14), 3)


def quality_sheet(name: str, material: Material, words: Words) -> Sheet:
    """Every indicator with what was counted and the SQL that counted it."""
    quality = material.quality
    keys = ("measures", "dimension", "conforming", "examined", "ratio")
    rows: list[Row] = [
        (Cell(words.say("a_quality"), Style.TITLE),),
        (Cell(words.say("no_quality") if quality is None else quality.id, Style.NOTE),),
        headings(*(words.say(key) for key in keys), "SQL"),
    ]
    for each in () if quality is None else quality.indicators:
        row = len(rows)
        counted = f"TRUNC({place(row, 2)}/{place(row, 3)},6)"
        ratio = None if each.ratio is None else Formula(f"={counted}", float(each.ratio))
        rows.append(
            (
                Cell(words.indicator(each.id)),
                Cell(words.name(each.dimension)),
                Cell(each.conforming),
                Cell(each.examined),
                Cell(ratio, Style.FACTOR),
                Cell(each.sql, Style.CODE),
            )
        )
    return Sheet(name, tuple(rows), (42, 16, 14, 14, 12, 120), 3)
