"""Evaluates the formulas of a workbook: the few operators and functions that the exchange writes.

No value is taken from a cache: a cell with a formula is worked out from what it refers to.
"""

import io
import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import openpyxl
from openpyxl.utils.cell import range_boundaries

TOKENS = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)(?![A-Z(])|(?P<name>[A-Z]+)\(|"
    r"(?:'(?P<sheet>[^']+)'!)?(?P<cell>\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)|(?P<sign>.)"
)


class Formulas:
    """A workbook whose formulas can be worked out."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        self.cached = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        self.known: dict[tuple[str, str], float] = {}

    def value(self, sheet: str, cell: str) -> float:
        """What a cell is, from the plain values it leads to; an empty one is 0."""
        if (sheet, cell) not in self.known:
            found = self.book[sheet][cell].value
            is_formula = isinstance(found, str) and found.startswith("=")
            self.known[sheet, cell] = (
                Expression(self, sheet, found[1:]).total() if is_formula else float(found or 0)
            )
        return self.known[sheet, cell]

    def all(self) -> list[tuple[str, str, str, float]]:
        """Sheet, cell, formula and cached value of every formula there is."""
        found: list[tuple[str, str, str, float]] = []
        for page in self.book:
            for row in page.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        cached: Any = self.cached[page.title][cell.coordinate].value
                        place = (page.title, cell.coordinate)
                        found.append((*place, str(cell.value), float(cached)))
        return found


class Expression:
    """A recursive descent: sums of products of signed powers."""

    def __init__(self, formulas: Formulas, sheet: str, text: str) -> None:
        self.formulas = formulas
        self.sheet = sheet
        self.tokens = list(TOKENS.finditer(text))
        self.next = 0

    def total(self) -> float:
        found = self.sum()
        assert self.next == len(self.tokens), "the formula has more than was understood"
        return found

    def sum(self) -> float:
        found = self.product()
        while sign := self.take("+", "-"):
            found += self.product() if sign == "+" else -self.product()
        return found

    def product(self) -> float:
        found = self.signed()
        while sign := self.take("*", "/"):
            found = found * self.signed() if sign == "*" else found / self.signed()
        return found

    def signed(self) -> float:
        if self.take("-"):
            return -self.signed()
        found = self.atom()
        return found ** self.signed() if self.take("^") else found

    def atom(self) -> float:
        token = self.tokens[self.next]
        self.next += 1
        if token["number"]:
            return float(token["number"])
        if token["cell"]:
            (only,) = self.cells(token)
            return only
        arguments: list[float] = []
        if not token["name"]:
            assert token["sign"] == "(", token
            found = self.sum()
            assert self.take(")")
            return found
        while not self.take(")"):
            ahead = self.tokens[self.next]
            if ahead["cell"] and ":" in ahead["cell"]:
                self.next += 1
                arguments += self.cells(ahead)
            else:
                arguments.append(self.sum())
            self.take(",")
        return FUNCTIONS[token["name"]](arguments)

    def cells(self, token: re.Match[str]) -> list[float]:
        sheet = token["sheet"] or self.sheet
        left, top, right, bottom = range_boundaries(token["cell"].replace("$", ""))
        page = self.formulas.book[sheet]
        return [
            self.formulas.value(sheet, page.cell(row, column).coordinate)
            for row in range(int(top or 0), int(bottom or 0) + 1)
            for column in range(int(left or 0), int(right or 0) + 1)
        ]

    def take(self, *signs: str) -> str:
        if self.next < len(self.tokens) and self.tokens[self.next]["sign"] in signs:
            self.next += 1
            return str(self.tokens[self.next - 1]["sign"])
        return ""


def _round(arguments: list[float]) -> float:
    value, digits = arguments
    unit = Decimal(1).scaleb(-int(digits))
    return float(Decimal(repr(value)).quantize(unit, ROUND_HALF_UP))


def _truncate(arguments: list[float]) -> float:
    value, digits = arguments
    return math.trunc(value * 10**digits) / 10**digits


FUNCTIONS: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "ABS": lambda arguments: abs(arguments[0]),
    "ROUND": _round,
    "TRUNC": _truncate,
}
