"""The type of one value that looks like a number, against the rule written out in Python."""

import re
from collections.abc import Iterator
from math import isfinite

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exchange_market.catalog.ingestion.inference import TextColumn, infer_types
from exchange_market.catalog.ingestion.table import literal

_REAL = re.compile(r"-?(0|[1-9][0-9]*|(0|[1-9][0-9]*)?\.[0-9]*)([eE][+-][0-9]{1,3})?")
LIKE_NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(2**65), 2**65).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.text("0123456789-.eE+/", min_size=1, max_size=24),
    st.from_regex(_REAL, fullmatch=True),
)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database for all examples."""
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def expected_type(text: str) -> str:
    """BIGINT if the integer is written the same; DOUBLE if finite, plain and of at most 17
    digits."""
    if re.fullmatch(r"-?[0-9]+", text) and str(int(text)) == text and -(2**63) <= int(text) < 2**63:
        return "BIGINT"
    mantissa = re.sub("[eE].*", "", text)
    digits = mantissa.replace("-", "").replace(".", "")
    is_plain = _REAL.fullmatch(text) is not None and digits != ""
    is_short = len(digits.lstrip("0")) <= 17
    return "DOUBLE" if is_plain and is_short and isfinite(float(text)) else "other"


@settings(max_examples=150)
@given(LIKE_NUMBERS)
@example("1.5e-003")
@example("1234.0")
@example("-0.0")
@example("1e+16")
@example("12345678901234567890")
@example("1e+999")
@example("0.1000")
def test_a_number_is_one_by_the_rule(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    relation = f"(VALUES ({literal(text)})) AS t(c0)"

    table = infer_types(connection, relation, [TextColumn("c", "c0")])

    found = table.columns[0].type
    expected = expected_type(text)
    assert found == expected or (expected == "other" and found in {"VARCHAR", "DATE"}), text
