"""Valuation states under any sequence of decisions, against an independent account of the rules."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exchange_market.appraisals.errors import DecisionReasonRequired, ValuationMoveRefused
from exchange_market.appraisals.valuation import (
    VALUATION_MOVES,
    ValuationDecision,
    ValuationState,
    decided_state,
)


class ValuationLife(RuleBasedStateMachine):
    """A valuation that is decided again and again; only the first good decision may count."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ValuationState.PROPOSED
        self.decisions: list[tuple[ValuationDecision, str]] = []

    @rule(
        decision=st.sampled_from(ValuationDecision),
        reason=st.sampled_from(["", "  ", "because"]),
    )
    def decide(self, decision: ValuationDecision, reason: str) -> None:
        try:
            self.state = decided_state(self.state, decision, reason)
        except ValuationMoveRefused:
            assert self.decisions
            return
        except DecisionReasonRequired:
            assert decision is ValuationDecision.RETURN
            assert not reason.strip()
            return
        self.decisions.append((decision, reason))

    @invariant()
    def only_one_decision_counts(self) -> None:
        assert len(self.decisions) <= 1

    @invariant()
    def the_state_is_what_was_decided(self) -> None:
        if not self.decisions:
            assert self.state is ValuationState.PROPOSED
            return
        ((decision, reason),) = self.decisions
        assert (
            self.state.value
            == {
                "approve": "approved",
                "return": "returned",
                "supersede": "superseded",
            }[decision.value]
        )
        assert decision is not ValuationDecision.RETURN or reason.strip()


TestValuationLife = ValuationLife.TestCase


def test_every_state_is_in_the_table() -> None:
    assert set(VALUATION_MOVES) == set(ValuationState)
