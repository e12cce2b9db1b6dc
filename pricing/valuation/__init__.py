"""Valuation of data assets: vectorised methods, uncertainty, reconciliation, results."""

from pricing.valuation.case import ValuationCase, case_from_json, case_to_json
from pricing.valuation.engine import value_case
from pricing.valuation.methods import KINDS, Approach, Method
from pricing.valuation.parameters import Distribution, Fixed, Lognormal, Parameter, Triangular
from pricing.valuation.reconcile import Weight
from pricing.valuation.result import Valuation, input_hash, result_bytes, result_to_json

__all__ = [
    "KINDS",
    "Approach",
    "Distribution",
    "Fixed",
    "Lognormal",
    "Method",
    "Parameter",
    "Triangular",
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
