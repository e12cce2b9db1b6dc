"""Cuts text into the tokens that the search index is made of; the same cut for listings and
queries.

Chinese is written without spaces, so a run of Chinese characters becomes its overlapping pairs:
交通运输 gives 交通, 通运, 运输. Any part of the run that is two characters or longer is then found
through its own pairs. Single characters are kept beside the pairs, for queries of one character.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Final

TOKEN_CHARACTERS_MAX: Final = 40
_HAN: Final = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_RUNS: Final = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN: Final = re.compile(rf"[{_HAN}]")


def search_tokens(text: str) -> Counter[str]:
    """The tokens of a listing's text with how often each occurs.

    Chinese gives pairs and single characters; other scripts give whole words, folded so that case,
    width and accents make no difference. Words are cut to 40 characters.
    """
    tokens: Counter[str] = Counter()
    for run in _runs(text):
        if _IS_HAN.match(run):
            tokens.update(run)
            tokens.update(_pairs(run))
        else:
            tokens[run[:TOKEN_CHARACTERS_MAX]] += 1
    return tokens


def query_tokens(text: str) -> tuple[str, ...]:
    """The tokens that a listing must all hold to be found by `text`, without repetition, in order.

    Of a Chinese run only the pairs are asked for, since they imply its characters; a run of one
    character is asked for itself.
    """
    wanted: dict[str, None] = {}
    for run in _runs(text):
        if not _IS_HAN.match(run):
            wanted[run[:TOKEN_CHARACTERS_MAX]] = None
        elif len(run) == 1:
            wanted[run] = None
        else:
            wanted.update(dict.fromkeys(_pairs(run)))
    return tuple(wanted)


def _runs(text: str) -> Iterator[str]:
    # NFKC makes full-width letters ordinary; the NFD step then splits accents off, to be dropped.
    folded = unicodedata.normalize("NFKC", text).casefold()
    split = unicodedata.normalize("NFD", folded)
    plain = "".join(sign for sign in split if not unicodedata.combining(sign))
    return (match.group() for match in _RUNS.finditer(unicodedata.normalize("NFC", plain)))


def _pairs(run: str) -> Iterator[str]:
    return (run[place : place + 2] for place in range(len(run) - 1))
