"""Which language a refusal is told in."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_market.edge.problems import language_of


def chosen(accept_language: str | None) -> str:
    headers = {} if accept_language is None else {"accept-language": accept_language}
    return language_of(cast(Any, SimpleNamespace(headers=headers)))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("ZH-Hant-TW", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,zh;q=0.9", "en"),
        ("en;q=0.1,zh;q=0.2", "zh"),
        ("fr, zh;q=0.5", "zh"),
        ("fr", "en"),
        ("*", "en"),
        ("zh;q=0", "en"),
        ("zh; q=0.9, en; q=0.1", "zh"),
        ("zh;q=nonsense", "en"),
        ("zhuang", "en"),
    ],
)
def test_the_preferred_language_is_chosen(header: str | None, language: str) -> None:
    assert chosen(header) == language


@given(st.text(max_size=300))
def test_any_header_gives_one_of_the_two(header: str) -> None:
    assert chosen(header) in ("en", "zh")


@given(
    zh=st.integers(0, 1000),
    en=st.integers(0, 1000),
    others=st.lists(st.sampled_from(["fr", "de-AT;q=0.3", "*;q=0.1", "ja;q=1.0"]), max_size=4),
    zh_first=st.booleans(),
)
def test_the_greater_weight_wins_whatever_the_order(
    zh: int, en: int, others: list[str], zh_first: bool
) -> None:
    pair = [f"zh-CN;q={zh / 1000}", f"en;q={en / 1000}"]
    parts = others + (pair if zh_first else pair[::-1])

    language = chosen(", ".join(parts))

    if zh > en:
        assert language == "zh"
    if en > zh or zh == en == 0:
        assert language == "en"
