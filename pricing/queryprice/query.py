"""A query as it is priced: some columns of some rows, or aggregates by groups."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from pricing.document import Document
from pricing.errors import InvalidInput

COLUMNS_MAX: Final = 200
CONDITIONS_MAX: Final = 50
VALUES_MAX: Final = 100
TEXT_MAX: Final = 1_000

Scalar = str | int | float | bool
Member = TypeVar("Member", bound=StrEnum)


class Comparison(StrEnum):
    """How a condition compares a column with its values; a missing value satisfies none."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    IN = "in"


class AggregateFunction(StrEnum):
    """What is computed for each group.

    The least and the greatest value are priced as the column itself: no cheaper bound is safe.
    """

    COUNT = "count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a column; all conditions of a query hold together."""

    column: str
    op: Comparison
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A function of a column; a count has none."""

    function: AggregateFunction
    column: str | None


@dataclass(frozen=True, slots=True)
class DataQuery:
    """Rows of `columns`, or with `aggregates` one row for each group of equal `columns`."""

    columns: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()

    def __post_init__(self) -> None:
        if not self.columns and not self.aggregates:
            raise InvalidInput("columns", "name at least one column, or an aggregate")

    @property
    def touched(self) -> frozenset[str]:
        """Every column that the answer depends on."""
        named = {*self.columns, *(condition.column for condition in self.conditions)}
        return frozenset(named | {each.column for each in self.aggregates if each.column})


def query_from_json(value: object, known: Collection[str], path: str = "query") -> DataQuery:
    """Read `{"columns": [...], "where": [...], "aggregates": [...]}` over the `known` columns.

    Raises InvalidInput that names the field.
    """
    document = Document(value, path)
    query = DataQuery(
        columns=tuple(
            _column(item, at, known) for at, item in document.items("columns", at_most=COLUMNS_MAX)
        ),
        conditions=tuple(
            _condition(item, at, known)
            for at, item in document.items("where", at_most=CONDITIONS_MAX)
        ),
        aggregates=tuple(
            _aggregate(item, at, known)
            for at, item in document.items("aggregates", at_most=COLUMNS_MAX)
        ),
    )
    document.finish()
    return query


def _condition(value: object, path: str, known: Collection[str]) -> Condition:
    document = Document(value, path)
    column = _column(document.value("column"), document.at("column"), known)
    op = _member(document.text("op"), document.at("op"), Comparison)
    if op is Comparison.IN:
        items = document.items("values", at_most=VALUES_MAX)
        values = tuple(_scalar(item, at) for at, item in items)
        if not values:
            raise InvalidInput(document.at("values"), f"must have 1 to {VALUES_MAX} elements")
    else:
        values = (_scalar(document.value("value"), document.at("value")),)
    document.finish()
    return Condition(column, op, values)


def _aggregate(value: object, path: str, known: Collection[str]) -> Aggregate:
    document = Document(value, path)
    function = _member(document.text("function"), document.at("function"), AggregateFunction)
    column = None
    if function is not AggregateFunction.COUNT:
        column = _column(document.value("column"), document.at("column"), known)
    document.finish()
    return Aggregate(function, column)


def _column(value: object, path: str, known: Collection[str]) -> str:
    if not isinstance(value, str) or value not in known:
        raise InvalidInput(path, "is not a column of the sample")
    return value


def _member(text: str, path: str, kind: type[Member]) -> Member:
    try:
        return kind(text)
    except ValueError:
        raise InvalidInput(path, f"must be one of {', '.join(kind)}") from None


def _scalar(value: object, path: str) -> Scalar:
    if isinstance(value, str | int | float) and len(str(value)) <= TEXT_MAX:
        return value
    raise InvalidInput(path, f"must be a text, number or truth value of at most {TEXT_MAX} signs")
