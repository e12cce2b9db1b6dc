"""Rules as a provider writes them: what is read, what is refused, and what fits which column."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pricing.errors import InvalidInput
from pricing.quality import ColumnType, Misfit, misfit_of, rules_from_json, rules_to_json
from pricing.quality.rule_document import RULES_MAX
from pricing.quality.rules import KINDS, Origin

AS_OF = datetime(2026, 1, 5, tzinfo=UTC)

ONE_OF_EACH: list[dict[str, Any]] = [
    {"kind": "declared_type", "column": "a", "type": "integer"},
    {"kind": "pattern", "column": "a", "pattern": "[一-龥]{2,4}"},
    {"kind": "in_codes", "column": "a", "codes": ["", "x"]},
    {"kind": "not_null", "column": "a"},
    {"kind": "in_range", "column": "a", "minimum": "-1.50"},
    {"kind": "unique", "columns": ["a", "b"]},
    {"kind": "no_duplicate_rows"},
    {"kind": "checksum", "column": "a", "scheme": "resident_id"},
    {"kind": "clean_text", "column": "a"},
    {"kind": "compared", "first": "a", "comparison": "!=", "second": "b"},
    {"kind": "determines", "determinant": "a", "dependent": "b"},
    {"kind": "exists_in", "column": "a", "referenced": "b"},
    {"kind": "periods_covered", "column": "a", "frequency": "monthly"},
    {"kind": "fresh", "column": "a", "max_age_hours": 48},
    {"kind": "decodable", "column": "a", "type": "date"},
]


def test_every_kind_is_written_as_it_is_read() -> None:
    rules = rules_from_json(ONE_OF_EACH, "rules", AS_OF)

    assert rules_to_json(rules) == ONE_OF_EACH
    assert [rule.kind for rule in rules] == list(KINDS)
    assert {rule.origin for rule in rules} == {Origin.PROVIDER}


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ([], "rules[0]"),
        ({"kind": "guess", "column": "a"}, "rules[0].kind"),
        ({"column": "a"}, "rules[0].kind"),
        ({"kind": "not_null"}, "rules[0].column"),
        ({"kind": "not_null", "column": "a", "dimension": "accuracy"}, "rules[0].dimension"),
        ({"kind": "no_duplicate_rows", "column": "a"}, "rules[0].column"),
        ({"kind": "pattern", "column": "a", "pattern": "["}, "rules[0].pattern"),
        ({"kind": "pattern", "column": "a", "pattern": ""}, "rules[0].pattern"),
        ({"kind": "pattern", "column": "a", "pattern": "a" * 501}, "rules[0].pattern"),
        ({"kind": "pattern", "column": "a", "pattern": "(?=a)"}, "rules[0].pattern"),
        ({"kind": "pattern", "column": "a", "pattern": r"(a)\1"}, "rules[0].pattern"),
        ({"kind": "pattern", "column": "a", "pattern": "a{2000}"}, "rules[0].pattern"),
        ({"kind": "pattern", "column": "a", "pattern": r"[\u4e00-\u9fff]"}, "rules[0].pattern"),
        ({"kind": "pattern", "column": "a", "pattern": "a\0"}, "rules[0].pattern"),
        ({"kind": "in_codes", "column": "a", "codes": []}, "rules[0].codes"),
        ({"kind": "in_codes", "column": "a", "codes": ["x", "x"]}, "rules[0].codes"),
        ({"kind": "in_codes", "column": "a", "codes": ["x" * 201]}, "rules[0].codes"),
        ({"kind": "in_codes", "column": "a", "codes": ["x", 1]}, "rules[0].codes[1]"),
        ({"kind": "in_codes", "column": "a", "codes": "xyz"}, "rules[0].codes"),
        ({"kind": "in_codes", "column": "a"}, "rules[0].codes"),
        ({"kind": "in_range", "column": "a"}, "rules[0].minimum"),
        ({"kind": "in_range", "column": "a", "minimum": 1}, "rules[0].minimum"),
        ({"kind": "in_range", "column": "a", "minimum": "2", "maximum": "1"}, "rules[0].maximum"),
        ({"kind": "unique", "columns": []}, "rules[0].columns"),
        ({"kind": "unique", "columns": ["a", "a"]}, "rules[0].columns"),
        ({"kind": "checksum", "column": "a", "scheme": "isbn"}, "rules[0].scheme"),
        ({"kind": "checksum", "column": "a", "scheme": ["uscc"]}, "rules[0].scheme"),
        (
            {"kind": "compared", "first": "a", "comparison": "~", "second": "b"},
            "rules[0].comparison",
        ),
        ({"kind": "compared", "first": "a", "comparison": "<", "second": "a"}, "rules[0].second"),
        ({"kind": "determines", "determinant": "a", "dependent": "a"}, "rules[0].dependent"),
        ({"kind": "exists_in", "column": "a", "referenced": "a"}, "rules[0].referenced"),
        ({"kind": "fresh", "column": "a", "max_age_hours": 0}, "rules[0].max_age_hours"),
        ({"kind": "periods_covered", "column": "a", "frequency": "never"}, "rules[0].frequency"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_field(rule: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules_from_json([rule], "rules", AS_OF)

    assert refused.value.field == field


def test_the_same_rule_twice_too_many_and_no_array_are_refused() -> None:
    one = {"kind": "in_range", "column": "a", "minimum": "1"}
    refusals: list[tuple[Any, str]] = [
        ([one, {**one, "minimum": "2"}], "rules[1]"),
        ([one] * (RULES_MAX + 1), "rules"),
        ("rules", "rules"),
        (None, "rules"),
    ]

    for value, field in refusals:
        with pytest.raises(InvalidInput) as refused:
            rules_from_json(value, "rules", AS_OF)
        assert refused.value.field == field


TYPES = {
    "name": ColumnType.STRING,
    "count": ColumnType.INTEGER,
    "share": ColumnType.FLOAT,
    "day": ColumnType.DATE,
    "at": ColumnType.TIMESTAMP,
}


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"kind": "not_null", "column": "gone"}, "column"),
        ({"kind": "unique", "columns": ["name", "gone"]}, "columns[1]"),
        ({"kind": "exists_in", "column": "name", "referenced": "gone"}, "referenced"),
        ({"kind": "determines", "determinant": "name", "dependent": "gone"}, "dependent"),
        ({"kind": "pattern", "column": "share", "pattern": "1"}, "column"),
        ({"kind": "in_codes", "column": "day", "codes": ["1"]}, "column"),
        ({"kind": "checksum", "column": "day", "scheme": "luhn"}, "column"),
        ({"kind": "clean_text", "column": "count"}, "column"),
        ({"kind": "in_range", "column": "name", "minimum": "1"}, "column"),
        ({"kind": "fresh", "column": "count", "max_age_hours": 1}, "column"),
        ({"kind": "periods_covered", "column": "name", "frequency": "daily"}, "column"),
        ({"kind": "compared", "first": "name", "comparison": "<", "second": "day"}, "second"),
        ({"kind": "exists_in", "column": "count", "referenced": "name"}, "referenced"),
    ],
)
def test_a_rule_that_does_not_fit_its_columns_names_the_field(rule: Any, field: str) -> None:
    (read,) = rules_from_json([rule], "rules", AS_OF)

    misfit = misfit_of(read.check, TYPES)

    assert isinstance(misfit, Misfit)
    assert misfit.field == field


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "no_duplicate_rows"},
        {"kind": "in_codes", "column": "count", "codes": ["1"]},
        {"kind": "checksum", "column": "count", "scheme": "luhn"},
        {"kind": "compared", "first": "day", "comparison": "<=", "second": "at"},
        {"kind": "compared", "first": "count", "comparison": ">", "second": "share"},
        {"kind": "unique", "columns": ["name", "day"]},
    ],
)
def test_a_rule_that_fits_has_no_misfit(rule: Any) -> None:
    (read,) = rules_from_json([rule], "rules", AS_OF)

    assert misfit_of(read.check, TYPES) is None
