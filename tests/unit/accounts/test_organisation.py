"""Identifiers of organisations, and the decisions about them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from stdnum.cn import uscc

from exchange_market.accounts.errors import (
    CountryUnknown,
    DecisionImpossible,
    IdentifierMalformed,
    LeiRefused,
    UsccRefused,
)
from exchange_market.accounts.identifiers import chinese_identifier, foreign_identifier
from exchange_market.accounts.organisation import (
    TOPICS,
    TRANSITIONS,
    Decision,
    OrganisationState,
    next_state,
)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", ["91110000600037341L", "91110000 60003734-1l"])
def test_credit_code_is_stored_in_one_spelling(code: str) -> None:
    assert chinese_identifier(code).value == "91110000600037341L"


@given(st.integers(0, 16), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_noticed(position: int, character: str) -> None:
    good = "91110000600037341L"
    bad = good[:position] + character + good[position + 1 :]
    if bad == good:
        return

    with pytest.raises(UsccRefused):
        chinese_identifier(bad)


@given(st.integers(0, 999_999_999))
def test_every_rightly_checked_code_is_accepted(number: int) -> None:
    stem = f"91110000{number:09d}"

    assert chinese_identifier(stem + uscc.calc_check_digit(stem)).country == "CN"


@given(st.text(max_size=60))
def test_arbitrary_text_is_refused_without_an_accident(text: str) -> None:
    with pytest.raises(UsccRefused):
        chinese_identifier(text)


@given(st.text(max_size=60), st.sampled_from(["lei", "register"]))
def test_foreign_identifier_is_plain_ascii_or_refused(text: str, scheme: str) -> None:
    try:
        identifier = foreign_identifier(scheme, text, "SG")
    except (LeiRefused, IdentifierMalformed):
        return

    assert identifier.value.isascii()
    assert identifier.value.isprintable()
    assert " " not in identifier.value


def test_mainland_organisation_cannot_pass_for_foreign() -> None:
    with pytest.raises(CountryUnknown):
        foreign_identifier("register", "123", "CN")


def test_overlong_register_number_is_refused() -> None:
    with pytest.raises(IdentifierMalformed):
        foreign_identifier("register", "1" * 41, "SG")


def test_transition_table_is_exactly_this() -> None:
    assert {(a.value, d.value, b.value) for (a, d), b in TRANSITIONS.items()} == {
        ("pending", "verify", "verified"),
        ("pending", "reject", "rejected"),
        ("rejected", "verify", "verified"),
        ("verified", "suspend", "suspended"),
        ("suspended", "reinstate", "verified"),
    }


def test_every_state_has_a_topic() -> None:
    assert set(TOPICS) == set(OrganisationState)


class Decisions(RuleBasedStateMachine):
    """An organisation under arbitrary decisions."""

    def __init__(self) -> None:
        super().__init__()
        self.state = OrganisationState.PENDING
        self.was_verified = False

    @rule(decision=st.sampled_from(Decision))
    def decide(self, decision: Decision) -> None:
        """Either the table allows it, or it is refused and nothing changes."""
        allowed = (self.state, decision) in TRANSITIONS
        try:
            self.state = next_state(self.state, decision)
        except DecisionImpossible:
            assert not allowed
        else:
            assert allowed
        self.was_verified = self.was_verified or self.state is OrganisationState.VERIFIED

    @invariant()
    def nobody_is_suspended_who_was_never_verified(self) -> None:
        """Suspension needs a verification before it, and there is no way back to pending."""
        if self.state is OrganisationState.SUSPENDED:
            assert self.was_verified
        if self.was_verified:
            assert self.state in {OrganisationState.VERIFIED, OrganisationState.SUSPENDED}


TestDecisions = Decisions.TestCase
