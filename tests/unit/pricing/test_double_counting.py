"""One risk enters once on the way to one value; what would count it twice is refused by name."""

from typing import Any

import pytest

from pricing.errors import InvalidInput
from pricing.valuation import case_from_json
from tests.support.valuation import case_of, method_of, report

PRICED = {"value": "0.2", "risks": ["quality"]}


def forecast(name: str = "m", /, **fields: Any) -> dict[str, Any]:
    rate = fields.pop("discount_rate", "rate")
    return method_of("direct_forecast", name, cash_flows=["f1", "f2"], discount_rate=rate, **fields)


def parameters(**more: Any) -> dict[str, Any]:
    return {"f1": 100, "f2": 110, "rate": "0.1", **more}


def refusal(document: dict[str, Any]) -> InvalidInput:
    with pytest.raises(InvalidInput) as refused:
        case_from_json(document)
    return refused.value


def test_quality_in_the_rate_and_in_the_cash_flow_is_refused_naming_both() -> None:
    document = case_of(
        forecast(quality_coefficient="q"),
        parameters=parameters(rate=PRICED, q="0.9"),
    )

    error = refusal(document)

    assert error.field == "parameters.q"
    assert error.problem == (
        "prices the risk quality into quality_coefficient (cash_flow) of 'm', where "
        "parameters.rate prices it into discount_rate (rate) already: count it once"
    )


def test_an_attrition_rate_prices_attrition_whatever_is_declared() -> None:
    document = case_of(
        forecast(attrition_rate="a"),
        parameters=parameters(rate={"value": "0.2", "risks": ["attrition", "country"]}, a="0.1"),
    )

    assert refusal(document).field == "parameters.a"


def test_two_components_of_a_rate_may_not_price_the_same_risk() -> None:
    document = case_of(
        forecast(discount_rate=["rate", "size", "again"]),
        parameters=parameters(
            size={"value": "0.02", "risks": ["size"]},
            again={"value": "0.01", "risks": ["country", "size"]},
        ),
    )

    error = refusal(document)

    assert error.field == "parameters.again"
    assert "parameters.size" in error.problem


def test_the_years_of_one_forecast_price_a_risk_once() -> None:
    document = case_of(
        forecast(),
        parameters=parameters(
            f1={"value": "90", "risks": ["competition"]},
            f2={"value": "80", "risks": ["competition"]},
        ),
    )

    assert case_from_json(document).parameters[0].risks == ("competition",)


def test_one_parameter_may_serve_several_methods() -> None:
    document = case_of(
        forecast("one"),
        forecast("two"),
        parameters=parameters(rate=PRICED),
        weights={name: {"share": "0.5", "reason": "both apply"} for name in ("one", "two")},
    )

    uses = report(document)["parameters"][2]["uses"]

    assert [(use["method"], use["enters"], use["risks"]) for use in uses] == [
        ("one", "rate", ["quality"]),
        ("two", "rate", ["quality"]),
    ]


def test_one_parameter_may_not_price_its_risk_in_two_places() -> None:
    document = case_of(
        forecast(quality_coefficient="q", attrition_rate="q"),
        parameters=parameters(q=PRICED),
    )

    assert refusal(document).field == "parameters.q"


@pytest.mark.parametrize("level", ["method", "conclusion"])
def test_a_discount_may_not_price_what_the_rate_prices(level: str) -> None:
    discount = [{"kind": "marketability_discount", "parameter": "d"}]
    method = forecast(adjustments=discount) if level == "method" else forecast()
    document = case_of(
        method,
        parameters=parameters(rate={"value": "0.2", "risks": ["liquidity"]}, d="0.15"),
        adjustments=discount if level == "conclusion" else [],
    )

    error = refusal(document)

    assert error.field == "parameters.d"
    assert "parameters.rate" in error.problem


def test_a_discount_on_the_method_and_again_on_the_conclusion_is_refused() -> None:
    document = case_of(
        forecast(adjustments=[{"kind": "marketability_discount", "parameter": "one"}]),
        parameters=parameters(one="0.1", two="0.1"),
        adjustments=[{"kind": "marketability_discount", "parameter": "two"}],
    )

    assert refusal(document).field == "parameters.two"


def test_a_control_premium_beside_a_minority_discount_is_refused() -> None:
    document = case_of(
        forecast(
            adjustments=[
                {"kind": "control_premium", "parameter": "p"},
                {"kind": "minority_discount", "parameter": "d"},
            ]
        ),
        parameters=parameters(p="0.2", d="0.1"),
    )

    assert refusal(document).field == "parameters.d"


def test_what_has_no_weight_does_not_meet_the_adjustments_of_the_conclusion() -> None:
    cost = method_of(
        "replacement_cost",
        "cost",
        items="spent",
        adjustments=[{"kind": "marketability_discount", "parameter": "one"}],
    )
    document = case_of(
        forecast(),
        cost,
        parameters=parameters(spent=50, one="0.1", two="0.1"),
        adjustments=[{"kind": "marketability_discount", "parameter": "two"}],
    )

    assert len(case_from_json(document).methods) == 2


def test_kinds_of_obsolescence_stand_together_but_not_with_the_whole() -> None:
    kinds = {
        "functional_obsolescence": "a",
        "technological_obsolescence": "b",
        "economic_obsolescence": "c",
    }
    together = {"spent": 100, "a": "0.1", "b": "0.2", "c": "0.3"}
    document = case_of(method_of("replacement_cost", items="spent", **kinds), parameters=together)
    doubled = case_of(
        method_of("replacement_cost", items="spent", profit_rate="p", **kinds),
        parameters={**together, "p": {"value": "0.1", "risks": ["obsolescence"]}},
    )

    assert report(document)["value"]["p50"] == "50.40"
    assert refusal(doubled).field == "parameters.a"


def test_newness_and_physical_obsolescence_are_the_same_thing() -> None:
    document = case_of(
        method_of(
            "replacement_cost", items="spent", newness_rate="new", physical_obsolescence="worn"
        ),
        parameters={"spent": 100, "new": "0.8", "worn": "0.2"},
    )

    assert refusal(document).field == "parameters.new"
