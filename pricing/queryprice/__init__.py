"""Prices of single queries, derived from the price of the whole so that they cannot be gamed."""

from pricing.queryprice.query import (
    Aggregate,
    AggregateFunction,
    Comparison,
    Condition,
    DataQuery,
    query_from_json,
)
from pricing.queryprice.quote import QueryQuote, difference_sql, quote, quote_to_json
from pricing.queryprice.support import Neighbour, NeighbourKind, plan_support, support_table

__all__ = [
    "Aggregate",
    "AggregateFunction",
    "Comparison",
    "Condition",
    "DataQuery",
    "Neighbour",
    "NeighbourKind",
    "QueryQuote",
    "difference_sql",
    "plan_support",
    "query_from_json",
    "quote",
    "quote_to_json",
    "support_table",
]
