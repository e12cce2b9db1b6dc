"""Which regular expressions a rule may use: linear in time, and the same on every engine."""

import re
import warnings
from typing import Final

from pricing.errors import InvalidInput

PATTERN_MAX: Final = 500
REPEAT_MAX: Final = 1_000
# Engines match with RE2 in linear time; it knows no look-around, back-references or atomic groups.
_BEYOND_RE2: Final = re.compile(r"\(\?(?![:PimsU-])|\(\?P[=>]|\\[1-9Z]|[*+?}]\+")
_CODE_POINT: Final = re.compile(r"(?<!\\)(?:\\\\)*\\[uUNx]")
_REPEATS: Final = re.compile(r"\{(\d*),?(\d*)\}", re.ASCII)


def check_pattern(pattern: str, field: str = "pattern") -> None:
    """Refuse a regular expression that is not safe or means different things to engines.

    Raises InvalidInput. RE2 has the last word: `a{1000}{1000}` passes here and is too large there.
    """
    if not 1 <= len(pattern) <= PATTERN_MAX:
        raise InvalidInput(field, f"must have 1 to {PATTERN_MAX} characters")
    if "\0" in pattern:
        raise InvalidInput(field, "must not contain the character NUL")
    if _CODE_POINT.search(pattern):
        raise InvalidInput(field, r"must hold characters themselves, not escapes such as \u4e00")
    try:
        with warnings.catch_warnings():
            # Python may change what `[[:alpha:]]` means to it; RE2, which matches, will not.
            warnings.simplefilter("ignore", FutureWarning)
            re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        raise InvalidInput(field, "must be a regular expression") from None
    repeats = [int(count) for pair in _REPEATS.findall(pattern) for count in pair if count]
    if _BEYOND_RE2.search(pattern) or max(repeats, default=0) > REPEAT_MAX:
        problem = f"must not use look-around, back-references or over {REPEAT_MAX} repeats"
        raise InvalidInput(field, problem)
