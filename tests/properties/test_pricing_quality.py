"""What holds for every table: ratios in [0, 1], independent of the order and division of rows."""

from datetime import UTC, date, datetime
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.errors import InvalidInput
from pricing.quality import (
    ColumnSpec,
    ColumnType,
    QualityReport,
    UpdateFrequency,
    UpdateSchedule,
    profile_rules,
    rules_from_json,
    rules_to_json,
    score,
)
from pricing.quality.measure import build_aggregate
from pricing.quality.rules import (
    AGE_HOURS_MAX,
    ChecksumScheme,
    Comparison,
)

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
ASKED_FOR: list[dict[str, Any]] = [
    {"kind": "pattern", "column": "name", "pattern": "[a-c]+"},
    {"kind": "in_codes", "column": "name", "codes": ["a", "b"]},
    {"kind": "in_range", "column": "amount", "minimum": "0", "maximum": "5"},
    {"kind": "checksum", "column": "code", "scheme": "luhn"},
    {"kind": "clean_text", "column": "name"},
    {"kind": "compared", "first": "since", "comparison": "<=", "second": "until"},
    {"kind": "determines", "determinant": "code", "dependent": "name"},
    {"kind": "exists_in", "column": "code", "referenced": "name"},
    {"kind": "no_duplicate_rows"},
    {"kind": "fresh", "column": "until", "max_age_hours": 240},
]
RULES = profile_rules(
    (
        ColumnSpec("code", ColumnType.INTEGER),
        ColumnSpec("name", ColumnType.STRING),
        ColumnSpec("amount", ColumnType.INTEGER),
        ColumnSpec("since", ColumnType.DATE),
        ColumnSpec("until", ColumnType.DATE),
    ),
    keys=("code", "name"),
    schedule=UpdateSchedule("since", UpdateFrequency.MONTHLY, AS_OF),
    further=rules_from_json(ASKED_FOR, "rules", AS_OF),
)
ROW_BY_ROW = {
    "not_null",
    "decodable",
    "pattern",
    "in_codes",
    "in_range",
    "checksum",
    "clean_text",
    "compared",
}
"""Kinds that look at one row at a time."""
SCHEMA = pa.schema(
    {
        "code": pa.string(),
        "name": pa.string(),
        "amount": pa.int64(),
        "since": pa.date32(),
        "until": pa.date32(),
    }
)
DATES = st.one_of(st.none(), st.dates(date(2025, 1, 1), date(2027, 1, 1)))
ROWS = st.fixed_dictionaries(
    {
        "code": st.sampled_from([None, "1", "2", "x", "a", "4111111111111111"]),
        "name": st.sampled_from([None, "a", "c", "D\ufffd"]),
        "amount": st.one_of(st.none(), st.integers(-3, 8)),
        "since": DATES,
        "until": DATES,
    }
)
STATEMENT = str(
    ibis.to_sql(
        build_aggregate(ibis.table(ibis.Schema.from_pyarrow(SCHEMA), name="subject"), RULES),
        dialect="duckdb",
    )
)


def measure(rows: list[dict[str, Any]]) -> QualityReport:
    with duckdb.connect() as connection:
        connection.register("subject", pa.Table.from_pylist(rows, SCHEMA))
        cursor = connection.execute(STATEMENT)
        names = [column[0] for column in cursor.description or ()]
        return score(RULES, dict(zip(names, cursor.fetchone() or (), strict=True)))


@settings(max_examples=8)
@given(st.lists(ROWS, max_size=12), st.randoms())
def test_scores_are_shares_and_independent_of_the_order_of_rows(
    rows: list[dict[str, Any]], random: Any
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)

    report = measure(rows)

    assert report == measure(shuffled)
    scores = [report.total, *report.dimensions.values(), *(i.ratio for i in report.indicators)]
    assert all(each is None or 0 <= each <= 1 for each in scores)
    assert report.total is not None
    assert sum(report.weights.values()) == 1


@settings(max_examples=8)
@given(st.lists(ROWS, max_size=12), st.integers(0, 12))
def test_counts_of_row_by_row_rules_add_up_over_parts_of_a_table(
    rows: list[dict[str, Any]], cut: int
) -> None:
    whole, first, second = measure(rows), measure(rows[:cut]), measure(rows[cut:])

    seen: set[str] = set()
    for one, two, joined in zip(first.indicators, second.indicators, whole.indicators, strict=True):
        if joined.rule.kind in ROW_BY_ROW:
            seen.add(joined.rule.kind)
            assert joined.conforming == one.conforming + two.conforming, joined.rule.id
            assert joined.examined == one.examined + two.examined, joined.rule.id
        elif joined.rule.kind in {"unique", "no_duplicate_rows"}:
            assert joined.examined == one.examined + two.examined
            assert joined.conforming <= one.conforming + two.conforming
    assert seen == ROW_BY_ROW


NAMES = st.text(min_size=1, max_size=20).filter(str.strip)
TWO_NAMES = st.lists(NAMES, min_size=2, max_size=2, unique=True)
DECIMALS = st.decimals(-1000, 1000, places=3, allow_nan=False, allow_infinity=False).map(
    lambda number: f"{number:f}".replace("-0.000", "0.000")
)


def documents() -> st.SearchStrategy[dict[str, Any]]:
    """One rule of any kind that a provider could write."""

    def kind(name: str, **members: Any) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({"kind": st.just(name), **members})

    def pair(name: str, first: str, second: str, **more: Any) -> Any:
        fields = {"names": TWO_NAMES, **more}
        return st.fixed_dictionaries(fields).map(
            lambda found: {
                "kind": name,
                first: found["names"][0],
                second: found["names"][1],
                **{each: found[each] for each in more},
            }
        )

    types = st.sampled_from([each.value for each in ColumnType])
    return st.one_of(
        kind("declared_type", column=NAMES, type=types),
        kind("decodable", column=NAMES, type=types),
        kind("not_null", column=NAMES),
        kind("clean_text", column=NAMES),
        kind("no_duplicate_rows"),
        kind("pattern", column=NAMES, pattern=st.sampled_from(["[0-9]+", "中.?", "(a|b){1,3}"])),
        kind(
            "in_codes",
            column=NAMES,
            codes=st.lists(
                st.text(max_size=5).filter(lambda t: "\0" not in t),
                min_size=1,
                max_size=5,
                unique=True,
            ),
        ),
        kind("in_range", column=NAMES, minimum=DECIMALS),
        kind("in_range", column=NAMES, maximum=DECIMALS),
        kind("unique", columns=st.lists(NAMES, min_size=1, max_size=4, unique=True)),
        kind("checksum", column=NAMES, scheme=st.sampled_from([e.value for e in ChecksumScheme])),
        kind(
            "periods_covered",
            column=NAMES,
            frequency=st.sampled_from([each.value for each in UpdateFrequency]),
        ),
        kind("fresh", column=NAMES, max_age_hours=st.integers(1, AGE_HOURS_MAX)),
        pair("determines", "determinant", "dependent"),
        pair("exists_in", "column", "referenced"),
        pair(
            "compared",
            "first",
            "second",
            comparison=st.sampled_from([each.value for each in Comparison]),
        ),
    )


@given(documents())
def test_every_rule_is_read_as_it_was_written(document: dict[str, Any]) -> None:
    (rule,) = rules_from_json([document], "rules", AS_OF)

    (written,) = rules_to_json((rule,))

    assert written == document
    assert rules_from_json([written], "rules", AS_OF) == (rule,)


@given(documents(), st.text(min_size=1, max_size=10))
def test_a_member_that_no_rule_has_is_refused_by_name(
    document: dict[str, Any], member: str
) -> None:
    if member in document or member in {"minimum", "maximum"}:
        return

    with pytest.raises(InvalidInput) as refused:
        rules_from_json([{**document, member: 1}], "rules", AS_OF)

    assert refused.value.field == f"rules[0].{member}"
