"""Signs that a text was decoded wrongly, as one regular expression of literal characters.

Literal, because engines write code points differently (RE2 x{FFFD}, PostgreSQL and Java uFFFD).
"""

from typing import Final

_REPLACEMENT: Final = "\ufffd"
# Tab, line feed and carriage return are text; NUL cannot be written in every engine's SQL and is
# refused by PostgreSQL itself.
_CONTROLS: Final = "\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
# Spaces and guillemets after an accented letter are good French and Portuguese.
_LATE: Final = "\u00a1-\u00aa\u00ac-\u00ba\u00bc-\u00bf"
_MOJIBAKE: Final = (
    # UTF-8 read as Latin-1 or Windows-1252: accented letters, spaces, quotation marks, a byte order
    # mark.
    f"Ã[{_LATE}]",
    f"Â[\u00a0{_LATE}]",
    "â€",
    "ï»¿",
    # Chinese UTF-8 read so: a lead byte E4 to E9 and two more.
    f"[ä-é][{_LATE}][\u00a0-\u00bf\u0152-\u017e\u2018-\u2122]",
    # Replacement characters in UTF-8 read as GBK; uninitialised memory read as GBK.
    "锟斤拷",
    "烫烫烫",
    "屯屯屯",
)
UNCLEAN: Final = "|".join((f"[{_REPLACEMENT}{_CONTROLS}]", *_MOJIBAKE))
"""Matches somewhere in a text that was not decoded rightly."""
