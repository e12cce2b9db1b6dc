"""A proposed valuation, the table of what can become of it, and what of it strangers may read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from exchange_market.appraisals.errors import DecisionReasonRequired, ValuationMoveRefused


class ValuationState(StrEnum):
    """Where a valuation stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    RETURNED = "returned"
    SUPERSEDED = "superseded"


class ValuationDecision(StrEnum):
    """What an administrator decides, and what a newer proposal does to an undecided one."""

    APPROVE = "approve"
    RETURN = "return"
    SUPERSEDE = "supersede"


VALUATION_MOVES: Final[Mapping[ValuationState, Mapping[ValuationDecision, ValuationState]]] = {
    ValuationState.PROPOSED: {
        ValuationDecision.APPROVE: ValuationState.APPROVED,
        ValuationDecision.RETURN: ValuationState.RETURNED,
        ValuationDecision.SUPERSEDE: ValuationState.SUPERSEDED,
    },
    ValuationState.APPROVED: {},
    ValuationState.RETURNED: {},
    ValuationState.SUPERSEDED: {},
}
"""A decision is final: a provider who disagrees proposes the next version."""


COMPARABLES_MIN: Final = 5
"""Fewer deals are an anecdote."""
_RELATED: Final = frozenset({"related_parties", "round_trip"})


class ReviewFlag(StrEnum):
    """What a reviewer should look at before deciding."""

    PRICE_OUTSIDE_RANGE = "price_outside_range"
    UNPROVEN_PLAN = "unproven_plan"
    """There is no certified price plan yet to compare with the value."""
    METHODS_DO_NOT_OVERLAP = "methods_do_not_overlap"
    STALE_QUALITY = "stale_quality"
    FEW_COMPARABLES = "few_comparables"
    RELATED_PARTY_DEALS = "related_party_deals"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppraisedValue:
    """A valuation as it was proposed and what was decided about it.

    `result_bytes` are what `signature` (a compact JWS of the exchange) signs; `case_bytes` are the
    canonical inputs, whose SHA-256 is `input_hash`. The range is the 10th, 50th and 90th percentile
    in micro-units.
    """

    id: str
    product_id: str
    organisation_id: str
    version: int
    revision_id: str
    revision_number: int
    quality_report_id: str
    state: ValuationState
    currency: str
    low_micro: int
    middle_micro: int
    high_micro: int
    input_hash: str
    engine_version: str
    case_bytes: bytes
    result_bytes: bytes
    signature: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None

    @property
    def result(self) -> Mapping[str, Any]:
        """The result as plain JSON."""
        return json.loads(self.result_bytes)

    @property
    def methods_disagree(self) -> bool:
        """Whether the ranges of two methods have nothing in common."""
        return any(each["flag"] == "ranges_do_not_overlap" for each in self.result["flags"])


@dataclass(frozen=True, slots=True)
class PastRange:
    """An approved valuation as far as it can be compared with a price."""

    product_id: str
    decided_at: datetime
    currency: str
    low_micro: int
    middle_micro: int
    high_micro: int


def market_flags(result: Mapping[str, Any]) -> tuple[ReviewFlag, ...]:
    """What to look at in the comparables of a valuation, if it has any."""
    market = result.get("market")
    if market is None:
        return ()
    few = (ReviewFlag.FEW_COMPARABLES,) if len(market["used"]) < COMPARABLES_MIN else ()
    is_related = not _RELATED.isdisjoint(market["reasons"])
    return (*few, *((ReviewFlag.RELATED_PARTY_DEALS,) if is_related else ()))


def decided_state(
    state: ValuationState, decision: ValuationDecision, reason: str
) -> ValuationState:
    """Where a decision leads; raises ValuationMoveRefused or DecisionReasonRequired."""
    if decision not in VALUATION_MOVES[state]:
        raise ValuationMoveRefused(state=state.value, action=decision.value)
    if decision is ValuationDecision.RETURN and not reason.strip():
        raise DecisionReasonRequired(field="reason")
    return VALUATION_MOVES[state][decision]


def public_valuation(valuation: AppraisedValue) -> dict[str, Any]:
    """What strangers read of an approved valuation (DESIGN rule on published figures).

    Range, methods with their weights and reasons, where each input comes from, hash and engine.
    Numbers of inputs, lines, ranges of single methods and sensitivities stay with the provider:
    from some of them a confidential input could be worked out.
    """
    result = valuation.result
    shown = ("currency", "purpose", "value_type", "valued_on", "value", "seed", "points")
    kept = ("name", "kind", "approach", "role", "weight", "reason")
    return {name: result[name] for name in shown} | {
        "methods": [{name: method[name] for name in kept} for method in result["methods"]],
        "inputs": [
            {name: parameter[name] for name in ("name", "source", "unit")}
            for parameter in result["parameters"]
        ],
        "flags": result["flags"],
        "market": _public_market(result.get("market")),
        "standard": result.get("standard"),
        "scores": result.get("scores"),
        "assumptions": result["assumptions"],
        "limits": result["limits"],
        "input_hash": valuation.input_hash,
        "engine_version": valuation.engine_version,
    }


def _public_market(market: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """How many deals a value rests on, and figures over at least five of them."""
    if market is None:
        return None
    counts = {"used": len(market["used"]), "rejected": len(market["rejected"])}
    return counts | {"reasons": market["reasons"], "statistics": market["statistics"]}


def valuation_fact(
    approved: AppraisedValue | None, proposed: AppraisedValue | None
) -> dict[str, Any] | None:
    """What a listing says of one revision's value; None when there is nothing to say.

    The approved range, or only that a valuation waits for its review.
    """
    if approved is not None:
        return {
            "state": approved.state.value,
            "valuation_id": approved.id,
            "version": approved.version,
            "quality_report_id": approved.quality_report_id,
            "low_micro": approved.low_micro,
            "middle_micro": approved.middle_micro,
            "high_micro": approved.high_micro,
            **public_valuation(approved),
        }
    return None if proposed is None else {"state": proposed.state.value}
