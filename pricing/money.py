"""Money as integer micro-units of an ISO 4217 currency: exact, never mixed, rounded once.

One micro-unit is a millionth of the major unit (yuan, dollar, yen), whatever the currency's minor
unit is, so that prices far below one fen add up exactly before an invoice line is rounded.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from pricing.errors import AmountTooLarge, CurrencyMismatch, InvalidInput, UnknownCurrency

MICRO: Final = 1_000_000
AMOUNT_MICRO_MAX: Final = 2**63 - 1

# ISO 4217 list one (active codes): currencies by the number of digits after the decimal point.
_CODES_BY_DIGITS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
        "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
        "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK "
        "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO "
        "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
        "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST "
        "XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
MINOR_DIGITS: Final = {
    code: digits for digits, codes in _CODES_BY_DIGITS.items() for code in codes.split()
}

_DECIMAL_TEXT: Final = re.compile(r"-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,6})?", re.ASCII)

Exact = int | Decimal | Fraction


def minor_digits(currency: str, *, field: str = "currency") -> int:
    """Return the digits after the decimal point of a currency (CNY 2, JPY 0, KWD 3).

    Raises UnknownCurrency for anything that is not an active ISO 4217 code.
    """
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        raise UnknownCurrency(field, currency) from None


def round_half_away(value: Fraction) -> int:
    """Round to the nearest integer, a tie away from zero: 2.5 -> 3, -2.5 -> -3."""
    doubled, unit = 2 * abs(value.numerator), value.denominator
    magnitude = (doubled + unit) // (2 * unit)
    return magnitude if value >= 0 else -magnitude


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in micro-units of one currency; may be negative (a refund, a discount)."""

    amount_micro: int
    currency: str

    def __post_init__(self) -> None:
        minor_digits(self.currency)
        if type(self.amount_micro) is not int:
            raise TypeError("amount_micro is an int; use Money.parse or Money.of for decimals")
        if abs(self.amount_micro) > AMOUNT_MICRO_MAX:
            raise AmountTooLarge("amount_micro", "more than a signed 64-bit integer can hold")

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Return nothing at all of a currency."""
        return cls(0, currency)

    @classmethod
    def of(cls, amount: Exact, currency: str) -> "Money":
        """Make money from an exact amount of major units, rounded once to a micro-unit."""
        return cls(round_half_away(_exact(amount) * MICRO), currency)

    @classmethod
    def of_minor(cls, amount: Exact, currency: str) -> "Money":
        """Make money from an exact amount of major units, rounded once to the minor unit.

        Not the same as `of` and then `round_to_minor`, which would round 0.0049999999 twice, up.
        """
        digits = minor_digits(currency)
        units = round_half_away(_exact(amount) * 10**digits)
        return cls(units * _minor_micro(currency), currency)

    @classmethod
    def parse(cls, text: str, currency: str, *, field: str = "amount") -> "Money":
        """Read a plain decimal text of major units with at most six decimals, such as "12.34".

        Raises InvalidInput for exponents, spaces, more decimals or any sign but a leading minus.
        """
        if _DECIMAL_TEXT.fullmatch(text) is None:
            raise InvalidInput(field, 'write a plain decimal such as "12.34", at most 6 decimals')
        return cls.of(Decimal(text), currency)

    @property
    def is_whole_minor(self) -> bool:
        """Whether the amount can be paid out: a whole number of minor units."""
        return self.amount_micro % _minor_micro(self.currency) == 0

    def format(self) -> str:
        """Return major units as decimal text: at least the minor digits, at most six, exact."""
        whole, micro = divmod(abs(self.amount_micro), MICRO)
        digits = f"{micro:06d}".rstrip("0").ljust(minor_digits(self.currency), "0")
        sign = "-" if self.amount_micro < 0 else ""
        return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"

    def __str__(self) -> str:
        return f"{self.format()} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount_micro + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount_micro - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_micro, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount_micro < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount_micro <= self._same(other)

    def times(self, factor: Exact) -> "Money":
        """Multiply by an exact factor and round once, half away from zero, to a micro-unit."""
        return Money(round_half_away(self.amount_micro * _exact(factor)), self.currency)

    def round_to_minor(self) -> "Money":
        """Round half away from zero to the minor unit of the currency: 1.005 CNY -> 1.01 CNY."""
        unit = _minor_micro(self.currency)
        return Money(round_half_away(Fraction(self.amount_micro, unit)) * unit, self.currency)

    def split(self, weights: Sequence[Exact]) -> tuple["Money", ...]:
        """Share the amount by weights so that the parts add up exactly (largest remainder).

        Parts are whole minor units when the amount is, else micro-units. Equal remainders are
        served in the order of the weights, so the same call always gives the same parts.
        """
        shares = [_exact(weight) for weight in weights]
        if not shares or min(shares) < 0 or sum(shares) == 0:
            raise InvalidInput("weights", "give weights of zero or more, not all of them zero")
        unit = _minor_micro(self.currency) if self.is_whole_minor else 1
        parts = _largest_remainder(abs(self.amount_micro) // unit, shares)
        sign = -unit if self.amount_micro < 0 else unit
        return tuple(Money(part * sign, self.currency) for part in parts)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.amount_micro


def sum_money(amounts: Sequence[Money], currency: str) -> Money:
    """Add amounts of one currency; an empty sequence is zero of that currency."""
    return sum(amounts, Money.zero(currency))


def _exact(value: Exact) -> Fraction:
    if isinstance(value, float | bool):
        raise TypeError("money takes int, Decimal or Fraction, never float or bool")
    if isinstance(value, Decimal) and not value.is_finite():
        raise InvalidInput("amount", "must be a finite number")
    return Fraction(value)


def _minor_micro(currency: str) -> int:
    return 10 ** (6 - minor_digits(currency))


def _largest_remainder(units: int, shares: Sequence[Fraction]) -> list[int]:
    whole = sum(shares)
    quotas = [units * share / whole for share in shares]
    parts = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - quotas[i], i))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    return parts
