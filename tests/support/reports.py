"""What valuation reports are made of, for tests: a case with most of what an engine can say."""

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pypdf

from exchange_market.appraisals.report.material import (
    Indicator,
    Material,
    MeasuredQuality,
    ValuedProduct,
)
from exchange_market.appraisals.report.result_view import read_result
from pricing.valuation import case_from_json, result_to_json, value_case

EVIDENCE = "ab" * 32
NAMES = ("sales_1", "sales_2", "sales_3")

CASE: dict[str, Any] = {
    "currency": "CNY",
    "purpose": "listing",
    "value_type": "market",
    "valued_on": "2026-11-01",
    "parameters": {
        **{
            name: {"value": str(value), "source": "sales ledger"}
            for name, value in zip(NAMES, (1_000_000, 1_100_000, 900_000), strict=True)
        },
        "royalty": {
            "low": "0.03",
            "mode": "0.05",
            "high": "0.08",
            "source": "licences seen 许可合同",
            "evidence": EVIDENCE,
            "accepted_by": "李评 Li Ping",
        },
        "risk_free": {"value": "0.03", "source": "bond yield"},
        "premium": {"low": "0.07", "mode": "0.09", "high": "0.12", "source": "build-up"},
        "tax": {"value": "0.25", "source": "Enterprise Income Tax Law"},
        "kept": {"value": "0.95", "source": "quality report"},
        "leaving": {"value": "0.1", "source": "churn of customers"},
        "with_1": {"value": "500000", "source": "forecast"},
        "with_2": {"value": "550000", "source": "forecast"},
        "without_1": {"value": "400000", "source": "forecast"},
        "without_2": {"value": "420000", "source": "forecast"},
        "earned_1": {"value": "300000", "source": "forecast"},
        "earned_2": {"value": "320000", "source": "forecast"},
        "machines": {"value": "200000", "source": "books"},
        "machine_return": {"value": "0.08", "source": "leasing rates"},
        "collection": {"median": "180000", "sigma": "0.1", "source": "books"},
        "cleaning": {"value": "60000", "source": "books"},
        "profit": {"value": "0.1", "source": "trade statistics"},
        "illiquid": {"value": "0.15", "source": "study of discounts"},
        "exclusive": {"value": "0.05", "source": "contract terms"},
        "growth": {"value": "0.02", "source": "inflation target"},
        "forecast_error": {"low": "0.8", "mode": "1", "high": "1.1", "source": "past forecasts"},
        "level": {"value": "90000", "source": "forecast"},
        "level_rate": {"value": "0.2", "source": "build-up"},
    },
    "methods": [
        {
            "name": "relief",
            "kind": "relief_from_royalty",
            "arguments": {
                "revenue": list(NAMES),
                "royalty_rate": "royalty",
                "tax_rate": "tax",
                "discount_rate": ["risk_free", "premium"],
                "quality_coefficient": "kept",
                "attrition_rate": "leaving",
            },
            "timing": "mid_year",
            "adjustments": [{"kind": "marketability_discount", "parameter": "illiquid"}],
        },
        {
            "name": "loss",
            "kind": "with_and_without",
            "arguments": {
                "with_asset": ["with_1", "with_2"],
                "without_asset": ["without_1", "without_2"],
                "tax_rate": "tax",
                "discount_rate": ["risk_free", "premium"],
                "forecast_factor": "forecast_error",
                "attrition_rate": "leaving",
                "terminal_growth_rate": "growth",
            },
            "timing": "end_year",
            "tax_amortisation_years": 10,
        },
        {
            "name": "excess",
            "kind": "multi_period_excess_earnings",
            "arguments": {
                "earnings": ["earned_1", "earned_2"],
                "assets": ["machines"],
                "required_returns": ["machine_return"],
                "tax_rate": "tax",
                "discount_rate": ["risk_free", "premium"],
            },
            "timing": "end_year",
            "charges_taken": "after_tax",
        },
        {
            "name": "level",
            "kind": "capitalised_income",
            "arguments": {"income": "level", "capitalisation_rate": ["level_rate"]},
        },
        {
            "name": "cost",
            "kind": "replacement_cost",
            "arguments": {"items": ["collection", "cleaning"], "profit_rate": "profit"},
        },
    ],
    "weights": {
        "relief": {"share": "0.4", "reason": "licences of comparable data were seen"},
        "loss": {"share": "0.3", "reason": "the forecast was reviewed"},
        "excess": {"share": "0.2", "reason": "earnings are audited"},
        "level": {"share": "0.1", "reason": "a long series"},
        "cost": {"share": "0", "reason": "a floor"},
    },
    "adjustments": [
        {"kind": "exclusivity_premium", "parameter": "exclusive", "reason": "sole licence"}
    ],
    "assumptions": ["the licence holds over the forecast"],
    "limits": ["title documents were not examined"],
    "points": 256,
}


def result_of(case: dict[str, Any]) -> dict[str, Any]:
    """The result of a case as it is signed."""
    return json.loads(json.dumps(result_to_json(value_case(case_from_json(case)))))


def product(**changes: Any) -> ValuedProduct:
    """A valued product."""
    described = ValuedProduct(
        id="prd_01K00000000000000000000001",
        title_zh="纽约离港航班",
        title_en="Flights departing New York",
        description_zh="二〇一三年纽约三座机场全部离港航班。",
        description_en="All flights that departed the three airports of New York in 2013.",
        subject_zh="交通",
        subject_en="Transport",
        provider_zh="赣江交通数据有限公司",
        provider_en="Ganjiang Transport Data Ltd",
        provider_identifier="91360000MA35GJ7K85",
        spatial="New York",
        temporal_start=date(2013, 1, 1),
        temporal_end=date(2014, 1, 1),
        granularity="one row per flight",
        update_frequency="never",
        licence_terms="Internal analysis only; no resale.",
        source_statement="Bureau of Transportation Statistics",
        revision=1,
        rows=336_776,
        columns=19,
    )
    return replace(described, **changes)


def quality() -> MeasuredQuality:
    """A measured quality in which two dimensions were not measured."""
    scores = ("1.000000", "0.974312", "0.998021", None, "0.870000", None)
    names = (
        "normativity",
        "completeness",
        "accuracy",
        "consistency",
        "timeliness",
        "accessibility",
    )
    return MeasuredQuality(
        id="qua_01K00000000000000000000001",
        measured_at=datetime(2026, 11, 2, 7, tzinfo=UTC),
        total="0.960583",
        dimensions=tuple(zip(names, scores, strict=True)),
        indicators=(
            Indicator(
                id="completeness.not_null(tail)",
                dimension="completeness",
                measures="The value is present.",
                conforming=328_125,
                examined=336_776,
                ratio="0.974312",
                sql="SELECT count(tail) FROM revision",
            ),
        ),
        withheld=0,
    )


def material(result: dict[str, Any] | None = None, **changes: Any) -> Material:
    """All that a report of an approved valuation is made of."""
    full = Material(
        is_full=True,
        valuation_id="val_01K00000000000000000000001",
        version=2,
        state="approved",
        proposed_at=datetime(2026, 11, 3, 8, tzinfo=UTC),
        decided_at=datetime(2026, 11, 4, 9, tzinfo=UTC),
        proposed_by="usr_provider",
        decided_by="usr_administrator",
        decision_reason="sources and range are plausible",
        key_id="key-of-valuations",
        operator_name="Exchange Market",
        result=read_result(result or result_of(CASE)),
        product=product(),
        quality=quality(),
    )
    return replace(full, **changes)


def pdf_text(pdf: bytes) -> str:
    """The text of all pages, without the places to break that long words are given."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "\n".join(page.extract_text() for page in pages).replace("\u200b", "")
