"""Data quality measured from the data: rules, scores, column profiles.

The Ibis expressions are in `measure` and `profile_measure`, which are imported by name: Ibis takes
time and memory that whoever only reads a report does not need.
"""

from pricing.quality.columns import ColumnSpec, ColumnType, UpdateFrequency
from pricing.quality.derive import UpdateSchedule, profile_rules
from pricing.quality.profile import ColumnProfile, read_profile
from pricing.quality.rules import Determines, Dimension, Ordered, Rule, count_names
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
    "count_names",
    "profile_rules",
    "read_profile",
    "report_to_json",
    "score",
]
