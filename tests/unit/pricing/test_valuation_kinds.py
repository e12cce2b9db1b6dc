"""What holds for every kind of method: schema, reader, arithmetic and report agree on it."""

from typing import Any

import jsonschema_rs
import pytest

from pricing.errors import InvalidInput
from pricing.schema import value_schema
from pricing.valuation import KINDS, Approach, Risk, case_from_json, case_to_json, input_hash
from pricing.valuation.methods import Argument, Shape
from tests.support.valuation import case_of, method_of, report

SCHEMA = jsonschema_rs.validator_for(value_schema())


def smallest(kind_name: str, *, scale: int = 1) -> dict[str, Any]:
    """The smallest case of a kind: every required argument, once, within its bounds."""
    kind = KINDS[kind_name]
    needed = [name for name, each in kind.arguments.items() if each.is_required]
    needed += [group[0] for group in kind.rules.at_least_one]
    for name, helpers in kind.rules.needs:
        if name in needed:
            needed.append(helpers[0])
    chosen = {"charges_taken": "after_tax"} if kind.takes_charges else {}
    arguments = {name: _references(name, kind.arguments[name]) for name in needed}
    figures = {
        name: _figure(kind.arguments[name], scale * 10_000 // 10**place)
        for place, name in enumerate(needed)
    }
    return case_of(method_of(kind_name, **arguments, **chosen), parameters=figures)


def _references(name: str, argument: Argument) -> str | list[str]:
    return [name] if argument.shape is Shape.SERIES else name


def _figure(argument: Argument, amount: int) -> str:
    """An amount for what has no upper bound, else a share; earlier amounts are the larger ones."""
    return str(amount) if argument.high == float("inf") else "0.5"


@pytest.mark.parametrize("kind", KINDS)
def test_the_smallest_case_of_a_kind_is_valued_and_round_trips(kind: str) -> None:
    document = smallest(kind)

    read = case_from_json(document)
    found = report(document)

    SCHEMA.validate(document)
    SCHEMA.validate(case_to_json(read))
    assert case_from_json(case_to_json(read)) == read
    assert input_hash(read) == found["input_hash"]
    (method,) = found["methods"]
    assert method["approach"] == KINDS[kind].approach
    assert float(method["at_medians"]) == pytest.approx(float(found["value"]["p50"]), abs=0.02)
    assert all(
        len(row) == len(method["working_paper"]["columns"])
        for row in method["working_paper"]["rows"]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_homogeneous_of_degree_one(kind: str) -> None:
    one, seven = (float(report(smallest(kind, scale=s))["value"]["p50"]) for s in (1, 7))

    assert seven == pytest.approx(7 * one, abs=0.05)
    assert one > 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_required_argument_is_asked_for_by_reader_and_schema(kind: str) -> None:
    document = smallest(kind)

    for name in [name for name, each in KINDS[kind].arguments.items() if each.is_required]:
        without = smallest(kind)
        del without["methods"][0]["arguments"][name]
        with pytest.raises(InvalidInput) as refused:
            case_from_json(without)
        assert refused.value.field == f"methods[0].arguments.{name}"
        assert not SCHEMA.is_valid(without)
    assert SCHEMA.is_valid(document)


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"currency": "RMB"},
        {"seed": -1},
        {"adjustments": [{"kind": "other_discount", "parameter": "items"}]},
        {"adjustments": [{"kind": "gift", "parameter": "items"}]},
        {"parameters": {"items": {"value": 5, "source": "s"}}},
        {"parameters": {"items": {"low": "5", "source": "s"}}},
        {"parameters": {"items": {"value": "5", "source": "s", "evidence": "x"}}},
        {"parameters": {"items": {"value": "5", "source": "s", "risks": ["weather"]}}},
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(change: dict[str, Any]) -> None:
    document = smallest("replacement_cost") | change

    assert not SCHEMA.is_valid(document)
    with pytest.raises(InvalidInput):
        case_from_json(document)


def test_an_argument_or_option_of_another_kind_is_in_no_schema() -> None:
    for field, value in (("timing", "mid_year"), ("charges_taken", "after_tax")):
        document = smallest("replacement_cost")
        document["methods"][0][field] = value
        assert not SCHEMA.is_valid(document)
    with_growth = smallest("replacement_cost")
    with_growth["methods"][0]["arguments"]["growth_rate"] = "items"
    assert not SCHEMA.is_valid(with_growth)


BY_NATURE = [
    (kind, name, argument.risk)
    for kind, each in KINDS.items()
    for name, argument in each.arguments.items()
    if argument.risk is not None and each.approach is not Approach.MARKET
]


@pytest.mark.parametrize(("kind", "name", "risk"), BY_NATURE)
def test_what_an_argument_prices_by_nature_meets_what_another_declares(
    kind: str, name: str, risk: Risk
) -> None:
    """Any argument that prices a risk, in any kind, beside a discount that declares the same."""
    document = smallest(kind)
    method = document["methods"][0]
    method["arguments"][name] = "by_nature"
    for needed, helpers in KINDS[kind].rules.needs:
        if needed == name:
            method["arguments"].setdefault(helpers[0], "helper")
            document["parameters"]["helper"] = {"value": "0.5", "source": "test"}
    document["parameters"]["by_nature"] = {"value": "0.5", "source": "test"}
    if kind == "adjusted_cost" and name != "quality_coefficient":
        del method["arguments"]["quality_coefficient"]
    used = {
        each
        for given in method["arguments"].values()
        for each in ([given] if isinstance(given, str) else given)
    }
    document["parameters"] = {n: p for n, p in document["parameters"].items() if n in used}
    assert len(case_from_json(document).methods) == 1
    document["parameters"]["declared"] = {"value": "0.1", "source": "s", "risks": [risk.value]}
    document["adjustments"] = [
        {"kind": "other_discount", "parameter": "declared", "reason": "stated"}
    ]

    with pytest.raises(InvalidInput) as refused:
        case_from_json(document)

    assert refused.value.field == "parameters.declared"
    assert "parameters.by_nature" in refused.value.problem
