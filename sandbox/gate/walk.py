"""The walk over a parsed statement: every node, type and field must be listed in the grammar."""

from typing import Any, NoReturn

from sandbox.gate.calls import Calls
from sandbox.gate.functions import TYPES
from sandbox.gate.grammar import (
    COMMON_FIELDS,
    EXPRESSIONS,
    FIELD_REFUSALS,
    JOIN_KINDS,
    MODIFIERS,
    NODE_REFUSALS,
    QUERIES,
    TABLES,
    Field,
    Shape,
)
from sandbox.gate.refusal import StatementRefused
from sandbox.gate.schema import folded
from sandbox.gate.scope import Names

Node = dict[str, Any]
"""One node of DuckDB's serialised tree. Its values are checked as the walk reaches them."""

NODES_MAX = 6_000
CHILDREN_MAX = 1_000
TABLES_MAX = 16
WITH_CLAUSES_MAX = 32
SET_OPERANDS_MAX = 32
GROUPING_SETS_MAX = 256
DEPTH_MAX = 100

_HOLDERS = {
    Field.ARGUMENTS: frozenset(["expression"]),
    Field.ORDERS: frozenset(["expression"]),
    Field.CASES: frozenset(["when_expr", "then_expr"]),
    Field.REPLACEMENTS: frozenset(["value"]),
}
"""Fields that hold small objects around expressions, with the names of those expressions."""


class Walk:
    """Walks one statement; raises `StatementRefused` at the first thing that is not allowed."""

    def __init__(self, names: Names, calls: Calls) -> None:
        self._names = names
        self._calls = calls
        self._nodes = 0
        self._table_references = 0
        self._depth = 0

    def query(self, node: Node, visible: frozenset[str]) -> None:
        """Check a query node; `visible` holds the WITH names of the queries around it."""
        shape = self._shape(node, QUERIES, node.get("type", ""))
        _limit("UNION", node.get("children", []), SET_OPERANDS_MAX)
        _limit("GROUPING SETS", node.get("group_sets", []), GROUPING_SETS_MAX)
        # The WITH clause comes first: it decides what the other fields may see.
        visible = self._with_clause(node.get("cte_map", {}), visible)
        others = {name: kind for name, kind in shape.fields.items() if name != "cte_map"}
        self._fields(node, others, visible)

    def _with_clause(self, clause: Node, visible: frozenset[str]) -> frozenset[str]:
        self._only(clause, frozenset(["map"]))
        entries = clause.get("map", [])
        _limit("WITH", entries, WITH_CLAUSES_MAX)
        for entry in entries:
            definition = entry["value"]
            self._only(definition, frozenset(["aliases", "materialized", "query_node"]))
            for alias in definition.get("aliases", []):
                self._names.define(alias)
            self.query(definition["query_node"], visible)
            visible = self._names.declare(entry["key"], visible)
        return visible

    def _expression(self, node: Node, visible: frozenset[str]) -> None:
        shape = self._shape(node, EXPRESSIONS, node.get("class", ""))
        offset = node.get("query_location", 0)
        match node["class"]:
            case "COLUMN_REF":
                self._names.use_column(node["column_names"][0], offset)
            case "FUNCTION":
                self._calls.check_function(node)
            case "WINDOW":
                self._calls.check_window(node)
            case "STAR" if node.get("relation_name"):
                self._names.use_column(node["relation_name"], offset)
            case "OPERATOR":
                _limit("IN (…)", node.get("children", []), CHILDREN_MAX)
            case _:
                pass
        self._fields(node, shape.fields, visible)

    def _table(self, node: Node, visible: frozenset[str]) -> None:
        shape = self._shape(node, TABLES, node.get("type", ""))
        for alias in node.get("column_name_alias", []):
            self._names.define(alias)
        match node["type"]:
            case "BASE_TABLE":
                _require_bare(node)
                self._names.use_table(node["table_name"], visible, node.get("query_location", 0))
                self._table_references += 1
                if self._table_references > TABLES_MAX:
                    raise StatementRefused("too_complex", construct="FROM", limit=TABLES_MAX)
            case "JOIN" if node.get("ref_type", "REGULAR") not in JOIN_KINDS:
                raise StatementRefused(
                    "construct_not_allowed", construct=f"{node['ref_type']} JOIN"
                )
            case "EXPRESSION_LIST":
                _limit("VALUES", node.get("values", []), CHILDREN_MAX)
            case _:
                pass
        self._fields(node, shape.fields, visible)

    def _type_name(self, node: Node, visible: frozenset[str]) -> None:
        self._only(node, COMMON_FIELDS | {"type_name", "qualified_name", "children"})
        _require_bare(node)
        name = node.get("type_name", "")
        if node.get("type") != "TYPE" or name.upper() not in TYPES or not name.isascii():
            raise StatementRefused("type_not_allowed", construct=name, allowed=sorted(TYPES))
        for child in node.get("children", []):
            if child.get("class") != "CONSTANT":
                raise StatementRefused("type_not_allowed", construct=name, allowed=sorted(TYPES))
            self._expression(child, visible)

    def _shape(self, node: Node, shapes: dict[str, Shape], name: str) -> Shape:
        """Return the accepted shape of a node after counting it and comparing its fields."""
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise StatementRefused("too_complex", construct="expression", limit=NODES_MAX)
        shape = shapes.get(name)
        node_type = node.get("type", "")
        if shape is None or (shape.types and node_type not in shape.types):
            _refuse_node(node, node_type or name, sorted(self._names.schema.tables))
        self._only(node, COMMON_FIELDS | shape.fields.keys())
        if node.get("alias"):
            self._names.define(node["alias"])
        return shape

    def _only(self, node: Node, fields: frozenset[str]) -> None:
        for name in node:
            if name not in fields:
                code = FIELD_REFUSALS.get(name, "construct_not_allowed")
                written = node.get("qualified_name", {}).get("path", [name])
                raise StatementRefused(
                    code, construct=".".join(written), offset=node.get("query_location", 0)
                )

    def _fields(self, node: Node, kinds: dict[str, Field], visible: frozenset[str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise StatementRefused("too_deep", limit=DEPTH_MAX)
        for name, kind in kinds.items():
            if name in node:
                self._field(kind, node[name], visible)
        self._depth -= 1

    def _field(self, kind: Field, value: Any, visible: frozenset[str]) -> None:
        match kind:
            case Field.PLAIN | Field.WITH_CLAUSE:
                pass
            case Field.EXPRESSION:
                self._expression(value, visible)
            case Field.TABLE:
                self._table(value, visible)
            case Field.TYPE_NAME:
                self._type_name(value, visible)
            case Field.QUERY:
                self.query(value, visible)
            case Field.SUBQUERY:
                self._only(value, frozenset(["node"]))
                self.query(value["node"], visible)
            case Field.ORDER_CLAUSE:
                self._modifier(value, visible)
            case _:
                self._repeated(kind, value, visible)

    def _repeated(self, kind: Field, values: list[Any], visible: frozenset[str]) -> None:
        for value in values:
            match kind:
                case Field.EXPRESSIONS:
                    self._expression(value, visible)
                case Field.QUERIES:
                    self.query(value, visible)
                case Field.MODIFIERS:
                    self._modifier(value, visible)
                case Field.EXPRESSION_ROWS:
                    self._repeated(Field.EXPRESSIONS, value, visible)
                case _:
                    self._wrapped(value, _HOLDERS[kind], visible)

    def _wrapped(self, holder: Node, expressions: frozenset[str], visible: frozenset[str]) -> None:
        """Check a small holder of expressions: an argument, a WHEN branch, an ORDER BY item."""
        self._only(holder, expressions | {"name", "key", "type", "null_order"})
        for name in sorted(expressions & holder.keys()):
            self._expression(holder[name], visible)

    def _modifier(self, node: Node, visible: frozenset[str]) -> None:
        shape = self._shape(node, MODIFIERS, node.get("type", ""))
        self._fields(node, shape.fields, visible)


def _limit(construct: str, values: list[Any], limit: int) -> None:
    if len(values) > limit:
        raise StatementRefused("too_complex", construct=construct, limit=limit)


def _require_bare(node: Node) -> None:
    path = node.get("qualified_name", {}).get("path", [])
    name = node.get("table_name", node.get("type_name", ""))
    if [folded(part) for part in path] != [folded(name)]:
        raise StatementRefused("qualified_name", construct=".".join(path))


def _refuse_node(node: Node, node_type: str, tables: list[str]) -> NoReturn:
    offset = node.get("query_location", 0)
    code = NODE_REFUSALS.get(node_type, "construct_not_allowed")
    if code == "table_function":
        name = node.get("function", {}).get("function_name", "")
        raise StatementRefused(code, construct=name, allowed=tables, offset=offset)
    construct = node_type.removesuffix("_NODE").replace("_", " ")
    if code == "recursive":
        raise StatementRefused(code, offset=offset)
    raise StatementRefused(code, construct=construct, offset=offset)
