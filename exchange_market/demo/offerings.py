"""What the provider of the demo says about its two datasets."""

from pathlib import Path
from typing import Any

from exchange_market.demo.datasets import FLIGHT_ROWS, PERSON_ROWS, Offering

_PROVIDER_FACTS = {
    "language": "en",
    "licence_terms": "内部分析使用，不得转售。 Internal analysis only; no resale.",
    "lawful_basis": "公开统计数据的合法收集 Lawfully collected public statistics",
    "responsible_person": "周敏 Zhou Min",
    "grade": "general",
    "openness": "conditional",
}

_FLIGHT_COLUMNS = {
    "year": ("年", "Year of departure"),
    "month": ("月", "Month of departure"),
    "day": ("日", "Day of departure"),
    "dep_time": ("实际起飞时间（hhmm，当地）", "Actual departure, hhmm local time"),
    "sched_dep_time": ("计划起飞时间（hhmm，当地）", "Scheduled departure, hhmm local time"),
    "dep_delay": ("起飞延误（分钟）", "Departure delay in minutes"),
    "arr_time": ("实际到达时间（hhmm，当地）", "Actual arrival, hhmm local time"),
    "sched_arr_time": ("计划到达时间（hhmm，当地）", "Scheduled arrival, hhmm local time"),
    "arr_delay": ("到达延误（分钟）", "Arrival delay in minutes"),
    "carrier": ("航空公司代码", "Carrier code"),
    "flight": ("航班号", "Flight number"),
    "tailnum": ("飞机注册号", "Registration of the plane"),
    "origin": ("出发机场", "Origin airport"),
    "dest": ("到达机场", "Destination airport"),
    "air_time": ("空中时间（分钟）", "Minutes in the air"),
    "distance": ("航程（英里）", "Distance in miles"),
    "hour": ("计划起飞小时", "Hour of scheduled departure"),
    "minute": ("计划起飞分钟", "Minute of scheduled departure"),
    "time_hour": ("计划起飞整点", "Scheduled hour of departure"),
}

_PERSON_COLUMNS = {
    "health": ("自评健康", "Self-reported good health"),
    "age": ("年龄", "Age in years"),
    "limit": ("是否有活动受限", "Is there any limitation"),
    "gender": ("性别", "Gender"),
    "insurance": ("是否有医疗保险", "Has health insurance"),
    "married": ("是否已婚", "Is married"),
    "selfemp": ("是否自雇", "Is self-employed"),
    "family": ("家庭人数", "Family size"),
    "region": ("地区", "Region"),
    "ethnicity": ("族裔", "Ethnicity"),
    "education": ("最高学历", "Highest degree"),
}

_FLIGHT_RULES: list[dict[str, Any]] = [
    {"kind": "in_codes", "column": "origin", "codes": ["EWR", "JFK", "LGA"]},
    {"kind": "pattern", "column": "carrier", "pattern": "[0-9A-Z]{2}"},
    {"kind": "pattern", "column": "dest", "pattern": "[A-Z]{3}"},
    # Registrations of the United States; the data hold others and marks for missing ones.
    {"kind": "pattern", "column": "tailnum", "pattern": "N[1-9][0-9A-Z]{1,4}"},
    {"kind": "in_range", "column": "month", "minimum": "1", "maximum": "12"},
    {"kind": "in_range", "column": "day", "minimum": "1", "maximum": "31"},
    {"kind": "in_range", "column": "hour", "minimum": "0", "maximum": "23"},
    {"kind": "in_range", "column": "minute", "minimum": "0", "maximum": "59"},
    {"kind": "in_range", "column": "distance", "minimum": "1", "maximum": "12500"},
    {"kind": "compared", "first": "origin", "comparison": "!=", "second": "dest"},
    {"kind": "clean_text", "column": "tailnum"},
    {"kind": "no_duplicate_rows"},
    {"kind": "fresh", "column": "time_hour", "max_age_hours": 48},
]

_PERSON_RULES: list[dict[str, Any]] = [
    {"kind": "in_range", "column": "age", "minimum": "0", "maximum": "120"},
    {"kind": "in_range", "column": "family", "minimum": "1", "maximum": "30"},
    {"kind": "in_codes", "column": "gender", "codes": ["female", "male"]},
    {
        "kind": "in_codes",
        "column": "region",
        "codes": ["midwest", "northeast", "south", "west"],
    },
    {"kind": "pattern", "column": "education", "pattern": "[a-z]+"},
    {"kind": "clean_text", "column": "ethnicity"},
]


def flights(path: Path) -> Offering:
    """Bulk transport data: sold by the row."""
    return Offering(
        name="flights",
        path=path,
        rows=FLIGHT_ROWS,
        description={
            **_PROVIDER_FACTS,
            "title_zh": "2013 年纽约三机场离港航班数据",
            "title_en": "Flights that left New York City in 2013",
            "description_zh": "2013 年从 JFK、LGA、EWR 三个机场起飞的全部航班及其延误。",
            "description_en": "Every flight from JFK, LGA and EWR in 2013, with its delays.",
            "subject": "transport",
            "keywords": ["航班", "延误", "flights", "delays"],
            "spatial": "New York City",
            "temporal_start": "2013-01-01",
            "temporal_end": "2014-01-01",
            "granularity": "一行一个航班 one flight a row",
            "update_frequency": "never",
            "source_statement": "美国运输统计局公开数据 US Bureau of Transportation Statistics",
            "holds_persons": False,
            "key_columns": ["origin", "month", "day"],
            "time_column": "time_hour",
        },
        meanings=_FLIGHT_COLUMNS,
        quality_rules=_FLIGHT_RULES,
        valuation=_flight_valuation(),
        plan={
            "currency": "CNY",
            "charges": [
                {
                    "kind": "graduated",
                    "meter": "rows",
                    "unit_size": 1000,
                    "tiers": [
                        {"up_to": 100, "unit_price": "0.80"},
                        {"up_to": None, "unit_price": "0.50"},
                    ],
                }
            ],
            "maximum": "400.00",
        },
    )


def persons(path: Path) -> Offering:
    """Personal data: only its anonymised sample is tried here."""
    return Offering(
        name="persons",
        path=path,
        rows=PERSON_ROWS,
        description={
            **_PROVIDER_FACTS,
            "title_zh": "医疗保险参保人调查数据",
            "title_en": "Survey of persons and their health insurance",
            "description_zh": "8,802 人的健康、保险、就业与家庭情况。",
            "description_en": "Health, insurance, work and family of 8,802 persons.",
            "subject": "health",
            "keywords": ["保险", "健康", "insurance", "health"],
            "spatial": "United States",
            "temporal_start": "1996-01-01",
            "temporal_end": "1997-01-01",
            "granularity": "一行一人 one person a row",
            "update_frequency": "never",
            "source_statement": "1996 年医疗支出调查 Medical Expenditure Panel Survey 1996",
            "impact_assessment": "去标识化后仅供匿名样本试用。 Only an anonymised sample is tried.",
        },
        meanings=_PERSON_COLUMNS,
        quality_rules=_PERSON_RULES,
        valuation=_person_valuation(),
        plan={"currency": "CNY", "charges": [{"kind": "flat", "amount": "600.00"}]},
    )


def _flight_valuation() -> dict[str, Any]:
    revenue = {
        f"revenue_{year}": {"value": str(amount), "source": "五年销售预测 five-year sales forecast"}
        for year, amount in enumerate((300_000, 320_000, 310_000, 260_000, 200_000), start=1)
    }
    return _case(
        {
            **revenue,
            "collection": {"median": "180000", "sigma": "0.1", "source": "项目账簿 project books"},
            "cleaning": {"value": "60000", "source": "项目账簿 project books"},
            "royalty": {
                "low": "0.02",
                "mode": "0.05",
                "high": "0.08",
                "source": "商业秘密许可费率区间 range of trade-secret royalties",
            },
            **_RATES,
        },
        revenue=list(revenue),
        items=["collection", "cleaning"],
    )


def _person_valuation() -> dict[str, Any]:
    revenue = {
        f"revenue_{year}": {
            "value": str(amount),
            "source": "三年销售预测 three-year sales forecast",
        }
        for year, amount in enumerate((90_000, 80_000, 60_000), start=1)
    }
    return _case(
        {
            **revenue,
            "survey": {"value": "70000", "source": "项目账簿 project books"},
            "royalty": {
                "low": "0.03",
                "mode": "0.06",
                "high": "0.10",
                "source": "商业秘密许可费率区间 range of trade-secret royalties",
            },
            **_RATES,
        },
        revenue=list(revenue),
        items=["survey"],
    )


_RATES = {
    "discount": {
        "low": "0.10",
        "mode": "0.13",
        "high": "0.18",
        "source": "累加法：无风险、市场、规模、行业、特有风险 build-up of five risks",
    },
    "tax": {"value": "0.25", "source": "企业所得税法 Enterprise Income Tax Law"},
}


def _case(parameters: dict[str, Any], *, revenue: list[str], items: list[str]) -> dict[str, Any]:
    return {
        "currency": "CNY",
        "purpose": "listing",
        "value_type": "market",
        "valued_on": "2026-11-01",
        "parameters": parameters,
        "methods": [
            {
                "name": "relief",
                "kind": "relief_from_royalty",
                "arguments": {
                    "revenue": revenue,
                    "royalty_rate": "royalty",
                    "tax_rate": "tax",
                    "discount_rate": "discount",
                },
            },
            {"name": "replacement", "kind": "replacement_cost", "arguments": {"items": items}},
        ],
        "assumptions": ["许可在预测期内有效 the licence holds over the forecast"],
        "limits": ["未审查权属文件 title documents were not examined"],
    }
