"""Data quality measured from the data: rules, standards, scores, column profiles, suggestions.

The Ibis expressions are in `measure`, `profile_measure` and `suggest_measure`, which are imported
by name: Ibis takes time and memory that whoever only reads a report does not need.
"""

from pricing.quality.columns import ColumnSpec, ColumnType, UpdateFrequency
from pricing.quality.derive import UpdateSchedule, profile_rules, rule_of
from pricing.quality.fitting import Misfit, misfit_of
from pricing.quality.profile import ColumnProfile, read_profile
from pricing.quality.report import report_to_json
from pricing.quality.rule_document import check_to_json, rules_from_json, rules_to_json
from pricing.quality.rules import Dimension, Origin, Rule, count_names
from pricing.quality.score import Indicator, QualityReport, score

__all__ = [
    "ColumnProfile",
    "ColumnSpec",
    "ColumnType",
    "Dimension",
    "Indicator",
    "Misfit",
    "Origin",
    "QualityReport",
    "Rule",
    "UpdateFrequency",
    "UpdateSchedule",
    "check_to_json",
    "count_names",
    "misfit_of",
    "profile_rules",
    "read_profile",
    "report_to_json",
    "rule_of",
    "rules_from_json",
    "rules_to_json",
    "score",
]
