"""Identifiers of legal persons: verified where they carry check digits, well-formed where not."""

from dataclasses import dataclass
from enum import StrEnum

from stdnum import lei
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from exchange_market.accounts.countries import COUNTRIES
from exchange_market.accounts.errors import (
    CountryUnknown,
    IdentifierMalformed,
    LeiRefused,
    UsccRefused,
)

CHINA = "CN"
_REGISTER_CHARACTERS_MAX = 40


class IdentifierScheme(StrEnum):
    """Who gave out the identifier."""

    USCC = "uscc"
    """China's unified social credit code (GB 32100-2015)."""
    LEI = "lei"
    """Legal Entity Identifier (ISO 17442)."""
    REGISTER = "register"
    """The number in the company register of the organisation's country."""
    OPERATOR = "operator"
    """The operator of this exchange; nobody registers under it."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """Scheme, number in its canonical spelling, and ISO 3166-1 alpha-2 country."""

    scheme: IdentifierScheme
    value: str
    country: str


OPERATOR_IDENTIFIER = Identifier(IdentifierScheme.OPERATOR, "operator", CHINA)


def chinese_identifier(code: str) -> Identifier:
    """A unified social credit code whose check character is right; raises UsccRefused."""
    try:
        return Identifier(IdentifierScheme.USCC, uscc.validate(code), CHINA)
    except ValidationError:
        raise UsccRefused(field="uscc") from None


def foreign_identifier(scheme: str, value: str, country: str) -> Identifier:
    """The identifier of an organisation outside mainland China.

    Raises CountryUnknown, LeiRefused or IdentifierMalformed.
    """
    if country not in COUNTRIES or country == CHINA:
        raise CountryUnknown(field="foreign.country", country=country)
    if scheme == IdentifierScheme.LEI:
        return Identifier(IdentifierScheme.LEI, _verified_lei(value), country)
    return Identifier(IdentifierScheme.REGISTER, _register_number(value), country)


def _verified_lei(value: str) -> str:
    try:
        return lei.validate(value)
    except ValidationError:
        raise LeiRefused(field="foreign.identifier") from None


def _register_number(value: str) -> str:
    """Upper case without spaces, so that one number cannot be registered in two spellings."""
    number = "".join(value.upper().split())
    is_plain = number.isascii() and number.isprintable() and any(c.isalnum() for c in number)
    if not is_plain or len(number) > _REGISTER_CHARACTERS_MAX:
        raise IdentifierMalformed(field="foreign.identifier")
    return number
