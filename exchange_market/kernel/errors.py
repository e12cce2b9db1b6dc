"""The error tree: every refusal has a stable code and a sentence in English and in Chinese.

A slice derives its errors from one of the kinds below. The kind says what went wrong in general;
which HTTP status that becomes is decided in one place, `exchange_market.edge.problems`.
"""

from typing import ClassVar, Literal

Language = Literal["en", "zh"]


class ExchangeError(Exception):
    """A refusal the caller can understand and act on.

    Subclasses set `code` (dotted, `slice.what_is_true`), `en` and `zh` (format strings over the
    keyword parameters given to the constructor). A parameter called `field` names the offending
    input field and is repeated in the problem body.
    """

    code: ClassVar[str]
    en: ClassVar[str]
    zh: ClassVar[str]

    def __init__(self, **params: object) -> None:
        super().__init__(self.code)
        self.params = params

    def text(self, language: Language) -> str:
        """The sentence for a person, in the language asked for."""
        template = self.zh if language == "zh" else self.en
        return template.format(**self.params)

    def __str__(self) -> str:
        return f"{self.code}: {self.text('en')}"


class Invalid(ExchangeError):
    """The input itself is wrong; sending it again unchanged can never succeed."""


class Unauthenticated(ExchangeError):
    """Nobody, or nobody we can believe, is asking."""


class PaymentRequired(ExchangeError):
    """The balance does not cover what was asked for."""


class Forbidden(ExchangeError):
    """We know who is asking, and they may not."""


class Missing(ExchangeError):
    """It does not exist, or the asker may not know that it does."""


class Conflict(ExchangeError):
    """The input is fine but does not fit the present state."""


class Gone(ExchangeError):
    """It existed and was withdrawn for good."""


class TooLarge(ExchangeError):
    """More bytes, rows or columns than the limit allows."""


class UnsupportedMedia(ExchangeError):
    """The content type or encoding is not one we read."""


class RangeRefused(ExchangeError):
    """The byte range lies outside the representation."""


class RateLimited(ExchangeError):
    """Too many requests in a short time; parameter `retry_after_seconds` says when to try again."""


class Unavailable(ExchangeError):
    """A part of the exchange cannot answer just now; trying again later is right."""
