"""The door of appraisals: what its own routes and other slices may call."""

from exchange_market.appraisals.comparables import (
    ShownComparables,
    age_days,
    comparables_for,
    quality_total,
    record_deal,
    with_exchange_deals,
)
from exchange_market.appraisals.deals import DealFact
from exchange_market.appraisals.price_plan import PriceMode, PricePlan
from exchange_market.appraisals.price_plans import (
    CurveAsked,
    certify_document,
    price_of_everything,
    price_plan_for,
    price_plan_of,
    quote,
    set_price_plan,
)
from exchange_market.appraisals.quality_reports import quality_report_for, record_quality
from exchange_market.appraisals.quality_rule_set import read_rules
from exchange_market.appraisals.quality_rules import quality_rules_for, set_quality_rules
from exchange_market.appraisals.valuation import (
    AppraisedValue,
    ReviewFlag,
    ValuationDecision,
    ValuationState,
)
from exchange_market.appraisals.valuations import (
    ReviewItem,
    decide_valuation,
    list_valuations,
    propose_valuation,
    valuation_for,
    valuations_for,
)

__all__ = [
    "AppraisedValue",
    "CurveAsked",
    "DealFact",
    "PriceMode",
    "PricePlan",
    "ReviewFlag",
    "ReviewItem",
    "ShownComparables",
    "ValuationDecision",
    "ValuationState",
    "age_days",
    "certify_document",
    "comparables_for",
    "decide_valuation",
    "list_valuations",
    "price_of_everything",
    "price_plan_for",
    "price_plan_of",
    "propose_valuation",
    "quality_report_for",
    "quality_rules_for",
    "quality_total",
    "quote",
    "read_rules",
    "record_deal",
    "record_quality",
    "set_price_plan",
    "set_quality_rules",
    "valuation_for",
    "valuations_for",
    "with_exchange_deals",
]
