"""A workbook from plain values: text is never a formula, formulas are only our own.

Text that a spreadsheet program would take for a formula (OWASP, "CSV Injection") is written as a
string cell with the prefix that keeps it text when it is edited; in CSV, which has no cell types,
it gets an apostrophe.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from xlsxwriter import Workbook as Writer
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from exchange_market.documents.errors import DocumentTooLarge
from exchange_market.documents.text import visible

CELL_CHARACTERS_MAX: Final = 32_767
"""What a cell of XLSX holds; longer text ends in an ellipsis."""
CELLS_MAX: Final = 500_000
SHEET_NAME_MAX: Final = 31
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_NAME_REFUSED: Final = str.maketrans("[]:*?/\\'", "        ")


class Style(StrEnum):
    """How a cell looks."""

    PLAIN = "plain"
    TITLE = "title"
    HEADING = "heading"
    LABEL = "label"
    NOTE = "note"
    AMOUNT = "amount"
    FACTOR = "factor"
    PERCENT = "percent"
    TOTAL = "total"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of our own, with the value that it has: it shows before anything recalculates."""

    expression: str
    value: float


@dataclass(frozen=True, slots=True)
class Cell:
    """Text, a number, a formula or nothing, and how it looks."""

    value: str | int | Decimal | Formula | None
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of cells from the top left; `widths` in characters; `frozen_rows` stay in sight."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...] = ()
    frozen_rows: int = 0


@dataclass(frozen=True, slots=True)
class Workbook:
    """Sheets under different names; `issued_at` is also the date of the file."""

    kind: str
    title: str
    issuer: str
    issued_at: datetime
    sheets: tuple[Sheet, ...]


_LOOKS: Final[dict[Style, dict[str, Any]]] = {
    Style.PLAIN: {},
    Style.TITLE: {"bold": True, "font_size": 14, "font_color": "#12556b", "text_wrap": False},
    Style.HEADING: {"bold": True, "bg_color": "#e3edf1", "font_color": "#12556b", "bottom": 1},
    Style.LABEL: {"font_color": "#5b6b7a"},
    Style.NOTE: {"font_color": "#5b6b7a", "text_wrap": False},
    Style.AMOUNT: {"num_format": "#,##0.00####;-#,##0.00####"},
    Style.FACTOR: {"num_format": "0.000000"},
    Style.PERCENT: {"num_format": "0.00%"},
    Style.TOTAL: {"bold": True, "top": 1, "num_format": "#,##0.00;-#,##0.00"},
    Style.CODE: {"font_name": "Consolas", "font_size": 9},
}


def sheet_names(wanted: Sequence[str]) -> tuple[str, ...]:
    """Names that a workbook takes, all different, in the order of those wanted."""
    names: list[str] = []
    for each in wanted:
        plain = " ".join(visible(each).translate(_NAME_REFUSED).split()) or "Sheet"
        name, number = plain[:SHEET_NAME_MAX].strip(), 1
        while name.casefold() in {taken.casefold() for taken in names}:
            number += 1
            ending = f" {number}"
            name = plain[: SHEET_NAME_MAX - len(ending)].strip() + ending
        names.append(name)
    return tuple(names)


def place(row: int, column: int) -> str:
    """The name of a cell of the same sheet by its zero-based place."""
    return xl_rowcol_to_cell(row, column)


def reference(row: int, column: int, sheet: str | None = None) -> str:
    """A fixed reference to a cell by its zero-based place, in another sheet if one is named."""
    cell = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
    return cell if sheet is None else f"'{sheet}'!{cell}"


def write_xlsx(workbook: Workbook) -> bytes:
    """The workbook as XLSX; the same values give the same bytes. Raises DocumentTooLarge."""
    if sum(len(row) for sheet in workbook.sheets for row in sheet.rows) > CELLS_MAX:
        raise DocumentTooLarge(bytes_max=CELLS_MAX * 64)
    buffer = io.BytesIO()
    options = {
        # In memory also means: no time of day in the archive.
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Writer(buffer, options) as writer:
        created = workbook.issued_at.replace(tzinfo=None)
        writer.set_properties(
            {"title": workbook.title, "author": workbook.issuer, "created": created}
        )
        looks = {style: _format(writer, style, quoted=False) for style in Style}
        quoted = {style: _format(writer, style, quoted=True) for style in Style}
        for sheet in workbook.sheets:
            _write_sheet(writer.add_worksheet(sheet.name), sheet, looks, quoted)
    return buffer.getvalue()


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV in UTF-8 (RFC 4180) with a byte order mark, as spreadsheet programs expect it."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(map(harmless, row) for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet program might take a text for a formula."""
    return text.startswith(_FORMULA_STARTS)


def harmless(text: str) -> str:
    """A text for a CSV cell that no spreadsheet program takes for a formula."""
    shown = visible(text)
    return f"'{shown}" if is_formula_like(text) or is_formula_like(shown) else shown


def _format(writer: Writer, style: Style, *, quoted: bool) -> Format:
    look = {"valign": "top", "text_wrap": True, "font_name": "Arial", "font_size": 10}
    return writer.add_format(look | _LOOKS[style] | ({"quote_prefix": True} if quoted else {}))


def _write_sheet(
    page: Worksheet, sheet: Sheet, looks: dict[Style, Format], quoted: dict[Style, Format]
) -> None:
    for index, width in enumerate(sheet.widths):
        page.set_column(index, index, width)
    if sheet.frozen_rows:
        page.freeze_panes(sheet.frozen_rows, 0)
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_landscape()
    for row, cells in enumerate(sheet.rows):
        for column, cell in enumerate(cells):
            match cell.value:
                case None:
                    pass
                case str(text):
                    style = quoted if is_formula_like(text) else looks
                    page.write_string(row, column, _cell_text(text), style[cell.style])
                case Formula(expression, value):
                    look = looks[cell.style]
                    # Typed as a whole number there, and written as any number.
                    page.write_formula(row, column, expression, look, value)  # pyright: ignore[reportArgumentType]
                case number:
                    page.write_number(row, column, float(number), looks[cell.style])


def _cell_text(text: str) -> str:
    shown = visible(text)
    if len(shown) <= CELL_CHARACTERS_MAX:
        return shown
    return shown[: CELL_CHARACTERS_MAX - 1] + "…"
