"""Explanations of prices, changes of valuations and calibration on the wire."""

from typing import Any

import msgspec

from exchange_market.appraisals.calibration import (
    DEALS_MIN,
    EXPECTED_SHARE,
    Calibration,
    CalibrationGroup,
)
from exchange_market.appraisals.changes import ValuationChanges
from exchange_market.appraisals.explanation import PriceExplanation

_SHARE_DIGITS = 4


class BilingualOut(msgspec.Struct, kw_only=True, frozen=True):
    """One sentence in Chinese and in English."""

    zh: str
    en: str


class PriceExplanationOut(msgspec.Struct, kw_only=True, frozen=True):
    """Why this price.

    `standing` is where the price of the whole revision lies: `below`, `within` or `above` the
    approved range, `free`, or `not_comparable`; `ratio` is of that price to the range's middle.
    """

    product_id: str
    revision: int
    rows: int
    currency: str
    whole_micro: int
    standing: str
    ratio: float | None
    reasons: list[BilingualOut]
    price_plan_id: str
    certificate: dict[str, Any]
    valuation: dict[str, Any] | None
    quality: dict[str, Any] | None

    @classmethod
    def of(cls, explained: PriceExplanation) -> "PriceExplanationOut":
        """The explanation as the API shows it."""
        return cls(
            product_id=explained.product_id,
            revision=explained.revision_number,
            rows=explained.rows,
            currency=explained.whole.currency,
            whole_micro=explained.whole.amount_micro,
            standing=explained.standing.value,
            ratio=explained.ratio,
            reasons=[BilingualOut(zh=each["zh"], en=each["en"]) for each in explained.reasons],
            price_plan_id=explained.price.id,
            certificate=dict(explained.price.certificate),
            valuation=None if explained.valuation is None else dict(explained.valuation),
            quality=None if explained.quality is None else dict(explained.quality),
        )


class ChangeOut(msgspec.Struct, kw_only=True, frozen=True):
    """One member before and after; null where it was not there."""

    path: str
    before: Any
    after: Any


class ValuationChangesOut(msgspec.Struct, kw_only=True, frozen=True):
    """What changed since the version approved before; there are none for the first."""

    valuation_id: str
    version: int
    previous_id: str | None
    previous_version: int | None
    middle_ratio: float | None
    changes: list[ChangeOut]

    @classmethod
    def of(cls, found: ValuationChanges) -> "ValuationChangesOut":
        """The changes as the API shows them."""
        previous = found.previous
        return cls(
            valuation_id=found.valuation.id,
            version=found.valuation.version,
            previous_id=None if previous is None else previous.id,
            previous_version=None if previous is None else previous.version,
            middle_ratio=found.middle_ratio,
            changes=[
                ChangeOut(path=each.path, before=each.before, after=each.after)
                for each in found.changes
            ],
        )


class CalibrationGroupOut(msgspec.Struct, kw_only=True, frozen=True):
    """Deals of one kind (`all`, a `subject`, a `year`) and what past ranges said of them.

    `caught_low` and `caught_high` are a 90 % interval of the caught share.
    """

    kind: str
    name: str
    deals: int
    caught: int
    below: int
    above: int
    caught_share: float
    caught_low: float
    caught_high: float
    median_ratio: float

    @classmethod
    def of(cls, group: CalibrationGroup) -> "CalibrationGroupOut":
        """The group as the API shows it."""
        return cls(
            kind=group.kind,
            name=group.name,
            deals=group.deals,
            caught=group.caught,
            below=group.below,
            above=group.above,
            caught_share=round(group.caught / group.deals, _SHARE_DIGITS),
            caught_low=round(group.caught_low, _SHARE_DIGITS),
            caught_high=round(group.caught_high, _SHARE_DIGITS),
            median_ratio=round(group.median_ratio, _SHARE_DIGITS),
        )


class CalibrationOut(msgspec.Struct, kw_only=True, frozen=True):
    """How often past ranges caught later prices; `expected_share` is what they promise."""

    expected_share: float
    deals: int
    deals_without_valuation: int
    deals_min: int
    withheld_groups: int
    groups: list[CalibrationGroupOut]

    @classmethod
    def of(cls, found: Calibration) -> "CalibrationOut":
        """The calibration as the API shows it."""
        return cls(
            expected_share=EXPECTED_SHARE,
            deals=found.deals,
            deals_without_valuation=found.deals_without_valuation,
            deals_min=DEALS_MIN,
            withheld_groups=found.withheld_groups,
            groups=[CalibrationGroupOut.of(group) for group in found.groups],
        )
