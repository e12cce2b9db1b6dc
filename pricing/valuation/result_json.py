"""The report of a valuation as JSON: anyone can recompute it to the same bytes."""

import hashlib
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Final

from pricing import ENGINE_VERSION
from pricing.money import minor_digits
from pricing.valuation.adjustments import Adjustment, adjustment_to_json
from pricing.valuation.case import ValuationCase
from pricing.valuation.case_json import arguments_to_json, case_to_json, options_to_json
from pricing.valuation.distributions import distribution_to_json
from pricing.valuation.double_counting import Use
from pricing.valuation.kinds import KINDS
from pricing.valuation.methods import Measure, WorkingPaper
from pricing.valuation.parameters import Parameter
from pricing.valuation.reconcile import Range
from pricing.valuation.result import Conclusion, Indication, Valuation, canonical_json
from pricing.valuation.sampling import at_share
from pricing.valuation.sensitivity import Swing, index_points

Json = dict[str, object]

PAPER_DIGITS: Final = 4
"""Digits of a working paper below the minor unit: its rows are summed before they are rounded."""
_SIGNIFICANT: Final = Context(prec=12, rounding=ROUND_HALF_EVEN)
_SHARES: Final = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


def input_hash(case: ValuationCase) -> str:
    """Return the SHA-256 of the canonical JSON of a case, in hexadecimal."""
    return hashlib.sha256(canonical_json(case_to_json(case))).hexdigest()


def result_bytes(valuation: Valuation) -> bytes:
    """Return the report as canonical JSON: the same inputs give the same bytes."""
    return canonical_json(result_to_json(valuation))


def result_to_json(valuation: Valuation) -> Json:
    """Return the report as plain JSON values; amounts are decimal text in minor units."""
    case = valuation.case
    uncertain = sum(parameter.is_uncertain for parameter in case.parameters)
    uses = case.uses()
    return {
        "engine_version": ENGINE_VERSION,
        "input_hash": input_hash(case),
        "seed": case.seed,
        "points": case.points,
        "currency": case.currency,
        "purpose": case.purpose,
        "value_type": case.value_type,
        "valued_on": case.valued_on.isoformat(),
        "value": _range(valuation.conclusion.range, case.currency),
        "conclusion": _conclusion(valuation.conclusion, case),
        "methods": [_indication(each, case.currency) for each in valuation.indications],
        "parameters": [
            _parameter(parameter, uses)
            for parameter in sorted(case.parameters, key=lambda each: each.name)
        ],
        "sensitivity": [_swing(swing, case.currency) for swing in valuation.swings],
        "sensitivity_points": index_points(uncertain, case.points) if uncertain else 0,
        "flags": [
            {"flag": finding.flag.value, "methods": list(finding.methods)}
            for finding in valuation.findings
        ],
        "assumptions": list(case.assumptions),
        "limits": list(case.limits),
    }


def _conclusion(conclusion: Conclusion, case: ValuationCase) -> Json:
    before = _rounded(conclusion.weighted, case.currency)
    amounts = [_rounded(line, case.currency) for line in conclusion.adjustments]
    return {
        "before_adjustments": _text(before),
        "adjustments": _adjustments(case.adjustments, amounts),
        "at_medians": _text(sum(amounts, before)),
    }


def _indication(indication: Indication, currency: str) -> Json:
    method = indication.method
    lines = {name: _rounded(line, currency) for name, line in indication.lines.items()}
    amounts = [_rounded(line, currency) for line in indication.adjustments]
    # Sums of the rounded lines, so that a reader who adds them up gets the figure shown.
    before = sum(lines.values(), Decimal(0))
    return {
        "name": method.name,
        "kind": method.kind,
        "approach": KINDS[method.kind].approach.value,
        "arguments": arguments_to_json(method),
        **options_to_json(method.options),
        "role": indication.role.value,
        "weight": format(indication.weight.share.normalize(), "f"),
        "reason": indication.weight.reason,
        "lines": [{"name": name, "amount": _text(line)} for name, line in lines.items()],
        "before_adjustments": _text(before),
        "adjustments": _adjustments(method.adjustments, amounts),
        "at_medians": _text(sum(amounts, before)),
        "range": _range(indication.range, currency),
        "working_paper": _paper(indication.paper, currency),
    }


def _adjustments(adjustments: Sequence[Adjustment], amounts: Sequence[Decimal]) -> list[Json]:
    return [
        {**adjustment_to_json(each), "amount": _text(amount)}
        for each, amount in zip(adjustments, amounts, strict=True)
    ]


def _paper(paper: WorkingPaper, currency: str) -> Json:
    measures = [column.measure for column in paper.columns]
    return {
        "columns": [
            {"name": column.name, "measure": column.measure.value} for column in paper.columns
        ],
        "rows": [
            [_cell(value, measure, currency) for value, measure in zip(row, measures, strict=True)]
            for row in paper.rows
        ],
        "figures": [{"name": name, "value": _number(value)} for name, value in paper.figures],
    }


def _cell(value: str | float, measure: Measure, currency: str) -> str:
    if measure is Measure.AMOUNT:
        return _text(_rounded(float(value), currency, further=PAPER_DIGITS))
    return _number(float(value)) if measure is Measure.FACTOR else str(value)


def _parameter(parameter: Parameter, uses: Sequence[Use]) -> Json:
    return {
        "name": parameter.name,
        "distribution": distribution_to_json(parameter.distribution),
        **{name: _number(float(at_share(parameter, share)[0])) for name, share in _SHARES.items()},
        "source": parameter.source,
        "unit": parameter.unit,
        "evidence": parameter.evidence,
        "accepted_by": parameter.accepted_by,
        "uses": [
            {
                "method": use.method,
                "argument": use.argument,
                "enters": use.entry.value,
                "risks": [risk.value for risk in use.risks],
            }
            for use in uses
            if use.parameter == parameter.name
        ],
    }


def _swing(swing: Swing, currency: str) -> Json:
    return {
        "parameter": swing.parameter,
        "low": _text(_rounded(swing.low, currency)),
        "high": _text(_rounded(swing.high, currency)),
        "first_order": format(swing.index.first_order, ".4f"),
        "total": format(swing.index.total, ".4f"),
    }


def _range(values: Range, currency: str) -> Json:
    return {name: _text(_rounded(getattr(values, name), currency)) for name in _SHARES}


def _rounded(value: float, currency: str, *, further: int = 0) -> Decimal:
    """Round half away from zero to the minor unit (or further digits); minus zero becomes zero."""
    unit = Decimal(1).scaleb(-minor_digits(currency) - further)
    return Decimal(repr(value)).quantize(unit, ROUND_HALF_UP) + 0


def _number(value: float) -> str:
    """Return a figure that is no amount with twelve significant digits."""
    return format(_SIGNIFICANT.create_decimal_from_float(value).normalize() + 0, "f")


def _text(amount: Decimal) -> str:
    return format(amount, "f")
