"""The terms that the two sides pass back and forth, and what they would cost at most."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.canonical import JsonObject
from contracts.errors import ContractError
from contracts.records import from_json, to_json
from contracts.terms import Limits, Operation, Period, ProhibitedUse, Purpose
from exchange_market.agreements.errors import PlanNotCertified, TermsInvalid, UnboundedCharge
from exchange_market.appraisals.service import certify_document
from pricing.errors import PricingError
from pricing.money import Money
from pricing.plans import (
    Meter,
    OneOff,
    Proved,
    Usage,
    explain,
    plan_from_json,
    plan_to_json,
    rate,
)

CHARGE_MICRO_MAX = 10**15
"""The most a contract can charge: a billion in the major unit, as much as one top-up can bring."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Negotiable terms. `plan` is a price plan as pricing writes it; `revision` None means the
    newest revision at each delivery."""

    purpose: Purpose
    period: Period
    limits: Limits
    plan: JsonObject
    prohibited_uses: tuple[ProhibitedUse, ...]
    revision: int | None = None
    purchase_order: str | None = None


@dataclass(frozen=True, slots=True)
class ProposedTerms:
    """A side's wishes, before the product fills what they leave open (None, or no columns).

    `plan` has been through `certified_plan`."""

    purpose_codes: tuple[str, ...]
    purpose_statement: str
    starts_on: date
    ends_on: date
    zone: str
    operations: tuple[str, ...]
    columns: tuple[str, ...]
    max_rows: int | None
    max_bytes: int | None
    max_calls: int | None
    revision: int | None
    prohibited_uses: tuple[str, ...]
    purchase_order: str | None
    plan: JsonObject | None


def complete(
    wished: ProposedTerms,
    *,
    product_columns: tuple[str, ...],
    free_columns: tuple[str, ...],
    listed_plan: JsonObject,
) -> Proposal:
    """A valid proposal from wishes; raises TermsInvalid naming what does not hold.

    Wishes that name no columns mean `free_columns`: a restricted one is granted only by name.
    """
    unknown = sorted(set(wished.columns) - set(product_columns))
    if unknown:
        raise TermsInvalid(field="columns", reason=f"unknown columns {', '.join(unknown[:10])}")
    try:
        proposal = Proposal(
            purpose=Purpose(wished.purpose_codes, wished.purpose_statement),
            period=Period(wished.starts_on, wished.ends_on, wished.zone),
            limits=Limits(
                operations=tuple(Operation(name) for name in wished.operations),
                columns=wished.columns or free_columns,
                max_rows=wished.max_rows,
                max_bytes=wished.max_bytes,
                max_calls=wished.max_calls,
            ),
            plan=wished.plan if wished.plan is not None else listed_plan,
            prohibited_uses=tuple(ProhibitedUse(name) for name in wished.prohibited_uses),
            revision=wished.revision,
            purchase_order=wished.purchase_order,
        )
        # The instants are asked for here, where a zone that does not exist is a bad wish.
        _ = (proposal.period.starts_at, proposal.period.ends_at)
    except (ContractError, ValueError, OverflowError) as error:
        raise TermsInvalid(field="terms", reason=str(error)) from None
    _require_priced_revision(proposal)
    return proposal


def counted_by_terms(proposal: Proposal) -> Mapping[Meter, int]:
    """The units of the meters that the terms themselves fix, whatever is delivered: the days of the
    period and the revisions bought."""
    days = (proposal.period.ends_on - proposal.period.starts_on).days
    return {Meter.DAYS: days, Meter.REVISIONS: 0 if proposal.revision is None else 1}


def max_charge(proposal: Proposal) -> Money:
    """What the proposal can cost at most: the plan rated at its quotas.

    Certified plans are monotone, so no smaller usage costs more. Raises UnboundedCharge when the
    plan has no maximum and charges a meter without a quota, TermsInvalid when the charge is beyond
    CHARGE_MICRO_MAX.
    """
    plan = plan_from_json(proposal.plan)
    quotas: dict[Meter, int | None] = {
        **counted_by_terms(proposal),
        Meter.ROWS: proposal.limits.max_rows,
        Meter.BYTES: proposal.limits.max_bytes,
        Meter.CALLS: proposal.limits.max_calls,
    }
    for meter in plan.meters:
        if quotas[meter] is None and plan.maximum is None:
            raise UnboundedCharge(field="terms", meter=meter.value)
    try:
        if plan.maximum is not None and any(quotas[meter] is None for meter in plan.meters):
            charge = Money.of(plan.maximum, plan.currency)
        else:
            usage = Usage({meter: limit for meter, limit in quotas.items() if limit})
            charge = rate(plan, usage).total
    except PricingError as error:
        raise TermsInvalid(field="terms", reason=str(error)) from None
    if charge.amount_micro > CHARGE_MICRO_MAX:
        raise TermsInvalid(field="terms", reason="the quotas allow a charge beyond any balance")
    return charge


def currency_of(proposal: Proposal) -> str:
    """The currency of the proposal's plan."""
    return plan_from_json(proposal.plan).currency


def proposal_to_json(proposal: Proposal) -> JsonObject:
    """Plain JSON of a proposal."""
    return to_json(proposal)


def proposal_from_json(value: JsonObject) -> Proposal:
    """A stored proposal."""
    return from_json(Proposal, value)


def changed_members(before: Proposal, after: Proposal) -> tuple[str, ...]:
    """Which members differ between two offers, for the other side to look at."""
    old, new = to_json(before), to_json(after)
    return tuple(name for name in new.keys() | old.keys() if old.get(name) != new.get(name))


def _require_priced_revision(proposal: Proposal) -> None:
    plan = plan_from_json(proposal.plan)
    if proposal.revision is None and any(isinstance(c, OneOff) for c in plan.charges):
        raise TermsInvalid(field="revision", reason="the price is for one revision; name it")


def certified_plan(document: object) -> dict[str, Any]:
    """A privately offered price plan, proved safe from gaming like a listed one.

    Takes processor time: call it in a thread, outside a transaction. Raises PlanNotCertified, or
    what the appraisals slice raises for a document that is no plan.
    """
    certified = certify_document(document)
    if not isinstance(certified.certificate, Proved):
        sentences = explain(certified.certificate, certified.plan.currency)
        said = " ".join(f"{sentence.en} {sentence.zh}" for sentence in sentences)
        raise PlanNotCertified(field="plan", reason=said)
    return dict(plan_to_json(certified.plan))
