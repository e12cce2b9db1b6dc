"""Text as a reader may see it: nothing invisible, and nothing that a font would draw as a box.

What may not be drawn is written as its code point, `[U+202E]`, so that a reader sees that it was
there (Unicode Technical Report 36, section 2.5 "Bidirectional Text Spoofing").
"""

import unicodedata
from collections.abc import Callable
from typing import Any, cast

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LINE_BREAKS = frozenset("\n\t")

Covers = Callable[[str], bool]


def visible(text: str, covers: Covers | None = None) -> str:
    """`text` with every character that cannot be seen, or not be drawn, as its code point."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character, covers) for character in text)


def visible_values(value: Any, covers: Covers | None = None) -> Any:
    """`visible` for every text in JSON values."""
    match value:
        case str():
            return visible(value, covers)
        case list():
            return [visible_values(item, covers) for item in cast(list[Any], value)]
        case dict():
            members = cast(dict[str, Any], value).items()
            return {name: visible_values(item, covers) for name, item in members}
        case _:
            return value


def _visible(character: str, covers: Covers | None) -> str:
    if character in _LINE_BREAKS or " " <= character <= "~":
        return character
    is_hidden = unicodedata.category(character) in _HIDDEN_CATEGORIES
    if is_hidden or (covers is not None and not covers(character)):
        return f"[U+{ord(character):04X}]"
    return character
