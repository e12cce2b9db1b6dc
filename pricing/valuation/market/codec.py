"""The market section of a case as JSON: the target, the candidate deals and the rules."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from pricing.document import Document
from pricing.errors import InvalidInput
from pricing.money import minor_digits
from pricing.valuation.market.deal import (
    OLDEST_DAYS,
    ROUND_TRIP_DAYS,
    Assumption,
    Comparables,
    Deal,
    Party,
    PriceIndex,
    Rules,
    Target,
)

DEALS_MAX: Final = 1_000
OWNERS_MAX: Final = 20
ROWS_MAX: Final = 10**15
DAYS_MAX: Final = 36_525
INDEX_MONTHS_MAX: Final = 600
RATES_MAX: Final = 50
_ZERO: Final = Decimal(0)
_PRICE_MAX: Final = Decimal(10) ** 12
_MONTHS_MAX: Final = Decimal(1_200)
_YEARS_MAX: Final = Decimal(1_000)
_FACTOR_MIN, _FACTOR_MAX = Decimal("0.000001"), Decimal(1_000_000)
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


def comparables_from_json(document: Document) -> Comparables:
    """Read the market section; raises InvalidInput that names the field."""
    comparables = Comparables(
        target=_target(document.child("target")),
        deals=tuple(
            deal_from_json(item, at) for at, item in document.items("deals", at_most=DEALS_MAX)
        ),
        rules=_rules(document.child("rules")) if "rules" in document else Rules(),
    )
    document.finish()
    ids = [deal.id for deal in comparables.deals]
    if len(set(ids)) < len(ids):
        raise InvalidInput(document.at("deals"), "must have different ids")
    return comparables


def comparables_to_json(comparables: Comparables) -> dict[str, object]:
    """Write the market section with every default spelt out; deals in order of their ids."""
    deals = sorted(comparables.deals, key=lambda deal: deal.id)
    return {
        "target": target_to_json(comparables.target),
        "deals": [deal_to_json(deal) for deal in deals],
        "rules": rules_to_json(comparables.rules),
    }


def deal_from_json(value: object, path: str) -> Deal:
    """Read one deal."""
    document = Document(value, path)
    deal = Deal(
        id=document.text("id"),
        price=_decimal(document, "price", _ZERO, _PRICE_MAX),
        currency=_currency(document, "currency"),
        settled_on=_optional_date(document, "settled_on"),
        is_refunded=document.flag("refunded"),
        term_months=_optional_decimal(document, "term_months", _FACTOR_MIN, _MONTHS_MAX),
        licence=document.text("licence"),
        is_exclusive=document.flag("exclusive"),
        subject=document.text("subject"),
        rows=document.integer("rows", low=0, high=ROWS_MAX),
        entities=document.optional_integer("entities", low=1, high=ROWS_MAX),
        quality=_optional_decimal(document, "quality", _ZERO, Decimal(1)),
        age_years=_decimal(document, "age_years", _ZERO, _YEARS_MAX),
        seller=_party(document.child("seller")),
        buyer=_party(document.child("buyer")),
        is_confidential=document.flag("confidential"),
    )
    document.finish()
    return deal


def deal_to_json(deal: Deal) -> dict[str, object]:
    """Write one deal."""
    return {
        "id": deal.id,
        "price": _text(deal.price),
        "currency": deal.currency,
        "settled_on": None if deal.settled_on is None else deal.settled_on.isoformat(),
        "refunded": deal.is_refunded,
        "term_months": None if deal.term_months is None else _text(deal.term_months),
        "licence": deal.licence,
        "exclusive": deal.is_exclusive,
        "subject": deal.subject,
        "rows": deal.rows,
        "entities": deal.entities,
        "quality": None if deal.quality is None else _text(deal.quality),
        "age_years": _text(deal.age_years),
        "seller": {"entity": deal.seller.entity, "owners": list(deal.seller.owners)},
        "buyer": {"entity": deal.buyer.entity, "owners": list(deal.buyer.owners)},
        "confidential": deal.is_confidential,
    }


def target_to_json(target: Target) -> dict[str, object]:
    """Write what is priced."""
    return {
        "rows": target.rows,
        "entities": target.entities,
        "quality": _text(target.quality),
        "age_years": _text(target.age_years),
        "term_months": _text(target.term_months),
        "licence": target.licence,
        "exclusive": target.is_exclusive,
        "subject": target.subject,
    }


def rules_to_json(rules: Rules) -> dict[str, object]:
    """Write how deals are chosen and made alike."""
    index = rules.index
    return {
        "oldest_days": rules.oldest_days,
        "round_trip_days": rules.round_trip_days,
        "rates": {name: _assumed(rate) for name, rate in sorted(rules.rates.items())},
        "exclusivity": None if rules.exclusivity is None else _assumed(rules.exclusivity),
        "perpetual_months": (
            None if rules.perpetual_months is None else _assumed(rules.perpetual_months)
        ),
        "index": None
        if index is None
        else {
            "levels": {month: _text(level) for month, level in sorted(index.levels.items())},
            "source": index.source,
        },
    }


def _target(document: Document) -> Target:
    target = Target(
        rows=document.integer("rows", low=1, high=ROWS_MAX),
        entities=document.optional_integer("entities", low=1, high=ROWS_MAX),
        quality=_decimal(document, "quality", _ZERO, Decimal(1)),
        age_years=_decimal(document, "age_years", _ZERO, _YEARS_MAX),
        term_months=_decimal(document, "term_months", _FACTOR_MIN, _MONTHS_MAX),
        licence=document.text("licence"),
        is_exclusive=document.flag("exclusive"),
        subject=document.text("subject"),
    )
    document.finish()
    return target


def _rules(document: Document) -> Rules:
    rules = Rules(
        oldest_days=document.integer("oldest_days", low=1, high=DAYS_MAX, default=OLDEST_DAYS),
        round_trip_days=document.integer(
            "round_trip_days", low=0, high=DAYS_MAX, default=ROUND_TRIP_DAYS
        ),
        rates=_rates(document.optional_child("rates")),
        exclusivity=_assumption(document.optional_child("exclusivity")),
        perpetual_months=_assumption(document.optional_child("perpetual_months")),
        index=_index(document.optional_child("index")),
    )
    document.finish()
    return rules


def _rates(document: Document | None) -> Mapping[str, Assumption]:
    rates: dict[str, Assumption] = {}
    if document is None:
        return rates
    for name in _few(document, RATES_MAX):
        minor_digits(name, field=document.at(name))
        rate = _assumption(document.child(name))
        if rate is not None:
            rates[name] = rate
    return rates


def _assumption(document: Document | None) -> Assumption | None:
    if document is None:
        return None
    value = _decimal(document, "value", _FACTOR_MIN, _FACTOR_MAX)
    assumption = Assumption(value, document.text("source"))
    document.finish()
    return assumption


def _index(document: Document | None) -> PriceIndex | None:
    if document is None:
        return None
    levels = document.child("levels")
    months = _few(levels, INDEX_MONTHS_MAX)
    for month in months:
        if _MONTH.fullmatch(month) is None:
            raise InvalidInput(levels.at(month), "must be named after a month such as 2026-01")
    index = PriceIndex(
        {month: _decimal(levels, month, _FACTOR_MIN, _FACTOR_MAX) for month in months},
        document.text("source"),
    )
    document.finish()
    return index


def _few(document: Document, most: int) -> Sequence[str]:
    names = document.names()
    if len(names) > most:
        raise InvalidInput(document.at(names[0]), f"is one of more than {most} names")
    return names


def _party(document: Document) -> Party:
    owners = document.items("owners", at_most=OWNERS_MAX)
    party = Party(
        entity=document.text("entity"),
        owners=tuple(Document({at: owner}).text(at) for at, owner in owners),
    )
    document.finish()
    return party


def _currency(document: Document, name: str) -> str:
    currency = document.text(name)
    minor_digits(currency, field=document.at(name))
    return currency


def _decimal(document: Document, name: str, low: Decimal, high: Decimal) -> Decimal:
    value = document.decimal(name)
    if not low <= value <= high:
        raise InvalidInput(document.at(name), f"must be from {low:f} to {high:f}")
    return value


def _optional_decimal(document: Document, name: str, low: Decimal, high: Decimal) -> Decimal | None:
    if document.optional_decimal(name) is None:
        return None
    return _decimal(document, name, low, high)


def _optional_date(document: Document, name: str) -> date | None:
    text = document.text(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(document.at(name), "must be a date such as 2026-01-31") from None


def _assumed(assumption: Assumption) -> dict[str, object]:
    return {"value": _text(assumption.value), "source": assumption.source}


def _text(value: Decimal) -> str:
    return format(value, "f")
