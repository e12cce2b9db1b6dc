"""Prepaid credits: which grant pays for what, and what becomes of every unit of it.

A draw is paid from the grants in force at its instant, by priority (the lower number first), then
by expiry (the sooner first, without expiry last), then in the order in which they were granted.
What is left of a grant at its expiry is void. Nothing is lost or invented: for every grant, and so
for all of them, granted = burnt + expired + left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from pricing.errors import InvalidInput
from pricing.money import Money

PRIORITY_MAX: Final = 50
CREDITS_MAX: Final = 1_000
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Grant:
    """Credits of `amount`, usable from `granted_at` until just before `expires_at` (None: for
    ever); a lower `priority` is burnt first."""

    id: str
    amount: Money
    granted_at: datetime
    expires_at: datetime | None = None
    priority: int = 1

    def __post_init__(self) -> None:
        _check_amount(self.amount)
        if not 1 <= self.priority <= PRIORITY_MAX:
            raise InvalidInput("priority", f"must be a whole number from 1 to {PRIORITY_MAX}")
        if self.expires_at is not None and self.expires_at <= self.granted_at:
            raise InvalidInput("expires_at", "must be later than granted_at")


@dataclass(frozen=True, slots=True)
class Draw:
    """An amount due at an instant, to be paid from credits as far as they go."""

    id: str
    amount: Money
    at: datetime

    def __post_init__(self) -> None:
        _check_amount(self.amount)


@dataclass(frozen=True, slots=True)
class Burn:
    """What one grant paid of one draw."""

    draw: str
    grant: str
    amount: Money


@dataclass(frozen=True, slots=True)
class GrantEnd:
    """What became of a grant: granted = burnt + expired + left."""

    grant: str
    granted: Money
    burnt: Money
    expired: Money
    left: Money


@dataclass(frozen=True, slots=True)
class CreditLedger:
    """Every burn in order, what each draw leaves to be paid otherwise, and the end of each grant at
    `until`."""

    burns: tuple[Burn, ...]
    unpaid: tuple[tuple[str, Money], ...]
    grants: tuple[GrantEnd, ...]
    until: datetime


class _Turn(IntEnum):
    """What comes first at one instant: what expires then is void, what is granted then is there."""

    EXPIRY = 0
    GRANT = 1
    DRAW = 2


def burn_credits(
    currency: str, grants: Sequence[Grant], draws: Sequence[Draw], until: datetime
) -> CreditLedger:
    """Pay draws from grants up to and including the instant `until`; later ones do not count.

    Draws at one instant are paid in the order given. Raises CurrencyMismatch and InvalidInput (an
    id used twice).
    """
    _check_ids("grants", [grant.id for grant in grants])
    _check_ids("draws", [draw.id for draw in draws])
    granted = [(index, grant) for index, grant in enumerate(grants) if grant.granted_at <= until]
    due = [draw for draw in draws if draw.at <= until]
    turns: list[tuple[datetime, _Turn, int]] = [
        *((grant.granted_at, _Turn.GRANT, index) for index, grant in granted),
        *((grant.expires_at or _NEVER, _Turn.EXPIRY, index) for index, grant in granted),
        *((draw.at, _Turn.DRAW, index) for index, draw in enumerate(due)),
    ]
    nothing = Money.zero(currency)
    left, expired = dict[int, Money](), dict.fromkeys((index for index, _ in granted), nothing)
    burns, unpaid = list[Burn](), list[tuple[str, Money]]()
    for at, turn, index in sorted(turns):
        if at > until:
            break
        match turn:
            case _Turn.GRANT:
                left[index] = nothing + grants[index].amount
            case _Turn.EXPIRY:
                expired[index], left[index] = left[index], nothing
            case _Turn.DRAW:
                paid, rest = _pay(due[index], grants, left, nothing)
                burns += paid
                unpaid.append((due[index].id, rest))
    burnt = {grant.id: nothing for _, grant in granted}
    for burn in burns:
        burnt[burn.grant] += burn.amount
    ends = [
        GrantEnd(grant.id, grant.amount, burnt[grant.id], expired[index], left[index])
        for index, grant in granted
    ]
    return CreditLedger(tuple(burns), tuple(unpaid), tuple(ends), until)


def _pay(
    draw: Draw, grants: Sequence[Grant], left: dict[int, Money], nothing: Money
) -> tuple[list[Burn], Money]:
    """Burn what is left of the grants for a draw; return the burns and what remains to be paid."""
    burns: list[Burn] = []
    rest = nothing + draw.amount
    in_force = [index for index, amount in left.items() if nothing < amount]
    for index in sorted(in_force, key=lambda index: _order(grants[index], index)):
        if rest == nothing:
            break
        taken = min(rest, left[index], key=lambda amount: amount.amount_micro)
        left[index], rest = left[index] - taken, rest - taken
        burns.append(Burn(draw.id, grants[index].id, taken))
    return burns, rest


def _order(grant: Grant, index: int) -> tuple[int, datetime, datetime, int]:
    return grant.priority, grant.expires_at or _NEVER, grant.granted_at, index


def _check_amount(amount: Money) -> None:
    if amount.amount_micro < 0:
        raise InvalidInput("amount", "must not be negative")


def _check_ids(field: str, ids: Sequence[str]) -> None:
    if len(set(ids)) != len(ids):
        repeated = next(index for index, each in enumerate(ids) if each in ids[:index])
        raise InvalidInput(f"{field}[{repeated}].id", "is used twice")
