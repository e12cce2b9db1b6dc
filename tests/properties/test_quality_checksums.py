"""Check characters computed over whole columns agree with python-stdnum and with plain loops."""

import string
from datetime import date

import duckdb
import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric, uscc

from pricing.quality.checksums import SCHEMES, is_valid
from pricing.quality.rules import ChecksumScheme

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
SCHEMA = pa.schema({"number": pa.string()})
SUBJECT = ibis.table(ibis.Schema.from_pyarrow(SCHEMA), name="subject")
STATEMENTS = {
    scheme: str(ibis.to_sql(SUBJECT.select(ok=is_valid(SUBJECT["number"], scheme)), "duckdb"))
    for scheme in ChecksumScheme
}
ANYTHING = st.text(string.digits + "AIOXZx -é中", max_size=22)


def valid_of(scheme: ChecksumScheme, numbers: list[str]) -> list[bool]:
    """What the expression says of each number, in one statement."""
    with duckdb.connect() as connection:
        connection.register("subject", pa.table({"number": numbers}, SCHEMA))
        return [bool(row[0]) for row in connection.execute(STATEMENTS[scheme]).fetchall()]


def assert_only_right(scheme: ChecksumScheme, right: list[str], alphabet: str) -> None:
    """Each of the numbers is valid as it is, and with no other last character."""
    tried = [number[:-1] + last for number in right for last in alphabet]

    assert valid_of(scheme, right + [number.lower() for number in right]) == [True] * 2 * len(right)
    assert valid_of(scheme, tried) == [number in set(right) for number in tried]


@st.composite
def uscc_numbers(draw: st.DrawFn) -> str:
    start = draw(st.sampled_from(["11", "51", "91", "92", "A1", "N2", "Y1"]))
    area = draw(st.text(string.digits, min_size=6, max_size=6))
    rest = draw(st.text(USCC_ALPHABET, min_size=9, max_size=9))
    number = start + area + rest
    return number + uscc.calc_check_digit(number)


@st.composite
def resident_ids(draw: st.DrawFn) -> str:
    area = draw(st.sampled_from(["110105", "360102", "420106"]))
    born = draw(st.dates(date(1985, 1, 1), date(2020, 1, 1)))
    number = f"{area}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return number + ric.calc_check_digit(number + "0")


@settings(max_examples=6)
@given(st.lists(uscc_numbers(), min_size=10, max_size=10))
def test_of_all_last_characters_of_a_credit_code_exactly_the_right_one_is_valid(
    numbers: list[str],
) -> None:
    # Codes that begin with a letter exist (for example A1 and N2); stdnum does not know them.
    assert all(uscc.is_valid(number) == number[:2].isdigit() for number in numbers)

    assert_only_right(ChecksumScheme.USCC, numbers, USCC_ALPHABET)


@settings(max_examples=6)
@given(st.lists(resident_ids(), min_size=10, max_size=10))
def test_of_all_last_characters_of_a_resident_id_exactly_the_right_one_is_valid(
    numbers: list[str],
) -> None:
    assert all(ric.is_valid(number) for number in numbers)

    assert_only_right(ChecksumScheme.RESIDENT_ID, numbers, "0123456789X")


@settings(max_examples=6)
@given(st.lists(st.text(string.digits, min_size=11, max_size=18), min_size=10, max_size=10))
def test_of_all_last_digits_of_a_card_number_exactly_the_right_one_is_valid(
    starts: list[str],
) -> None:
    numbers = [start + luhn.calc_check_digit(start) for start in starts]
    assert all(luhn.is_valid(number) for number in numbers)

    assert_only_right(ChecksumScheme.LUHN, numbers, string.digits)


@settings(max_examples=8)
@given(st.lists(ANYTHING | uscc_numbers() | resident_ids(), min_size=30, max_size=60))
def test_any_text_is_judged_as_a_plain_loop_judges_it(numbers: list[str]) -> None:
    for scheme in ChecksumScheme:
        assert valid_of(scheme, numbers) == [loop(scheme, number) for number in numbers], scheme


def loop(scheme: ChecksumScheme, number: str) -> bool:
    """The definitions of the three standards, written out without the tables of the engine."""
    if not number.isascii():
        return False
    text = number.upper()
    match scheme:
        case ChecksumScheme.USCC:
            return (
                len(text) == 18
                and set(text) <= set(USCC_ALPHABET)
                and text[2:8].isdigit()
                and uscc.calc_check_digit(text[:17]) == text[17]
            )
        case ChecksumScheme.RESIDENT_ID:
            return (
                len(text) == 18
                and text[:17].isdigit()
                and text[0] != "0"
                and ric.calc_check_digit(text) == text[17]
            )
        case ChecksumScheme.LUHN:
            return text.isdigit() and 12 <= len(text) <= 19 and luhn.checksum(text) == 0


def test_the_tables_have_one_alphabet_and_one_weight_for_each_place() -> None:
    assert set(SCHEMES) == set(ChecksumScheme)
    for scheme in SCHEMES.values():
        assert len(scheme.alphabets) == len(scheme.weights)
