"""Price plans: their models, their exact rating, and the proof that they cannot be gamed."""

from pricing.plans.allowances import grants_allowance, without_allowance
from pricing.plans.batch import Bill, CompiledPlan, compile_plan, rate_all
from pricing.plans.certificate import Certificate, Proved, Rejected, Repaired
from pricing.plans.certify import certify
from pricing.plans.charges import (
    Charge,
    Commitment,
    CostPlus,
    Flat,
    Free,
    Graduated,
    GraduatedPercentage,
    OneOff,
    Package,
    Percentage,
    PerUnit,
    RateTier,
    Subscription,
    Tier,
    TieredPackage,
    UsageDiscount,
    Volume,
    charge_meters,
    charge_tiers,
)
from pricing.plans.codec import plan_from_json, plan_to_json, usage_from_json
from pricing.plans.credit_codec import credits_from_json, credits_to_json
from pricing.plans.explain import certificate_to_json, explain
from pricing.plans.ladder import LadderRejected, certify_ladder
from pricing.plans.ladder_codec import ladder_certificate_to_json, ladder_from_json
from pricing.plans.meters import Meter
from pricing.plans.model import Plan, Rounding, Usage
from pricing.plans.rate import Rating, RatingLine, increment, rate, rate_interim, rating_to_json
from pricing.plans.rules import Bilingual

__all__ = [
    "Bilingual",
    "Bill",
    "Certificate",
    "Charge",
    "Commitment",
    "CompiledPlan",
    "CostPlus",
    "Flat",
    "Free",
    "Graduated",
    "GraduatedPercentage",
    "LadderRejected",
    "Meter",
    "OneOff",
    "Package",
    "PerUnit",
    "Percentage",
    "Plan",
    "Proved",
    "RateTier",
    "Rating",
    "RatingLine",
    "Rejected",
    "Repaired",
    "Rounding",
    "Subscription",
    "Tier",
    "TieredPackage",
    "Usage",
    "UsageDiscount",
    "Volume",
    "certificate_to_json",
    "certify",
    "certify_ladder",
    "charge_meters",
    "charge_tiers",
    "compile_plan",
    "credits_from_json",
    "credits_to_json",
    "explain",
    "grants_allowance",
    "increment",
    "ladder_certificate_to_json",
    "ladder_from_json",
    "plan_from_json",
    "plan_to_json",
    "rate",
    "rate_all",
    "rate_interim",
    "rating_to_json",
    "usage_from_json",
    "without_allowance",
]
