"""Valuation standards as data: coefficients with their source, and whether a text was checked."""

from pricing.valuation.standards.applied import AppliedStandard, applied_from_json, apply_standard
from pricing.valuation.standards.profile import Coefficient, Formula, Profile
from pricing.valuation.standards.shipped import Profiles, overridden, shipped_profiles

__all__ = [
    "AppliedStandard",
    "Coefficient",
    "Formula",
    "Profile",
    "Profiles",
    "applied_from_json",
    "apply_standard",
    "overridden",
    "shipped_profiles",
]
