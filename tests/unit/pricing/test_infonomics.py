"""Infonomics scores by hand."""

from decimal import Decimal

import pytest

from pricing.document import Document
from pricing.errors import InvalidInput
from pricing.valuation.infonomics import (
    inputs_from_json,
    inputs_to_json,
    scores,
    scores_to_json,
)

INPUTS = {
    "validity": "0.9",
    "completeness": "0.8",
    "timeliness": "0.5",
    "rival_scarcity": "0.25",
    "lifecycle": "1",
    "processes": [
        {"name": "dispatch", "relevance": "0.5", "source": "interview"},
        {"name": "planning", "relevance": "0.2", "source": "interview"},
    ],
    "indicator": {
        "name": "parcels per hour",
        "with": "110",
        "without": "100",
        "observed_months": 6,
        "horizon_months": 12,
        "source": "trial",
    },
}


def test_the_three_scores_follow_their_formulas() -> None:
    """0.9 x 0.8 x 0.75; (0.5 + 0.2) x 0.9 x 0.8 x 0.5; (110 / 100 - 1) x 12 / 6."""
    found = scores(inputs_from_json(Document(INPUTS)))

    assert found.intrinsic == Decimal("0.54")
    assert found.business == Decimal("0.252")
    assert found.performance == Decimal("0.2")


def test_a_score_without_its_inputs_is_none_and_never_zero() -> None:
    few = {name: INPUTS[name] for name in INPUTS if name not in {"processes", "indicator"}}

    shown = scores_to_json(scores(inputs_from_json(Document(few))))

    assert shown == {
        "unit": "score",
        "intrinsic": "0.540000",
        "business": None,
        "performance": None,
    }


def test_the_inputs_read_back_as_they_were_written() -> None:
    inputs = inputs_from_json(Document(INPUTS))

    assert inputs_from_json(Document(inputs_to_json(inputs))) == inputs


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"validity": "1.1"}, "scores.validity"),
        ({"colour": "red"}, "scores.colour"),
        (
            {
                "indicator": {
                    **dict.fromkeys(("name", "source"), "x"),
                    "with": "1",
                    "without": "0",
                    "observed_months": 1,
                    "horizon_months": 1,
                }
            },
            "scores.indicator.without",
        ),
    ],
)
def test_a_bad_input_of_a_score_names_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        inputs_from_json(Document(INPUTS | changes, "scores"))

    assert refusal.value.field == field
