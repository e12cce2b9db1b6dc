"""Turning one SELECT into DuckDB's own syntax tree, without touching a file or a catalogue."""

import functools
import json
import threading
from typing import Any

import duckdb

from sandbox.gate.refusal import StatementRefused

EXPRESSION_DEPTH_MAX = 250
_MESSAGE_MAX_CHARACTERS = 300
_lock = threading.Lock()


@functools.cache
def open_parser() -> duckdb.DuckDBPyConnection:
    """Open the private connection that parses, once; it holds no table and stays as it is.

    `parse_select` does it by itself. A process that is about to lose its rights calls it before.
    """
    connection = duckdb.connect(":memory:", config={"threads": "1"})
    for setting in (
        "autoinstall_known_extensions=false",
        "autoload_known_extensions=false",
        "python_enable_replacements=false",
        "temp_directory=''",
        "memory_limit='64MB'",
        f"max_expression_depth={EXPRESSION_DEPTH_MAX}",
        "enable_external_access=false",
        "lock_configuration=true",
    ):
        connection.execute(f"SET {setting}")
    return connection


def parse_select(sql: str) -> dict[str, Any]:
    """Return the syntax tree of the one SELECT in `sql`, as DuckDB serialises it to JSON.

    Fields with default values are absent. The text must have passed `check_words` before.
    """
    try:
        with _lock:
            statements = open_parser().extract_statements(sql)
            _require_one_select(statements)
            serialised = open_parser().execute(
                "SELECT json_serialize_sql(?::VARCHAR,"
                " skip_null := true, skip_empty := true, skip_default := true)",
                [sql],
            )
            row = serialised.fetchone()
        tree: dict[str, Any] = json.loads(row[0] if row else "{}")
    except (duckdb.Error, ValueError) as error:
        message = " ".join(str(error).split())[:_MESSAGE_MAX_CHARACTERS]
        raise StatementRefused("syntax_error", message=message) from None
    except RecursionError:
        raise StatementRefused("too_deep", limit=EXPRESSION_DEPTH_MAX) from None
    parsed = tree.get("statements", [])
    if tree.get("error") or len(parsed) != 1:
        raise StatementRefused("not_select", construct="this statement")
    return parsed[0]


def _require_one_select(statements: list[duckdb.Statement]) -> None:
    if not statements:
        raise StatementRefused("empty")
    if len(statements) != 1:
        raise StatementRefused("not_one_statement", count=len(statements))
    if statements[0].type != duckdb.StatementType.SELECT:
        raise StatementRefused("not_select", construct=statements[0].type.name)
