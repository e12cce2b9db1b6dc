"""Accounting of data resources: the disclosure fields and an aid for classifying them.

Source: Ministry of Finance of China, "Interim Provisions on Accounting Treatment Related to
Enterprise Data Resources" (Caikuai [2023] No. 11, in force 2024-01-01). The fields follow copies of
the text and press summaries; the official text was not at hand. An aid, not advice.
"""

from pricing.disclosure.classify import (
    QUESTIONS,
    Acquisition,
    Answers,
    Classification,
    Treatment,
    answers_from_json,
    classify,
)
from pricing.disclosure.form import (
    ResourceFacts,
    disclosure_rows,
    disclosure_to_json,
    statements_from_json,
)

__all__ = [
    "QUESTIONS",
    "Acquisition",
    "Answers",
    "Classification",
    "ResourceFacts",
    "Treatment",
    "answers_from_json",
    "classify",
    "disclosure_rows",
    "disclosure_to_json",
    "statements_from_json",
]
