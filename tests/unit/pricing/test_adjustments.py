"""Discounts and premiums: each its own line, compounding in the order stated."""

from typing import Any

import pytest

from pricing.errors import InvalidInput
from pricing.valuation import case_from_json
from tests.support.valuation import case_of, method_of, report

PREMIUM = {"kind": "exclusivity_premium", "parameter": "exclusive"}
DISCOUNT = {"kind": "marketability_discount", "parameter": "thin", "reason": "no second market"}


def spent(*adjustments: dict[str, Any], on_conclusion: bool = False) -> dict[str, Any]:
    method = method_of(
        "replacement_cost", items="spent", adjustments=[] if on_conclusion else list(adjustments)
    )
    named = {each["parameter"] for each in adjustments}
    shares = {"exclusive": "0.5", "thin": "0.2", "other": "0.1"}
    return case_of(
        method,
        parameters={"spent": 1_000, **{n: share for n, share in shares.items() if n in named}},
        adjustments=list(adjustments) if on_conclusion else [],
    )


def test_adjustments_of_a_method_are_lines_that_compound() -> None:
    found = report(spent(PREMIUM, DISCOUNT))

    (method,) = found["methods"]
    assert method["before_adjustments"] == "1000.00"
    assert method["adjustments"] == [
        {**PREMIUM, "reason": None, "amount": "500.00"},
        {**DISCOUNT, "amount": "-300.00"},
    ]
    assert method["at_medians"] == "1200.00"
    assert (
        method["range"] == found["value"] == {"p10": "1200.00", "p50": "1200.00", "p90": "1200.00"}
    )


def test_their_order_changes_the_lines_and_not_the_value() -> None:
    (method,) = report(spent(DISCOUNT, PREMIUM))["methods"]

    assert [line["amount"] for line in method["adjustments"]] == ["-200.00", "400.00"]
    assert method["at_medians"] == "1200.00"


def test_adjustments_of_the_conclusion_leave_the_methods_alone() -> None:
    found = report(spent(PREMIUM, DISCOUNT, on_conclusion=True))

    (method,) = found["methods"]
    assert (method["at_medians"], method["adjustments"]) == ("1000.00", [])
    assert found["conclusion"] == {
        "before_adjustments": "1000.00",
        "adjustments": [
            {**PREMIUM, "reason": None, "amount": "500.00"},
            {**DISCOUNT, "amount": "-300.00"},
        ],
        "at_medians": "1200.00",
    }
    assert found["value"]["p50"] == "1200.00"


def test_the_uses_of_a_parameter_tell_where_an_adjustment_stands() -> None:
    of_method = report(spent(DISCOUNT))["parameters"][1]["uses"]
    of_conclusion = report(spent(DISCOUNT, on_conclusion=True))["parameters"][1]["uses"]

    use = {"argument": "marketability_discount", "enters": "adjustment", "risks": ["liquidity"]}
    assert of_method == [{"method": "m", **use}]
    assert of_conclusion == [{"method": None, **use}]


def test_an_uncertain_discount_moves_the_range_and_the_tornado() -> None:
    document = spent(DISCOUNT, on_conclusion=True)
    document["parameters"]["thin"] = {"low": "0", "high": "0.4", "source": "survey"}

    found = report(document)

    value = {name: float(amount) for name, amount in found["value"].items()}
    assert value == pytest.approx({"p10": 640, "p50": 800, "p90": 960}, abs=0.1)
    (swing,) = found["sensitivity"]
    assert swing == {
        "parameter": "thin",
        "low": "960.00",
        "high": "640.00",
        "first_order": "1.0000",
        "total": "1.0000",
    }


@pytest.mark.parametrize(
    ("adjustment", "field"),
    [
        ({"kind": "gift", "parameter": "other"}, "adjustments[0].kind"),
        ({"kind": "other_discount", "parameter": "other"}, "adjustments[0].reason"),
        ({"kind": "other_premium", "parameter": "other", "reason": " "}, "adjustments[0].reason"),
        ({"kind": "minority_discount"}, "adjustments[0].parameter"),
        ({"kind": "minority_discount", "parameter": "nobody"}, "adjustments[0].parameter"),
        ({"kind": "minority_discount", "parameter": "spent"}, "parameters.spent"),
        ({"kind": "minority_discount", "parameter": "other", "x": 1}, "adjustments[0].x"),
    ],
)
@pytest.mark.parametrize("path", ["", "methods[0]."])
def test_a_wrong_adjustment_is_refused_with_the_field_named(
    adjustment: dict[str, Any], field: str, path: str
) -> None:
    document = spent({"kind": "other_discount", "parameter": "other", "reason": "x"})
    target = document["methods"][0] if path else document
    document["methods"][0]["adjustments"] = []
    target["adjustments"] = [adjustment]

    with pytest.raises(InvalidInput) as refused:
        case_from_json(document)

    expected = field if field.startswith("parameters.") else path + field
    assert refused.value.field == expected


def test_a_discount_takes_at_most_everything_while_a_premium_may_double() -> None:
    double = {"kind": "control_premium", "parameter": "share"}
    cost = method_of("replacement_cost", items="spent")
    document = case_of(cost, parameters={"spent": 10, "share": "1.5"}, adjustments=[double])
    too_much = case_of(
        cost,
        parameters={"spent": 10, "share": "1.5"},
        adjustments=[{**double, "kind": "minority_discount"}],
    )

    assert report(document)["value"]["p50"] == "25.00"
    with pytest.raises(InvalidInput) as refused:
        case_from_json(too_much)
    assert refused.value.field == "parameters.share"
