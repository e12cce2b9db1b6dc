"""All rules of a table as ONE Ibis aggregate: a single statement gives A and B of every rule.

Expressions are built here and executed elsewhere, on any Ibis engine; see `counts`. One scan
serves all rules but the referential ones, which each look a second time. Distinct counts are
exact.
"""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from pricing.quality.counts import rule_counts
from pricing.quality.rules import Rule, count_names

Expression = Any
"""An Ibis value; its published classes lack most of the methods that columns really have."""


def build_aggregate(table: ir.Table, rules: Sequence[Rule]) -> ir.Table:
    """Return one row with two whole numbers per rule, named by `count_names`."""
    measures: dict[str, Expression] = {}
    for position, rule in enumerate(rules):
        names = count_names(position)
        measures |= dict(zip(names, rule_counts(table, rule.check), strict=True))
    return table.aggregate(**measures)


def rule_sql(table: ir.Table, rules: Sequence[Rule], dialect: str = "duckdb") -> dict[str, str]:
    """Return the SQL text that measures each rule alone, by rule id, for the report."""
    texts: dict[str, str] = {}
    for rule in rules:
        conforming, examined = rule_counts(table, rule.check)
        alone = table.aggregate(conforming=conforming, examined=examined)
        texts[rule.id] = str(ibis.to_sql(alone, dialect=dialect))
    return texts
