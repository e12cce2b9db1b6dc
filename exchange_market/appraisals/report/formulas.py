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
_FACTORS: Final = ("forecast_factor", "quality_coefficient", "survival")
"""What a flow is multiplied by before it is discounted."""


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

    def figure(self, name: str) -> str:
        """The cell of a single figure, below the rows."""
        names = [each for each, _ in self.paper.figures]
        return place(self.figures_top + names.index(name), 1)

    @property
    def figures_top(self) -> int:
        """The row of the first single figure: after an empty row and a heading."""
        return self.top + len(self.paper.rows) + 2

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


def figure_formula(paper: PaperPlace, name: str) -> str | None:
    """The formula of a single figure of a paper: the medians of an argument."""
    written = paper.rate(name, "")
    return f"={written}" if written else None


def line_formula(paper: PaperPlace, line: str, digits: int) -> str | None:
    """The formula of a line that sums up a working paper; None where there is none."""
    exact = _exact_line(paper, line)
    return None if exact is None else f"=ROUND({exact},{digits})"


def _exact_line(paper: PaperPlace, line: str) -> str | None:
    match line:
        case "present_value" if paper.has("years_from_valuation"):
            return _sum(paper, "present_value", 0, paper.rows_last)
        case "terminal_value" if paper.has("years_from_valuation"):
            return _terminal_value(paper)
        case "tax_amortisation_benefit" if paper.has("years_from_valuation"):
            return _tax_amortisation_benefit(paper)
        case _ if paper.has("part"):
            return _capitalised_line(paper, line)
        case _:
            return _cost_line(paper, line)


def _terminal_value(paper: PaperPlace) -> str:
    rate, last = paper.rate("discount_rate", "0"), paper.rows_last
    if "terminal_growth_rate" not in paper.method.arguments:
        return f"{paper.rate('terminal_value', '0')}*(1+{rate})^-{len(paper.paper.rows)}"
    growth = paper.rate("terminal_growth_rate", "0")
    if "attrition_rate" in paper.method.arguments:
        growth = f"((1+{growth})*(1-{paper.rate('attrition_rate', '0')})-1)"
    following = f"{_expected(paper, last)}*(1+{growth})/({rate}-{growth})"
    return f"{following}*{paper.cell(last, 'discount_factor')}"


def _tax_amortisation_benefit(paper: PaperPlace) -> str | None:
    names = [name for name, _ in paper.paper.figures]
    if "tax_amortisation_factor" not in names:
        return None
    before = _sum(paper, "present_value", 0, paper.rows_last)
    if any(name == "terminal_value" for name, _ in paper.method.lines):
        before = f"({before}+{_terminal_value(paper)})"
    return f"{before}*({paper.figure('tax_amortisation_factor')}-1)"


def _capitalised_line(paper: PaperPlace, line: str) -> str | None:
    for row in range(len(paper.paper.rows)):
        if line == f"capitalised_{paper.text(row, 'part')}":
            return paper.cell(row, "present_value")
    return None


def _cost_line(paper: PaperPlace, line: str) -> str | None:
    rows = [index for index in range(len(paper.paper.rows)) if _is_item(paper, index)]
    if not rows:
        return None
    cost = _sum(paper, "amount", rows[0], rows[-1])
    match line:
        case "cost":
            return cost
        case "profit":
            return f"{cost}*{paper.rate('profit_rate', '0')}"
        case "return":
            return f"{cost}*{paper.rate('return_rate', '0')}"
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


def _factor(argument: str) -> Recipe:
    return lambda paper, _: paper.rate(argument, "1")


def _survival(paper: PaperPlace, row: int) -> str:
    return f"(1-{paper.rate('attrition_rate', '0')})^{paper.cell(row, 'year')}"


def _years(paper: PaperPlace, row: int) -> str:
    year = paper.cell(row, "year")
    return f"{year}-0.5" if paper.method.options.get("timing") == "mid_year" else year


def _discount_factor(paper: PaperPlace, row: int) -> str:
    return f"(1+{paper.rate('discount_rate', '0')})^-{paper.cell(row, 'years_from_valuation')}"


def _rate_less_growth(paper: PaperPlace, row: int) -> str:
    del row
    return f"{paper.rate('capitalisation_rate', '0')}-{paper.rate('growth_rate', '0')}"


def _present_value(paper: PaperPlace, row: int) -> str:
    if paper.has("rate_less_growth"):
        kept = f"{paper.cell(row, 'amount')}*{paper.cell(row, 'quality_coefficient')}"
        return f"{kept}/{paper.cell(row, 'rate_less_growth')}"
    return f"{_expected(paper, row)}*{paper.cell(row, 'discount_factor')}"


def _expected(paper: PaperPlace, row: int) -> str:
    """What is left of a flow after every factor that the paper has."""
    factors = [paper.cell(row, name) for name in _FACTORS if paper.has(name)]
    return "*".join([paper.cell(row, "flow"), *factors])


def _amount(paper: PaperPlace, row: int) -> str | None:
    return paper.medians.get(paper.text(row, "parameter")) if paper.has("parameter") else None


_RECIPES: Final[Mapping[str, Recipe]] = {
    "royalty": _royalty,
    "attributed": _attributed,
    "expected_loss": _expected_loss,
    "contributory_charge": _contributory_charge,
    "tax": _tax,
    "flow": _flow,
    "forecast_factor": _factor("forecast_factor"),
    "quality_coefficient": _factor("quality_coefficient"),
    "survival": _survival,
    "years_from_valuation": _years,
    "discount_factor": _discount_factor,
    "rate_less_growth": _rate_less_growth,
    "present_value": _present_value,
    "amount": _amount,
}
