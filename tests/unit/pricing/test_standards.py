"""Standards as data: what ships, what an appraiser corrects, and how a case refers to it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pricing.document import Document
from pricing.errors import InvalidInput
from pricing.valuation import KINDS
from pricing.valuation.standards import (
    Profiles,
    applied_from_json,
    check_standard,
    overridden,
    shipped_profiles,
    spelt_out,
)

CORRECTION = """
[[override]]
profile = "cas-2023"
coefficient = "quality"
default = "1.1"
high = "1.2"
source = "grid of the provincial institute, 2026"
by = "Zhang San, appraiser 31000001"
"""


def case(standard: object = "cas-2023", **parameters: Any) -> dict[str, Any]:
    return {"standard": standard, "parameters": parameters}


def applied(document: dict[str, Any], profiles: Profiles | None = None) -> Any:
    return spelt_out(document, profiles)


def test_five_profiles_ship_and_say_what_of_them_was_not_checked() -> None:
    profiles = shipped_profiles()

    assert sorted(profiles) == ["cas-2023", "gb-t-37550", "guideline-9", "infonomics", "ivs-210"]
    assert profiles["cas-2023"].number == "中评协〔2023〕17号"
    assert profiles["gb-t-37550"].number == "GB/T 37550-2019"
    for profile in profiles.values():
        assert profile.unconfirmed["zh"]
        assert profile.unconfirmed["en"]
        assert all(each.source for each in profile.coefficients.values())
        # No standard was read in its own text, so nothing of it may claim to be verified.
        assert not any(each.verified for each in profile.coefficients.values())
        assert not any(each.verified for each in profile.formulas)
        assert {name for each in profile.formulas for name in each.methods} <= set(KINDS)


def test_a_parameter_takes_figure_and_source_of_its_coefficient() -> None:
    document = applied(case(k={"coefficient": "quality"}, own={"value": "3", "source": "books"}))

    assert document["parameters"] == {
        "k": {
            "value": "1",
            "source": "X1 of the market formula; the range is a working range of this exchange",
        },
        "own": {"value": "3", "source": "books"},
    }
    assert document["standard"]["version"] == shipped_profiles()["cas-2023"].version
    assert list(document["standard"]["coefficients"]) == ["k"]
    assert document["standard"]["coefficients"]["k"]["verified"] is False


def test_a_parameter_may_spread_over_the_range_of_its_coefficient() -> None:
    document = applied(case("ivs-210", r={"coefficient": "royalty_data", "spread": True}))

    figures = {name: document["parameters"]["r"][name] for name in ("low", "mode", "high")}
    assert figures == {"low": "0.02", "mode": "0.05", "high": "0.08"}


def test_own_figures_must_stay_within_the_range_of_the_coefficient() -> None:
    own = {"coefficient": "quality", "value": "1.3", "source": "scored"}

    document = applied(case(k=own))

    assert document["parameters"]["k"] == {"value": "1.3", "source": "scored"}
    with pytest.raises(InvalidInput, match=r"must be from 0.5 to 1.5 for quality") as refusal:
        applied(case(k=own | {"value": "1.6"}))
    assert refusal.value.field == "parameters.k.value"


def test_an_appraiser_corrects_a_coefficient_and_the_correction_shows() -> None:
    profiles = overridden(shipped_profiles(), CORRECTION)

    document = applied(case(k={"coefficient": "quality"}), profiles)

    quality = profiles["cas-2023"].coefficients["quality"]
    assert (quality.default, quality.low, quality.high) == (
        Decimal("1.1"),
        Decimal("0.5"),
        Decimal("1.2"),
    )
    assert quality.verified is False
    assert document["parameters"]["k"] == {
        "value": "1.1",
        "source": "grid of the provincial institute, 2026",
    }
    assert document["standard"]["coefficients"]["k"]["override"] == {
        "by": "Zhang San, appraiser 31000001",
        "source": "grid of the provincial institute, 2026",
        "replaced_default": "1",
    }
    assert document["standard"]["version"] != shipped_profiles()["cas-2023"].version
    assert shipped_profiles()["cas-2023"].coefficients["quality"].override is None


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("[[override", "document"),
        (CORRECTION.replace("cas-2023", "cas-2024"), "override[0].profile"),
        (CORRECTION.replace('"quality"', '"colour"'), "override[0].coefficient"),
        (CORRECTION.replace('"1.1"', '"1.3"'), "override[0].default"),
        (CORRECTION.replace("by = ", "who = "), "override[0].by"),
        (CORRECTION + 'colour = "red"\n', "override[0].colour"),
    ],
)
def test_a_bad_correction_names_its_field(text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        overridden(shipped_profiles(), text)

    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (case("cas-2024"), "standard"),
        (case(k={"coefficient": "colour"}), "parameters.k.coefficient"),
        (case(k={"coefficient": "quality", "spread": 1}), "parameters.k.spread"),
        (case(k={"coefficient": "quality", "value": "1", "spread": True}), "parameters.k.spread"),
        (case(k="quality"), "parameters.k"),
    ],
)
def test_a_bad_reference_names_its_field(document: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        applied(document)

    assert refusal.value.field == field


def test_a_standard_that_was_spelt_out_is_believed_only_as_it_is_in_force() -> None:
    document = applied(case(k={"coefficient": "quality"}))
    used = applied_from_json(Document(document["standard"]))
    quality = used.coefficients["k"]

    assert applied(document) is document
    check_standard(used, shipped_profiles())
    for forged in (
        replace(used, coefficients={"k": replace(quality, verified=True)}),
        replace(used, version="0" * 64),
        replace(used, number="GB 1"),
    ):
        with pytest.raises(InvalidInput, match="as it is in force here"):
            check_standard(forged, shipped_profiles())
    with pytest.raises(InvalidInput, match="as it is in force here"):
        check_standard(used, overridden(shipped_profiles(), CORRECTION))


def test_a_case_without_a_standard_stays_as_it_is() -> None:
    document = {"parameters": {"k": {"value": "1", "source": "s"}}}

    assert spelt_out(document) is document
