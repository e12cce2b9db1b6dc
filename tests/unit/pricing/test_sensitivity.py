"""Sobol indices against functions whose indices are known in closed form."""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pytest

from pricing.valuation import Fixed, Parameter, Uniform
from pricing.valuation.distributions import Array
from pricing.valuation.sensitivity import EVALUATIONS_MAX, index_points, sobol_indices
from tests.support.valuation import case_of, method_of, report

PI = Decimal("3.141592653590")


def ishigami(values: Mapping[str, Array], _: str | None) -> Array:
    one, two, three = (values[name] for name in ("x1", "x2", "x3"))
    return np.sin(one) + 7 * np.sin(two) ** 2 + 0.1 * three**4 * np.sin(one)


def test_indices_of_the_ishigami_function() -> None:
    """Ishigami and Homma, "An importance quantification technique": a = 7, b = 0.1."""
    parameters = [Parameter(name, Uniform(-PI, PI), "test") for name in ("x1", "x2", "x3")]

    found = sobol_indices(parameters, ishigami, seed=1, points=4_096)

    first = {name: index.first_order for name, index in found.items()}
    total = {name: index.total for name, index in found.items()}
    assert first == pytest.approx({"x1": 0.3139, "x2": 0.4424, "x3": 0.0}, abs=0.02)
    assert total == pytest.approx({"x1": 0.5576, "x2": 0.4424, "x3": 0.2437}, abs=0.02)


def test_a_large_mean_does_not_drown_the_indices() -> None:
    parameters = [Parameter(name, Uniform(Decimal(0), Decimal(1)), "test") for name in ("a", "b")]

    found = sobol_indices(parameters, lambda v, _: 1e9 + 2 * v["a"] + v["b"], seed=3, points=1_024)

    assert found["a"].first_order == pytest.approx(0.8, abs=0.01)
    assert found["b"].total == pytest.approx(0.2, abs=0.01)


def test_what_does_not_vary_has_no_index() -> None:
    parameters = [
        Parameter("a", Uniform(Decimal(0), Decimal(1)), "test"),
        Parameter("b", Fixed(Decimal(5)), "test"),
    ]

    found = sobol_indices(parameters, lambda v, _: v["b"] * 1.0, seed=1, points=64)

    assert {name: (each.first_order, each.total) for name, each in found.items()} == {"a": (0, 0)}


def test_the_cost_of_indices_is_bounded_however_many_parameters() -> None:
    for uncertain in (1, 3, 14, 50, 200):
        points = index_points(uncertain, 65_536)
        assert points * (uncertain + 2) <= EVALUATIONS_MAX < 2 * points * (uncertain + 2)
        assert points & (points - 1) == 0
    assert index_points(3, 512) == 512


def test_a_product_of_two_shares_of_variance_adds_up_with_interaction() -> None:
    """Variance of xy, x and y uniform on [0, 1]: 3/7 each alone, 1/7 together."""
    document = case_of(
        method_of("revenue_share", revenue=["revenue"], share="share", discount_rate="rate"),
        parameters={
            "revenue": {"low": "0", "high": "1000000"},
            "share": {"low": "0", "high": "1"},
            "rate": "0",
        },
    )

    found = report(document)

    assert found["sensitivity_points"] == 4_096
    assert {each["parameter"] for each in found["sensitivity"]} == {"revenue", "share"}
    for each in found["sensitivity"]:
        assert float(each["first_order"]) == pytest.approx(3 / 7, abs=0.01)
        assert float(each["total"]) == pytest.approx(4 / 7, abs=0.01)


def test_a_parameter_of_a_method_without_weight_explains_nothing() -> None:
    document = case_of(
        method_of("direct_forecast", "income", cash_flows="flow", discount_rate="rate"),
        method_of("replacement_cost", "cost", items="spent"),
        parameters={
            "flow": {"low": "100", "high": "200"},
            "rate": "0.1",
            "spent": {"low": "10", "high": "20"},
        },
    )

    flow, spent = report(document)["sensitivity"]

    assert (flow["first_order"], flow["total"]) == ("1.0000", "1.0000")
    assert (spent["parameter"], spent["first_order"], spent["total"]) == (
        "spent",
        "0.0000",
        "0.0000",
    )
    assert spent["low"] == spent["high"]
