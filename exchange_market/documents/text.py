"""Text as a reader may see it: nothing invisible, and nothing that a font would draw as a box.

What may not be drawn is written as its code point, `[U+202E]`, so that a reader sees that it was
there (Unicode Technical Report 36, section 2.5 "Bidirectional Text Spoofing").
"""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, cast

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LINE_BREAKS = frozenset("\n\t")

Covers = Callable[[str], bool]


def visible(text: str, covers: Covers | None = None) -> str:
    """`text` with every character that cannot be seen, or not be drawn, as its code point."""
    if text.isascii() and text.isprintable():
        return text
    refused = [character for character in set(text) if _is_refused(character, covers)]
    return text.translate({ord(each): f"[U+{ord(each):04X}]" for each in refused})


def visible_values(value: Any, covers: Covers | None = None) -> Any:
    """`visible` for every text in JSON values."""
    match value:
        case str():
            return visible(value, covers)
        case list() | tuple():
            return [visible_values(item, covers) for item in cast(Sequence[Any], value)]
        case dict():
            members = cast(dict[str, Any], value).items()
            return {name: visible_values(item, covers) for name, item in members}
        case _:
            return value


def _is_refused(character: str, covers: Covers | None) -> bool:
    if character in _LINE_BREAKS or " " <= character <= "~":
        return False
    if unicodedata.category(character) in _HIDDEN_CATEGORIES:
        return True
    return covers is not None and not covers(character)
