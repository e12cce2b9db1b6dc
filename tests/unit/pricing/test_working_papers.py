"""A reader can follow each method in a spreadsheet, row by row."""

from decimal import Decimal

import pytest

from tests.support.valuation import case_of, method_of, report

FIGURES = {"flow": 50, "rate": "0.1", "share": "0.05", "half": "0.5"}
REVENUE = {f"revenue_{year}": 900_000 + 100_000 * year for year in range(1, 6)}
RELIEF = case_of(
    method_of(
        "relief_from_royalty",
        revenue=list(REVENUE),
        royalty_rate="royalty",
        tax_rate="tax",
        discount_rate="rate",
        tax_amortisation_years=5,
    ),
    parameters={
        **REVENUE,
        "royalty": {"low": "0.03", "mode": "0.05", "high": "0.08"},
        "rate": {"low": "0.10", "mode": "0.12", "high": "0.18"},
        "tax": "0.25",
    },
)


def test_the_rows_of_a_working_paper_add_up_to_the_line() -> None:
    relief = report(RELIEF)["methods"][0]
    paper = relief["working_paper"]

    columns = [column["name"] for column in paper["columns"]]
    present = sum(Decimal(row[columns.index("present_value")]) for row in paper["rows"])
    figures = {each["name"]: Decimal(each["value"]) for each in paper["figures"]}

    assert columns == [
        "year",
        "revenue",
        "royalty",
        "tax",
        "flow",
        "years_from_valuation",
        "discount_factor",
        "present_value",
    ]
    assert f"{present:.2f}" == relief["lines"][0]["amount"]
    whole = present * figures["tax_amortisation_factor"]
    assert f"{whole:.2f}" == relief["at_medians"]
    assert float(figures["discount_rate"]) == pytest.approx(0.131010205144)


def test_each_row_of_a_working_paper_can_be_followed() -> None:
    method = method_of(
        "direct_forecast",
        cash_flows=["flow", "flow"],
        discount_rate="rate",
        attrition_rate="share",
        quality_coefficient="half",
        timing="mid_year",
    )
    document = case_of(
        method, parameters={n: FIGURES[n] for n in ("flow", "rate", "share", "half")}
    )

    paper = report(document)["methods"][0]["working_paper"]

    names = [column["name"] for column in paper["columns"]]
    second = dict(zip(names, paper["rows"][1], strict=True))
    assert second == {
        "year": "2",
        "cash_flow": "50.000000",
        "tax": "0.000000",
        "flow": "50.000000",
        "quality_coefficient": "0.5",
        "survival": "0.9025",
        "years_from_valuation": "1.5",
        "discount_factor": "0.866784172041",
        "present_value": "19.556818",
    }


def test_cost_items_are_listed_by_name_in_the_working_paper() -> None:
    document = case_of(
        method_of("replacement_cost", items=["spent", "flow"], taxes="years"),
        parameters={"spent": 100, "flow": 50, "years": 4},
    )

    paper = report(document)["methods"][0]["working_paper"]

    assert paper["rows"] == [
        ["items", "spent", "100.000000"],
        ["items", "flow", "50.000000"],
        ["taxes", "years", "4.000000"],
    ]


def test_capitalised_parts_are_listed_in_the_working_paper() -> None:
    method = method_of(
        "capitalised_royalty",
        revenue="flow",
        royalty_rate="half",
        tax_rate="rate",
        capitalisation_rate="half",
        growth_rate="rate",
    )
    document = case_of(method, parameters={n: FIGURES[n] for n in ("flow", "rate", "half")})

    found = report(document)["methods"][0]

    assert found["working_paper"]["rows"] == [
        ["royalty", "25.000000", "1", "0.4", "62.500000"],
        ["tax", "-2.500000", "1", "0.4", "-6.250000"],
    ]
    assert found["at_medians"] == "56.25"
