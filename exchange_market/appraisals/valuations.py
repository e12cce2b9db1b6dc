"""Valuations: proposed by the provider, decided by an administrator, never edited."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from exchange_market.appraisals import store
from exchange_market.appraisals.appraising import SignedValue
from exchange_market.appraisals.errors import (
    AppraiserExcluded,
    QualityNotMeasured,
    ReviewerRequired,
    ValuationNotFound,
)
from exchange_market.appraisals.price_plan import PricePlan
from exchange_market.appraisals.price_plans import price_of_everything
from exchange_market.appraisals.valuation import (
    AppraisedValue,
    ReviewFlag,
    ValuationDecision,
    ValuationState,
    decided_state,
    market_flags,
    valuation_fact,
)
from exchange_market.catalog.product import FactKind, Revision
from exchange_market.catalog.products import is_insider, lock_own_product
from exchange_market.catalog.service import (
    find_latest_ready_revision,
    find_product,
    latest_ready_revision,
    product_for,
    put_fact,
    withdraw_fact,
)
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Actor, Principal
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust import audit


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A valuation in the review queue and what its reviewer should look at."""

    valuation: AppraisedValue
    flags: tuple[ReviewFlag, ...]


async def propose_valuation(
    tx: Transaction, principal: Principal, product_id: str, value: SignedValue
) -> AppraisedValue:
    """Propose the value of the provider's own product, based on its latest ready revision.

    An earlier proposal that still waits is superseded. Raises ProductNotFound, NoReadyRevision or
    QualityNotMeasured.
    """
    product = await lock_own_product(tx, principal, product_id)
    revision = await latest_ready_revision(tx, product_id)
    quality = await store.quality_of_revision(tx, revision.id)
    if quality is None:
        raise QualityNotMeasured(revision=revision.number)
    await _supersede_waiting(tx, principal, product_id)
    computed = value.computed
    valuation = AppraisedValue(
        id=new_id("val"),
        product_id=product_id,
        organisation_id=product.organisation_id,
        version=await store.next_valuation_version(tx, product_id),
        revision_id=revision.id,
        revision_number=revision.number,
        quality_report_id=quality.id,
        state=ValuationState.PROPOSED,
        currency=computed.currency,
        low_micro=computed.low_micro,
        middle_micro=computed.middle_micro,
        high_micro=computed.high_micro,
        input_hash=computed.input_hash,
        engine_version=computed.engine_version,
        case_bytes=computed.case_bytes,
        result_bytes=computed.result_bytes,
        signature=value.signature,
        proposed_by=principal.actor_id,
        proposed_at=tx.now(),
    )
    await store.add_valuation(tx, valuation)
    _announce(tx, principal, valuation, "appraisals.valuation_proposed")
    await _tell_listing(tx, valuation)
    return valuation


async def decide_valuation(
    tx: Transaction,
    administrator: Principal,
    valuation_id: str,
    decision: ValuationDecision | str,
    reason: str,
) -> AppraisedValue:
    """Approve or return a proposed valuation, as somebody who has no part in it.

    Raises ReviewerRequired, ValuationNotFound, AppraiserExcluded, ValuationMoveRefused or
    DecisionReasonRequired.
    """
    if not administrator.is_administrator:
        raise ReviewerRequired
    valuation = await store.lock_valuation(tx, valuation_id)
    if valuation is None:
        raise ValuationNotFound(valuation=valuation_id)
    is_own = administrator.organisation_id == valuation.organisation_id
    if is_own or administrator.actor_id == valuation.proposed_by:
        raise AppraiserExcluded
    wanted = ValuationDecision(decision)
    if wanted is ValuationDecision.SUPERSEDE:
        raise ReviewerRequired
    decided = await _move(tx, administrator, valuation, wanted, reason)
    await _tell_listing(tx, decided)
    return decided


async def valuation_for(
    reading: Reading, viewer: Principal | None, valuation_id: str
) -> tuple[AppraisedValue, bool]:
    """A valuation and whether `viewer` sees it in full, as the provider and administrators do.

    Strangers see approved ones of published listings. Raises ValuationNotFound.
    """
    valuation = await store.find_valuation(reading, valuation_id)
    product = None if valuation is None else await find_product(reading, valuation.product_id)
    if valuation is None or product is None:
        raise ValuationNotFound(valuation=valuation_id)
    if is_insider(viewer, product):
        return valuation, True
    if not product.is_published or valuation.state is not ValuationState.APPROVED:
        raise ValuationNotFound(valuation=valuation_id)
    return valuation, False


async def valuations_for(
    reading: Reading,
    viewer: Principal | None,
    product_id: str,
    *,
    before: int | None,
    limit: int,
) -> tuple[Sequence[AppraisedValue], bool]:
    """Versions that `viewer` may see, newest first from below `before`, and whether in full.

    Raises ProductNotFound.
    """
    product = await product_for(reading, viewer, product_id)
    is_full = is_insider(viewer, product)
    states = tuple(ValuationState) if is_full else (ValuationState.APPROVED,)
    found = await store.valuations_of(
        reading, product_id, states=states, before=before, limit=limit
    )
    return found, is_full


async def list_valuations(
    reading: Reading,
    *,
    state: ValuationState | str | None = ValuationState.PROPOSED,
    after: str | None = None,
    limit: int,
) -> Sequence[ReviewItem]:
    """The review queue of administrators, oldest first from behind the id `after`."""
    wanted = None if state is None else ValuationState(state)
    found = await store.valuations_in_state(reading, wanted, after=after, limit=limit)
    return [ReviewItem(each, await review_flags(reading, each)) for each in found]


async def review_flags(reading: Reading, valuation: AppraisedValue) -> tuple[ReviewFlag, ...]:
    """What a reviewer should look at, as things stand now."""
    flags: list[ReviewFlag] = []
    latest = await find_latest_ready_revision(reading, valuation.product_id)
    price = await store.newest_price_plan(reading, valuation.product_id)
    if price is None:
        flags.append(ReviewFlag.UNPROVEN_PLAN)
    elif latest is not None and _is_outside(valuation, price, latest):
        flags.append(ReviewFlag.PRICE_OUTSIDE_RANGE)
    if valuation.methods_disagree:
        flags.append(ReviewFlag.METHODS_DO_NOT_OVERLAP)
    if latest is None or latest.id != valuation.revision_id:
        flags.append(ReviewFlag.STALE_QUALITY)
    return (*flags, *market_flags(valuation.result))


def _is_outside(valuation: AppraisedValue, price: PricePlan, revision: Revision) -> bool:
    """Whether one purchase of the whole revision costs less or more than the range says.

    A price in another currency cannot be compared and counts as outside; free data has no price.
    """
    asked = price_of_everything(price.plan, revision)
    if asked.amount_micro == 0:
        return False
    is_within = valuation.low_micro <= asked.amount_micro <= valuation.high_micro
    return price.currency != valuation.currency or not is_within


async def _supersede_waiting(tx: Transaction, principal: Principal, product_id: str) -> None:
    for seen in await store.valuations_of(tx, product_id, states=(ValuationState.PROPOSED,)):
        # Locked and looked at again: an administrator may have decided it a moment ago.
        waiting = await store.lock_valuation(tx, seen.id)
        if waiting is not None and waiting.state is ValuationState.PROPOSED:
            await _move(tx, principal, waiting, ValuationDecision.SUPERSEDE, "")


async def _move(
    tx: Transaction,
    actor: Actor,
    valuation: AppraisedValue,
    decision: ValuationDecision,
    reason: str,
) -> AppraisedValue:
    moved = replace(
        valuation,
        state=decided_state(valuation.state, decision, reason),
        decided_by=actor.actor_id,
        decided_at=tx.now(),
        reason=reason.strip() or None,
    )
    await store.save_decision(tx, moved)
    _announce(tx, actor, moved, f"appraisals.valuation_{moved.state.value}")
    return moved


def _announce(tx: Transaction, actor: Actor, valuation: AppraisedValue, what: str) -> None:
    audit.record(
        tx,
        actor,
        what,
        audit.Subject("valuation", valuation.id),
        {
            "product_id": valuation.product_id,
            "version": valuation.version,
            "input_hash": valuation.input_hash,
        },
    )
    tx.emit(what, {"product_id": valuation.product_id, "valuation_id": valuation.id})


async def _tell_listing(tx: Transaction, valuation: AppraisedValue) -> None:
    """Say on the listing what is known of this revision's value: approved before proposed."""
    states = (ValuationState.APPROVED, ValuationState.PROPOSED)
    known = [
        each
        for each in await store.valuations_of(tx, valuation.product_id, states=states)
        if each.revision_id == valuation.revision_id
    ]
    newest = {each.state: each for each in reversed(known)}
    fact = valuation_fact(newest.get(ValuationState.APPROVED), newest.get(ValuationState.PROPOSED))
    product_id, revision_id = valuation.product_id, valuation.revision_id
    if fact is None:
        await withdraw_fact(tx, product_id, revision_id, FactKind.VALUATION)
    else:
        await put_fact(tx, product_id, revision_id, FactKind.VALUATION, fact)
