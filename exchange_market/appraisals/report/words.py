"""One language of a report: its sentences, the names of codes, and how figures are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from exchange_market.appraisals.report.sentences import SENTENCES
from exchange_market.appraisals.report.vocabulary import (
    APPROACHES,
    CURRENCIES,
    FLAGS,
    INDICATORS,
    NAMES,
    PURPOSES,
    REASONS,
    VALUE_TYPES,
)
from exchange_market.kernel.errors import Language

NUMERALS: Final = "一二三四五六七八九十"
_TEN: Final = 10


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    language: Language

    def say(self, key: str, /, **values: object) -> str:
        """A sentence or heading with its values filled in."""
        return self._of(SENTENCES[key]).format(**values)

    def name(self, code: str) -> str:
        """The name of a code; a code without one, spelt as words."""
        return self._known(NAMES, code) or code.replace("_", " ")

    def approach(self, code: str) -> str:
        """The family of a method."""
        return self._known(APPROACHES, code) or self.name(code)

    def reason(self, text: str) -> str:
        """A reason; only those that the engine writes by itself have a translation."""
        return self._known(REASONS, text) or text

    def indicator(self, indicator_id: str) -> str:
        """What an indicator looks at, from its id `dimension.kind(columns)`."""
        kind, _, columns = indicator_id.partition(".")[2].rstrip(")").partition("(")
        name = self._known(INDICATORS, kind) or self.name(kind)
        return self.titled(columns, name) if columns else name

    def titled(self, name: str, explained: str) -> str:
        """A name of somebody's own beside what it is."""
        return f"{name}（{explained}）" if self.language == "zh" else f"{name} ({explained})"

    def value_type(self, text: str) -> str:
        """A value type; a type of the appraiser's own stands as it is."""
        return self._known(VALUE_TYPES, text) or text

    def purpose(self, text: str) -> str:
        """A purpose; one in the appraiser's own words stands as it is."""
        return self._known(PURPOSES, text) or text

    def currency(self, code: str) -> str:
        """The unit of amounts, without one."""
        between = "" if self.language == "zh" else " "
        return between.join(self.money_text("", code).split())

    def flag(self, code: str, methods: str) -> str:
        """What a reviewer was told to look at."""
        sentence = self._known(FLAGS, code)
        return sentence.format(methods=methods) if sentence else f"{self.name(code)}: {methods}"

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount with its unit where the language puts it."""
        return self.money_text(grouped(amount), currency)

    def money_text(self, amount: str, currency: str) -> str:
        """A written amount with its unit."""
        pattern = self._known(CURRENCIES, currency) or f"{currency} {{amount}}"
        return pattern.format(amount=amount)

    def joined(self, texts: tuple[str, ...]) -> str:
        """Texts in a row."""
        return ("、" if self.language == "zh" else ", ").join(texts)

    def numbered(self, number: int, heading: str) -> str:
        """The heading of a numbered section, from 1."""
        if self.language == "en":
            return f"{number}. {heading}"
        tens, ones = divmod(number, _TEN)
        written = ("十" if tens else "") + (NUMERALS[ones - 1] if ones else "")
        return f"{written}、{heading}"

    def day(self, instant: datetime) -> str:
        """A date."""
        return f"{instant:%Y-%m-%d}"

    def instant(self, instant: datetime) -> str:
        """A date and time."""
        return f"{instant:%Y-%m-%d %H:%M} UTC"

    def _known(self, names: Mapping[str, tuple[str, str]], code: str) -> str:
        found = names.get(code)
        return "" if found is None else self._of(found)

    def _of(self, pair: tuple[str, str]) -> str:
        zh, en = pair
        return zh if self.language == "zh" else en


def grouped(amount: Decimal) -> str:
    """An amount with all its digits, in groups of three."""
    return f"{amount:,f}"


def whole(amount: Decimal) -> str:
    """An amount in whole units, for drawings."""
    return f"{amount:,.0f}"


def percent(share: Decimal) -> str:
    """A share as per cent, with no more digits than it has."""
    return f"{(share * 100).normalize():f} %"
