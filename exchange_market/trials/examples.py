"""Queries that run on a sample as they are, written from its columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from exchange_market.trials.sample import SampleColumn
from sandbox.gate import TABLE_NAME

_NUMBERS: Final = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "UBIGINT", "FLOAT", "DOUBLE", "DECIMAL",
)  # fmt: skip
_WORDS: Final = ("VARCHAR", "BOOLEAN")
_DATES: Final = ("DATE", "TIMESTAMP")


@dataclass(frozen=True, slots=True)
class ExampleQuery:
    """A statement and what it answers."""

    sql: str
    en: str
    zh: str


def example_queries(columns: Sequence[SampleColumn]) -> tuple[ExampleQuery, ...]:
    """One to five statements over the table, as far as the columns allow."""
    number = _first(columns, _is_number)
    word = _first(columns, lambda column: column.type in _WORDS)
    date = _first(columns, lambda column: column.type.startswith(_DATES))
    examples = [
        ExampleQuery(
            f"SELECT count(*) AS row_count FROM {TABLE_NAME}",  # noqa: S608 - a constant
            "How many rows the sample has",
            "样本行数",
        )
    ]
    if word is not None:
        examples.append(_counts(word))
    if number is not None:
        examples.append(_spread(number))
    if number is not None and word is not None:
        examples.append(_averages(number, word))
    if date is not None:
        examples.append(_months(date))
    return tuple(examples)


def _counts(word: SampleColumn) -> ExampleQuery:
    name = _quoted(word.name)
    return ExampleQuery(
        f"SELECT {name}, count(*) AS row_count FROM {TABLE_NAME}"  # noqa: S608 - quoted names
        f" GROUP BY {name} ORDER BY 2 DESC LIMIT 10",
        f"The most frequent values of {word.name}",
        f"{word.name} 中最常见的取值",
    )


def _spread(number: SampleColumn) -> ExampleQuery:
    name = _quoted(number.name)
    return ExampleQuery(
        f"SELECT min({name}) AS least, avg({name}) AS mean, max({name}) AS greatest"  # noqa: S608
        f" FROM {TABLE_NAME}",
        f"The range and the mean of {number.name}",
        f"{number.name} 的范围与均值",
    )


def _averages(number: SampleColumn, word: SampleColumn) -> ExampleQuery:
    value, group = _quoted(number.name), _quoted(word.name)
    return ExampleQuery(
        f"SELECT {group}, avg({value}) AS mean FROM {TABLE_NAME}"  # noqa: S608 - quoted names
        f" GROUP BY {group} ORDER BY 2 DESC LIMIT 10",
        f"The mean of {number.name} for each {word.name}",
        f"按 {word.name} 分组的 {number.name} 均值",
    )


def _months(date: SampleColumn) -> ExampleQuery:
    name = _quoted(date.name)
    return ExampleQuery(
        f"SELECT date_trunc('month', {name}) AS month, count(*) AS row_count"  # noqa: S608
        f" FROM {TABLE_NAME} GROUP BY date_trunc('month', {name}) ORDER BY 1 LIMIT 24",
        f"Rows per month of {date.name}",
        f"按 {date.name} 逐月的行数",
    )


def _is_number(column: SampleColumn) -> bool:
    return column.type.split("(")[0] in _NUMBERS


def _first(
    columns: Sequence[SampleColumn], matches: Callable[[SampleColumn], bool]
) -> SampleColumn | None:
    return next((column for column in columns if matches(column)), None)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
