"""Quotes: which neighbours a query tells apart, and what they cost a buyer who knows some already.

The price of a query is the sum of the prices of the neighbours it tells apart from the table; the
prices of all neighbours add up to the price of the whole. Such a weighted cover is free of
arbitrage: a query that another determines never costs more, and two queries together never cost
more than one after the other. Source: Koutris et al., "Query-Based Data Pricing"; Deep and Koutris,
"QIRANA: A Framework for Scalable Query Pricing".
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final

from pricing.money import Money
from pricing.queryprice.query import AggregateFunction, Comparison, Condition, DataQuery, Scalar
from pricing.queryprice.support import NEIGHBOUR, SIGN, support_column

_OPERATORS: Final = {
    Comparison.EQ: "=",
    Comparison.NE: "<>",
    Comparison.LT: "<",
    Comparison.LTE: "<=",
    Comparison.GT: ">",
    Comparison.GTE: ">=",
}
_BY_SUM: Final = frozenset({AggregateFunction.SUM, AggregateFunction.AVG})
_BY_VALUE: Final = frozenset({AggregateFunction.MIN, AggregateFunction.MAX})


@dataclass(frozen=True, slots=True)
class QueryQuote:
    """What a query costs: alone, and beyond what is known from earlier ones."""

    alone: Money
    due: Money
    whole: Money
    neighbours: int
    told_apart: int


def difference_sql(
    query: DataQuery, types: Mapping[str, str], table: str
) -> tuple[str, tuple[Scalar, ...]]:
    """SQL and its parameters that list the neighbours told apart, over the signed support rows.

    `types` are the SQL types of all columns in the order of the table; the values of conditions
    are cast into them. Of a group the count changes if the signs do not cancel out, the sum if that
    of the old values is not that of the new; an average follows from both. Least and greatest
    values are taken to change with the column.
    """
    names = {name: support_column(position) for position, name in enumerate(types)}
    by_value = [each.column for each in query.aggregates if each.function in _BY_VALUE]
    grouped = [names[name] for name in (*query.columns, *by_value) if name is not None]
    summed = [
        names[each.column]
        for each in query.aggregates
        if each.function in _BY_SUM and each.column is not None
    ]
    clauses = [_condition_sql(each, names[each.column], types) for each in query.conditions]
    where = f" WHERE {' AND '.join(clauses)}" if clauses else ""
    keys = ", ".join([NEIGHBOUR, *dict.fromkeys(grouped)])
    changed = " OR ".join([f"sum({SIGN}) <> 0", *map(_sum_changes, dict.fromkeys(summed))])
    values = tuple(value for condition in query.conditions for value in condition.values)
    statement = (
        f"SELECT DISTINCT {NEIGHBOUR} FROM (SELECT {NEIGHBOUR} FROM {table}{where} "  # noqa: S608
        f"GROUP BY {keys} HAVING {changed})"
    )
    return statement, values


def quote(
    whole: Money, neighbours: int, told_apart: Set[int], known: Set[int] = frozenset()
) -> QueryQuote:
    """Price the neighbours told apart, and those of them that are not known yet."""
    prices = whole.split([1] * neighbours)

    def cost(chosen: Set[int]) -> Money:
        return Money(sum(prices[number].amount_micro for number in chosen), whole.currency)

    return QueryQuote(
        cost(told_apart), cost(told_apart - known), whole, neighbours, len(told_apart)
    )


def quote_to_json(quoted: QueryQuote) -> dict[str, object]:
    """Write a quote as plain JSON values; amounts are decimal text in major units."""
    return {
        "currency": quoted.whole.currency,
        "alone": quoted.alone.format(),
        "due": quoted.due.format(),
        "whole": quoted.whole.format(),
        "neighbours": quoted.neighbours,
        "told_apart": quoted.told_apart,
    }


def _sum_changes(name: str) -> str:
    # Each side by itself: the sign times the least whole number of a type would overflow.
    sides = [f"sum({name}) FILTER (WHERE {SIGN} {side} 0)" for side in ("<", ">")]
    # A value that becomes or ceases to be missing changes an average even where the sum stays.
    counted = f"sum(CASE WHEN {name} IS NULL THEN 0 ELSE {SIGN} END) <> 0"
    return f"{sides[0]} IS DISTINCT FROM {sides[1]} OR {counted}"


def _condition_sql(condition: Condition, name: str, types: Mapping[str, str]) -> str:
    kind = types[condition.column]
    if condition.op is Comparison.IN:
        members = ", ".join(f"CAST(? AS {kind})" for _ in condition.values)
        return f"{name} IN ({members})"
    return f"{name} {_OPERATORS[condition.op]} CAST(? AS {kind})"
