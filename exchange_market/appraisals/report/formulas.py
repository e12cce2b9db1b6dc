"""The formulas of a working paper: how each cell comes about from inputs and from other cells.

They say in a spreadsheet's words what `pricing.valuation` computes at the medians of all inputs;
the sources of the formulas are named there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from exchange_market.appraisals.report.result_view import MethodView, PaperView
from exchange_market.documents.spreadsheet import place

_SERIES: Final[Mapping[str, str]] = {
    "revenue": "revenue",
    "profit": "profit",
    "earnings": "earnings",
    "cash_flow": "cash_flows",
    "with_asset": "with_asset",
    "without_asset": "without_asset",
}
"""Columns that show a series of inputs, and the argument that names them."""


@dataclass(frozen=True, slots=True)
class PaperPlace:
    """A working paper on a sheet: its first row of cells, and where each input's median stands."""

    method: MethodView
    paper: PaperView
    top: int
    medians: Mapping[str, str]

    def cell(self, row: int, name: str) -> str:
        """The cell of a column in a row of the paper."""
        names = [column.name for column in self.paper.columns]
        return place(self.top + row, names.index(name))

    def left_of(self, row: int, name: str) -> str:
        """The cell before that of a column."""
        names = [column.name for column in self.paper.columns]
        return place(self.top + row, names.index(name) - 1)

    def has(self, name: str) -> bool:
        """Whether the paper has a column."""
        return any(column.name == name for column in self.paper.columns)

    def rate(self, argument: str, default: str) -> str:
        """The medians of an argument, added up, or what holds when it is not given."""
        found = [self.medians[name] for name in self.method.arguments.get(argument, ())]
        return f"({'+'.join(found)})" if len(found) > 1 else (found[0] if found else default)

    def text(self, row: int, name: str) -> str:
        """What stands in a cell."""
        names = [column.name for column in self.paper.columns]
        return self.paper.rows[row][names.index(name)]

    @property
    def rows_last(self) -> int:
        """The last row of the paper, counted from its first."""
        return len(self.paper.rows) - 1


Recipe = Callable[[PaperPlace, int], str | None]


def cell_formula(paper: PaperPlace, row: int, column: str) -> str | None:
    """The formula of a cell of a working paper; None where the cell is a plain value."""
    if column in _SERIES:
        names = paper.method.arguments.get(_SERIES[column], ())
        return f"={paper.medians[names[row]]}" if row < len(names) else None
    recipe = _RECIPES.get(column)
    written = None if recipe is None else recipe(paper, row)
    return None if written is None else f"={written}"


def line_formula(paper: PaperPlace, line: str, digits: int) -> str | None:
    """The formula of a line that sums up a working paper; None where there is none."""
    if line == "present_value" and paper.has("years_from_valuation"):
        return f"=ROUND({_sum(paper, 'present_value', 0, paper.rows_last)},{digits})"
    rows = [index for index in range(len(paper.paper.rows)) if _is_item(paper, index)]
    if not rows or not paper.has("argument"):
        return None
    cost = _sum(paper, "amount", rows[0], rows[-1])
    match line:
        case "cost":
            return f"=ROUND({cost},{digits})"
        case "profit":
            return f"=ROUND({cost}*{paper.rate('profit_rate', '0')},{digits})"
        case "return":
            return f"=ROUND({cost}*{paper.rate('return_rate', '0')},{digits})"
        case _:
            return None


def _sum(paper: PaperPlace, column: str, first: int, last: int) -> str:
    return f"SUM({paper.cell(first, column)}:{paper.cell(last, column)})"


def _is_item(paper: PaperPlace, row: int) -> bool:
    return paper.has("argument") and paper.text(row, "argument") == "items"


def _royalty(paper: PaperPlace, row: int) -> str:
    return f"{paper.cell(row, 'revenue')}*{paper.rate('royalty_rate', '0')}"


def _attributed(paper: PaperPlace, row: int) -> str:
    return f"{paper.left_of(row, 'attributed')}*{paper.rate('share', '0')}"


def _expected_loss(paper: PaperPlace, row: int) -> str:
    difference = f"({paper.cell(row, 'with_asset')}-{paper.cell(row, 'without_asset')})"
    return f"{difference}*{paper.rate('probability', '1')}"


def _contributory_charge(paper: PaperPlace, row: int) -> str:
    arguments = paper.method.arguments
    charges = arguments.get("charges", ())
    if row < len(charges):
        return f"-{paper.medians[charges[row]]}"
    pairs = zip(arguments.get("assets", ()), arguments.get("required_returns", ()), strict=True)
    products = [f"{paper.medians[asset]}*{paper.medians[rate]}" for asset, rate in pairs]
    return f"-({'+'.join(products) or '0'})"


def _tax(paper: PaperPlace, row: int) -> str:
    rate = paper.rate("tax_rate", "0")
    if not paper.has("contributory_charge"):
        return f"-{paper.left_of(row, 'tax')}*{rate}"
    earnings, charge = paper.cell(row, "earnings"), paper.cell(row, "contributory_charge")
    is_before = paper.method.options.get("charges_taken") == "before_tax"
    return f"-({earnings}+{charge})*{rate}" if is_before else f"-{earnings}*{rate}"


def _flow(paper: PaperPlace, row: int) -> str:
    tax = paper.cell(row, "tax")
    if not paper.has("contributory_charge"):
        return f"{paper.left_of(row, 'tax')}+{tax}"
    earnings, charge = paper.cell(row, "earnings"), paper.cell(row, "contributory_charge")
    return f"{earnings}+{charge}+{tax}"


def _kept_share(paper: PaperPlace, row: int) -> str:
    quality = paper.rate("quality_coefficient", "1")
    if "attrition_rate" not in paper.method.arguments:
        return quality
    return f"{quality}*(1-{paper.rate('attrition_rate', '0')})^{paper.cell(row, 'year')}"


def _years(paper: PaperPlace, row: int) -> str:
    year = paper.cell(row, "year")
    return f"{year}-0.5" if paper.method.options.get("timing") == "mid_year" else year


def _discount_factor(paper: PaperPlace, row: int) -> str:
    return f"(1+{paper.rate('discount_rate', '0')})^-{paper.cell(row, 'years_from_valuation')}"


def _divisor(paper: PaperPlace, row: int) -> str:
    del row
    return f"{paper.rate('capitalisation_rate', '0')}-{paper.rate('growth_rate', '0')}"


def _present_value(paper: PaperPlace, row: int) -> str:
    kept = paper.cell(row, "kept_share")
    if paper.has("divisor"):
        return f"{paper.cell(row, 'amount')}*{kept}/{paper.cell(row, 'divisor')}"
    return f"{paper.cell(row, 'flow')}*{kept}*{paper.cell(row, 'discount_factor')}"


def _amount(paper: PaperPlace, row: int) -> str | None:
    return paper.medians.get(paper.text(row, "parameter")) if paper.has("parameter") else None


_RECIPES: Final[Mapping[str, Recipe]] = {
    "royalty": _royalty,
    "attributed": _attributed,
    "expected_loss": _expected_loss,
    "contributory_charge": _contributory_charge,
    "tax": _tax,
    "flow": _flow,
    "kept_share": _kept_share,
    "years_from_valuation": _years,
    "discount_factor": _discount_factor,
    "divisor": _divisor,
    "present_value": _present_value,
    "amount": _amount,
}
