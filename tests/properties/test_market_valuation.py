"""What holds for every market value: scale, order, neutrality, the same bytes."""

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.valuation import case_from_json, result_bytes, result_to_json, value_case
from pricing.valuation.market.deal import Deal
from tests.support.deals import planted
from tests.support.market_cases import fixed, market_case, method

PRICES = st.integers(1, 10**9)
COEFFICIENTS = st.integers(1, 5_000).map(lambda permille: Decimal(permille) / 1000)
KINDS = st.sampled_from(
    [method("hedonic"), method("nearest_comparables", basis="row", neighbours=7)]
)


def value(document: dict[str, Any]) -> dict[str, float]:
    result: Any = result_to_json(value_case(case_from_json(document)))
    return {name: float(amount) for name, amount in result["value"].items()}


def adjusted(price: int, coefficients: dict[str, Decimal]) -> dict[str, Any]:
    arguments = {"prices": ["v"], **{name: [name] for name in coefficients}}
    parameters = fixed(v=str(price), **{name: str(each) for name, each in coefficients.items()})
    return market_case(
        [method("adjusted_comparables", arguments=arguments)], parameters=parameters, points=2
    )


@given(PRICES)
def test_a_value_equals_its_comparable_when_all_coefficients_are_one(price: int) -> None:
    names = ("technology", "density", "date", "capacity", "other")

    assert value(adjusted(price, dict.fromkeys(names, Decimal(1))))["p50"] == price


@given(PRICES, COEFFICIENTS, st.integers(2, 1_000))
def test_an_adjusted_value_is_homogeneous_in_the_price(
    price: int, coefficient: Decimal, scale: int
) -> None:
    one = value(adjusted(price, {"density": coefficient}))["p50"]
    scaled = value(adjusted(price * scale, {"density": coefficient}))["p50"]

    assert scaled == pytest.approx(one * scale, abs=0.01 * scale)


def times(deals: list[Deal], scale: int) -> list[Deal]:
    return [replace(each, price=each.price * scale) for each in deals]


@settings(max_examples=20, deadline=None)
@given(KINDS, st.integers(0, 10**6), st.integers(2, 100))
def test_a_predicted_value_is_homogeneous_in_the_prices(
    kind: dict[str, Any], seed: int, scale: int
) -> None:
    deals = planted(40, 0.3, seed)

    one = value(market_case([kind], deals))
    scaled = value(market_case([kind], times(deals, scale)))

    for name, amount in one.items():
        assert scaled[name] == pytest.approx(amount * scale, rel=1e-6, abs=0.02 * scale)


@settings(max_examples=20, deadline=None)
@given(KINDS, st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_the_order_of_deals_changes_no_byte(
    kind: dict[str, Any], seed: int, shuffle: random.Random
) -> None:
    deals = planted(40, 0.3, seed)
    turned = list(deals)
    shuffle.shuffle(turned)

    first, again = (
        result_bytes(value_case(case_from_json(market_case([kind], each))))
        for each in (deals, turned)
    )

    assert first == again
