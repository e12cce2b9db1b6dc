"""Numbers with a check character, as Ibis expressions over whole columns.

A scheme is a table: at each place a character counts as its position in that place's alphabet,
times a weight; the sum leaves a fixed remainder. Letters may be written small. What a number names
(a real company, a date of birth) is not checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import ibis

from pricing.quality.rules import ChecksumScheme

Expression = Any
"""An Ibis value; its published classes lack most of the methods that columns really have."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """Shape of a number in capitals, and how its characters add up to `remainder`.

    `alphabets` and `weights` are those of each place from the left, after the number was filled up
    with zeros on the left to as many places.
    """

    shape: str
    alphabets: tuple[str, ...]
    weights: tuple[int, ...]
    modulus: int
    remainder: int


_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LUHN_PLACES: Final = 19
_PLAIN, _DOUBLED = "0123456789", "0516273849"
"""A digit's place in the second is the digit sum of its double."""

SCHEMES: Final[Mapping[ChecksumScheme, Scheme]] = {
    # GB 32100-2015: 17 characters weighted with 3^i, check value 31 - sum mod 31.
    ChecksumScheme.USCC: Scheme(
        shape=f"^[0-9A-HJ-NPQRTUWXY]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}$",
        alphabets=(_USCC_ALPHABET,) * 18,
        weights=(*(pow(3, place, 31) for place in range(17)), 1),
        modulus=31,
        remainder=0,
    ),
    # GB 11643-1999 with ISO 7064 MOD 11-2: weights 2^(17-i), X counts ten, remainder one.
    ChecksumScheme.RESIDENT_ID: Scheme(
        shape="^[1-9][0-9]{16}[0-9X]$",
        alphabets=(f"{_PLAIN}X",) * 18,
        weights=tuple(pow(2, 17 - place, 11) for place in range(18)),
        modulus=11,
        remainder=1,
    ),
    # ISO/IEC 7812-1, Luhn: every second digit from the right but one doubled; 12 to 19 digits.
    ChecksumScheme.LUHN: Scheme(
        shape=f"^[0-9]{{12,{_LUHN_PLACES}}}$",
        alphabets=tuple(
            _DOUBLED if (_LUHN_PLACES - place) % 2 == 0 else _PLAIN for place in range(_LUHN_PLACES)
        ),
        weights=(1,) * _LUHN_PLACES,
        modulus=10,
        remainder=0,
    ),
}


def has_shape(values: Expression, scheme: ChecksumScheme) -> Expression:
    """Return whether each text looks like a number of the scheme, whatever its check character."""
    return values.upper().re_search(SCHEMES[scheme].shape)


def is_valid(values: Expression, scheme: ChecksumScheme) -> Expression:
    """Return whether each text has the shape and the check character of the scheme."""
    rules = SCHEMES[scheme]
    places = len(rules.weights)
    # Longer texts have not the shape; cutting them keeps the sums of all rows small and defined.
    number = values.upper().lpad(places, "0")
    total: Expression = ibis.literal(0)
    for place, (alphabet, weight) in enumerate(zip(rules.alphabets, rules.weights, strict=True)):
        letters: Expression = ibis.literal(alphabet)
        total += letters.find(number.substr(place, 1)) * weight
    return has_shape(values, scheme) & (total % rules.modulus == rules.remainder)
