"""What holds for every valuation: scale, the rate, age, the hull of the methods, the bytes."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.valuation import Valuation, case_from_json, result_bytes, value_case
from pricing.valuation.cost import fresh_share, straight_line_share
from pricing.valuation.income import present_value
from pricing.valuation.methods import Timing

FLOWS = st.lists(st.integers(1, 10**6), min_size=1, max_size=8)
RATES = st.integers(0, 500).map(lambda permille: Decimal(permille) / 1000)


def document(flows: list[int], rate: Decimal, cost: int, seed: int = 1) -> dict[str, Any]:
    series = {f"flow_{i}": {"value": str(flow), "source": "s"} for i, flow in enumerate(flows)}
    spread = {"low": str(rate), "mode": str(rate), "high": str(rate + 1), "source": "s"}
    return {
        "currency": "CNY",
        "purpose": "listing",
        "value_type": "market",
        "valued_on": "2026-11-23",
        "parameters": {
            **series,
            "rate": spread,
            "cost": {"value": str(cost), "source": "s"},
        },
        "methods": [
            {
                "name": "income",
                "kind": "direct_forecast",
                "arguments": {"cash_flows": list(series), "discount_rate": "rate"},
            },
            {"name": "cost", "kind": "replacement_cost", "arguments": {"items": ["cost"]}},
        ],
        "weights": {
            "income": {"share": "0.6", "reason": "contracts"},
            "cost": {"share": "0.4", "reason": "books"},
        },
        "seed": seed,
        "points": 64,
    }


def value(flows: list[int], rate: Decimal, cost: int) -> Valuation:
    return value_case(case_from_json(document(flows, rate, cost)))


@settings(max_examples=30)
@given(FLOWS, RATES, st.integers(1, 10**6), st.integers(2, 1_000))
def test_value_is_homogeneous_of_degree_one(
    flows: list[int], rate: Decimal, cost: int, scale: int
) -> None:
    one = value(flows, rate, cost).conclusion.range
    scaled = value([flow * scale for flow in flows], rate, cost * scale).conclusion.range

    for name in ("p10", "p50", "p90"):
        assert getattr(scaled, name) == pytest.approx(getattr(one, name) * scale, rel=1e-9)


@given(FLOWS, RATES, RATES)
def test_value_falls_as_the_rate_rises(flows: list[int], one: Decimal, other: Decimal) -> None:
    rates = np.array([float(min(one, other)), float(max(one, other))])
    series = np.array(flows, dtype=np.float64)[:, np.newaxis]

    for timing in Timing:
        low, high = present_value(series, rates, timing)
        assert high < low or one == other


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0.1, 50))
def test_cost_never_rises_with_age(one: float, other: float, life: float) -> None:
    ages = np.array([min(one, other), max(one, other)])

    for share in (fresh_share, straight_line_share):
        young, old = share(ages, np.array([life]))
        assert 0 <= old <= young <= 1


@settings(max_examples=30)
@given(FLOWS, RATES, st.integers(1, 10**6))
def test_the_conclusion_lies_within_the_hull_of_the_methods(
    flows: list[int], rate: Decimal, cost: int
) -> None:
    valuation = value(flows, rate, cost)
    ranges = [indication.range for indication in valuation.indications]

    for name in ("p10", "p50", "p90"):
        found = getattr(valuation.conclusion.range, name)
        tolerance = 1e-9 * found
        assert min(getattr(each, name) for each in ranges) <= found + tolerance
        assert found - tolerance <= max(getattr(each, name) for each in ranges)


@settings(max_examples=20)
@given(FLOWS, RATES, st.integers(0, 2**32 - 1))
def test_the_same_inputs_give_the_same_bytes(flows: list[int], rate: Decimal, seed: int) -> None:
    case = document(flows, rate, 5, seed)
    turned = {**case, "parameters": dict(reversed(case["parameters"].items()))}

    first, again = (result_bytes(value_case(case_from_json(each))) for each in (case, turned))

    assert first == again
