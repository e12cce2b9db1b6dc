"""What the provider of the demo says about its two datasets."""

from pathlib import Path
from typing import Any, Final

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
        valuation=_person_valuation(),
        plan={"currency": "CNY", "charges": [{"kind": "flat", "amount": "600.00"}]},
    )


def _flight_valuation() -> dict[str, Any]:
    """Bulk data about events: its use lasts five years, its freshness halves every six."""
    revenue = _forecast("五年销售预测 five-year sales forecast", 300, 320, 310, 260, 200)
    parameters = {
        **revenue,
        "forecast_error": {
            "median": "1",
            "sigma": "0.15",
            "source": "往年预测与实际之比 forecasts of past years against outcomes",
        },
        "royalty": {
            "low": "0.02",
            "mode": "0.05",
            "high": "0.08",
            "source": "商业秘密许可费率区间 range of trade-secret royalties",
            "risks": ["competition"],
        },
        **_RATES,
        **_FLIGHT_COSTS,
    }
    replacement = _replacement(
        ["collection", "cleaning"],
        profit_rate="profit",
        opportunity_rate="cost_of_capital",
        opportunity_years="making_time",
        technological_obsolescence="format_loss",
        age_years="age",
        half_life_years="half_life",
    )
    return _case(parameters, _relief(revenue, forecast_factor="forecast_error"), replacement)


def _person_valuation() -> dict[str, Any]:
    """A survey of which users drop out year by year, as newer surveys appear."""
    revenue = _forecast("三年销售预测 three-year sales forecast", 90, 80, 60)
    parameters = {
        **revenue,
        "royalty": {
            "low": "0.03",
            "mode": "0.06",
            "high": "0.10",
            "source": "商业秘密许可费率区间 range of trade-secret royalties",
        },
        "lapsing": {
            "low": "0.05",
            "high": "0.20",
            "source": "同类订阅流失率 lapse rates of like subscriptions",
        },
        **_RATES,
        "survey": {
            "mean": "70000",
            "sd": "5000",
            "low": "55000",
            "high": "85000",
            "source": "项目账簿 project books",
        },
        "wave_loss": {
            "outcomes": [
                {"value": "0.5", "weight": "1"},
                {"value": "0.6", "weight": "2"},
                {"value": "0.7", "weight": "1"},
            ],
            "source": "三名评估人员意见 opinions of appraisers",
        },
    }
    return _case(
        parameters,
        _relief(revenue, attrition_rate="lapsing"),
        _replacement(["survey"], economic_obsolescence="wave_loss"),
    )


_FLIGHT_COSTS: Final = {
    "collection": {"median": "180000", "sigma": "0.1", "source": "项目账簿 project books"},
    "cleaning": {"value": "60000", "source": "项目账簿 project books"},
    "profit": {
        "low": "0.05",
        "high": "0.12",
        "source": "数据服务业成本利润率 margins of data services",
    },
    "making_time": {"value": "0.5", "source": "项目账簿 project books", "unit": "a"},
    "cost_of_capital": {
        "value": "0.045",
        "source": "贷款市场利率 loan prime rate",
        "unit": "1",
    },
    "format_loss": {
        "low": "0.05",
        "mode": "0.10",
        "high": "0.20",
        "source": "现有开源工具可替代部分清洗 open tools now replace part of the cleaning",
    },
    "age": {
        "value": "12.8",
        "source": "采集期末至基准日 end of collection to the date",
        "unit": "a",
    },
    "half_life": {
        "low": "4",
        "mode": "6",
        "high": "9",
        "source": "航班规律变化速度 how fast flight patterns change",
        "unit": "a",
    },
}
_RATES: Final = {
    "risk_free": {"value": "0.02", "source": "十年期国债收益率 ten-year government bonds"},
    "market_premium": {
        "low": "0.05",
        "mode": "0.06",
        "high": "0.08",
        "source": "市场风险溢价 market risk premium",
        "risks": ["industry"],
    },
    "size_premium": {
        "low": "0.02",
        "mode": "0.03",
        "high": "0.05",
        "source": "规模风险溢价 size premium",
        "risks": ["size"],
    },
    "specific_premium": {
        "low": "0.01",
        "mode": "0.02",
        "high": "0.04",
        "source": "特有风险 specific risk",
        "risks": ["specific"],
    },
    "tax": {"value": "0.25", "source": "企业所得税法 Enterprise Income Tax Law"},
    "no_second_market": {
        "low": "0.05",
        "mode": "0.10",
        "high": "0.15",
        "source": "成交量与挂牌量之比 trades against listings",
    },
}
_RATE_COMPONENTS: Final = ["risk_free", "market_premium", "size_premium", "specific_premium"]


def _forecast(source: str, *thousands: int) -> dict[str, Any]:
    return {
        f"revenue_{year}": {"value": str(amount * 1_000), "source": source, "unit": "CNY"}
        for year, amount in enumerate(thousands, start=1)
    }


def _relief(revenue: dict[str, Any], **arguments: str) -> dict[str, Any]:
    return {
        "name": "relief",
        "kind": "relief_from_royalty",
        "arguments": {
            "revenue": list(revenue),
            "royalty_rate": "royalty",
            "tax_rate": "tax",
            "discount_rate": _RATE_COMPONENTS,
            **arguments,
        },
        "timing": "mid_year",
        "adjustments": [
            {
                "kind": "marketability_discount",
                "parameter": "no_second_market",
                "reason": "转售受限，无二级市场 no resale, no second market",
            }
        ],
    }


def _replacement(items: list[str], **arguments: str) -> dict[str, Any]:
    return {
        "name": "replacement",
        "kind": "replacement_cost",
        "arguments": {"items": items, **arguments},
    }


def _case(parameters: dict[str, Any], *methods: dict[str, Any]) -> dict[str, Any]:
    return {
        "currency": "CNY",
        "purpose": "listing",
        "value_type": "market",
        "valued_on": "2026-11-01",
        "parameters": parameters,
        "methods": list(methods),
        "assumptions": ["许可在预测期内有效 the licence holds over the forecast"],
        "limits": ["未审查权属文件 title documents were not examined"],
    }
