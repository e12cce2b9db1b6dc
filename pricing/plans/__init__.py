"""Price plans: their models, their exact rating, and the proof that they cannot be gamed."""

from pricing.plans.certify import Certificate, Proved, Rejected, Repaired, certify
from pricing.plans.codec import plan_from_json, plan_to_json, usage_from_json
from pricing.plans.explain import Bilingual, certificate_to_json, explain
from pricing.plans.model import (
    Charge,
    Flat,
    Free,
    Graduated,
    Meter,
    Package,
    PerUnit,
    Plan,
    Tier,
    Usage,
    Volume,
)
from pricing.plans.rate import Rating, RatingLine, increment, rate, rate_interim, rating_to_json

__all__ = [
    "Bilingual",
    "Certificate",
    "Charge",
    "Flat",
    "Free",
    "Graduated",
    "Meter",
    "Package",
    "PerUnit",
    "Plan",
    "Proved",
    "Rating",
    "RatingLine",
    "Rejected",
    "Repaired",
    "Tier",
    "Usage",
    "Volume",
    "certificate_to_json",
    "certify",
    "explain",
    "increment",
    "plan_from_json",
    "plan_to_json",
    "rate",
    "rate_interim",
    "rating_to_json",
    "usage_from_json",
]
