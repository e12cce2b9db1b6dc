"""Setting a price: only a plan that is proved safe from gaming is ever stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exchange_market.appraisals import store
from exchange_market.appraisals.errors import (
    DocumentRefused,
    MeterNotCounted,
    PricePlanFixed,
    PricePlanNeedsRepair,
    PricePlanNotFound,
    PricePlanRejected,
)
from exchange_market.appraisals.price_plan import (
    COUNTED_METERS,
    PricePlan,
    price_fact,
    price_mode_of,
)
from exchange_market.catalog.product import FactKind, ListingState, Revision
from exchange_market.catalog.products import lock_own_product
from exchange_market.catalog.service import latest_ready_revision, product_for, put_fact
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust import audit
from pricing.errors import PricingError
from pricing.money import Money
from pricing.plans import (
    Certificate,
    Meter,
    Plan,
    Rejected,
    Repaired,
    Usage,
    certificate_to_json,
    certify,
    charge_meters,
    compile_plan,
    explain,
    plan_from_json,
    plan_to_json,
    rate,
    rating_to_json,
    usage_from_json,
)

_YEAR_DAYS: Final = 365
_FIXED: Final = frozenset({ListingState.SUBMITTED, ListingState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class CertifiedPlan:
    """A plan as it was written, and what the exact checks said about it."""

    plan: Plan
    certificate: Certificate


def certify_document(document: object) -> CertifiedPlan:
    """Read a plan and certify it. Takes processor time: call it in a thread, outside a transaction.

    Raises DocumentRefused, which names the field, and MeterNotCounted for a price that the exchange
    could not bill.
    """
    try:
        plan = plan_from_json(document, "plan")
        _require_countable(plan)
        return CertifiedPlan(plan, certify(plan))
    except PricingError as error:
        raise refused(error) from error


async def set_price_plan(
    tx: Transaction,
    principal: Principal,
    product_id: str,
    certified: CertifiedPlan,
    *,
    accept_repair: bool,
) -> PricePlan:
    """Make a plan the price of the provider's own product, as a new version.

    Contracts already concluded keep theirs. Raises ProductNotFound, NoReadyRevision,
    PricePlanFixed, PricePlanRejected (with the counterexample), PricePlanNeedsRepair (with the
    changes).
    """
    product = await lock_own_product(tx, principal, product_id)
    if product.state in _FIXED:
        raise PricePlanFixed(state=product.state.value)
    plan = _safe_plan(certified, accept_repair=accept_repair)
    revision = await latest_ready_revision(tx, product_id)
    before = await store.newest_price_plan(tx, product_id)
    price = PricePlan(
        id=new_id("prc"),
        product_id=product_id,
        version=1 if before is None else before.version + 1,
        revision_id=revision.id,
        price_mode=price_mode_of(plan),
        currency=plan.currency,
        plan=plan_to_json(plan),
        certificate=certificate_to_json(certified.certificate, plan.currency),
        set_by=principal.actor_id,
        set_at=tx.now(),
    )
    await store.add_price_plan(tx, price)
    await put_fact(tx, product_id, revision.id, FactKind.PRICE, price_fact(price))
    audit.record(
        tx,
        principal,
        "appraisals.price_plan_set",
        audit.Subject("product", product_id),
        {"price_plan_id": price.id, "version": price.version, "price_mode": price.price_mode.value},
    )
    tx.emit("appraisals.price_plan_set", {"product_id": product_id, "price_plan_id": price.id})
    return price


async def price_plan_of(reading: Reading, product_id: str) -> PricePlan | None:
    """The price in force, whoever asks; for services that have their own reason to look."""
    return await store.newest_price_plan(reading, product_id)


async def price_plan_for(reading: Reading, viewer: Principal | None, product_id: str) -> PricePlan:
    """The price of a product that `viewer` may see; raises ProductNotFound, PricePlanNotFound."""
    await product_for(reading, viewer, product_id)
    price = await store.newest_price_plan(reading, product_id)
    if price is None:
        raise PricePlanNotFound
    return price


@dataclass(frozen=True, slots=True)
class CurveAsked:
    """For which quantities of a meter the price is wanted, the rest of a usage staying as it is."""

    meter: Meter
    quantities: Sequence[int]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a usage costs, line by line, and the totals of the quantities of a curve."""

    rating: dict[str, Any]
    curve: tuple[tuple[int, Money], ...]


def quote(price: PricePlan, usage: object, curve: CurveAsked | None = None) -> Quote:
    """Rate a usage `{"rows": …, "days": …}` with the arithmetic of the invoices.

    Raises DocumentRefused, also when the amount is too large to be money.
    """
    try:
        counted, plan = usage_from_json(usage), plan_from_json(price.plan)
        points = () if curve is None else _curve(plan, counted, curve)
        return Quote(rating_to_json(rate(plan, counted)), points)
    except PricingError as error:
        raise refused(error) from error


def price_of_everything(plan: Mapping[str, Any], revision: Revision) -> Money:
    """What a whole revision costs under a plan for a year: its rows, the bytes of its file, one
    call, the revision itself and the days."""
    everything = {
        Meter.ROWS: revision.rows or 0,
        Meter.BYTES: revision.parquet_bytes or 0,
        Meter.CALLS: 1,
        Meter.REVISIONS: 1,
        Meter.DAYS: _YEAR_DAYS,
    }
    return rate(plan_from_json(plan), Usage(everything)).total


def _curve(plan: Plan, usage: Usage, asked: CurveAsked) -> tuple[tuple[int, Money], ...]:
    compiled = compile_plan(plan)
    return tuple(
        (
            quantity,
            Money(
                compiled.bill(Usage({**usage.quantities, asked.meter: quantity})).total_micro,
                plan.currency,
            ),
        )
        for quantity in asked.quantities
    )


def refused(error: PricingError) -> DocumentRefused:
    """The refusal of `pricing` as one of the exchange."""
    field, problem = getattr(error, "field", "document"), getattr(error, "problem", str(error))
    return DocumentRefused(field=field, problem=problem)


def _require_countable(plan: Plan) -> None:
    for index, charge in enumerate(plan.charges):
        for meter in charge_meters(charge):
            if meter not in COUNTED_METERS:
                raise MeterNotCounted(
                    field=f"plan.charges[{index}]",
                    meter=meter.value,
                    countable=", ".join(COUNTED_METERS),
                )


def _safe_plan(certified: CertifiedPlan, *, accept_repair: bool) -> Plan:
    certificate, currency = certified.certificate, certified.plan.currency
    match certificate:
        case Rejected():
            raise PricePlanRejected(**_reasons(certificate, currency))
        case Repaired(plan=repaired):
            if not accept_repair:
                raise PricePlanNeedsRepair(**_reasons(certificate, currency))
            return repaired
        case _:
            return certified.plan


def _reasons(certificate: Certificate, currency: str) -> Mapping[str, Any]:
    said = explain(certificate, currency)
    return {
        "reason_en": " ".join(sentence.en for sentence in said),
        "reason_zh": "".join(sentence.zh for sentence in said),
        "certificate": certificate_to_json(certificate, currency),
    }
