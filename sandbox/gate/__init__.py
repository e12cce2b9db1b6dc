"""Statement gate: decides from the parse tree whether a buyer's SQL may run on a sample."""

from sandbox.gate.refusal import StatementRefused
from sandbox.gate.schema import TABLE_NAME, AllowedQuery, SampleSchema
from sandbox.gate.statement import check

__all__ = ["TABLE_NAME", "AllowedQuery", "SampleSchema", "StatementRefused", "check"]
