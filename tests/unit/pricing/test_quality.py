from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

from pricing.errors import InvalidInput
from pricing.quality import (
    ColumnSpec,
    ColumnType,
    Dimension,
    Origin,
    QualityReport,
    Rule,
    UpdateFrequency,
    UpdateSchedule,
    profile_rules,
    read_profile,
    report_to_json,
    rule_of,
    rules_from_json,
    score,
)
from pricing.quality.measure import build_aggregate, rule_sql
from pricing.quality.profile_measure import profile_aggregate
from pricing.quality.rules import InRange, PeriodsCovered, Unique

TRIPS = pa.table(
    {
        "id": ["1", "2", "2", None],
        "delay": ["1", "x", "3", None],
        "left_on": [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 4), date(2027, 1, 1)],
        "came_on": [date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 5), None],
        "distance": [1, 2, 3, None],
    }
)
COLUMNS = (
    ColumnSpec("id", ColumnType.STRING),
    ColumnSpec("delay", ColumnType.INTEGER),
    ColumnSpec("left_on", ColumnType.DATE),
    ColumnSpec("came_on", ColumnType.DATE),
    ColumnSpec("distance", ColumnType.FLOAT),
)
ASKED_FOR: list[dict[str, Any]] = [
    {"kind": "pattern", "column": "id", "pattern": "[0-9]"},
    {"kind": "in_codes", "column": "id", "codes": ["1", "3"]},
    {"kind": "in_range", "column": "distance", "minimum": "2", "maximum": "2.5"},
    {"kind": "clean_text", "column": "delay"},
    {"kind": "checksum", "column": "id", "scheme": "luhn"},
    {"kind": "no_duplicate_rows"},
    {"kind": "compared", "first": "left_on", "comparison": "<=", "second": "came_on"},
    {"kind": "determines", "determinant": "id", "dependent": "delay"},
    {"kind": "exists_in", "column": "delay", "referenced": "id"},
    {"kind": "fresh", "column": "came_on", "max_age_hours": 24},
]
AS_OF = datetime(2026, 1, 5, tzinfo=UTC)
EVERY_RULE = profile_rules(
    COLUMNS,
    keys=("id", "left_on"),
    schedule=UpdateSchedule("left_on", UpdateFrequency.DAILY, AS_OF),
    further=rules_from_json(ASKED_FOR, "rules", AS_OF),
)


def execute(expression: ibis.Table, table: pa.Table) -> dict[str, Any]:
    """Run an expression as the exchange does: its DuckDB text on a connection."""
    with duckdb.connect() as connection:
        connection.register("trips", table)
        cursor = connection.execute(str(ibis.to_sql(expression, dialect="duckdb")))
        names = [column[0] for column in cursor.description or ()]
        row = cursor.fetchone()
    assert row is not None
    return dict(zip(names, row, strict=True))


def unbound(table: pa.Table) -> ibis.Table:
    return ibis.table(ibis.Schema.from_pyarrow(table.schema), name="trips")


def measure(rules: tuple[Rule, ...], table: pa.Table = TRIPS) -> QualityReport:
    return score(rules, execute(build_aggregate(unbound(table), rules), table))


def counted(report: QualityReport) -> Mapping[str, tuple[int, int]]:
    return {each.rule.id: (each.conforming, each.examined) for each in report.indicators}


def test_every_rule_counts_what_conforms_of_what_was_examined() -> None:
    assert counted(measure(EVERY_RULE)) == {
        "normativity.declared_type(id)": (1, 1),
        "normativity.declared_type(delay)": (0, 1),
        "normativity.declared_type(left_on)": (1, 1),
        "normativity.declared_type(came_on)": (1, 1),
        "normativity.declared_type(distance)": (1, 1),
        "normativity.pattern(id)": (3, 3),
        "normativity.in_codes(id)": (1, 3),
        "completeness.not_null(id)": (3, 4),
        "completeness.not_null(delay)": (3, 4),
        "completeness.not_null(left_on)": (4, 4),
        "completeness.not_null(came_on)": (3, 4),
        "completeness.not_null(distance)": (3, 4),
        "accuracy.unique(id,left_on)": (3, 4),
        "accuracy.in_range(distance)": (1, 3),
        "accuracy.clean_text(delay)": (3, 3),
        "accuracy.checksum(id)": (0, 3),
        "accuracy.no_duplicate_rows()": (4, 4),
        "consistency.compared(left_on<=came_on)": (2, 3),
        "consistency.determines(id,delay)": (2, 3),
        "consistency.exists_in(delay,id)": (1, 3),
        "timeliness.periods_covered(left_on)": (3, 5),
        "timeliness.fresh(came_on)": (1, 1),
        "accessibility.decodable(id)": (3, 3),
        "accessibility.decodable(delay)": (2, 3),
        "accessibility.decodable(left_on)": (4, 4),
        "accessibility.decodable(came_on)": (3, 3),
        "accessibility.decodable(distance)": (3, 3),
    }


def test_a_single_key_column_counts_different_values() -> None:
    report = measure(profile_rules(COLUMNS, keys=("id",)))

    assert counted(report)["accuracy.unique(id)"] == (2, 4)


@pytest.mark.parametrize(
    ("frequency", "covered"),
    [
        (UpdateFrequency.HOURLY, (3, 97)),
        (UpdateFrequency.DAILY, (3, 5)),
        (UpdateFrequency.WEEKLY, (1, 2)),
        (UpdateFrequency.MONTHLY, (1, 1)),
        (UpdateFrequency.QUARTERLY, (1, 1)),
        (UpdateFrequency.YEARLY, (1, 1)),
    ],
)
def test_timeliness_counts_the_periods_that_were_due(
    frequency: UpdateFrequency, covered: tuple[int, int]
) -> None:
    rules = profile_rules(COLUMNS, schedule=UpdateSchedule("left_on", frequency, AS_OF))

    assert counted(measure(rules))["timeliness.periods_covered(left_on)"] == covered


def test_data_that_stopped_loses_timeliness_as_time_passes() -> None:
    late = UpdateSchedule("left_on", UpdateFrequency.DAILY, datetime(2026, 1, 10, tzinfo=UTC))
    report = measure(profile_rules(COLUMNS, schedule=late))

    assert report.dimensions[Dimension.TIMELINESS] == Fraction(3, 10)


def test_data_that_all_lie_ahead_of_the_instant_are_not_measured() -> None:
    early = UpdateSchedule("left_on", UpdateFrequency.DAILY, datetime(2025, 1, 1, tzinfo=UTC))
    report = measure(profile_rules(COLUMNS, schedule=early))

    assert report.dimensions[Dimension.TIMELINESS] is None


def test_what_was_not_declared_is_not_measured_and_carries_no_weight() -> None:
    report = measure(profile_rules((ColumnSpec("id", ColumnType.STRING),)))

    assert report.dimensions == {
        Dimension.NORMATIVITY: Fraction(1),
        Dimension.COMPLETENESS: Fraction(3, 4),
        Dimension.ACCURACY: None,
        Dimension.CONSISTENCY: None,
        Dimension.TIMELINESS: None,
        Dimension.ACCESSIBILITY: Fraction(1),
    }
    assert report.weights == dict.fromkeys(
        [Dimension.NORMATIVITY, Dimension.COMPLETENESS, Dimension.ACCESSIBILITY], Fraction(1, 3)
    )
    assert report.total == Fraction(11, 12)


def test_the_total_is_the_weighted_sum_of_the_ratios() -> None:
    report = measure(EVERY_RULE)

    weighed = [each for each in report.indicators if each.ratio is not None]
    assert sum(each.weight for each in weighed) == 1
    assert sum((each.weight * (each.ratio or 0) for each in weighed), Fraction(0)) == report.total
    # Timeliness: one of six dimensions, measured by two criteria with one rule each.
    weights = {each.rule.id: each.weight for each in weighed}
    assert weights["timeliness.fresh(came_on)"] == Fraction(1, 12)


def test_rules_of_the_provider_cannot_drown_a_bad_ratio_of_another_criterion() -> None:
    easy = [{"kind": "in_range", "column": "distance", "minimum": str(-n)} for n in (1,)]
    keys = profile_rules(COLUMNS, keys=("id",))
    padded = profile_rules(COLUMNS, keys=("id",), further=rules_from_json(easy, "rules", AS_OF))

    before, after = measure(keys), measure(padded)

    assert before.dimensions[Dimension.ACCURACY] == Fraction(1, 2)
    assert after.dimensions[Dimension.ACCURACY] == Fraction(3, 4), "two criteria weigh the same"
    assert after.declared_total == before.declared_total == before.total
    assert [each.rule.origin for each in after.indicators].count(Origin.PROVIDER) == 1


def test_a_rule_that_is_derived_anyway_is_measured_once_and_stays_the_exchanges_own() -> None:
    twice = rules_from_json([{"kind": "not_null", "column": "id"}], "rules", AS_OF)

    rules = profile_rules(COLUMNS, further=twice)

    same = [rule for rule in rules if rule.id == "completeness.not_null(id)"]
    assert [rule.origin for rule in same] == [Origin.DECLARED]


def test_a_declared_column_that_is_missing_conforms_nowhere() -> None:
    gone = (ColumnSpec("gone", ColumnType.STRING), ColumnSpec("left_on", ColumnType.DATE))
    asked: list[dict[str, Any]] = [
        {"kind": "pattern", "column": "gone", "pattern": "a"},
        {"kind": "determines", "determinant": "gone", "dependent": "left_on"},
    ]
    report = measure(
        profile_rules(gone, keys=("gone",), further=rules_from_json(asked, "rules", AS_OF))
    )

    assert counted(report) == {
        "normativity.declared_type(gone)": (0, 1),
        "normativity.declared_type(left_on)": (1, 1),
        "normativity.pattern(gone)": (0, 0),
        "completeness.not_null(gone)": (0, 4),
        "completeness.not_null(left_on)": (4, 4),
        "accuracy.unique(gone)": (0, 4),
        "consistency.determines(gone,left_on)": (0, 0),
        "accessibility.decodable(gone)": (0, 4),
        "accessibility.decodable(left_on)": (4, 4),
    }


@pytest.mark.parametrize(
    ("max_age_hours", "conforming"), [(24 * 5 - 1, 0), (24 * 5, 1), (24 * 365, 1)]
)
def test_freshness_does_not_count_records_of_the_future(
    max_age_hours: int, conforming: int
) -> None:
    late = datetime(2026, 1, 9, tzinfo=UTC)
    asked = [{"kind": "fresh", "column": "left_on", "max_age_hours": max_age_hours}]

    # One record is of 2027; the newest that is not lies on 4 January, 120 hours before.
    assert counted(measure(rules_from_json(asked, "rules", late))) == {
        "timeliness.fresh(left_on)": (conforming, 1)
    }


def test_repeated_rows_are_counted_in_full_and_nulls_are_equal() -> None:
    repeated = pa.concat_tables([TRIPS, TRIPS.slice(3, 1), TRIPS.slice(0, 2)])
    rules = rules_from_json([{"kind": "no_duplicate_rows"}], "rules", AS_OF)

    assert counted(measure(rules, repeated)) == {"accuracy.no_duplicate_rows()": (4, 7)}


def test_an_empty_table_has_a_report_without_a_score_of_its_rows() -> None:
    report = measure(profile_rules(COLUMNS, keys=("id",)), TRIPS.slice(0, 0))

    assert report.dimensions[Dimension.COMPLETENESS] is None
    assert report.dimensions[Dimension.NORMATIVITY] is not None


def test_one_sided_ranges() -> None:
    lower, upper = InRange("distance", Decimal(2), None), InRange("distance", None, Decimal(1))

    for check, conforming in ((lower, 2), (upper, 1)):
        report = measure((rule_of(check),))
        assert counted(report)["accuracy.in_range(distance)"] == (conforming, 3)


def test_whole_numbers_beyond_a_float_are_compared_exactly() -> None:
    table = pa.table({"distance": [9007199254740992, 9007199254740993]})
    rule = rule_of(InRange("distance", None, Decimal(9007199254740992)))

    assert counted(measure((rule,), table)) == {"accuracy.in_range(distance)": (1, 2)}


def test_all_rules_are_one_statement_and_each_has_its_own_sql_for_the_report() -> None:
    rules = EVERY_RULE
    table = unbound(TRIPS)
    whole = str(ibis.to_sql(build_aggregate(table, rules), dialect="duckdb"))
    alone = rule_sql(table, rules)

    report = score(rules, execute(build_aggregate(table, rules), TRIPS), sql=alone)

    # One scan for all, and for the referential rule one more with its set of values.
    assert whole.count('FROM "trips"') == 3
    assert set(alone) == {rule.id for rule in rules}
    with duckdb.connect() as connection:
        connection.register("trips", TRIPS)
        for indicator in report.indicators:
            assert indicator.sql is not None
            found = connection.execute(indicator.sql).fetchone()
            assert found == (indicator.conforming, indicator.examined)


def test_the_json_form_says_what_was_measured() -> None:
    rules = profile_rules((ColumnSpec("id", ColumnType.STRING),))

    written: Any = report_to_json(measure(rules))

    assert written["total"] == "0.916666"
    assert written["dimensions"][1] == {
        "dimension": "completeness",
        "score": "0.750000",
        "is_measured": True,
        "weight": "0.333333",
        "name_zh": "完整性",
        "name_en": "Completeness",
        "rules": 1,
        "conforming": 3,
        "examined": 4,
    }
    assert written["dimensions"][4]["score"] is None
    assert written["dimensions"][4]["is_measured"] is False
    indicator = written["indicators"][1]
    assert indicator.pop("sql") is None
    assert indicator == {
        "id": "completeness.not_null(id)",
        "kind": "not_null",
        "origin": "declared",
        "dimension": "completeness",
        "criterion": "element_completeness",
        "name_zh": "数据元素完整性",
        "name_en": "Values present",
        "measures": "Of all rows, those with a value.",
        "conforming": 3,
        "examined": 4,
        "ratio": "0.750000",
        "weight": "0.333333",
    }
    named = {each["characteristic"]: each["score"] for each in written["characteristics"]}
    assert len(named) == 15
    assert (named["completeness"], named["credibility"]) == ("0.750000", None)
    assert written["standard"]["is_verified"] is False


@pytest.mark.parametrize(
    ("counts", "field"),
    [
        ({}, "conforming_0"),
        ({"conforming_0": 2, "examined_0": 1}, "conforming_0"),
        ({"conforming_0": -1, "examined_0": 1}, "conforming_0"),
    ],
)
def test_impossible_counts_are_refused(counts: dict[str, int], field: str) -> None:
    rules = profile_rules((ColumnSpec("id", ColumnType.STRING),))[:1]

    with pytest.raises(InvalidInput) as refused:
        score(rules, counts)

    assert refused.value.field == field


def test_no_rules_give_no_score() -> None:
    report = score((), {})

    assert (report.total, report.declared_total) == (None, None)


def test_declarations_must_fit_together() -> None:
    text = ColumnSpec("c", ColumnType.STRING)
    schedule = UpdateSchedule("c", UpdateFrequency.DAILY, AS_OF)

    declarations: list[tuple[tuple[ColumnSpec, ...], dict[str, Any]]] = [
        ((), {}),
        ((text, text), {}),
        ((text,), {"keys": ("d",)}),
        ((text,), {"schedule": schedule}),
    ]
    for columns, arguments in declarations:
        with pytest.raises(InvalidInput):
            profile_rules(columns, **arguments)
    with pytest.raises(InvalidInput):
        UpdateSchedule("c", UpdateFrequency.DAILY, datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(InvalidInput):
        PeriodsCovered("c", UpdateFrequency.DAILY, datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(InvalidInput):
        Unique(())


PEOPLE = pa.table(
    {
        "name": [None if i < 3 else f"person {i}" for i in range(40)],
        "illness": [None if i < 20 else "flu" for i in range(40)],
        "age": list(range(40)),
        "city": ["a", "b"] * 20,
    }
)
PEOPLE_COLUMNS = (
    ColumnSpec("name", ColumnType.STRING),
    ColumnSpec("illness", ColumnType.STRING),
    ColumnSpec("age", ColumnType.INTEGER),
    ColumnSpec("city", ColumnType.STRING),
    ColumnSpec("gone", ColumnType.STRING),
)


def test_a_profile_shows_counts_and_extremes_of_open_columns() -> None:
    row = execute(profile_aggregate(unbound(PEOPLE), PEOPLE_COLUMNS, frozenset()), PEOPLE)

    profiles = {each.name: each for each in read_profile(PEOPLE_COLUMNS, frozenset(), row)}

    age, city, gone = profiles["age"], profiles["city"], profiles["gone"]
    assert (age.nulls, age.distinct, age.minimum, age.maximum, age.mean) == (0, 40, 0, 39, 19.5)
    assert (city.distinct, city.minimum, city.mean) == (2, None, None)
    assert (gone.nulls, gone.distinct) == (None, None)
    assert row["rows"] == 40


def test_a_profile_says_nothing_about_the_values_of_hidden_columns() -> None:
    hidden = frozenset({"name", "illness", "age"})
    expression = profile_aggregate(unbound(PEOPLE), PEOPLE_COLUMNS, hidden)

    row = execute(expression, PEOPLE)
    name, illness, age, *_ = read_profile(PEOPLE_COLUMNS, hidden, row)

    assert set(row) == {"rows", "nulls_0", "nulls_1", "nulls_2", "nulls_3", "distinct_3"}
    assert name.nulls is None, "three missing names point at three rows"
    assert (illness.nulls, age.nulls) == (20, 0)
    for profile in (name, illness, age):
        assert profile.is_hidden
        shown = (profile.distinct, profile.minimum, profile.maximum, profile.mean)
        assert shown == (None, None, None, None)
