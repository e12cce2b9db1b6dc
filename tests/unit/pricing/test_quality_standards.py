"""The standards that come as data: complete, and read strictly."""

from fractions import Fraction
from importlib import resources

import pytest

from pricing.errors import InvalidInput
from pricing.quality import Dimension
from pricing.quality.standard import STANDARDS, load_standard, read_standard


def text_of(name: str) -> str:
    file = resources.files("pricing.quality").joinpath("standards", f"{name}.toml")
    return file.read_text("utf-8")


def test_the_groups_of_gbt_36344_are_the_six_dimensions() -> None:
    standard = load_standard("gbt36344")

    assert [group.id for group in standard.groups] == [each.value for each in Dimension]
    assert {group.weight for group in standard.groups} == {Fraction(1)}
    assert all(standard.criteria_of(group.id) for group in standard.groups)


def test_iso_25012_has_fifteen_characteristics_of_which_six_are_measured() -> None:
    standard = load_standard("iso25012")

    assert len(standard.groups) == 15
    assert {each.group for each in standard.criteria} == {
        "accuracy",
        "accessibility",
        "completeness",
        "compliance",
        "consistency",
        "currentness",
    }


@pytest.mark.parametrize("name", STANDARDS)
def test_every_entry_says_where_it_is_from_and_none_claims_to_be_verified(name: str) -> None:
    standard = load_standard(name)
    entries = [*standard.groups, *(each.entry for each in standard.criteria)]

    assert all(entry.source and entry.zh and entry.en for entry in entries)
    # Nobody has compared them with the texts; whoever does changes the files and this line.
    assert {entry.is_verified for entry in entries} | {standard.is_verified} == {False}


@pytest.mark.parametrize(
    ("present", "changed", "field"),
    [
        ('kinds = ["fresh"]', "kinds = []", "criteria.kinds"),
        ('kinds = ["fresh"]', 'kinds = ["fresh", "unique"]', "criteria.kinds"),
        ('kinds = ["fresh"]', 'kinds = ["fresh", "guess"]', "criteria.kinds"),
        ('group = "accessibility"', 'group = "speed"', "criteria.group"),
        ('id = "accessibility"', 'id = "accuracy"', "groups.id"),
        ("weight = 1", "weight = 0", "weight"),
        ("weight = 1", 'weight = "much"', "standard"),
        ("number =", "issue =", "standard"),
        ("verified = false", "verified", "standard"),
    ],
)
def test_a_standard_that_does_not_hold_together_is_refused(
    present: str, changed: str, field: str
) -> None:
    text = text_of("gbt36344")
    assert present in text

    with pytest.raises(InvalidInput) as refused:
        read_standard(text.replace(present, changed))

    assert refused.value.field == field


def test_weights_are_read_exactly_and_an_unknown_standard_is_refused() -> None:
    standard = read_standard(text_of("gbt36344").replace("weight = 1", "weight = 0.1"))

    assert {group.weight for group in standard.groups} == {Fraction(1, 10)}
    with pytest.raises(InvalidInput):
        load_standard("../secret")
