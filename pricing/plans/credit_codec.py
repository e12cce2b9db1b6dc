"""JSON form of prepaid credits: grants and draws in, the ledger out."""

from datetime import UTC, datetime

from pricing.document import Document
from pricing.errors import InvalidInput
from pricing.money import Money, minor_digits
from pricing.plans.charge_codec import Json, located
from pricing.plans.credits import (
    CREDITS_MAX,
    PRIORITY_MAX,
    CreditLedger,
    Draw,
    Grant,
    burn_credits,
)


def credits_from_json(value: object) -> CreditLedger:
    """Read grants and draws and pay the draws; raises InvalidInput that names the field."""
    document = Document(value)
    currency = document.text("currency")
    minor_digits(currency)
    grants, draws = _grants(document, currency), _draws(document, currency)
    until = _instant(document, "until")
    document.finish()
    return burn_credits(currency, grants, draws, until)


def credits_to_json(ledger: CreditLedger) -> Json:
    """Write a ledger as plain JSON values; amounts are decimal text of major units."""
    return {
        "until": _instant_text(ledger.until),
        "burns": [
            {"draw": burn.draw, "grant": burn.grant, "amount": burn.amount.format()}
            for burn in ledger.burns
        ],
        "unpaid": [{"draw": draw, "amount": amount.format()} for draw, amount in ledger.unpaid],
        "grants": [
            {
                "grant": end.grant,
                "granted": end.granted.format(),
                "burnt": end.burnt.format(),
                "expired": end.expired.format(),
                "left": end.left.format(),
            }
            for end in ledger.grants
        ],
    }


def _grants(document: Document, currency: str) -> list[Grant]:
    grants: list[Grant] = []
    for at, item in document.items("grants", at_most=CREDITS_MAX):
        each = Document(item, at)
        grants.append(located(at, lambda each=each: _grant(each, currency)))
        each.finish()
    return grants


def _draws(document: Document, currency: str) -> list[Draw]:
    draws: list[Draw] = []
    for at, item in document.items("draws", at_most=CREDITS_MAX):
        each = Document(item, at)
        draws.append(located(at, lambda each=each: _draw(each, currency)))
        each.finish()
    return draws


def _grant(document: Document, currency: str) -> Grant:
    return Grant(
        id=document.text("id"),
        amount=_amount(document, currency),
        granted_at=_instant(document, "granted_at"),
        expires_at=_optional_instant(document, "expires_at"),
        priority=document.integer("priority", low=1, high=PRIORITY_MAX, default=1),
    )


def _draw(document: Document, currency: str) -> Draw:
    return Draw(document.text("id"), _amount(document, currency), _instant(document, "at"))


def _amount(document: Document, currency: str) -> Money:
    return Money.parse(document.text("amount"), currency, field=document.at("amount"))


def _instant(document: Document, name: str) -> datetime:
    return _read_instant(document.text(name), document.at(name))


def _optional_instant(document: Document, name: str) -> datetime | None:
    text = document.optional_text(name)
    return None if text is None else _read_instant(text, document.at(name))


def _read_instant(text: str, path: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        # Without an offset it would be read in the zone of whoever runs this.
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidInput(path, "must be an instant with its offset, such as 2026-11-23T08:00:00Z")


def _instant_text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
