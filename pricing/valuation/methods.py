"""What a valuation method is made of: kind, arguments, options, lines and working paper.

A kind of method is a pure function from draws of its arguments to named lines whose sum is the
value, so the sampling, the tornado and the report need to know nothing about any single method.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pricing.valuation.adjustments import Adjustment, Entry
from pricing.valuation.distributions import Array
from pricing.valuation.risks import Risk

INFINITE: Final = float("inf")
RATE_MIN: Final = 1e-6
RATE_MAX: Final = 10.0


class Approach(StrEnum):
    """The family of a method; cost is a floor where there is evidence of income or of a market."""

    COST = "cost"
    INCOME = "income"
    MARKET = "market"


class Shape(StrEnum):
    """How many parameters an argument takes, and what becomes of them."""

    ONE = "one"
    SERIES = "series"
    SUM = "sum"
    """One or several that add up, such as the components of a rate that is built up."""


class Timing(StrEnum):
    """When in a year its flow arrives."""

    END_YEAR = "end_year"
    MID_YEAR = "mid_year"


class ChargesTaken(StrEnum):
    """Whether contributory charges are deducted from earnings before or after income tax."""

    BEFORE_TAX = "before_tax"
    AFTER_TAX = "after_tax"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a method: its shape, inclusive bounds, and where a risk in it enters.

    `risk` is the one that any use of the argument prices in. Without a default the argument is
    required, unless it is optional: then the method does without.
    """

    entry: Entry
    shape: Shape = Shape.ONE
    low: float = 0.0
    high: float = INFINITE
    default: float | None = None
    is_optional: bool = False
    risk: Risk | None = None

    @property
    def is_required(self) -> bool:
        """Whether a method without this argument is refused."""
        return self.default is None and not self.is_optional


@dataclass(frozen=True, slots=True)
class Options:
    """Choices that change a formula.

    When flows arrive, the statutory life of the tax amortisation (which is not the life of the
    asset), and whether contributory charges are taken before or after tax. None where the kind of
    method does not ask.
    """

    timing: Timing | None = None
    tax_amortisation_years: int | None = None
    charges_taken: ChargesTaken | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """One indication of value: a kind of method and the parameters its arguments refer to.

    `adjustments` are discounts and premiums on this method's value, in the order they compound.
    """

    name: str
    kind: str
    arguments: Mapping[str, tuple[str, ...]]
    options: Options = Options()
    adjustments: tuple[Adjustment, ...] = ()


Draws = Mapping[str, Array]
Lines = dict[str, Array]


class Measure(StrEnum):
    """What a column of a working paper holds."""

    TEXT = "text"
    YEAR = "year"
    AMOUNT = "amount"
    FACTOR = "factor"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a working paper: a name for programs and what its cells measure."""

    name: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class WorkingPaper:
    """A table at the medians of all parameters by which a reader can follow a method by hand.

    `figures` are single numbers that the rows need: arguments that are no series, and factors.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str | int | float, ...], ...]
    figures: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What must hold between the arguments of one method.

    `at_most_one`: choices that would count the same thing twice. `at_least_one`: groups of which
    one must be given. `needs`: an argument and the ones of which it needs any. `same_length`:
    series that pair up. `below`: an argument that must stay below another in every outcome.
    """

    at_most_one: tuple[tuple[str, ...], ...] = ()
    at_least_one: tuple[tuple[str, ...], ...] = ()
    needs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    same_length: tuple[tuple[str, str], ...] = ()
    below: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of method: approach, arguments, and the functions from draws to lines and paper.

    `paper` is given draws of shape (1,) and the names of the parameters of each argument.
    """

    approach: Approach
    arguments: Mapping[str, Argument]
    compute: Callable[[Draws, Options], Lines]
    paper: Callable[[Draws, Method], WorkingPaper]
    rules: Rules = Rules()
    takes_timing: bool = False
    takes_tax_amortisation: bool = False
    takes_charges: bool = False
