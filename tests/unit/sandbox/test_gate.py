"""The gate on hostile and honest statements, and what its refusals tell the buyer."""

import time

import duckdb
import pytest

from sandbox.gate import SampleSchema, StatementRefused, check
from sandbox.gate.functions import FUNCTIONS, OPERATORS, WINDOWS
from sandbox.gate.refusal import REFUSAL_CODES
from tests.support.sandbox_sample import COLUMNS
from tests.support.sandbox_statements import HONEST, HOSTILE

SCHEMA = SampleSchema.of_sample(COLUMNS)


@pytest.mark.parametrize(("sql", "code"), HOSTILE.items(), ids=lambda value: str(value)[:60])
def test_hostile_statement_is_refused_for_its_reason(sql: str, code: str) -> None:
    with pytest.raises(StatementRefused) as refused:
        check(sql, SCHEMA)

    assert refused.value.code == code
    assert refused.value.en
    assert refused.value.zh


@pytest.mark.parametrize("sql", HONEST, ids=lambda sql: str(sql)[:60])
def test_honest_statement_passes_unchanged(sql: str) -> None:
    assert check(sql, SCHEMA).sql == sql


def test_at_least_eighty_hostile_and_twenty_five_honest_statements_are_kept() -> None:
    assert len(HOSTILE) >= 80
    assert len(HONEST) >= 25


def test_refusal_names_the_construct_its_place_and_the_alternative() -> None:
    with pytest.raises(StatementRefused) as refused:
        check("SELECT lowr(city) FROM sample", SCHEMA)

    assert refused.value.detail["construct"] == "lowr"
    assert refused.value.detail["offset"] == 7
    assert "lower" in refused.value.en
    assert "lower" in refused.value.zh


def test_unknown_column_suggests_the_near_one() -> None:
    with pytest.raises(StatementRefused) as refused:
        check("SELECT incom FROM sample", SCHEMA)

    assert refused.value.detail["allowed"] == ["income"]


def test_allowed_query_names_its_tables_and_functions() -> None:
    allowed = check("SELECT city, avg(age) FROM sample GROUP BY city", SCHEMA)

    assert allowed.tables == {"sample"}
    assert allowed.functions == {"avg"}


def test_every_function_on_the_list_exists_in_duckdb() -> None:
    known = {
        row[0]
        for row in duckdb.connect()
        .execute("SELECT DISTINCT function_name FROM duckdb_functions()")
        .fetchall()
    }
    # DuckDB's grammar turns these into functions of its own; windows are no catalogue entries.
    by_grammar = {"trim", "position", "substring", "if", "~~~"} | WINDOWS

    assert FUNCTIONS - OPERATORS - by_grammar - known == set()


def test_every_refusal_code_of_the_list_is_a_known_code() -> None:
    assert set(HOSTILE.values()) <= REFUSAL_CODES


@pytest.mark.parametrize(
    "sql",
    [
        "WITH a AS (" * 400,
        "SELECT " + "CASE " * 2_000,
        "SELECT 1" + ",sum(age) OVER w" * 700 + " FROM sample WINDOW w AS (ORDER BY age)",
        "SELECT CASE age IN (1" + ",1" * 4_000 + ")" + " WHEN 1 THEN 1" * 700 + " END FROM sample",
        "SELECT " + "(" * 9_000,
        "SELECT " + "[" * 9_000,
        "SELECT 1 FROM sample" + ",sample" * 2_800,
        "/*" * 9_000,
    ],
    ids=lambda sql: str(sql)[:30],
)
def test_text_that_explodes_the_parser_is_refused_at_once(sql: str) -> None:
    started = time.process_time()

    with pytest.raises(StatementRefused):
        check(sql, SCHEMA)

    assert time.process_time() - started < 1.0
