"""What holds for prepaid credits however they are burnt: nothing is lost or invented."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pricing.money import Money
from pricing.plans.credits import CreditLedger, Draw, Grant, burn_credits

START = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = st.integers(0, 30).map(lambda days: START + timedelta(days=days))
AMOUNTS = st.integers(0, 100).map(lambda units: Money(units * 10_000, "CNY"))


@st.composite
def grants(draw: st.DrawFn) -> list[Grant]:
    found: list[Grant] = []
    for number in range(draw(st.integers(0, 6))):
        granted = draw(DAYS)
        lasts = draw(st.one_of(st.none(), st.integers(1, 20)))
        expires = None if lasts is None else granted + timedelta(days=lasts)
        amount, priority = draw(AMOUNTS), draw(st.integers(1, 3))
        found.append(Grant(f"grant-{number}", amount, granted, expires, priority))
    return found


DRAWS = st.lists(st.tuples(AMOUNTS, DAYS), max_size=8).map(
    lambda each: [Draw(f"draw-{n}", amount, at) for n, (amount, at) in enumerate(each)]
)


def micro(ledger: CreditLedger) -> list[tuple[int, int, int, int]]:
    return [
        (g.granted.amount_micro, g.burnt.amount_micro, g.expired.amount_micro, g.left.amount_micro)
        for g in ledger.grants
    ]


@given(grants(), DRAWS, DAYS)
def test_credits_are_conserved_and_never_negative(
    granted: list[Grant], draws: list[Draw], until: datetime
) -> None:
    ledger = burn_credits("CNY", granted, draws, until)

    for whole, burnt, expired, left in micro(ledger):
        assert whole == burnt + expired + left
        assert min(burnt, expired, left) >= 0
    due = {draw.id: draw.amount.amount_micro for draw in draws if draw.at <= until}
    for draw, rest in ledger.unpaid:
        paid = sum(burn.amount.amount_micro for burn in ledger.burns if burn.draw == draw)
        assert paid + rest.amount_micro == due[draw]
        assert rest.amount_micro >= 0


@given(grants(), DRAWS, DAYS)
def test_a_draw_is_left_unpaid_only_when_no_credit_in_force_is_left(
    granted: list[Grant], draws: list[Draw], until: datetime
) -> None:
    for number, draw in enumerate(draws):
        ledger = burn_credits("CNY", granted, draws[: number + 1], draw.at)
        rest = dict(ledger.unpaid)[draw.id]
        later = [each for each in draws[:number] if each.at > draw.at]
        if rest.amount_micro and not later:
            assert all(end.left.amount_micro == 0 for end in ledger.grants)
    assert burn_credits("CNY", granted, draws, until) == burn_credits("CNY", granted, draws, until)


@given(grants(), DRAWS, st.tuples(DAYS, DAYS))
def test_looking_later_never_changes_what_was_burnt_before(
    granted: list[Grant], draws: list[Draw], instants: tuple[datetime, datetime]
) -> None:
    sooner, later = sorted(instants)

    before, after = (burn_credits("CNY", granted, draws, until) for until in (sooner, later))

    assert after.burns[: len(before.burns)] == before.burns
    assert after.unpaid[: len(before.unpaid)] == before.unpaid
