"""Names are what they look like."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_market.kernel.text import TextEmpty, TextRefused, paragraphs, single_line


@pytest.mark.parametrize(
    "text", ["a\u202eb", "a\u2066b", "a\u200fb", "a\u061cb", "a\x00b", "a\x1bb", "a\nb", "a\u2028b"]
)
def test_invisible_characters_are_refused_in_names(text: str) -> None:
    with pytest.raises(TextRefused) as refusal:
        single_line(text, "name_en")

    assert refusal.value.params["field"] == "name_en"
    assert refusal.value.params["character"] == f"U+{ord(text[1]):04X}"


def test_line_breaks_are_fine_in_paragraphs() -> None:
    assert paragraphs("one\n\ttwo\r\n", "reason") == "one\n\ttwo"


@pytest.mark.parametrize("text", ["", " ", "\u3000"])
def test_empty_text_is_refused(text: str) -> None:
    with pytest.raises(TextEmpty):
        single_line(text, "name_en")


@pytest.mark.parametrize(
    "text", ["数据有限公司", "Société Générale", "O'Neil & Sons (上海)", "𠮷野家"]
)
def test_names_of_the_world_pass(text: str) -> None:
    assert single_line(text, "name") == text


def test_two_spellings_of_one_letter_become_one() -> None:
    assert single_line("Cafe\u0301", "name") == "Café"


@given(st.text(max_size=50))
def test_accepted_text_is_normal_trimmed_and_stable(text: str) -> None:
    try:
        once = single_line(text, "name")
    except (TextRefused, TextEmpty):
        return

    assert once == unicodedata.normalize("NFC", once).strip()
    assert single_line(once, "name") == once
    assert "\x00" not in once
