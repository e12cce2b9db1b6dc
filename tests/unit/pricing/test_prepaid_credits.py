import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pricing.errors import CurrencyMismatch, InvalidInput
from pricing.money import Money
from pricing.plans import credits_from_json, credits_to_json
from pricing.plans.credits import Burn, Draw, Grant, burn_credits


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


def yuan(amount: int) -> Money:
    return Money.of(amount, "CNY")


def test_credits_burn_by_priority_then_expiry_then_order_of_grant() -> None:
    grants = [
        Grant("late", yuan(10), day(1), day(20)),
        Grant("never", yuan(10), day(1)),
        Grant("second", yuan(10), day(2), day(9)),
        Grant("soon", yuan(10), day(1), day(9)),
        Grant("last", yuan(10), day(1), day(4), priority=2),
    ]

    ledger = burn_credits("CNY", grants, [Draw("bill", yuan(45), day(3))], day(3))

    assert ledger.burns == (
        Burn("bill", "soon", yuan(10)),
        Burn("bill", "second", yuan(10)),
        Burn("bill", "late", yuan(10)),
        Burn("bill", "never", yuan(10)),
        Burn("bill", "last", yuan(5)),
    )
    assert ledger.unpaid == (("bill", yuan(0)),)


def test_what_is_left_at_expiry_is_void_at_that_very_instant() -> None:
    grants = [Grant("old", yuan(10), day(1), day(5)), Grant("new", yuan(3), day(5))]
    draws = [Draw("before", yuan(4), day(4)), Draw("at", yuan(4), day(5))]

    ledger = burn_credits("CNY", grants, draws, day(5))

    assert ledger.burns == (Burn("before", "old", yuan(4)), Burn("at", "new", yuan(3)))
    assert ledger.unpaid == (("before", yuan(0)), ("at", yuan(1)))
    old, new = ledger.grants
    assert (old.burnt, old.expired, old.left) == (yuan(4), yuan(6), yuan(0))
    assert (new.burnt, new.expired, new.left) == (yuan(3), yuan(0), yuan(0))


def test_what_comes_after_the_instant_asked_for_does_not_count() -> None:
    grants = [Grant("now", yuan(5), day(1)), Grant("later", yuan(5), day(9))]

    ledger = burn_credits("CNY", grants, [Draw("later", yuan(5), day(9))], day(8))

    assert (ledger.burns, ledger.unpaid) == ((), ())
    assert [end.grant for end in ledger.grants] == ["now"]


def test_credits_of_another_currency_are_not_mixed() -> None:
    dollars = Grant("usd", Money.of(5, "USD"), day(1))

    with pytest.raises(CurrencyMismatch):
        burn_credits("CNY", [dollars], [Draw("bill", yuan(5), day(2))], day(2))


def body(**changes: Any) -> dict[str, Any]:
    return {
        "currency": "KWD",
        "grants": [{"id": "a", "amount": "1.000", "granted_at": "2026-11-01T00:00:00+08:00"}],
        "draws": [{"id": "d", "amount": "0.600", "at": "2026-11-02T00:00:00Z"}],
        "until": "2026-11-03T00:00:00Z",
        **changes,
    }


def test_the_json_form_of_a_ledger() -> None:
    written = credits_to_json(credits_from_json(body()))

    assert json.loads(json.dumps(written)) == written
    assert written == {
        "until": "2026-11-03T00:00:00Z",
        "burns": [{"draw": "d", "grant": "a", "amount": "0.600"}],
        "unpaid": [{"draw": "d", "amount": "0.000"}],
        "grants": [
            {
                "grant": "a",
                "granted": "1.000",
                "burnt": "0.600",
                "expired": "0.000",
                "left": "0.400",
            }
        ],
    }


GRANT = body()["grants"][0]


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (body(currency="XYZ"), "currency"),
        (body(colour="red"), "colour"),
        (body(until="2026-11-03T00:00:00"), "until"),
        (body(until="soon"), "until"),
        (body(until="0001-01-01T00:00:00+08:00"), "until"),
        (body(grants=[{**GRANT, "amount": "-1"}]), "grants[0].amount"),
        (body(grants=[{**GRANT, "amount": "1e3"}]), "grants[0].amount"),
        (body(grants=[{**GRANT, "priority": 51}]), "grants[0].priority"),
        (body(grants=[{**GRANT, "expires_at": "2026-10-01T00:00:00Z"}]), "grants[0].expires_at"),
        (body(grants=[{**GRANT, "note": "x"}]), "grants[0].note"),
        (body(grants=[GRANT, GRANT]), "grants[1].id"),
        (body(draws=[{"id": "d", "amount": "1"}]), "draws[0].at"),
    ],
)
def test_unusable_credits_are_refused_with_the_field_named(document: object, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        credits_from_json(document)

    assert refused.value.field == field
