"""Discounts and premiums: each a line of its own, compounding in the order they are stated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pricing.document import Document
from pricing.errors import InvalidInput
from pricing.valuation.distributions import Array
from pricing.valuation.risks import Risk

ADJUSTMENTS_MAX: Final = 10
PREMIUM_MAX: Final = 10.0


class Entry(StrEnum):
    """Where a parameter enters the way to a value."""

    CASH_FLOW = "cash_flow"
    RATE = "rate"
    COEFFICIENT = "coefficient"
    COST = "cost"
    PRICE = "price"
    ADJUSTMENT = "adjustment"


class AdjustmentKind(StrEnum):
    """The discounts and premiums known by name, and others with a written reason."""

    MARKETABILITY_DISCOUNT = "marketability_discount"
    MINORITY_DISCOUNT = "minority_discount"
    CONTROL_PREMIUM = "control_premium"
    EXCLUSIVITY_PREMIUM = "exclusivity_premium"
    OTHER_DISCOUNT = "other_discount"
    OTHER_PREMIUM = "other_premium"

    @property
    def is_discount(self) -> bool:
        """Whether the value falls by the share, else it rises."""
        return self in _DISCOUNTS

    @property
    def is_other(self) -> bool:
        """Whether only the written reason says what the adjustment is."""
        return self in _OTHERS

    @property
    def risk(self) -> Risk | None:
        """What the adjustment prices by its nature; a premium and a discount may be the same."""
        return _RISKS.get(self)

    @property
    def share_max(self) -> float:
        """The highest share: a discount takes at most everything."""
        return 1.0 if self.is_discount else PREMIUM_MAX


_DISCOUNTS: Final = frozenset(
    {
        AdjustmentKind.MARKETABILITY_DISCOUNT,
        AdjustmentKind.MINORITY_DISCOUNT,
        AdjustmentKind.OTHER_DISCOUNT,
    }
)
_OTHERS: Final = frozenset({AdjustmentKind.OTHER_DISCOUNT, AdjustmentKind.OTHER_PREMIUM})
_RISKS: Final[Mapping[AdjustmentKind, Risk]] = {
    AdjustmentKind.MARKETABILITY_DISCOUNT: Risk.LIQUIDITY,
    AdjustmentKind.MINORITY_DISCOUNT: Risk.CONTROL,
    AdjustmentKind.CONTROL_PREMIUM: Risk.CONTROL,
    AdjustmentKind.EXCLUSIVITY_PREMIUM: Risk.EXCLUSIVITY,
}


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A discount or premium: the parameter that holds its share, and why it is taken."""

    kind: AdjustmentKind
    parameter: str
    reason: str = ""


def adjustment_lines(
    value: Array, adjustments: Sequence[Adjustment], parameters: Mapping[str, Array]
) -> tuple[Array, ...]:
    """Return what each adjustment adds to (or takes from) a value, each on what the last left."""
    lines: list[Array] = []
    for adjustment in adjustments:
        share = parameters[adjustment.parameter]
        line = value * (-share if adjustment.kind.is_discount else share)
        lines.append(line)
        value = value + line
    return tuple(lines)


def adjustments_from_document(document: Document) -> tuple[Adjustment, ...]:
    """Read the adjustments of a method or of a case; none if there are none."""
    items = document.items("adjustments", at_most=ADJUSTMENTS_MAX)
    return tuple(_adjustment(item, at) for at, item in items)


def adjustment_to_json(adjustment: Adjustment) -> dict[str, object]:
    """Write an adjustment."""
    return {
        "kind": adjustment.kind.value,
        "parameter": adjustment.parameter,
        "reason": adjustment.reason or None,
    }


def _adjustment(value: object, path: str) -> Adjustment:
    document = Document(value, path)
    name = document.text("kind")
    if name not in set(AdjustmentKind):
        raise InvalidInput(document.at("kind"), f"must be one of {', '.join(AdjustmentKind)}")
    kind = AdjustmentKind(name)
    reason = document.text("reason") if kind.is_other else document.text("reason", "")
    adjustment = Adjustment(kind, document.text("parameter"), reason)
    document.finish()
    return adjustment
