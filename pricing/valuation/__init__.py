"""Valuation of data assets: vectorised methods, uncertainty, reconciliation, results."""

from pricing.valuation.adjustments import Adjustment, AdjustmentKind
from pricing.valuation.case import ValuationCase
from pricing.valuation.case_json import case_from_json, case_to_json
from pricing.valuation.distributions import (
    Distribution,
    Empirical,
    Fixed,
    Lognormal,
    Normal,
    Outcome,
    Triangular,
    Uniform,
)
from pricing.valuation.engine import value_case
from pricing.valuation.kinds import KINDS
from pricing.valuation.methods import Approach, Method
from pricing.valuation.parameters import Parameter
from pricing.valuation.reconcile import Weight
from pricing.valuation.result import Valuation
from pricing.valuation.result_json import input_hash, result_bytes, result_to_json
from pricing.valuation.risks import Risk

__all__ = [
    "KINDS",
    "Adjustment",
    "AdjustmentKind",
    "Approach",
    "Distribution",
    "Empirical",
    "Fixed",
    "Lognormal",
    "Method",
    "Normal",
    "Outcome",
    "Parameter",
    "Risk",
    "Triangular",
    "Uniform",
    "Valuation",
    "ValuationCase",
    "Weight",
    "case_from_json",
    "case_to_json",
    "input_hash",
    "result_bytes",
    "result_to_json",
    "value_case",
]
