"""Function calls in a statement: allowed names, and arguments that set the length of a result."""

import difflib
from typing import Any

from sandbox.gate.functions import (
    FUNCTIONS,
    GROWING_CALLS_MAX,
    LITERAL_ARGUMENT_MAX,
    REPLACEMENT_LENGTH_MAX,
    WINDOW_FUNCTIONS,
)
from sandbox.gate.refusal import StatementRefused
from sandbox.gate.schema import folded

_SUGGESTIONS_MAX = 5


class Calls:
    """Checks the calls of one statement and remembers which functions it uses."""

    def __init__(self) -> None:
        self.functions_used: set[str] = set()
        self._growing = 0

    def check_function(self, node: dict[str, Any]) -> None:
        """Refuse a call outside the list, with a schema name, or of unbounded growth."""
        name = self._allowed_name(node, FUNCTIONS)
        for limits in (LITERAL_ARGUMENT_MAX, REPLACEMENT_LENGTH_MAX):
            if name in limits:
                position, limit = limits[name]
                _require_bounded(node, name, position, limit)
                self._growing += 1
        if self._growing > GROWING_CALLS_MAX:
            raise StatementRefused("too_complex", construct=name, limit=GROWING_CALLS_MAX)

    def check_window(self, node: dict[str, Any]) -> None:
        """Refuse a window call of a function outside the list."""
        self._allowed_name(node, WINDOW_FUNCTIONS)

    def _allowed_name(self, node: dict[str, Any], allowed: frozenset[str]) -> str:
        path: list[str] = node.get("qualified_name", {}).get("path", [])
        name = folded(node.get("function_name", ""))
        offset = node.get("query_location", 0)
        if "schema" in node or "catalog" in node or [folded(part) for part in path] != [name]:
            raise StatementRefused("qualified_name", construct=".".join(path), offset=offset)
        if name not in allowed:
            near = difflib.get_close_matches(name, sorted(allowed), _SUGGESTIONS_MAX, cutoff=0.5)
            raise StatementRefused(
                "function_not_allowed",
                construct=name,
                allowed=near or ["count", "sum", "avg", "min", "max"],
                offset=offset,
            )
        self.functions_used.add(name)
        return name


def _require_bounded(node: dict[str, Any], name: str, position: int, limit: int) -> None:
    arguments: list[dict[str, Any]] = node.get("arguments", [])
    if len(arguments) <= position:
        return  # DuckDB itself refuses the call: an argument is missing.
    literal = arguments[position].get("expression", {}).get("literal", {})
    text = str(literal.get("text", ""))
    match literal.get("kind"):
        case "INTEGER" if name in LITERAL_ARGUMENT_MAX:
            bounded = text.isdecimal() and int(text) <= limit
        case "STRING" if name in REPLACEMENT_LENGTH_MAX:
            bounded = len(text) <= limit
        case _:
            bounded = False
    if not bounded:
        raise StatementRefused(
            "argument_not_bounded",
            construct=name,
            position=position + 1,
            limit=limit,
            offset=node.get("query_location", 0),
        )
