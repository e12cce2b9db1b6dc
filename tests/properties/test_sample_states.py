"""The life of a sample, over any order of steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_market.catalog.revision import ColumnRole
from exchange_market.trials.errors import SampleActionRefused
from exchange_market.trials.policy import basis_of, is_as_careful
from exchange_market.trials.sample import MOVES, SampleAction, SampleState, next_state

roles = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(ColumnRole), min_size=1)


@given(st.lists(st.sampled_from(SampleAction), max_size=30))
def test_a_sample_is_approved_only_by_its_provider_after_it_was_proposed(
    actions: list[SampleAction],
) -> None:
    state = SampleState.PREPARING
    since_renewal: list[SampleAction] = []
    for action in actions:
        try:
            state = next_state(state, action)
        except SampleActionRefused:
            continue
        if action is SampleAction.RENEW:
            since_renewal = []
        since_renewal.append(action)

        if state is SampleState.APPROVED:
            assert since_renewal[-1] is SampleAction.APPROVE
            assert SampleAction.PROPOSE in since_renewal
        if state is SampleState.REFUSED:
            assert since_renewal[-1] is SampleAction.REFUSE


@pytest.mark.parametrize("state", SampleState)
def test_every_state_can_be_renewed_and_knows_its_moves(state: SampleState) -> None:
    assert next_state(state, SampleAction.RENEW) is SampleState.PREPARING
    for action in SampleAction:
        if action in MOVES[state]:
            assert next_state(state, action) is MOVES[state][action]
        else:
            with pytest.raises(SampleActionRefused):
                next_state(state, action)


@given(roles, roles, st.booleans())
def test_a_basis_changes_exactly_with_what_it_is_made_of(
    one: dict[str, ColumnRole], other: dict[str, ColumnRole], holds_persons: bool
) -> None:
    mine = basis_of(one, holds_persons=holds_persons)

    assert (mine == basis_of(other, holds_persons=holds_persons)) == (one == other)
    assert mine != basis_of(one, holds_persons=not holds_persons)
    assert mine == basis_of(dict(reversed(one.items())), holds_persons=holds_persons)


@given(roles, st.sampled_from("abcdef"), st.sampled_from(ColumnRole))
def test_a_sample_is_too_open_as_soon_as_one_role_was_raised(
    shown: dict[str, ColumnRole], name: str, raised: ColumnRole
) -> None:
    asked = shown | {name: raised}

    assert is_as_careful(shown, shown)
    expected = name not in shown or shown[name].caution >= raised.caution
    assert is_as_careful(shown, asked) == expected
