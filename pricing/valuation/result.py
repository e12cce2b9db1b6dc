"""The result of a valuation: a report that anyone can recompute to the same bytes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from pricing import ENGINE_VERSION
from pricing.money import minor_digits
from pricing.valuation.case import ValuationCase, case_to_json
from pricing.valuation.methods import KINDS, Method
from pricing.valuation.parameters import distribution_to_json
from pricing.valuation.reconcile import Finding, Range, Role, Weight


@dataclass(frozen=True, slots=True)
class Indication:
    """What one method says: its lines at the medians of all parameters, its range over draws."""

    method: Method
    role: Role
    weight: Weight
    lines: Mapping[str, float]
    range: Range


@dataclass(frozen=True, slots=True)
class Swing:
    """The conclusion with one parameter at its P10 and at its P90, the others at their medians."""

    parameter: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Valuation:
    """A valued case: the range of the conclusion, what each method says, and what moves it."""

    case: ValuationCase
    conclusion: Range
    indications: tuple[Indication, ...]
    swings: tuple[Swing, ...]
    findings: tuple[Finding, ...]


def canonical_json(value: object) -> bytes:
    """Return the one UTF-8 text of a JSON value: sorted names, no spaces, no floats inside."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def input_hash(case: ValuationCase) -> str:
    """Return the SHA-256 of the canonical JSON of a case, in hexadecimal."""
    return hashlib.sha256(canonical_json(case_to_json(case))).hexdigest()


def result_bytes(valuation: Valuation) -> bytes:
    """Return the report as canonical JSON: the same inputs give the same bytes."""
    return canonical_json(result_to_json(valuation))


def result_to_json(valuation: Valuation) -> dict[str, object]:
    """Return the report as plain JSON values; amounts are decimal text in minor units."""
    case = valuation.case
    return {
        "engine_version": ENGINE_VERSION,
        "input_hash": input_hash(case),
        "seed": case.seed,
        "points": case.points,
        "currency": case.currency,
        "purpose": case.purpose,
        "value_type": case.value_type,
        "valued_on": case.valued_on.isoformat(),
        "value": _range_to_json(valuation.conclusion, case.currency),
        "methods": [_indication_to_json(each, case.currency) for each in valuation.indications],
        "parameters": [
            {
                "name": parameter.name,
                "distribution": distribution_to_json(parameter.distribution),
                "source": parameter.source,
                "unit": parameter.unit,
            }
            for parameter in sorted(case.parameters, key=lambda each: each.name)
        ],
        "sensitivity": [
            {
                "parameter": swing.parameter,
                "low": _amount(swing.low, case.currency),
                "high": _amount(swing.high, case.currency),
            }
            for swing in valuation.swings
        ],
        "flags": [
            {"flag": finding.flag.value, "methods": list(finding.methods)}
            for finding in valuation.findings
        ],
        "assumptions": list(case.assumptions),
        "limits": list(case.limits),
    }


def _indication_to_json(indication: Indication, currency: str) -> dict[str, object]:
    lines = {name: _rounded(line, currency) for name, line in indication.lines.items()}
    return {
        "name": indication.method.name,
        "kind": indication.method.kind,
        "approach": KINDS[indication.method.kind].approach.value,
        "role": indication.role.value,
        "weight": format(indication.weight.share.normalize(), "f"),
        "reason": indication.weight.reason,
        # The sum of the rounded lines, so that a reader who adds them up gets the figure shown.
        "at_medians": format(sum(lines.values(), Decimal(0)), "f"),
        "lines": [{"name": name, "amount": format(line, "f")} for name, line in lines.items()],
        "range": _range_to_json(indication.range, currency),
    }


def _range_to_json(values: Range, currency: str) -> dict[str, object]:
    return {name: _amount(getattr(values, name), currency) for name in ("p10", "p50", "p90")}


def _amount(value: float, currency: str) -> str:
    return format(_rounded(value, currency), "f")


def _rounded(value: float, currency: str) -> Decimal:
    """Round half away from zero to the minor unit; minus zero becomes zero."""
    unit = Decimal(1).scaleb(-minor_digits(currency))
    return Decimal(repr(value)).quantize(unit, ROUND_HALF_UP) + 0
