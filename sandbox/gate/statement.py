"""The gate itself: one statement in, permission or refusal out."""

from sandbox.gate.calls import Calls
from sandbox.gate.lexical import check_words
from sandbox.gate.parse import parse_select
from sandbox.gate.refusal import StatementRefused
from sandbox.gate.schema import AllowedQuery, SampleSchema
from sandbox.gate.scope import Names
from sandbox.gate.walk import Walk


def check(sql: str, schema: SampleSchema) -> AllowedQuery:
    """Let exactly one SELECT over the tables of `schema` pass.

    Takes 1 to 2 ms for a usual statement and reads nothing but the text. What returns may be run
    unchanged; everything else raises `StatementRefused`, which says what to write instead.
    """
    check_words(sql)
    statement = parse_select(sql)
    if statement.get("named_param_map") or statement.keys() - {"node", "named_param_map"}:
        raise StatementRefused("construct_not_allowed", construct="PARAMETER")
    names, calls = Names(schema), Calls()
    try:
        Walk(names, calls).query(statement["node"], frozenset())
    except (KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        # A tree of another shape than the grammar describes: closed, not open.
        raise StatementRefused("construct_not_allowed", construct="this syntax") from error
    names.check_columns()
    return AllowedQuery(sql, frozenset(names.tables_used), frozenset(calls.functions_used))
