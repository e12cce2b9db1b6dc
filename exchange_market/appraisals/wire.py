"""Valuations and price plans on the wire; for quality see `quality_wire`."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from exchange_market.appraisals.comparables import ShownComparables, without_confidential_deals
from exchange_market.appraisals.price_plan import PricePlan
from exchange_market.appraisals.price_plans import Quote
from exchange_market.appraisals.valuation import AppraisedValue, public_valuation
from pricing.plans import Meter

Document = Annotated[dict[str, Any], Meta(max_length=32)]
"""A JSON document of `pricing`, which checks every field; see `python -m pricing schema`."""
CURVE_POINTS_MAX = 200
Quantity = Annotated[int, Meta(ge=0, le=1_000_000_000_000_000_000)]


class PricePlanIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A price plan to certify. With `accept_repair` the repaired plan is taken if it needs one."""

    plan: Document
    accept_repair: bool = False


class PriceQuoteIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A usage of one contract: whole numbers of `rows`, `bytes`, `calls`, `days` and `revisions`.

    With `curve` the answer also gives the total for each of its quantities, the rest of the usage
    staying as it is: enough to plot the price.
    """

    usage: Document
    curve: "CurveIn | None" = None


class CurveIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Quantities of one meter to know the price of."""

    meter: Meter
    quantities: Annotated[list[Quantity], Meta(min_length=1, max_length=CURVE_POINTS_MAX)]


class CurvePointOut(msgspec.Struct, kw_only=True, frozen=True):
    """The total for one quantity, as an invoice of it alone would ask."""

    quantity: int
    total: str
    total_micro: int


class PricePlanOut(msgspec.Struct, kw_only=True, frozen=True):
    """The price in force and the certificate that it cannot be gamed."""

    id: str
    product_id: str
    version: int
    price_mode: str
    currency: str
    plan: dict[str, Any]
    certificate: dict[str, Any]
    set_at: datetime

    @classmethod
    def of(cls, price: PricePlan) -> "PricePlanOut":
        """The price as the API shows it."""
        return cls(
            id=price.id,
            product_id=price.product_id,
            version=price.version,
            price_mode=price.price_mode.value,
            currency=price.currency,
            plan=dict(price.plan),
            certificate=dict(price.certificate),
            set_at=price.set_at,
        )


class PriceQuoteOut(msgspec.Struct, kw_only=True, frozen=True):
    """What a usage costs: the lines of the invoice it would give, and their sum."""

    product_id: str
    price_plan_id: str
    version: int
    rating: dict[str, Any]
    curve: list[CurvePointOut]

    @classmethod
    def of(cls, price: PricePlan, quoted: Quote) -> "PriceQuoteOut":
        """The quote as the API shows it."""
        return cls(
            product_id=price.product_id,
            price_plan_id=price.id,
            version=price.version,
            rating=quoted.rating,
            curve=[
                CurvePointOut(
                    quantity=quantity, total=total.format(), total_micro=total.amount_micro
                )
                for quantity, total in quoted.curve
            ],
        )


class ComparablesOut(msgspec.Struct, kw_only=True, frozen=True):
    """What the exchange's own deals say about a product today.

    `selection` names used and rejected deals by digest, with reasons, and has statistics over at
    least five of them; `deals` are the full papers, for administrators only.
    """

    product_id: str
    valued_on: date
    target: dict[str, Any]
    selection: dict[str, Any]
    deals: list[dict[str, Any]] | None

    @classmethod
    def of(cls, shown: ShownComparables) -> "ComparablesOut":
        """The comparables as their reader may see them."""
        return cls(
            product_id=shown.product_id,
            valued_on=shown.valued_on,
            target=dict(shown.target),
            selection=dict(shown.selection),
            deals=None if shown.deals is None else [dict(deal) for deal in shown.deals],
        )


class ValuationOut(msgspec.Struct, kw_only=True, frozen=True):
    """A valuation.

    `case`, `signature` and the persons are there for its provider and administrators; `result` is
    then complete, else only what is public. Confidential deals of the case are in full only for
    administrators; everybody else reads their digests, so that `input_hash` is of more than is
    shown.
    """

    id: str
    product_id: str
    version: int
    state: str
    revision: int
    quality_report_id: str
    quality_report: str
    currency: str
    low_micro: int
    middle_micro: int
    high_micro: int
    input_hash: str
    engine_version: str
    result: dict[str, Any]
    proposed_at: datetime
    decided_at: datetime | None
    case: dict[str, Any] | None = None
    signature: str | None = None
    proposed_by: str | None = None
    decided_by: str | None = None
    reason: str | None = None

    @classmethod
    def of(
        cls, valuation: AppraisedValue, *, is_full: bool, sees_deals: bool = False
    ) -> "ValuationOut":
        """The valuation as its reader may see it."""
        confidential: dict[str, Any] = {}
        if is_full:
            case = msgspec.json.decode(valuation.case_bytes)
            confidential = {
                "case": case if sees_deals else without_confidential_deals(case),
                "signature": valuation.signature,
                "proposed_by": valuation.proposed_by,
                "decided_by": valuation.decided_by,
                "reason": valuation.reason,
            }
        number = valuation.revision_number
        return cls(
            id=valuation.id,
            product_id=valuation.product_id,
            version=valuation.version,
            state=valuation.state.value,
            revision=number,
            quality_report_id=valuation.quality_report_id,
            quality_report=f"/v1/products/{valuation.product_id}/revisions/{number}/quality",
            currency=valuation.currency,
            low_micro=valuation.low_micro,
            middle_micro=valuation.middle_micro,
            high_micro=valuation.high_micro,
            input_hash=valuation.input_hash,
            engine_version=valuation.engine_version,
            result=dict(valuation.result) if is_full else public_valuation(valuation),
            proposed_at=valuation.proposed_at,
            decided_at=valuation.decided_at,
            **confidential,
        )
