"""The result of a valuation: what each method says, what is concluded, and what moves it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pricing.valuation.case import ValuationCase
from pricing.valuation.infonomics import Scores
from pricing.valuation.market.evidence import Evidence
from pricing.valuation.methods import Method, WorkingPaper
from pricing.valuation.reconcile import Finding, Range, Role, Weight
from pricing.valuation.sensitivity import Swing


@dataclass(frozen=True, slots=True)
class Indication:
    """What one method says: its lines at the medians of all parameters, its range over draws.

    `adjustments` are the lines of the method's discounts and premiums, in their order; the range is
    after them. `paper` lets a reader follow the lines by hand.
    """

    method: Method
    role: Role
    weight: Weight
    lines: Mapping[str, float]
    adjustments: tuple[float, ...]
    range: Range
    paper: WorkingPaper


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The range concluded and, at the medians, the weighted value and each adjustment of it."""

    range: Range
    weighted: float
    adjustments: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Valuation:
    """A valued case: the conclusion, what each method says, and what moves it.

    `evidence` is that of the market methods, `scores` what the data are worth in no money.
    """

    case: ValuationCase
    conclusion: Conclusion
    indications: tuple[Indication, ...]
    swings: tuple[Swing, ...]
    findings: tuple[Finding, ...]
    evidence: Evidence | None = None
    scores: Scores | None = None


def canonical_json(value: object) -> bytes:
    """Return the one UTF-8 text of a JSON value: sorted names, no spaces, no floats inside."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()
