"""Valuations and price plans on the wire; for quality see `quality_wire`."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from exchange_market.appraisals.price_plan import PricePlan
from exchange_market.appraisals.valuation import AppraisedValue, public_valuation

Document = Annotated[dict[str, Any], Meta(max_length=32)]
"""A JSON document of `pricing`, which checks every field; see `python -m pricing schema`."""


class PricePlanIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A price plan to certify. With `accept_repair` the repaired plan is taken if it needs one."""

    plan: Document
    accept_repair: bool = False


class PriceQuoteIn(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A usage of one billing period: whole numbers of `rows`, `bytes` and `calls`."""

    usage: Document


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


class ValuationOut(msgspec.Struct, kw_only=True, frozen=True):
    """A valuation.

    `case`, `signature` and the persons are there for its provider and administrators; `result` is
    then complete, else only what is public.
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
    def of(cls, valuation: AppraisedValue, *, is_full: bool) -> "ValuationOut":
        """The valuation as its reader may see it."""
        confidential: dict[str, Any] = {}
        if is_full:
            confidential = {
                "case": msgspec.json.decode(valuation.case_bytes),
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
