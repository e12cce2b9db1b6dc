"""What text from people may contain: no invisible characters that make it look like other text.

Control characters break logs and terminals; bidirectional controls make a name read differently
from what it is (Unicode Technical Report 36, section 2.5 "Bidirectional Text Spoofing").
"""

import unicodedata

from exchange_market.kernel.errors import Invalid

_BIDIRECTIONAL_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_LINE_BREAKS = frozenset("\n\r\t")


class TextRefused(Invalid):
    """The text has characters that are not for people to see."""

    code = "text.characters_refused"
    en = "'{field}' contains the invisible or unassigned character {character}; remove it."
    zh = "“{field}”含有不可见或未定义的字符 {character}，请删除。"


class NullCharacter(Invalid):
    """Somewhere in the request is a null character, which the database cannot store or look for."""

    code = "text.null_character"
    en = "The request contains a null character; remove it."
    zh = "请求中含有空字符（U+0000），请删除。"


class TextEmpty(Invalid):
    """The text has nothing but spaces."""

    code = "text.empty"
    en = "'{field}' is empty; fill it in."
    zh = "“{field}”为空，请填写。"


def single_line(value: str, field: str) -> str:
    """`value` in NFC without outer spaces; raises when empty or not one line of plain text."""
    return _plain(value, field, frozenset())


def paragraphs(value: str, field: str) -> str:
    """Like `single_line`, for texts in which line breaks and tabs are allowed."""
    return _plain(value, field, _LINE_BREAKS)


def _plain(value: str, field: str, allowed: frozenset[str]) -> str:
    text = unicodedata.normalize("NFC", value).strip()
    for character in text:
        is_refused = (
            character in _BIDIRECTIONAL_CONTROLS
            or unicodedata.category(character) in _REFUSED_CATEGORIES
        )
        if is_refused and character not in allowed:
            raise TextRefused(field=field, character=f"U+{ord(character):04X}")
    if not text:
        raise TextEmpty(field=field)
    return text
