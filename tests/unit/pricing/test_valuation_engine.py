import copy
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pricing.errors import InvalidInput
from pricing.valuation import case_from_json, case_to_json, input_hash, result_bytes, result_to_json
from pricing.valuation import value_case as value

REVENUE = {
    f"revenue_{i}": {"value": str(900_000 + 100_000 * i), "source": "plan"} for i in range(1, 6)
}
CASE: dict[str, Any] = {
    "currency": "CNY",
    "purpose": "listing",
    "value_type": "market",
    "valued_on": "2026-11-23",
    "parameters": {
        **REVENUE,
        "royalty": {"low": "0.03", "mode": "0.05", "high": "0.08", "source": "trade secrets"},
        "rate": {"low": "0.10", "mode": "0.12", "high": "0.18", "source": "build-up", "unit": "1"},
        "tax": {"value": "0.25", "source": "income tax law"},
        "spent": {"median": "120000", "sigma": "0.1", "source": "books"},
    },
    "methods": [
        {
            "name": "relief",
            "kind": "relief_from_royalty",
            "arguments": {
                "revenue": list(REVENUE),
                "royalty_rate": "royalty",
                "tax_rate": "tax",
                "discount_rate": "rate",
            },
            "tax_amortisation_years": 5,
        },
        {"name": "cost", "kind": "replacement_cost", "arguments": {"items": ["spent"]}},
    ],
    "assumptions": ["the licence lasts five years"],
    "limits": ["no rights were examined"],
}


def case(**changes: object) -> dict[str, Any]:
    return {**copy.deepcopy(CASE), **changes}


def result(document: dict[str, Any]) -> dict[str, Any]:
    return json.loads(result_bytes(value(case_from_json(document))))


def weigh(relief: str, cost: str) -> dict[str, Any]:
    reasons = {"relief": "contracts exist", "cost": "as a check"}
    shares = {"relief": relief, "cost": cost}
    return {name: {"share": shares[name], "reason": reasons[name]} for name in shares}


def test_the_range_of_relief_from_royalty_is_that_of_the_published_run() -> None:
    found = result(case())["value"]

    # Without the spread of revenue the P50 stays within one percent of 196.1 thousand.
    assert 194_000 < float(found["p50"]) < 198_000
    assert float(found["p10"]) < float(found["p50"]) < float(found["p90"])


def test_the_same_inputs_give_the_same_bytes_whatever_the_order_of_parameters() -> None:
    turned = case(parameters=dict(reversed(CASE["parameters"].items())))

    assert result_bytes(value(case_from_json(case()))) == result_bytes(
        value(case_from_json(turned))
    )


def test_another_seed_gives_another_hash_and_nearly_the_same_median() -> None:
    one, other = result(case(seed=1)), result(case(seed=2))

    assert one["input_hash"] != other["input_hash"]
    assert one["value"] != other["value"]
    assert float(one["value"]["p50"]) == pytest.approx(float(other["value"]["p50"]), rel=0.005)


def test_a_case_survives_its_json_form_with_defaults_spelt_out() -> None:
    read = case_from_json(case(weights=weigh("0.75", "0.25")))

    written = case_to_json(read)

    assert case_from_json(written) == read
    assert written["points"] == 4096
    assert input_hash(case_from_json(written)) == input_hash(read)


def test_cost_is_the_floor_beside_income_and_carries_no_weight() -> None:
    relief, cost = result(case())["methods"]

    assert (relief["role"], relief["weight"]) == ("indication", "1")
    assert (cost["role"], cost["weight"]) == ("floor", "0")
    assert cost["reason"] == (
        "有收益或市场证据时成本为下限 "
        "cost is the floor where there is evidence of income or of a market"
    )


def test_cost_alone_is_the_indication() -> None:
    alone = case(
        methods=[CASE["methods"][1]], parameters={"spent": {"value": "80000", "source": "books"}}
    )

    found = result(alone)

    assert found["methods"][0]["role"] == "indication"
    assert found["value"] == {"p10": "80000.00", "p50": "80000.00", "p90": "80000.00"}
    assert found["sensitivity"] == []
    assert found["flags"] == []


def test_explicit_weights_are_used_shown_and_flagged() -> None:
    found = result(case(weights=weigh("0.75", "0.25")))

    low, high = (float(each["range"]["p50"]) for each in reversed(found["methods"]))
    assert low < float(found["value"]["p50"]) < high
    assert [each["weight"] for each in found["methods"]] == ["0.75", "0.25"]
    assert found["methods"][1]["reason"] == "as a check"
    assert {"flag": "floor_carries_weight", "methods": ["cost"]} in found["flags"]


def test_methods_that_disagree_are_flagged() -> None:
    apart = case()
    apart["parameters"]["spent"] = {"value": "900000", "source": "books"}

    flags = [flag["flag"] for flag in result(apart)["flags"]]

    assert flags == ["ranges_do_not_overlap", "gap_over_20_percent", "below_floor"]


def test_methods_that_agree_are_not_flagged() -> None:
    close = case()
    close["parameters"]["spent"] = {"value": "190000", "source": "books"}

    assert result(close)["flags"] == []


def test_a_gap_to_a_higher_method_is_flagged_either_way_round() -> None:
    apart = case(methods=list(reversed(CASE["methods"])))
    apart["parameters"]["spent"] = {"value": "900000", "source": "books"}

    assert [flag["flag"] for flag in result(apart)["flags"]][:1] == ["ranges_do_not_overlap"]


def test_the_tornado_names_the_parameter_that_matters_most_first() -> None:
    swings = result(case())["sensitivity"]

    assert [swing["parameter"] for swing in swings] == ["royalty", "rate", "spent"]
    assert float(swings[0]["low"]) < float(swings[0]["high"])
    assert float(swings[1]["low"]) > float(swings[1]["high"])
    assert swings[2]["low"] == swings[2]["high"]


def test_the_lines_of_a_method_add_up_to_the_cent() -> None:
    relief = result(case())["methods"][0]

    assert relief["lines"][1]["name"] == "tax_amortisation_benefit"
    cents = [int(line["amount"].replace(".", "")) for line in relief["lines"]]
    assert sum(cents) == int(relief["at_medians"].replace(".", ""))


def test_the_result_names_everything_it_rests_on() -> None:
    found = result_to_json(value(case_from_json(case())))

    assert found["engine_version"] == "2.0.0"
    assert (found["seed"], found["points"], found["currency"]) == (1, 4096, "CNY")
    assert found["assumptions"] == ["the licence lasts five years"]
    assert found["limits"] == ["no rights were examined"]
    assert found["parameters"][0] == {  # type: ignore[index]
        "name": "rate",
        "distribution": {"low": "0.10", "mode": "0.12", "high": "0.18"},
        "p10": "0.112649110641",
        "p50": "0.131010205144",
        "p90": "0.1580910977",
        "source": "build-up",
        "unit": "1",
        "evidence": None,
        "accepted_by": None,
        "uses": [{"method": "relief", "argument": "discount_rate", "enters": "rate", "risks": []}],
    }


def with_parameter(name: str, **fields: str) -> dict[str, Any]:
    changed = case()
    changed["parameters"][name] = {"source": "s", **fields}
    return changed


def with_method(**fields: object) -> dict[str, Any]:
    changed = case()
    changed["methods"][0] |= fields
    return changed


def with_arguments(**arguments: object) -> dict[str, Any]:
    changed = case()
    changed["methods"][0]["arguments"] |= arguments
    return changed


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (case(colour="red"), "colour"),
        (case(currency="RMB"), "currency"),
        (case(purpose=" "), "purpose"),
        (case(valued_on="23/11/2026"), "valued_on"),
        (case(seed=-1), "seed"),
        (case(points=1000), "points"),
        (case(points=2**20), "points"),
        (case(parameters={}), "parameters"),
        (case(methods=[]), "methods"),
        (case(methods=[CASE["methods"][1]] * 2), "methods"),
        (case(limits=[1]), "limits[0]"),
        (case(weights=weigh("0.6", "0.6")), "weights"),
        (case(weights=weigh("2", "-1")), "weights.cost.share"),
        (case(weights={"relief": {"share": "1", "reason": "r"}}), "weights.cost"),
        (case(weights={**weigh("1", "0"), "x": {"share": "0", "reason": "r"}}), "weights.x"),
        (case(weights={"relief": {"share": "1"}}), "weights.relief.reason"),
        (with_parameter("royalty", value="1.2"), "parameters.royalty"),
        (with_parameter("royalty", value="-0.1"), "parameters.royalty"),
        (with_parameter("royalty", median="0.1", sigma="1"), "parameters.royalty"),
        (with_parameter("royalty", value="0.1", colour="x"), "parameters.royalty.colour"),
        (with_parameter("royalty"), "parameters.royalty.value"),
        (with_parameter("royalty", low="2", mode="1", high="3"), "parameters.royalty.mode"),
        (with_parameter("royalty", low="1", mode="1", high="1"), "parameters.royalty.mode"),
        (with_parameter("spent", median="0", sigma="1"), "parameters.spent.median"),
        (with_parameter("spent", median="1", sigma="9"), "parameters.spent.sigma"),
        (with_parameter("spare", value="1"), "parameters.spare"),
        (with_method(kind="guess"), "methods[0].kind"),
        (with_method(timing="never"), "methods[0].timing"),
        (with_method(tax_amortisation_years=0), "methods[0].tax_amortisation_years"),
        (with_arguments(growth="rate"), "methods[0].arguments.growth"),
        (with_arguments(revenue=[]), "methods[0].arguments.revenue"),
        (with_arguments(revenue=["nobody"]), "methods[0].arguments.revenue"),
        (with_arguments(tax_rate=["tax", "tax"]), "methods[0].arguments.tax_rate"),
        (with_arguments(tax_rate=None), "methods[0].arguments.tax_rate"),
    ],
)
def test_a_wrong_case_is_refused_with_the_field_named(document: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        case_from_json(document)

    assert refused.value.field == field


def test_an_argument_that_is_left_out_is_refused() -> None:
    document = case()
    del document["methods"][0]["arguments"]["tax_rate"]

    with pytest.raises(InvalidInput) as refused:
        case_from_json(document)

    assert refused.value.field == "methods[0].arguments.tax_rate"


def two_incomes(**changes: object) -> dict[str, Any]:
    flows = {"flow": {"value": "100", "source": "plan"}, "rate": {"value": "0.1", "source": "s"}}
    methods = [
        {
            "name": name,
            "kind": "direct_forecast",
            "arguments": {"cash_flows": ["flow"], "discount_rate": "rate"},
        }
        for name in ("one", "two")
    ]
    return case(parameters=flows, methods=methods, **changes)


def test_two_indications_are_never_averaged_without_written_weights() -> None:
    with pytest.raises(InvalidInput) as refused:
        case_from_json(two_incomes())

    assert refused.value.field == "weights"


def test_an_option_that_a_method_does_not_take_is_refused() -> None:
    document = case()
    document["methods"][1]["tax_amortisation_years"] = 5

    with pytest.raises(InvalidInput) as refused:
        case_from_json(document)

    assert refused.value.field == "methods[1].tax_amortisation_years"


def test_series_that_belong_together_are_of_one_length() -> None:
    document = two_incomes()
    document["methods"][1] = {
        "name": "two",
        "kind": "with_and_without",
        "arguments": {
            "with_asset": ["flow", "flow"],
            "without_asset": ["flow"],
            "discount_rate": "rate",
        },
    }

    with pytest.raises(InvalidInput) as refused:
        case_from_json(document)

    assert refused.value.field == "methods[1].arguments.without_asset"


def test_a_value_that_may_be_negative_is_pointed_at() -> None:
    loss = two_incomes(weights=weigh_two("0.6", "0.4"))
    loss["parameters"]["flow"] = {"low": "-20", "high": "180", "source": "s"}
    gain = copy.deepcopy(loss)
    gain["parameters"]["flow"]["low"] = "1"

    assert {"flag": "negative_outcomes", "methods": []} not in result(loss)["flags"]
    loss["parameters"]["flow"]["low"] = "-30"
    assert {"flag": "negative_outcomes", "methods": []} in result(loss)["flags"]
    assert {"flag": "negative_outcomes", "methods": []} not in result(gain)["flags"]


def weigh_two(one: str, two: str) -> dict[str, Any]:
    return {
        name: {"share": share, "reason": "as written"}
        for name, share in (("one", one), ("two", two))
    }


def test_equal_weights_and_the_highest_alone_are_pointed_at() -> None:
    equal = result(two_incomes(weights=weigh_two("0.5", "0.5")))
    apart = two_incomes(weights=weigh_two("0", "1"))
    apart["methods"][1]["arguments"]["cash_flows"] = ["flow", "flow"]
    highest = result(apart)
    lowest = result({**apart, "weights": weigh_two("1", "0")})
    unequal = result(two_incomes(weights=weigh_two("0.6", "0.4")))

    assert equal["flags"] == [{"flag": "equal_weights", "methods": ["one", "two"]}]
    assert {"flag": "highest_takes_all", "methods": ["two"]} in highest["flags"]
    assert "highest_takes_all" not in {flag["flag"] for flag in lowest["flags"]}
    assert unequal["flags"] == []


@pytest.mark.parametrize(("cost", "is_flagged"), [("118", True), ("122", False)])
def test_a_gap_of_twenty_percent_of_the_midpoint_is_the_limit(cost: str, is_flagged: bool) -> None:
    document = two_incomes(weights=weigh_two("0.6", "0.4"))
    document["parameters"] |= {
        "low": {"value": cost, "source": "s"},
        "flow": {"value": "146.3", "source": "s"},
        "rate": {"value": "0", "source": "s"},
    }
    document["methods"][1]["arguments"]["cash_flows"] = ["low"]

    flags = {flag["flag"] for flag in result(document)["flags"]}

    assert ("gap_over_20_percent" in flags) is is_flagged


def test_results_do_not_depend_on_how_many_are_valued_at_once() -> None:
    expected = result_bytes(value(case_from_json(case())))

    for workers in (1, 2, 8):
        with ThreadPoolExecutor(workers) as pool:
            found = pool.map(lambda _: result_bytes(value(case_from_json(case()))), range(8))
            assert set(found) == {expected}


def test_a_value_beyond_all_money_is_refused() -> None:
    document = case(
        methods=[CASE["methods"][1]],
        parameters={"spent": {"value": "99999999999999999", "source": "s"}},
    )

    with pytest.raises(InvalidInput) as refused:
        value(case_from_json(document))

    assert refused.value.field == "parameters"
