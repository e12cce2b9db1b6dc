"""Node shapes of DuckDB's serialised syntax tree that a sample query may contain.

The tables list every class, type and field that is accepted. A field that is not listed refuses the
statement, so syntax that a later DuckDB adds is closed until it is added here.
"""

from dataclasses import dataclass, field
from enum import Enum, auto


class Field(Enum):
    """What a field of a node holds, and so how the walk continues into it."""

    PLAIN = auto()
    EXPRESSION = auto()
    EXPRESSIONS = auto()
    EXPRESSION_ROWS = auto()
    ARGUMENTS = auto()
    CASES = auto()
    ORDERS = auto()
    ORDER_CLAUSE = auto()
    REPLACEMENTS = auto()
    MODIFIERS = auto()
    TYPE_NAME = auto()
    QUERY = auto()
    QUERIES = auto()
    SUBQUERY = auto()
    TABLE = auto()
    WITH_CLAUSE = auto()


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields that one node may have besides its type, alias and position."""

    types: frozenset[str] = frozenset()
    fields: dict[str, Field] = field(default_factory=dict[str, Field])


COMMON_FIELDS = frozenset(["class", "type", "alias", "query_location", "query_location_length"])

_CALL = {
    "function_name": Field.PLAIN,
    "qualified_name": Field.PLAIN,
    "distinct": Field.PLAIN,
    "arguments": Field.ARGUMENTS,
}

EXPRESSIONS: dict[str, Shape] = {
    "COLUMN_REF": Shape(frozenset(["COLUMN_REF"]), {"column_names": Field.PLAIN}),
    "POSITIONAL_REFERENCE": Shape(frozenset(["POSITIONAL_REFERENCE"]), {"index": Field.PLAIN}),
    "CONSTANT": Shape(frozenset(["VALUE_CONSTANT"]), {"literal": Field.PLAIN}),
    "STAR": Shape(
        frozenset(["STAR"]),
        {
            "relation_name": Field.PLAIN,
            "columns": Field.PLAIN,
            "exclude_list": Field.PLAIN,
            "qualified_exclude_list": Field.PLAIN,
            "rename_list": Field.PLAIN,
            "replace_list": Field.REPLACEMENTS,
        },
    ),
    "FUNCTION": Shape(
        frozenset(["FUNCTION"]),
        _CALL
        | {
            "is_operator": Field.PLAIN,
            "filter": Field.EXPRESSION,
            "order_bys": Field.ORDER_CLAUSE,
        },
    ),
    "WINDOW": Shape(
        frozenset(
            """
            WINDOW_AGGREGATE WINDOW_ROW_NUMBER WINDOW_RANK WINDOW_RANK_DENSE WINDOW_PERCENT_RANK
            WINDOW_CUME_DIST WINDOW_NTILE WINDOW_LAG WINDOW_LEAD WINDOW_FIRST_VALUE
            WINDOW_LAST_VALUE WINDOW_NTH_VALUE
            """.split()
        ),
        _CALL
        | {
            "partitions": Field.EXPRESSIONS,
            "orders": Field.ORDERS,
            "arg_orders": Field.ORDERS,
            "start": Field.PLAIN,
            "end": Field.PLAIN,
            "start_expr": Field.EXPRESSION,
            "end_expr": Field.EXPRESSION,
            "filter_expr": Field.EXPRESSION,
            "exclude_clause": Field.PLAIN,
            "ignore_nulls": Field.PLAIN,
            "has_ignore_nulls": Field.PLAIN,
        },
    ),
    "OPERATOR": Shape(
        frozenset(
            """
            COMPARE_IN COMPARE_NOT_IN OPERATOR_NOT OPERATOR_IS_NULL OPERATOR_IS_NOT_NULL
            OPERATOR_COALESCE ARRAY_EXTRACT
            """.split()
        ),
        {"children": Field.EXPRESSIONS},
    ),
    "COMPARISON": Shape(
        frozenset(
            """
            COMPARE_EQUAL COMPARE_NOTEQUAL COMPARE_LESSTHAN COMPARE_GREATERTHAN
            COMPARE_LESSTHANOREQUALTO COMPARE_GREATERTHANOREQUALTO COMPARE_DISTINCT_FROM
            COMPARE_NOT_DISTINCT_FROM
            """.split()
        ),
        {"left": Field.EXPRESSION, "right": Field.EXPRESSION},
    ),
    "BETWEEN": Shape(
        frozenset(["COMPARE_BETWEEN", "COMPARE_NOT_BETWEEN"]),
        {"input": Field.EXPRESSION, "lower": Field.EXPRESSION, "upper": Field.EXPRESSION},
    ),
    "CONJUNCTION": Shape(
        frozenset(["CONJUNCTION_AND", "CONJUNCTION_OR"]), {"children": Field.EXPRESSIONS}
    ),
    "CASE": Shape(
        frozenset(["CASE_EXPR"]), {"case_checks": Field.CASES, "else_expr": Field.EXPRESSION}
    ),
    "CAST": Shape(
        frozenset(["OPERATOR_CAST"]),
        {"child": Field.EXPRESSION, "type_expr": Field.TYPE_NAME, "try_cast": Field.PLAIN},
    ),
    "SUBQUERY": Shape(
        frozenset(["SUBQUERY"]),
        {
            "subquery_type": Field.PLAIN,
            "subquery": Field.SUBQUERY,
            "child": Field.EXPRESSION,
            "comparison_type": Field.PLAIN,
        },
    ),
}

_QUERY = {"modifiers": Field.MODIFIERS, "cte_map": Field.WITH_CLAUSE}

QUERIES: dict[str, Shape] = {
    "SELECT_NODE": Shape(
        fields=_QUERY
        | {
            "select_list": Field.EXPRESSIONS,
            "from_table": Field.TABLE,
            "where_clause": Field.EXPRESSION,
            "group_expressions": Field.EXPRESSIONS,
            "group_sets": Field.PLAIN,
            "aggregate_handling": Field.PLAIN,
            "having": Field.EXPRESSION,
            "qualify": Field.EXPRESSION,
        }
    ),
    "SET_OPERATION_NODE": Shape(
        fields=_QUERY
        | {
            "setop_type": Field.PLAIN,
            "setop_all": Field.PLAIN,
            "children": Field.QUERIES,
        }
    ),
}

TABLES: dict[str, Shape] = {
    "EMPTY": Shape(),
    "BASE_TABLE": Shape(
        fields={
            "table_name": Field.PLAIN,
            "qualified_name": Field.PLAIN,
            "column_name_alias": Field.PLAIN,
        }
    ),
    "SUBQUERY": Shape(fields={"subquery": Field.SUBQUERY, "column_name_alias": Field.PLAIN}),
    "EXPRESSION_LIST": Shape(
        fields={"values": Field.EXPRESSION_ROWS, "column_name_alias": Field.PLAIN}
    ),
    "JOIN": Shape(
        fields={
            "left": Field.TABLE,
            "right": Field.TABLE,
            "condition": Field.EXPRESSION,
            "join_type": Field.PLAIN,
            "ref_type": Field.PLAIN,
            "using_columns": Field.PLAIN,
            "is_implicit": Field.PLAIN,
        }
    ),
}

JOIN_KINDS = frozenset(["REGULAR", "CROSS", "NATURAL", "ASOF"])

MODIFIERS: dict[str, Shape] = {
    "ORDER_MODIFIER": Shape(fields={"orders": Field.ORDERS}),
    "DISTINCT_MODIFIER": Shape(fields={"distinct_on_targets": Field.EXPRESSIONS}),
    "LIMIT_MODIFIER": Shape(
        fields={
            "limit": Field.EXPRESSION,
            "offset": Field.EXPRESSION,
            "limit_type": Field.PLAIN,
        }
    ),
}

NODE_REFUSALS = {
    "TABLE_FUNCTION": "table_function",
    "RECURSIVE_CTE_NODE": "recursive",
    "INSERT_QUERY_NODE": "ddl_in_cte",
    "UPDATE_QUERY_NODE": "ddl_in_cte",
    "DELETE_QUERY_NODE": "ddl_in_cte",
    "MERGE_QUERY_NODE": "ddl_in_cte",
    "COPY_QUERY_NODE": "ddl_in_cte",
}
"""Types with a refusal of their own; any other unknown type is `construct_not_allowed`."""

FIELD_REFUSALS = {
    "schema": "qualified_name",
    "schema_name": "qualified_name",
    "catalog": "qualified_name",
    "catalog_name": "qualified_name",
}
