"""Market methods inside a case: lines, ranges, weights, sensitivity, evidence and refusals."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pricing.errors import InvalidInput
from pricing.valuation import case_from_json, case_to_json, result_bytes, result_to_json, value_case
from pricing.valuation.market.deal import Deal, Party
from tests.support.deals import deal, planted, planted_price, target
from tests.support.market_cases import fixed, market_case, method


def valued(document: dict[str, Any]) -> Any:
    return result_to_json(value_case(case_from_json(document)))


def open_deals(count: int) -> list[Deal]:
    """Settled deals between different parties; the prices are no secret."""
    return [
        replace(each, is_confidential=False, price=Decimal(1_000 * (n + 1)))
        for n, each in enumerate(planted(count, 0.0, 3))
    ]


def test_the_guideline_form_multiplies_visible_coefficients() -> None:
    """100,000 x 1.1 x 0.9 x 1.05 x 2 x 0.95."""
    arguments = {name: [name] for name in ("technology", "density", "date", "capacity", "other")}
    parameters = fixed(
        v="100000", technology="1.1", density="0.9", date="1.05", capacity="2", other="0.95"
    )

    result = valued(
        market_case(
            [method("adjusted_comparables", arguments={"prices": ["v"], **arguments})],
            parameters=parameters,
        )
    )

    (found,) = result["methods"]
    lines = {line["name"]: line["amount"] for line in found["lines"]}
    assert lines == {
        "comparable_price": "100000.00",
        "technology": "10000.00",
        "density": "-11000.00",
        "date": "4950.00",
        "capacity": "103950.00",
        "other": "-10395.00",
    }
    assert result["value"]["p50"] == "197505.00"
    assert found["approach"] == "market"
    assert found["working_paper"]["rows"] == [
        ["v", "100000.000000", "1.1", "0.9", "1.05", "2", "0.95"]
    ]


def test_the_annex_form_adds_up_data_sets() -> None:
    """1,000 x 1.2 x 0.5 + 2,000 x 0.8 x 1."""
    arguments = {"prices": ["a", "b"], "quality": ["qa", "qb"], "supply_demand": ["sa", "sb"]}
    parameters = fixed(a="1000", b="2000", qa="1.2", qb="0.8", sa="0.5", sb="1")

    result = valued(
        market_case([method("adjusted_data_sets", arguments=arguments)], parameters=parameters)
    )

    assert result["value"]["p50"] == "2200.00"


def test_coefficients_of_a_standard_come_with_their_source_and_whether_it_was_checked() -> None:
    arguments = {"prices": ["v"], "quality": ["x1"]}
    parameters: dict[str, Any] = fixed(v="1000") | {"x1": {"coefficient": "quality"}}

    document = market_case(
        [method("adjusted_data_sets", arguments=arguments)],
        parameters=parameters,
        standard="cas-2023",
    )
    result = valued(document)

    assert result["standard"]["number"] == "中评协〔2023〕17号"
    assert result["standard"]["coefficients"]["x1"]["verified"] is False
    (x1,) = [each for each in result["parameters"] if each["name"] == "x1"]
    assert x1["source"].startswith("X1 of the market formula")
    spelt = case_to_json(case_from_json(document))
    assert result_bytes(value_case(case_from_json(spelt))) == result_bytes(
        value_case(case_from_json(document))
    )


def test_named_deals_give_price_index_exclusivity_and_rows() -> None:
    """12,000 x 1.5 x 1.1 x (20,000 / 10,000)^0.5, half of each of two like deals."""
    deals = [deal(id=name, is_confidential=False) for name in ("a", "b")]
    rules = {
        "exclusivity": {"value": "1.5", "source": "licences seen"},
        "index": {"levels": {"2026-06": "100", "2026-11": "110"}, "source": "own index"},
    }
    arguments = {"shares": ["one", "two"], "capacity_elasticity": "e"}

    result = valued(
        market_case(
            [method("adjusted_comparables", arguments=arguments, deals=["a", "b"])],
            deals,
            priced=target(is_exclusive=True),
            rules=rules,
            parameters=fixed(one="0.5", two="0.5", e="0.5"),
        )
    )

    assert result["value"]["p50"] == "28001.43"
    names = [line["name"] for line in result["methods"][0]["lines"]]
    assert names == ["comparable_price", "date", "capacity", "exclusivity"]
    assert result["market"]["methods"]["market"] == {"deals": ["a", "b"]}


def test_several_comparables_are_weighed_in_writing() -> None:
    arguments: dict[str, Any] = {"prices": ["a", "b"]}
    parameters = fixed(a="1000", b="2000", one="0.75", two="0.25")

    with pytest.raises(InvalidInput, match="weigh each comparable"):
        valued(
            market_case(
                [method("adjusted_comparables", arguments=arguments)],
                parameters={name: parameters[name] for name in ("a", "b")},
            )
        )
    weighed = market_case(
        [method("adjusted_comparables", arguments=arguments | {"shares": ["one", "two"]})],
        parameters=parameters,
    )
    assert valued(weighed)["value"]["p50"] == "1250.00"
    weighed["parameters"]["two"]["value"] = "0.3"
    with pytest.raises(InvalidInput, match="adding up to 1"):
        valued(weighed)


def test_a_hedonic_value_is_the_prediction_with_its_diagnostics() -> None:
    result = valued(market_case([method("hedonic")], planted(200, 0.35, 1)))

    evidence = result["market"]["methods"]["market"]
    assert float(result["value"]["p50"]) == pytest.approx(planted_price(target()), rel=0.1)
    assert evidence["deals"] == 200
    assert evidence["leave_one_out_coverage_90"] == "0.895"
    assert {effect["column"] for effect in evidence["effects"]} >= {"log_rows", "subject=finance"}
    # One uncertain thing: all of the variance is its own.
    (swing,) = result["sensitivity"]
    assert swing["parameter"] == "market: predicted price"
    assert float(swing["total"]) == pytest.approx(1.0, abs=0.05)
    low, high = (float(result["value"][name]) for name in ("p10", "p90"))
    assert (float(swing["low"]), float(swing["high"])) == pytest.approx((low, high), rel=0.02)


def test_multiples_state_basis_median_and_quartiles() -> None:
    deals = [
        deal(id=f"d{n}", price=Decimal(12_000 * n), is_confidential=False) for n in range(1, 10)
    ]

    result = valued(market_case([method("multiples", basis="row")], deals))

    assert result["value"]["p50"] == "120000.00"
    evidence = result["market"]["methods"]["market"]
    assert (evidence["lower_quartile"], evidence["median"], evidence["upper_quartile"]) == (
        "0.3",
        "0.5",
        "0.7",
    )
    assert result["market"]["statistics"]["deals"] == 9


def test_the_nearest_deals_value_what_a_regression_cannot() -> None:
    deals = planted(12, 0.1, 4)

    result = valued(market_case([method("nearest_comparables", basis="period")], deals))

    evidence = result["market"]["methods"]["market"]
    assert len(evidence["deals"]) == evidence["neighbours"] == 5
    assert set(evidence["deals"]) <= {each.id for each in deals}
    assert float(result["value"]["p10"]) < float(result["value"]["p90"])


def test_licences_scale_the_price_of_one_and_may_be_uncertain() -> None:
    deals = planted(40, 0.0, 3)
    one = valued(market_case([method("hedonic")], deals))
    parameters = {"n": {"low": "2", "mode": "3", "high": "4", "source": "sales plan"}}

    several = valued(
        market_case([method("hedonic", arguments={"licences": "n"})], deals, parameters=parameters)
    )

    assert float(several["value"]["p50"]) == pytest.approx(3 * float(one["value"]["p50"]), rel=0.02)
    assert {swing["parameter"] for swing in several["sensitivity"]} >= {"n"}


def test_a_market_method_is_weighed_against_cost_and_income() -> None:
    deals = planted(40, 0.1, 3)
    methods = [
        method("hedonic"),
        {"name": "cost", "kind": "replacement_cost", "arguments": {"items": ["c"]}},
    ]

    result = valued(market_case(methods, deals, parameters=fixed(c="100")))

    assert {each["name"]: (each["role"], each["weight"]) for each in result["methods"]} == {
        "market": ("indication", "1"),
        "cost": ("floor", "0"),
    }


def test_used_and_rejected_deals_are_listed_without_their_figures() -> None:
    odd = deal(id="odd", is_refunded=True, price=Decimal(987654))
    result = valued(market_case([method("hedonic")], [*planted(40, 0.1, 3), odd]))

    assert result["market"]["rejected"] == [{"id": "odd", "reasons": ["refunded"]}]
    assert len(result["market"]["used"]) == 40
    assert "987654" not in str(result)
    assert "seller" not in str(result)


@pytest.mark.parametrize(
    ("methods", "deals", "field"),
    [
        ([method("hedonic")], planted(29, 0.1, 1), "comparables.deals"),
        ([method("nearest_comparables", basis="row")], open_deals(4), "comparables.deals"),
        ([method("multiples", basis="row")], open_deals(4), "comparables.deals"),
        ([method("multiples", basis="row")], planted(9, 0.1, 1), "methods[0].kind"),
        ([method("multiples")], open_deals(9), "methods[0].basis"),
        ([method("multiples", basis="entity")], open_deals(9), "comparables.deals"),
        ([method("multiples", basis="weight")], open_deals(9), "methods[0].basis"),
        ([method("hedonic", basis="row")], open_deals(40), "methods[0].basis"),
        ([method("hedonic")], [], "parameters"),
        (
            [method("nearest_comparables", basis="row", neighbours=4)],
            open_deals(9),
            "methods[0].neighbours",
        ),
        ([method("adjusted_comparables")], open_deals(9), "methods[0].arguments.prices"),
        ([method("adjusted_comparables", deals=["deal_9999"])], open_deals(9), "methods[0].deals"),
        (
            [method("adjusted_comparables", deals=["deal_0001"])],
            planted(9, 0.1, 1),
            "methods[0].kind",
        ),
    ],
)
def test_what_the_deals_cannot_show_is_refused_with_the_field(
    methods: Sequence[dict[str, Any]], deals: Sequence[Deal], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        valued(market_case(methods, deals))

    assert refusal.value.field == field


def test_a_method_of_the_market_needs_comparables() -> None:
    document = market_case(
        [method("hedonic", arguments={"licences": "n"})], parameters=fixed(n="2")
    )

    with pytest.raises(InvalidInput, match=r"is required by methods\[0\]") as refusal:
        valued(document)

    assert refusal.value.field == "comparables"


def test_a_prediction_cannot_be_replaced_by_a_figure_of_ones_own() -> None:
    document = market_case(
        [method("hedonic", arguments={"prediction": "mine"})],
        planted(40, 0.1, 1),
        parameters=fixed(mine="1000000"),
    )

    with pytest.raises(InvalidInput, match="comes from the comparables") as refusal:
        valued(document)

    assert refusal.value.field == "methods[0].arguments.prediction"


def test_a_parameter_cannot_take_the_name_of_a_prediction() -> None:
    document = market_case(
        [method("hedonic", arguments={"licences": "market: predicted price"})],
        planted(40, 0.1, 1),
        parameters={"market: predicted price": {"value": "2", "source": "mine"}},
    )

    with pytest.raises(InvalidInput, match="is the name of a figure from the deals"):
        valued(document)


def test_comparables_that_no_method_uses_are_refused() -> None:
    document = market_case(
        [{"name": "cost", "kind": "replacement_cost", "arguments": {"items": ["c"]}}],
        open_deals(5),
        parameters=fixed(c="100"),
    )

    with pytest.raises(InvalidInput, match="is used by no method"):
        valued(document)


def test_scores_stand_beside_the_value_and_are_no_money() -> None:
    shares = dict.fromkeys(("validity", "completeness", "timeliness", "lifecycle"), "1")
    document = market_case([method("hedonic")], planted(40, 0.1, 1))

    result = valued(document | {"scores": shares | {"rival_scarcity": "0.4"}})

    assert result["scores"] == {
        "unit": "score",
        "intrinsic": "0.600000",
        "business": None,
        "performance": None,
    }
    assert result["value"] == valued(document)["value"]


@pytest.mark.parametrize(
    ("kind", "count", "options"),
    [("nearest_comparables", 5, {"basis": "period"}), ("hedonic", 30, {})],
)
@pytest.mark.parametrize("unknown", [1, 2])
def test_nobody_works_out_what_others_paid_from_deals_that_are_nearly_all_his(
    kind: str, count: int, options: dict[str, Any], unknown: int
) -> None:
    deals = [replace(each, is_exclusive=False) for each in planted(count, 0.2, 3)]
    his = [replace(each, seller=Party(entity="his")) for each in deals[unknown:]]
    document = market_case(
        [method(kind, **options)], [*deals[:unknown], *his], priced=target(is_exclusive=False)
    )

    with pytest.raises(InvalidInput) as refusal:
        valued(document)

    assert refusal.value.field == "methods[0].kind"


@pytest.mark.parametrize("unknown", [0, 3])
def test_deals_that_are_all_his_or_hide_three_others_are_taken(unknown: int) -> None:
    deals = [replace(each, is_exclusive=False) for each in planted(5, 0.2, 3)]
    his = [replace(each, buyer=Party(entity="his")) for each in deals[unknown:]]
    document = market_case(
        [method("nearest_comparables", basis="period")],
        [*deals[:unknown], *his],
        priced=target(is_exclusive=False),
    )

    assert valued(document)["market"]["statistics"]["deals"] == 5
