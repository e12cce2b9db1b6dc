"""What holds for every valuation: scale, the rate, age, the hull of the methods, the bytes."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.errors import InvalidInput
from pricing.valuation import Risk, Valuation, case_from_json, result_bytes, value_case
from pricing.valuation.cost import fresh_share, straight_line_share
from pricing.valuation.income import present_value
from pricing.valuation.methods import Timing
from tests.support.valuation import case_of, method_of

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


INCOME = st.sampled_from(["direct_forecast", "revenue_share", "profit_share"])
BASES = {"direct_forecast": "cash_flows", "revenue_share": "revenue", "profit_share": "profit"}
PERCENT = st.integers(0, 90).map(lambda percent: str(Decimal(percent) / 100))


@st.composite
def incomes(draw: st.DrawFn) -> dict[str, Any]:
    """A case of one income method with flows above zero and any of the options."""
    kind = draw(INCOME)
    flows = draw(FLOWS)
    figures = {f"flow_{i}": flow for i, flow in enumerate(flows)}
    arguments: dict[str, Any] = {BASES[kind]: list(figures), "discount_rate": "rate"}
    shares = ["tax_rate", "quality_coefficient", "attrition_rate"]
    named = {name: draw(PERCENT) for name in shares if draw(st.booleans())}
    if kind != "direct_forecast":
        named["share"] = draw(PERCENT)
    if draw(st.booleans()):
        named["terminal_growth_rate"] = "0.01"
    options: dict[str, Any] = {"timing": draw(st.sampled_from(["end_year", "mid_year"]))}
    if "tax_rate" in named:
        options["tax_amortisation_years"] = draw(st.sampled_from([None, 5, 15]))
    method = method_of(kind, **arguments, **{name: name for name in named}, **options)
    return case_of(method, parameters={**figures, **named, "rate": "0.1"}, points=2)


def middle(document: dict[str, Any]) -> float:
    return value_case(case_from_json(document)).conclusion.range.p50


@settings(max_examples=60)
@given(incomes(), st.integers(20, 900), st.integers(1, 900))
def test_no_income_method_is_worth_more_at_a_higher_rate(
    document: dict[str, Any], permille: int, more: int
) -> None:
    values: list[float] = []
    for rate in (permille, permille + more):
        document["parameters"]["rate"]["value"] = str(Decimal(rate) / 1000)
        values.append(middle(document))

    assert values[0] >= values[1]
    assert values[0] > values[1] or values[0] == 0


@settings(max_examples=40)
@given(
    st.integers(1, 10**6),
    st.integers(0, 100),
    st.integers(0, 100),
    st.sampled_from(["life_years", "half_life_years"]),
)
def test_no_cost_is_higher_at_a_greater_age(spent: int, age: int, more: int, ageing: str) -> None:
    method = method_of("replacement_cost", items="spent", age_years="age", **{ageing: "life"})

    young, old = (
        middle(case_of(method, parameters={"spent": spent, "age": each, "life": 40}, points=2))
        for each in (age, age + more)
    )

    assert 0 <= old <= young <= spent


@settings(max_examples=40)
@given(incomes(), st.lists(PERCENT, min_size=1, max_size=4), st.randoms())
def test_adjustments_compound_to_one_value_in_any_order(
    document: dict[str, Any], shares: list[str], random: Any
) -> None:
    kinds = ("other_discount", "other_premium")
    adjustments = [
        {"kind": kinds[i % 2], "parameter": f"share_{i}", "reason": "stated"}
        for i in range(len(shares))
    ]
    document["parameters"] |= {
        f"share_{i}": {"value": share, "source": "test"} for i, share in enumerate(shares)
    }
    shuffled = list(adjustments)
    random.shuffle(shuffled)

    one, other = (middle({**document, "adjustments": each}) for each in (adjustments, shuffled))

    assert one == pytest.approx(other, rel=1e-9)


@settings(max_examples=40)
@given(incomes(), st.sampled_from(list(Risk)))
def test_no_risk_is_priced_by_the_rate_and_again_by_a_discount(
    document: dict[str, Any], risk: Risk
) -> None:
    document["parameters"]["rate"]["risks"] = [risk.value]
    document["parameters"]["discount"] = {"value": "0.1", "source": "test", "risks": [risk.value]}
    document["adjustments"] = [
        {"kind": "other_discount", "parameter": "discount", "reason": "stated"}
    ]

    with pytest.raises(InvalidInput) as refused:
        case_from_json(document)

    assert risk.value in refused.value.problem
    assert refused.value.problem.startswith("prices the risk")


JSON_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(
        ["", " ", "0", "-1", "1", "99999999999", "1e9", "NaN", "rate", "flow_0", "life"]
    ),
    st.text(max_size=5),
    st.lists(st.sampled_from(["rate", "flow_0", "0.5", 1]), max_size=3),
    st.dictionaries(st.sampled_from(["value", "source", "low"]), st.just("1"), max_size=3),
)


@settings(max_examples=60)
@given(incomes(), st.data())
def test_a_damaged_case_is_valued_or_refused_by_name(
    document: dict[str, Any], data: st.DataObject
) -> None:
    holders: list[Any] = [document]
    while True:
        keys: list[Any] = (
            [*holders[-1]] if isinstance(holders[-1], dict) else [*range(len(holders[-1]))]
        )
        key = data.draw(st.sampled_from(keys))
        inner = holders[-1][key]
        if not inner or not isinstance(inner, dict | list) or data.draw(st.booleans()):
            break
        holders.append(inner)
    holders[-1][key] = data.draw(JSON_VALUES)

    try:
        found = result_bytes(value_case(case_from_json(document)))
    except InvalidInput as error:
        found = error.field.encode()

    assert found
