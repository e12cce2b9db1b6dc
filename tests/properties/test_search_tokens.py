"""Whatever is in a title is found by any part of it."""

from hypothesis import given
from hypothesis import strategies as st

from exchange_market.catalog.tokens import TOKEN_CHARACTERS_MAX, query_tokens, search_tokens

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=40)
ANYTHING = st.text(max_size=80)


@given(title=HAN, data=st.data())
def test_any_part_of_a_chinese_title_finds_it(title: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(title) - 1))
    end = data.draw(st.integers(start + 1, len(title)))

    wanted = query_tokens(title[start:end])

    assert wanted
    assert set(wanted) <= set(search_tokens(title))


@given(title=HAN, others=st.lists(HAN, max_size=5), data=st.data())
def test_two_characters_find_the_title_between_others(
    title: str, others: list[str], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(title) - 2))

    wanted = query_tokens(title[start : start + 2])

    assert wanted == (title[start : start + 2],)
    assert set(wanted) <= set(search_tokens(" ".join([*others, title])))


@given(text=ANYTHING)
def test_a_text_is_found_by_itself_and_by_its_upper_case(text: str) -> None:
    tokens = set(search_tokens(text))

    assert set(query_tokens(text)) <= tokens
    assert all(0 < len(token) <= TOKEN_CHARACTERS_MAX for token in tokens)


@given(words=st.lists(st.from_regex(r"[a-z]{1,20}", fullmatch=True), min_size=1, max_size=8))
def test_latin_words_are_found_in_any_case_and_order(words: list[str]) -> None:
    tokens = search_tokens(" ".join(words))

    assert query_tokens("-".join(reversed(words)).upper()) == tuple(dict.fromkeys(words[::-1]))
    assert tokens.total() == len(words)
