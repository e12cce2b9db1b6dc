"""Errors of pricing: each has a stable code, names what is wrong and how to put it right."""

from typing import ClassVar


class PricingError(Exception):
    """Base of every refusal of this package; `code` is stable and safe to show to a client."""

    code: ClassVar[str] = "pricing.error"


class InvalidInput(PricingError):
    """A field of the input breaks a rule; `field` is its path, as `charges[0].tiers[2].up_to`."""

    code: ClassVar[str] = "pricing.invalid_input"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class UnknownCurrency(InvalidInput):
    """The currency is not an active code of ISO 4217 with minor units."""

    code: ClassVar[str] = "pricing.unknown_currency"

    def __init__(self, field: str, currency: str) -> None:
        super().__init__(field, f"{currency!r} is not an ISO 4217 currency code such as CNY")
        self.currency = currency


class AmountTooLarge(InvalidInput):
    """The amount does not fit the signed 64-bit micro-units in which it is stored."""

    code: ClassVar[str] = "pricing.amount_too_large"


class CurrencyMismatch(PricingError):
    """Two amounts of different currencies met in one calculation."""

    code: ClassVar[str] = "pricing.currency_mismatch"

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected an amount in {expected}, found one in {found}")
        self.expected = expected
        self.found = found
