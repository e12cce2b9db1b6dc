"""Which deals are comparables, why the others are not, and what strangers may read of them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pricing.document import Document
from pricing.errors import InvalidInput
from pricing.valuation.market.codec import comparables_from_json, comparables_to_json
from pricing.valuation.market.deal import (
    Assumption,
    Comparables,
    Deal,
    Party,
    PriceIndex,
    Rules,
)
from pricing.valuation.market.public import public_comparables
from pricing.valuation.market.selection import Reason, Selection, select
from tests.support.deals import VALUED_ON, deal, target


def chosen(*deals: Deal, rules: Rules | None = None) -> Selection:
    return select(
        Comparables(target(), deals, rules or Rules()), currency="CNY", valued_on=VALUED_ON
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"settled_on": None}, Reason.NOT_SETTLED),
        ({"settled_on": VALUED_ON + timedelta(days=1)}, Reason.SETTLED_AFTER_VALUATION),
        ({"settled_on": VALUED_ON - timedelta(days=1_097)}, Reason.TOO_OLD),
        ({"is_refunded": True}, Reason.REFUNDED),
        ({"buyer": Party(entity="seller")}, Reason.RELATED_PARTIES),
        ({"buyer": Party(entity="buyer", owners=("seller",))}, Reason.RELATED_PARTIES),
        ({"currency": "USD"}, Reason.NO_EXCHANGE_RATE),
        ({"rows": 0}, Reason.NO_ROWS),
        ({"quality": None}, Reason.NO_QUALITY),
        ({"term_months": None}, Reason.NO_TERM),
        ({"price": Decimal(0)}, Reason.NO_PRICE),
    ],
)
def test_a_deal_that_proves_no_market_price_is_rejected_with_its_reason(
    changes: dict[str, object], reason: Reason
) -> None:
    selection = chosen(deal(id="fine"), deal(id="odd", **changes))

    assert [each.deal.id for each in selection.used] == ["fine"]
    assert [(each.deal.id, each.reasons) for each in selection.rejected] == [("odd", (reason,))]


def test_two_sides_with_the_same_owner_are_related() -> None:
    mother = ("mother",)
    odd = deal(seller=Party(entity="a", owners=mother), buyer=Party(entity="b", owners=mother))

    assert chosen(odd).rejected[0].reasons == (Reason.RELATED_PARTIES,)


def test_data_that_come_back_within_ninety_days_were_not_bought_to_be_used() -> None:
    back = {"seller": Party(entity="buyer"), "buyer": Party(entity="seller")}
    first = deal(id="there", settled_on=date(2026, 6, 1))
    soon = deal(id="back", settled_on=date(2026, 8, 30), **back)
    late = deal(id="back", settled_on=date(2026, 8, 31), **back)

    assert {each.deal.id for each in chosen(first, soon).rejected} == {"there", "back"}
    assert chosen(first, soon).rejected[0].reasons == (Reason.ROUND_TRIP,)
    assert chosen(first, late).rejected == ()


def test_a_round_trip_through_a_subsidiary_is_one_too() -> None:
    there = deal(id="there", seller=Party(entity="a"), buyer=Party(entity="b"))
    daughter = Party(entity="daughter", owners=("a",))
    back = deal(id="back", seller=Party(entity="b"), buyer=daughter)

    assert len(chosen(there, back).rejected) == 2


def test_a_deal_names_every_reason_against_it() -> None:
    odd = deal(settled_on=None, is_refunded=True, rows=0)

    assert chosen(odd).rejected[0].reasons == (
        Reason.NO_ROWS,
        Reason.NOT_SETTLED,
        Reason.REFUNDED,
    )


def test_a_price_is_per_month_in_the_currency_and_at_the_level_of_the_valuation() -> None:
    rules = Rules(
        rates={"USD": Assumption(Decimal("7.2"), "central rate")},
        perpetual_months=Assumption(Decimal(60), "economic life"),
        index=PriceIndex({"2026-06": Decimal(100), "2026-11": Decimal(110)}, "the exchange"),
    )
    dollars = deal(id="a", price=Decimal(600), currency="USD", term_months=Decimal(6))
    endless = deal(id="b", price=Decimal(6_000), term_months=None)
    unknown = deal(id="c", settled_on=date(2026, 5, 31))

    selection = chosen(dollars, endless, unknown, rules=rules)

    assert [each.monthly_price for each in selection.used] == pytest.approx([720, 100])
    assert [each.price_now for each in selection.used] == pytest.approx([792, 110])
    assert selection.rejected[0].reasons == (Reason.NO_INDEX,)


def test_a_statistic_is_shown_over_five_deals_and_not_over_four() -> None:
    deals = [
        deal(id=f"d{n}", price=Decimal(12_000 + 1_200 * n), buyer=Party(entity=f"b{n}"))
        for n in range(5)
    ]

    four = public_comparables(chosen(*deals[:4], deal(id="e", rows=0)), "CNY")
    five = public_comparables(chosen(*deals), "CNY")

    assert four == {
        "currency": "CNY",
        "used": ["d0", "d1", "d2", "d3"],
        "rejected": [{"id": "e", "reasons": ["no_rows"]}],
        "reasons": {"no_rows": 1},
        "statistics": None,
    }
    assert five["statistics"] == {
        "deals": 5,
        "price_per_month": {"lower_quartile": "1100", "median": "1200", "upper_quartile": "1300"},
        "price_per_thousand_rows_and_month": {
            "lower_quartile": "110",
            "median": "120",
            "upper_quartile": "130",
        },
    }


def test_a_statistic_has_two_digits_so_that_no_single_price_can_be_read_from_it() -> None:
    deals = [
        deal(id=f"d{n}", price=Decimal(12_345 + n), buyer=Party(entity=f"b{n}")) for n in range(5)
    ]

    shown = public_comparables(chosen(*deals), "CNY")

    assert "1028" not in str(shown)
    assert "'median': '1000'" in str(shown)


def test_the_market_section_reads_back_as_it_was_written() -> None:
    rules = Rules(
        oldest_days=400,
        round_trip_days=30,
        rates={"USD": Assumption(Decimal("7.2"), "central rate")},
        exclusivity=Assumption(Decimal("1.3"), "licences seen"),
        perpetual_months=Assumption(Decimal(60), "economic life"),
        index=PriceIndex({"2026-06": Decimal(100)}, "the exchange"),
    )
    odd = deal(id="a", settled_on=None, term_months=None, quality=None, entities=7)
    section = Comparables(
        target(), (odd, deal(id="b", seller=Party(entity="s", owners=("o",)))), rules
    )

    written = comparables_to_json(section)

    assert comparables_from_json(Document(written)) == section


@pytest.mark.parametrize(
    ("where", "name", "value", "field"),
    [
        ("target", "rows", 0, "comparables.target.rows"),
        ("target", "quality", "1.1", "comparables.target.quality"),
        ("deal", "price", "-1", "comparables.deals[0].price"),
        ("deal", "currency", "XXX", "comparables.deals[0].currency"),
        ("deal", "settled_on", "June", "comparables.deals[0].settled_on"),
        ("deal", "colour", "red", "comparables.deals[0].colour"),
        ("deal", "seller", {}, "comparables.deals[0].seller.entity"),
        (
            "rules",
            "index",
            {"levels": {"June": "1"}, "source": "x"},
            "comparables.rules.index.levels.June",
        ),
        (
            "rules",
            "rates",
            {"USD": {"value": "0", "source": "x"}},
            "comparables.rules.rates.USD.value",
        ),
        ("rules", "oldest_days", 0, "comparables.rules.oldest_days"),
    ],
)
def test_a_bad_field_of_the_market_section_is_named(
    where: str, name: str, value: object, field: str
) -> None:
    written: dict[str, object] = comparables_to_json(Comparables(target(), (deal(),), Rules()))
    parts = {"target": written["target"], "rules": written["rules"], "deal": written["deals"][0]}  # pyright: ignore[reportIndexIssue]
    parts[where][name] = value  # pyright: ignore[reportIndexIssue]

    with pytest.raises(InvalidInput) as refusal:
        comparables_from_json(Document(written, "comparables"))

    assert refusal.value.field == field


def test_two_deals_cannot_have_one_id() -> None:
    written = comparables_to_json(Comparables(target(), (deal(), deal()), Rules()))

    with pytest.raises(InvalidInput, match="different ids"):
        comparables_from_json(Document(written, "comparables"))
