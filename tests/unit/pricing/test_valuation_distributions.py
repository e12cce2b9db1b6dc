import math
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from pricing.errors import InvalidInput
from pricing.valuation import Empirical, Fixed, Lognormal, Normal, Outcome, Triangular, Uniform
from pricing.valuation.distributions import Distribution
from pricing.valuation.parameters import parameter_from_json, parameter_to_json

STANDARD = NormalDist()
SHARES = np.array([0.0, 0.25, 0.5, 0.875, 1.0])
NORMAL = Normal(Decimal(10), Decimal(2), Decimal(6), Decimal(14))
OBSERVED = Empirical(
    (
        Outcome(Decimal(30), Decimal(1)),
        Outcome(Decimal(10), Decimal(2)),
        Outcome(Decimal(20), Decimal(1)),
    )
)


def test_a_fixed_value_is_the_same_in_every_draw() -> None:
    assert Fixed(Decimal("0.25")).quantile(SHARES).tolist() == [0.25] * 5


def test_quantiles_of_the_uniform_distribution_lie_evenly() -> None:
    uniform = Uniform(Decimal(2), Decimal(10))

    assert uniform.quantile(SHARES).tolist() == [2, 4, 6, 9, 10]


def test_quantiles_of_triangular_distributions() -> None:
    assert Triangular(Decimal(0), Decimal(1), Decimal(2)).quantile(SHARES) == pytest.approx(
        [0, 0.5**0.5, 1, 1.5, 2]
    )
    assert Triangular(Decimal(0), Decimal(0), Decimal(1)).quantile(SHARES)[2] == pytest.approx(
        1 - 0.5**0.5
    )
    assert Triangular(Decimal(0), Decimal(1), Decimal(1)).quantile(SHARES)[2] == pytest.approx(
        0.5**0.5
    )


def test_one_standard_deviation_of_the_logarithm_is_a_factor() -> None:
    one_deviation = np.array([0.5, 0.8413447460685429])

    middle = Lognormal(Decimal(100), Decimal("0.15")).quantile(one_deviation)

    assert middle == pytest.approx([100, 100 * np.exp(0.15)])


def test_a_lognormal_distribution_may_be_cut_to_a_share() -> None:
    cut = Lognormal(Decimal("0.5"), Decimal(1), Decimal("0.25"), Decimal(1))

    low, lower, middle, _, high = cut.quantile(SHARES)

    assert (low, middle, high) == pytest.approx((0.25, 0.5, 1.0))
    below = STANDARD.cdf(math.log(0.5))
    quarter = STANDARD.inv_cdf(below + 0.25 * (1 - 2 * below))
    assert lower == pytest.approx(0.5 * math.exp(quarter))
    assert cut.bounds == (0.25, 1.0)


def test_a_normal_distribution_is_cut_where_it_says() -> None:
    low, lower, middle, _, high = NORMAL.quantile(SHARES)

    assert (low, middle, high) == (6.0, 10.0, 14.0)
    below = STANDARD.cdf(-2)
    assert lower == pytest.approx(10 + 2 * STANDARD.inv_cdf(below + 0.25 * (1 - 2 * below)))


def test_outcomes_come_as_often_as_their_weights_say() -> None:
    shares = np.array([0.01, 0.5, 0.500001, 0.75, 0.76, 0.99])

    assert OBSERVED.quantile(shares).tolist() == [10, 10, 20, 20, 30, 30]
    assert OBSERVED.bounds == (10.0, 30.0)


@pytest.mark.parametrize(
    ("fields", "distribution"),
    [
        ({"value": "5"}, Fixed(Decimal(5))),
        ({"low": "1", "high": "2"}, Uniform(Decimal(1), Decimal(2))),
        (
            {"low": "1", "mode": "1.5", "high": "2"},
            Triangular(Decimal(1), Decimal("1.5"), Decimal(2)),
        ),
        ({"median": "5", "sigma": "0.1"}, Lognormal(Decimal(5), Decimal("0.1"))),
        (
            {"median": "5", "sigma": "0.1", "high": "6"},
            Lognormal(Decimal(5), Decimal("0.1"), None, Decimal(6)),
        ),
        ({"mean": "10", "sd": "2", "low": "6", "high": "14"}, NORMAL),
        (
            {
                "outcomes": [
                    {"value": "30", "weight": "1"},
                    {"value": "10", "weight": "2"},
                    {"value": "20", "weight": "1"},
                ]
            },
            OBSERVED,
        ),
    ],
)
def test_the_fields_say_which_distribution_it_is(
    fields: dict[str, Any], distribution: Distribution
) -> None:
    parameter = parameter_from_json("p", {**fields, "source": "s"}, "parameters.p")

    assert parameter.distribution == distribution
    assert parameter_to_json(parameter) == {**fields, "source": "s"}


def test_evidence_acceptance_and_risks_are_kept() -> None:
    fields = {
        "value": "0.05",
        "source": "licence agreement",
        "unit": "1",
        "evidence": "ab" * 32,
        "accepted_by": "Guo Shen",
        "risks": ["country", "quality"],
    }

    parameter = parameter_from_json("p", fields, "parameters.p")

    assert parameter_to_json(parameter) == fields
    assert parameter.evidence == "ab" * 32


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"low": "2", "high": "2"}, "high"),
        ({"low": "2"}, "high"),
        ({"low": "2", "mode": "1", "high": "3"}, "mode"),
        ({"median": "0", "sigma": "1"}, "median"),
        ({"median": "1", "sigma": "3.1"}, "sigma"),
        ({"median": "1", "sigma": "1", "low": "2"}, "low"),
        ({"median": "1", "sigma": "1", "high": "0.5"}, "high"),
        ({"median": "1", "sigma": "1", "low": "1", "high": "1"}, "high"),
        ({"mean": "1", "sd": "0", "low": "0", "high": "2"}, "sd"),
        ({"mean": "3", "sd": "1", "low": "0", "high": "2"}, "mean"),
        ({"mean": "1", "sd": "1"}, "low"),
        ({"outcomes": []}, "outcomes"),
        ({"outcomes": [{"value": "1", "weight": "1"}]}, "outcomes"),
        ({"outcomes": [{"value": "1", "weight": "1"}] * 2}, "outcomes"),
        (
            {"outcomes": [{"value": "1", "weight": "0"}, {"value": "2", "weight": "1"}]},
            "outcomes[0].weight",
        ),
        ({"outcomes": [{"value": "1"}, {"value": "2", "weight": "1"}]}, "outcomes[0].weight"),
        ({"value": "1", "mode": "2"}, "low"),
        ({"value": "1", "sd": "2"}, "sd"),
        ({"value": 1}, "value"),
        ({"value": "1e3"}, "value"),
        ({"value": "NaN"}, "value"),
        ({"value": "1", "evidence": "AB" * 32}, "evidence"),
        ({"value": "1", "evidence": "ab"}, "evidence"),
        ({"value": "1", "risks": ["weather"]}, "risks[0]"),
        ({"value": "1", "risks": [["quality"]]}, "risks[0]"),
        ({"value": "1", "risks": ["quality", "quality"]}, "risks"),
        ({"value": "1", "risks": "quality"}, "risks"),
    ],
)
def test_a_wrong_parameter_is_refused_with_the_field_named(
    fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        parameter_from_json("p", {"source": "s", **fields}, "parameters.p")

    assert refused.value.field == f"parameters.p.{field}"
