"""What is suggested from the data, and that nothing of it tells values of hidden columns."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

from pricing.quality import ColumnSpec, ColumnType, UpdateFrequency, UpdateSchedule, read_profile
from pricing.quality.profile_measure import profile_aggregate
from pricing.quality.rules import InCodes, Pattern
from pricing.quality.suggest import (
    Candidates,
    find_candidates,
    hides_values,
    suggest,
    suggest_freshness,
    suggestion_to_json,
)
from pricing.quality.suggest_measure import evidence_aggregate, length_aggregate

ROWS = 60
CODES = ["91360000MA35GJ7K85", "91110000600037341L", "91360000MA37PYH9TD"]
RESIDENTS = ["11010519491231002X", "110105194912310038"]
FIRMS = pa.table(
    {
        "credit_code": [CODES[n % 3] for n in range(ROWS)],
        "resident": [RESIDENTS[0]] * ROWS,
        "card": ["4111111111111111"] * (ROWS - 1) + ["4111111111111112"],
        "look_alike": [f"{n:018d}" for n in range(ROWS)],
        "city": [["南昌", "九江"][n % 2] for n in range(ROWS)],
        "number": list(range(ROWS)),
        "month": [1 + n % 12 for n in range(ROWS)],
        "change": [n - 30 for n in range(ROWS)],
        "opened_on": [date(2025, 1, 1) + timedelta(days=n) for n in range(ROWS)],
        "closed_on": [date(2025, 1, 1) + timedelta(days=2 * n) for n in range(ROWS)],
    }
)
COLUMNS = (
    ColumnSpec("credit_code", ColumnType.STRING),
    ColumnSpec("resident", ColumnType.STRING),
    ColumnSpec("card", ColumnType.STRING),
    ColumnSpec("look_alike", ColumnType.STRING),
    ColumnSpec("city", ColumnType.STRING),
    ColumnSpec("number", ColumnType.INTEGER),
    ColumnSpec("month", ColumnType.INTEGER),
    ColumnSpec("change", ColumnType.INTEGER),
    ColumnSpec("opened_on", ColumnType.DATE),
    ColumnSpec("closed_on", ColumnType.DATE),
)


def execute(expression: ibis.Table, table: pa.Table) -> dict[str, Any]:
    with duckdb.connect() as connection:
        connection.register("firms", table)
        cursor = connection.execute(str(ibis.to_sql(expression, dialect="duckdb")))
        names = [column[0] for column in cursor.description or ()]
        return dict(zip(names, cursor.fetchall()[0], strict=True))


def suggested(hidden: frozenset[str], table: pa.Table = FIRMS) -> list[dict[str, Any]]:
    unbound = ibis.table(ibis.Schema.from_pyarrow(table.schema), name="firms")
    profiled = execute(profile_aggregate(unbound, COLUMNS, hidden), table)
    profiles, rows = read_profile(COLUMNS, hidden, profiled), profiled["rows"]
    lengths = execute(length_aggregate(unbound, COLUMNS), table)
    candidates = find_candidates(COLUMNS, profiles, rows, lengths)
    evidence = execute(evidence_aggregate(unbound, candidates), table)
    found = suggest(COLUMNS, profiles, rows, candidates, evidence)
    assert all(each.reason_en and each.reason_zh for each in found)
    return [suggestion_to_json(each)["rule"] for each in found]


def test_what_all_columns_show_is_suggested() -> None:
    found = [each for each in suggested(frozenset()) if each["kind"] != "clean_text"]

    assert found == [
        {"kind": "checksum", "column": "credit_code", "scheme": "uscc"},
        {"kind": "checksum", "column": "resident", "scheme": "resident_id"},
        {"kind": "checksum", "column": "card", "scheme": "luhn"},
        {"kind": "in_codes", "column": "credit_code", "codes": sorted(CODES)},
        {"kind": "in_codes", "column": "resident", "codes": [RESIDENTS[0]]},
        {
            "kind": "in_codes",
            "column": "card",
            "codes": ["4111111111111111", "4111111111111112"],
        },
        {"kind": "in_codes", "column": "city", "codes": ["九江", "南昌"]},
        {"kind": "in_range", "column": "number", "minimum": "0"},
        {"kind": "in_range", "column": "month", "minimum": "1", "maximum": "12"},
        {
            "kind": "compared",
            "first": "opened_on",
            "comparison": "<=",
            "second": "closed_on",
        },
        {"kind": "unique", "columns": ["look_alike"]},
        {"kind": "unique", "columns": ["number"]},
        {"kind": "unique", "columns": ["change"]},
        {"kind": "unique", "columns": ["opened_on"]},
        {"kind": "unique", "columns": ["closed_on"]},
        {"kind": "no_duplicate_rows"},
    ]


def test_of_hidden_columns_only_rules_without_values_are_suggested() -> None:
    hidden = frozenset(column.name for column in COLUMNS)

    found = [each for each in suggested(hidden) if each["kind"] != "clean_text"]

    assert found == [
        {"kind": "checksum", "column": "credit_code", "scheme": "uscc"},
        {"kind": "checksum", "column": "resident", "scheme": "resident_id"},
        {"kind": "checksum", "column": "card", "scheme": "luhn"},
        {
            "kind": "compared",
            "first": "opened_on",
            "comparison": "<=",
            "second": "closed_on",
        },
        {"kind": "no_duplicate_rows"},
    ]


def test_clean_text_is_suggested_for_text_and_nothing_for_no_rows() -> None:
    texts = [each["column"] for each in suggested(frozenset()) if each["kind"] == "clean_text"]

    assert texts == ["credit_code", "resident", "card", "look_alike", "city"]
    assert suggested(frozenset(), FIRMS.slice(0, 0)) == []


@pytest.mark.parametrize(("foreign", "is_suggested"), [(3, True), (4, False)])
def test_a_checksum_is_suggested_while_nineteen_of_twenty_values_have_the_length(
    foreign: int, is_suggested: bool
) -> None:
    codes = ["unknown"] * foreign + [CODES[0]] * (ROWS - foreign)
    table = FIRMS.set_column(0, "credit_code", pa.array(codes))

    found = [each for each in suggested(frozenset(), table) if each["kind"] == "checksum"]

    assert ("credit_code" in {each["column"] for each in found}) is is_suggested


def test_freshness_allows_twice_the_promised_period() -> None:
    schedule = UpdateSchedule("at", UpdateFrequency.DAILY, datetime(2026, 1, 1, tzinfo=UTC))

    assert suggestion_to_json(suggest_freshness(schedule))["rule"] == {
        "kind": "fresh",
        "column": "at",
        "max_age_hours": 48,
    }


def test_candidates_are_bounded() -> None:
    columns = [ColumnSpec(f"c{n}", ColumnType.STRING) for n in range(50)]
    columns += [ColumnSpec(f"t{n}", ColumnType.DATE) for n in range(50)]
    lengths = {f"{name}_{n}": 1 for n in range(50) for name in ("present", "uscc", "luhn")}

    found = find_candidates(columns, (), 1, lengths)

    assert isinstance(found, Candidates)
    assert (len(found.checksums), len(found.pairs)) == (20, 30)


def test_only_rules_with_members_or_limits_hide_values() -> None:
    hidden = frozenset({"a"})

    assert hides_values(InCodes("a", ("x",)), hidden)
    assert not hides_values(InCodes("b", ("x",)), hidden)
    assert not hides_values(Pattern("a", "x"), hidden)
