from decimal import Decimal
from fractions import Fraction

import pytest

from pricing.errors import AmountTooLarge, CurrencyMismatch, InvalidInput, UnknownCurrency
from pricing.money import (
    _CODES_BY_DIGITS,
    MINOR_DIGITS,
    Money,
    minor_digits,
    round_half_away,
    sum_money,
)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("2.5", 3), ("-2.5", -3), ("0.5", 1), ("-0.5", -1), ("2.4999", 2), ("0", 0), ("-1.51", -2)],
)
def test_a_tie_is_rounded_away_from_zero(value: str, rounded: int) -> None:
    assert round_half_away(Fraction(value)) == rounded


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("1.235", "USD", "1.24"),
        ("1.234567", "USD", "1.23"),
        ("1.005", "CNY", "1.01"),
        ("2.5", "JPY", "3"),
        ("1.955678", "JPY", "2"),
        ("1.0005", "KWD", "1.001"),
        ("-1.005", "CNY", "-1.01"),
    ],
)
def test_rounding_to_the_minor_unit(amount: str, currency: str, rounded: str) -> None:
    assert Money.parse(amount, currency).round_to_minor().format() == rounded


def test_of_minor_rounds_once_where_two_roundings_would_go_up() -> None:
    almost_half_a_fen = Decimal("0.0049999999")

    assert Money.of_minor(almost_half_a_fen, "CNY") == Money.zero("CNY")
    assert Money.of(almost_half_a_fen, "CNY").round_to_minor() == Money(10_000, "CNY")


def test_unit_price_times_quantity_gives_the_published_invoice_amounts() -> None:
    exact = Decimal("4.4556") * Decimal("10.625")

    assert Money.of_minor(exact, "USD").format() == "47.34"
    assert Money.of_minor(exact, "JPY").format() == "47"


@pytest.mark.parametrize(("currency", "digits"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
def test_minor_digits_follow_iso_4217(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


def test_every_code_has_three_letters_and_is_listed_once() -> None:
    assert all(len(code) == 3 and code.isupper() for code in MINOR_DIGITS)
    listed = [code for codes in _CODES_BY_DIGITS.values() for code in codes.split()]
    assert sorted(listed) == sorted(MINOR_DIGITS)


@pytest.mark.parametrize("currency", ["RMB", "cny", "", "XXX", "BTC"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        Money(1, currency)


@pytest.mark.parametrize(
    ("text", "micro"),
    [("12.34", 12_340_000), ("-0.000001", -1), ("0", 0), ("7", 7_000_000), ("0.10", 100_000)],
)
def test_parse_reads_plain_decimals(text: str, micro: int) -> None:
    assert Money.parse(text, "CNY").amount_micro == micro


@pytest.mark.parametrize(
    "text", ["", "1e3", "+1", "01", "1.", ".5", " 1", "1.0000001", "NaN", "1,000", "١", "1\n"]
)
def test_parse_refuses_anything_else_and_names_the_field(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Money.parse(text, "CNY", field="price")

    assert refused.value.field == "price"


@pytest.mark.parametrize(
    ("micro", "currency", "text"),
    [
        (12_340_000, "CNY", "12.34"),
        (12_345_600, "CNY", "12.3456"),
        (5_000_000, "JPY", "5"),
        (-10_000, "CNY", "-0.01"),
        (1, "JPY", "0.000001"),
        (0, "KWD", "0.000"),
    ],
)
def test_format_shows_at_least_the_minor_digits(micro: int, currency: str, text: str) -> None:
    assert Money(micro, currency).format() == text


def test_amounts_of_one_currency_add_subtract_negate_and_compare() -> None:
    ten, three = Money.of(10, "CNY"), Money.of(3, "CNY")

    assert ten + three == Money.of(13, "CNY")
    assert three - ten == -Money.of(7, "CNY")
    assert three < ten
    assert three <= ten
    assert not ten <= three
    assert str(ten) == "10.00 CNY"
    assert sum_money([ten, three], "CNY") == Money.of(13, "CNY")


def test_two_currencies_never_meet() -> None:
    with pytest.raises(CurrencyMismatch) as refused:
        Money.of(1, "CNY").__add__(Money.of(1, "USD"))

    assert (refused.value.expected, refused.value.found) == ("CNY", "USD")


def test_times_is_exact_and_rounded_once() -> None:
    assert Money.of(10, "CNY").times(Decimal("1.33333")) == Money(13_333_300, "CNY")
    assert Money(1, "CNY").times(Fraction(1, 2)) == Money(1, "CNY")
    assert Money(-1, "CNY").times(Fraction(1, 2)) == Money(-1, "CNY")


@pytest.mark.parametrize("factor", [0.5, True])
def test_floats_and_booleans_are_no_factors(factor: float) -> None:
    with pytest.raises(TypeError):
        Money.of(1, "CNY").times(factor)  # pyright: ignore[reportArgumentType]


def test_an_infinite_factor_is_refused() -> None:
    with pytest.raises(InvalidInput):
        Money.of(1, "CNY").times(Decimal("Infinity"))


def test_a_float_is_no_amount() -> None:
    with pytest.raises(TypeError):
        Money(1.0, "CNY")  # pyright: ignore[reportArgumentType]


def test_an_amount_beyond_64_bits_is_refused() -> None:
    assert Money(2**63 - 1, "CNY").amount_micro == 2**63 - 1
    with pytest.raises(AmountTooLarge):
        Money(2**63, "CNY")


def test_split_shares_whole_fen_and_gives_the_residue_to_the_largest_remainder() -> None:
    parts = Money.of(10, "CNY").split([1, 1, 1])
    assert [part.format() for part in parts] == ["3.34", "3.33", "3.33"]

    parts = Money.of(Decimal("0.05"), "CNY").split([Decimal("0.7"), Decimal("0.3")])
    assert [part.format() for part in parts] == ["0.04", "0.01"]

    parts = Money.of(-10, "CNY").split([1, 2, 0])
    assert [part.format() for part in parts] == ["-3.33", "-6.67", "0.00"]


def test_split_of_an_amount_below_the_minor_unit_shares_micro_units() -> None:
    assert Money(10_001, "CNY").split([1, 1]) == (Money(5_001, "CNY"), Money(5_000, "CNY"))


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_split_refuses_weights_that_share_nothing(weights: list[int]) -> None:
    with pytest.raises(InvalidInput):
        Money.of(1, "CNY").split(weights)
