"""Data quality measured from the data: rules, one aggregate expression, scores, column profiles."""

from pricing.quality.columns import ColumnSpec, ColumnType, UpdateFrequency
from pricing.quality.derive import UpdateSchedule, profile_rules
from pricing.quality.measure import build_aggregate, count_names, rule_sql
from pricing.quality.profile import ColumnProfile, profile_aggregate, read_profile
from pricing.quality.rules import Determines, Dimension, Ordered, Rule
from pricing.quality.score import Indicator, QualityReport, report_to_json, score

__all__ = [
    "ColumnProfile",
    "ColumnSpec",
    "ColumnType",
    "Determines",
    "Dimension",
    "Indicator",
    "Ordered",
    "QualityReport",
    "Rule",
    "UpdateFrequency",
    "UpdateSchedule",
    "build_aggregate",
    "count_names",
    "profile_aggregate",
    "profile_rules",
    "read_profile",
    "report_to_json",
    "rule_sql",
    "score",
]
