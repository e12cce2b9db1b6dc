"""Arguments that do not fit their method, or one another, are refused with the field named."""

import copy
from typing import Any

import pytest

from pricing.errors import InvalidInput
from pricing.valuation import case_from_json
from tests.support.valuation import case_of, method_of, report

COST_METHOD = method_of("replacement_cost", items="spent")
FORECAST = method_of("direct_forecast", cash_flows=["flow", "flow"], discount_rate="rate")
EXCESS = method_of(
    "multi_period_excess_earnings",
    earnings=["flow", "flow"],
    charges=["spent", "spent"],
    tax_rate="share",
    discount_rate="rate",
    charges_taken="before_tax",
)
FIGURES: dict[str, Any] = {
    "spent": 100,
    "flow": 50,
    "rate": "0.1",
    "share": "0.05",
    "half": "0.5",
    "years": 4,
    "growing": {"low": "0.05", "high": "0.2"},
    "wide": {"median": "0.1", "sigma": "0.5"},
    "negative": {"low": "-0.05", "high": "0.05"},
}


def one_method(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A case of one method with other arguments (None drops one), and only what it uses."""
    method = copy.deepcopy(base)
    for name, given in changes.items():
        target = method if name in {"charges_taken", "tax_amortisation_years"} else None
        target = method["arguments"] if target is None else target
        target.pop(name, None)
        if given is not None:
            target[name] = given
    used = {
        name
        for each in method["arguments"].values()
        for name in ([each] if isinstance(each, str) else each)
    }
    return case_of(method, parameters={n: each for n, each in FIGURES.items() if n in used})


AT = "methods[0].arguments."


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (
            one_method(COST_METHOD, newness_rate="half", age_years="years", life_years="years"),
            f"{AT}life_years",
        ),
        (
            one_method(COST_METHOD, age_years="years", life_years="years", half_life_years="years"),
            f"{AT}half_life_years",
        ),
        (one_method(COST_METHOD, age_years="years"), f"{AT}life_years"),
        (one_method(COST_METHOD, half_life_years="years"), f"{AT}age_years"),
        (
            one_method(
                COST_METHOD,
                opportunity_cost="flow",
                opportunity_rate="rate",
                opportunity_years="years",
            ),
            f"{AT}opportunity_rate",
        ),
        (one_method(COST_METHOD, opportunity_rate="rate"), f"{AT}opportunity_years"),
        (one_method(COST_METHOD, opportunity_years="years"), f"{AT}opportunity_rate"),
        (one_method(COST_METHOD, economic_obsolescence="flow"), "parameters.flow"),
        (one_method(COST_METHOD | {"kind": "adjusted_cost"}), f"{AT}quality_coefficient"),
        (one_method(FORECAST, terminal_growth_rate="rate"), f"{AT}terminal_growth_rate"),
        (one_method(FORECAST, terminal_growth_rate="growing"), f"{AT}terminal_growth_rate"),
        (
            one_method(FORECAST, discount_rate="wide", terminal_growth_rate="share"),
            "parameters.wide",
        ),
        (
            one_method(FORECAST, terminal_growth_rate="share", terminal_value="flow"),
            f"{AT}terminal_value",
        ),
        (one_method(FORECAST, discount_rate="negative"), "parameters.negative"),
        (one_method(FORECAST, discount_rate=["rate", "negative"]), "parameters.negative"),
        (one_method(FORECAST, discount_rate=["rate", "rate"]), f"{AT}discount_rate"),
        (one_method(FORECAST, discount_rate=[]), f"{AT}discount_rate"),
        (one_method(FORECAST, tax_amortisation_years=5), f"{AT}tax_rate"),
        (one_method(FORECAST, deduction_tax_rate="share"), "methods[0].tax_amortisation_years"),
        (one_method(FORECAST, charges_taken="after_tax"), "methods[0].charges_taken"),
        (one_method(EXCESS, charges_taken=None), "methods[0].charges_taken"),
        (one_method(EXCESS, charges_taken="never"), "methods[0].charges_taken"),
        (one_method(EXCESS, charges=None), f"{AT}charges"),
        (one_method(EXCESS, charges=["spent"]), f"{AT}charges"),
        (one_method(EXCESS, charges=None, assets="spent"), f"{AT}required_returns"),
        (
            one_method(EXCESS, charges=None, assets="spent", required_returns=["rate", "share"]),
            f"{AT}required_returns",
        ),
        (
            one_method(EXCESS, assets="spent", required_returns="rate"),
            f"{AT}assets",
        ),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(
    document: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        case_from_json(document)

    assert refused.value.field == field


def test_the_components_of_a_rate_add_up() -> None:
    whole = one_method(FORECAST)
    parts = one_method(FORECAST, discount_rate=["share", "half"])
    whole["parameters"]["rate"]["value"] = "0.55"

    assert report(parts)["value"] == report(whole)["value"]
    figures = report(parts)["methods"][0]["working_paper"]["figures"]
    assert {"name": "discount_rate", "value": "0.55"} in figures


def test_a_growth_equal_to_the_sum_of_a_rate_is_refused_as_decimals_add_up() -> None:
    # As floats 0.1 and 0.2 are more than 0.3.
    method = method_of(
        "direct_forecast",
        cash_flows=["flow"],
        discount_rate=["safe", "premium"],
        terminal_growth_rate="growth",
    )
    figures = {"flow": 50, "safe": "0.1", "premium": "0.2", "growth": "0.3"}

    with pytest.raises(InvalidInput) as refusal:
        case_from_json(case_of(method, parameters=figures))

    assert refusal.value.field == f"{AT}terminal_growth_rate"
