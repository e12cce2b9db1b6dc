"""Valuation standards as data: coefficients with their source, and whether a text was checked."""

from pricing.valuation.standards.applied import (
    AppliedStandard,
    applied_from_json,
    applied_to_json,
    check_standard,
    spelt_out,
)
from pricing.valuation.standards.profile import Coefficient, Formula, Profile
from pricing.valuation.standards.shipped import Profiles, overridden, shipped_profiles

__all__ = [
    "AppliedStandard",
    "Coefficient",
    "Formula",
    "Profile",
    "Profiles",
    "applied_from_json",
    "applied_to_json",
    "check_standard",
    "overridden",
    "shipped_profiles",
    "spelt_out",
]
