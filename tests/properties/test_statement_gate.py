# ruff: noqa: S608, PT017  the queries are inputs; a refusal is one of two right outcomes
"""Properties of the statement gate: honest compositions pass, mutations never crash it."""

import random

from hypothesis import given
from hypothesis import strategies as st

from sandbox.gate import SampleSchema, StatementRefused, check
from sandbox.gate.lexical import LENGTH_MAX_CHARACTERS
from tests.support.sandbox_sample import COLUMNS
from tests.support.sandbox_statements import HONEST, HOSTILE

SCHEMA = SampleSchema.of_sample(COLUMNS)
NUMBERS = ("id", "age", "income", "score")
FRAGMENTS = [
    "WITH", "AS", "(", ")", "SELECT", "FROM", "sample", "COPY", "TO", "'x'", ",", ";", "read_csv",
    "*", "--", "/*", "*/", '"', "CASE", "WHEN", "END", "OVER", "RECURSIVE", "x", "1", "[", "]", ".",
    "glob('/*')", "INSERT INTO", "UNION ALL", "::", "->", "\\", "\n", "$$", "?", "IN", "LATERAL",
]  # fmt: skip
TOKENS = sorted({word for sql in (*HONEST, *HOSTILE) for word in sql[:400].split()}) + FRAGMENTS


@st.composite
def scalar(draw: st.DrawFn, depth: int = 2) -> str:
    column = draw(st.sampled_from(NUMBERS))
    if depth == 0:
        return draw(st.sampled_from([column, str(draw(st.integers(0, 10**6)))]))
    inner = draw(scalar(depth - 1))
    return draw(
        st.sampled_from(
            [
                column,
                f"({inner} + {column})",
                f"abs({inner})",
                f"round({inner}, 1)",
                f"CASE WHEN {inner} > 3 THEN {column} ELSE 0 END",
                f"coalesce({inner}, {column})",
                f"CAST({inner} AS DOUBLE)",
                f"nullif({inner}, 7)",
            ]
        )
    )


@st.composite
def honest_query(draw: st.DrawFn) -> str:
    keys = draw(st.lists(st.sampled_from(["city", "score", "day"]), max_size=2, unique=True))
    aggregate = draw(st.sampled_from(["count", "sum", "avg", "min", "max", "median"]))
    measure = f"{aggregate}({draw(scalar())}) AS m"
    where = draw(st.sampled_from(["", f" WHERE {draw(scalar())} BETWEEN 1 AND 99"]))
    group = f" GROUP BY {', '.join(keys)}" if keys else ""
    query = f"SELECT {', '.join([*keys, measure])} FROM sample{where}{group}"
    return draw(
        st.sampled_from(
            [
                query,
                f"WITH q AS ({query}) SELECT m FROM q ORDER BY m DESC LIMIT 5",
                f"SELECT m FROM ({query}) AS q WHERE m IS NOT NULL",
                f"({query}) UNION ALL ({query})",
            ]
        )
    )


@given(honest_query())
def test_any_composition_of_allowed_parts_passes(sql: str) -> None:
    assert check(sql, SCHEMA).tables == {"sample"}


@given(st.sampled_from([*HONEST, *HOSTILE]), st.integers(0, 2**32), st.integers(1, 12))
def test_mutated_statements_are_allowed_or_refused_but_never_crash(
    sql: str, seed: int, changes: int
) -> None:
    words = sql[:2_000].split()
    chance = random.Random(seed)  # noqa: S311  reproducible mutation, not a secret
    for _ in range(changes):
        place = chance.randint(0, len(words))
        match chance.randrange(3):
            case 0:
                words.insert(place, chance.choice(TOKENS))
            case 1:
                words[place : place + 1] = []
            case _:
                words[place:place] = words[max(0, place - 3) : place] * chance.randint(1, 8)
    _is_decided(" ".join(words)[:LENGTH_MAX_CHARACTERS])


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=60))
def test_random_words_are_allowed_or_refused_but_never_crash(words: list[str]) -> None:
    _is_decided(" ".join(words))


@given(st.text(max_size=200))
def test_random_text_is_allowed_or_refused_but_never_crashes(text: str) -> None:
    _is_decided(text)


@given(st.sampled_from(FRAGMENTS), st.sampled_from(FRAGMENTS), st.integers(1, 2_000))
def test_repeated_words_do_not_explode_the_parser(first: str, second: str, times: int) -> None:
    _is_decided(f"{first} {second} " * times)


def _is_decided(sql: str) -> None:
    try:
        allowed = check(sql, SCHEMA)
    except StatementRefused as refused:
        assert refused.en
        assert refused.zh
    else:
        assert allowed.sql == sql
        assert allowed.tables <= {"sample"}
