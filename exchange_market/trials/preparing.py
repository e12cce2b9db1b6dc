"""The making of a sample, one short transaction at a time.

scan -> roles and the verdict on persons go to the catalogue -> the sample is wanted on a basis ->
built or refused. What is wanted is announced with the change, so a crash never loses it; a build
that was overtaken by another change of the roles is dropped.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from exchange_market.catalog import service as catalog
from exchange_market.catalog.product import FactKind
from exchange_market.catalog.revision import ColumnRole, Revision
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Actor, Service
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trials import store
from exchange_market.trials.policy import ENGINE, basis_of, roles_of
from exchange_market.trials.sample import (
    BuiltSample,
    Sample,
    SampleAction,
    SampleRefusal,
    SampleState,
    next_state,
)
from exchange_market.trust import audit

SAMPLE_MAKER: Final = Service("sample_maker")
SAMPLE_WANTED: Final = "trials.sample_wanted"


async def revision_to_scan(reading: Reading, revision_id: str) -> Revision | None:
    """The revision, if it is ready and has no sample yet, not even one in the making."""
    revision = await catalog.find_revision(reading, revision_id)
    if revision is None or not revision.is_ready:
        return None
    return revision if await store.find_sample(reading, revision_id) is None else None


async def accept_scan(
    tx: Transaction,
    revision: Revision,
    report: Mapping[str, Any],
    roles: Mapping[str, ColumnRole],
    *,
    holds_persons: bool,
) -> None:
    """Tell the catalogue what the scan found and want the sample. Doing it again changes nothing.

    What people decided before and is more cautious than the scan stays.
    """
    if await store.lock_sample(tx, revision.id) is not None:
        return
    product = await catalog.set_holds_persons(tx, SAMPLE_MAKER, revision.product_id, holds_persons)
    columns = await catalog.set_column_roles(tx, SAMPLE_MAKER, revision.id, roles)
    decided = roles_of(columns)
    sample = _fresh(tx, revision, decided, holds_persons=bool(product.holds_persons))
    sample = replace(sample, scan=dict(report))
    await store.save_sample(tx, sample)
    _leaf(tx, SAMPLE_MAKER, "trials.revision_scanned", sample, {"columns": len(decided)})
    _want(tx, sample)


async def refuse_scan(tx: Transaction, revision: Revision, refusal: SampleRefusal) -> None:
    """Note that the revision cannot even be scanned: it never gets a sample."""
    if await store.lock_sample(tx, revision.id) is not None:
        return
    columns = await catalog.columns_of(tx, revision.id)
    sample = _fresh(tx, revision, roles_of(columns), holds_persons=True)
    await _conclude(tx, SAMPLE_MAKER, replace(sample, refusal=refusal), SampleAction.REFUSE)


async def renew_sample(tx: Transaction, revision_id: str) -> str | None:
    """Want the sample anew if its basis has changed; returns the key of the object to remove.

    A revision that could not be scanned is left as it is: nobody's word replaces the scan.
    """
    sample = await store.lock_sample(tx, revision_id)
    if sample is None or sample.scan is None:
        return None
    roles, holds_persons = await _present_basis(tx, sample)
    basis = basis_of(roles, holds_persons=holds_persons)
    if basis == sample.basis:
        return None
    renewed = replace(
        sample,
        state=next_state(sample.state, SampleAction.RENEW),
        basis=basis,
        roles=roles,
        holds_persons=holds_persons,
        built=None,
        refusal=None,
        updated_at=tx.now(),
        decided_by=None,
        decided_at=None,
        reason=None,
    )
    await store.save_sample(tx, renewed)
    await catalog.withdraw_fact(tx, sample.product_id, revision_id, FactKind.SAMPLE)
    _leaf(tx, SAMPLE_MAKER, "trials.sample_outdated", renewed, {"was": sample.state.value})
    _want(tx, renewed)
    return None if sample.built is None else sample.built.object_key


async def sample_to_build(reading: Reading, revision_id: str, basis: str) -> Sample | None:
    """The sample, if it is still wanted on this basis."""
    sample = await store.find_sample(reading, revision_id)
    return sample if sample is not None and _is_wanted(sample, basis) else None


async def finish_sample(
    tx: Transaction, revision_id: str, basis: str, outcome: BuiltSample | SampleRefusal
) -> None:
    """Put a finished sample before its provider, or say why there is none.

    Nothing happens when it is not wanted on this basis any more.
    """
    sample = await store.lock_sample(tx, revision_id)
    if sample is None or not _is_wanted(sample, basis):
        return
    if isinstance(outcome, SampleRefusal):
        await _conclude(tx, SAMPLE_MAKER, replace(sample, refusal=outcome), SampleAction.REFUSE)
    else:
        await _conclude(tx, SAMPLE_MAKER, replace(sample, built=outcome), SampleAction.PROPOSE)


async def decide_sample(
    tx: Transaction, actor: Actor, sample: Sample, action: SampleAction, reason: str
) -> Sample:
    """Move a locked sample by a decision of its provider."""
    decided = replace(sample, decided_by=actor.actor_id, decided_at=tx.now(), reason=reason or None)
    return await _conclude(tx, actor, decided, action)


async def is_outdated(reading: Reading, sample: Sample) -> bool:
    """Whether the roles, or the verdict on persons, have changed since the sample was wanted."""
    roles, holds_persons = await _present_basis(reading, sample)
    return basis_of(roles, holds_persons=holds_persons) != sample.basis


async def _present_basis(reading: Reading, sample: Sample) -> tuple[dict[str, ColumnRole], bool]:
    product = await catalog.find_product(reading, sample.product_id)
    columns = await catalog.columns_of(reading, sample.revision_id)
    # Nobody has said that they are no persons: then they are treated as persons.
    return roles_of(columns), product is None or product.holds_persons is not False


async def _conclude(tx: Transaction, actor: Actor, sample: Sample, action: SampleAction) -> Sample:
    state = next_state(sample.state, action)
    concluded = replace(sample, state=state, updated_at=tx.now())
    await store.save_sample(tx, concluded)
    await catalog.put_fact(
        tx, sample.product_id, sample.revision_id, FactKind.SAMPLE, fact_of(concluded)
    )
    details = {"basis": sample.basis, "sha256": sample.built and sample.built.sha256}
    _leaf(tx, actor, f"trials.sample_{state.value}", concluded, details)
    tx.emit(f"trials.sample_{state.value}", _ids(concluded))
    return concluded


def fact_of(sample: Sample) -> dict[str, Any]:
    """What the listing says about the sample: no value of it, nothing of the scan."""
    fact: dict[str, Any] = {
        "state": sample.state.value,
        "holds_persons": sample.holds_persons,
        "engine": sample.engine,
    }
    if sample.built is not None:
        risk = sample.built.risk or {}
        fact |= {
            "rows": sample.built.rows,
            "columns": len(sample.built.columns),
            "k": sample.built.k,
            "l": sample.built.l,
            "max_risk": risk.get("prosecutor_max"),
            "information_loss": risk.get("information_loss"),
            "sha256": sample.built.sha256,
        }
    if sample.refusal is not None:
        fact["refusal"] = sample.refusal.code
    return fact


def _fresh(
    tx: Transaction, revision: Revision, roles: dict[str, ColumnRole], *, holds_persons: bool
) -> Sample:
    return Sample(
        id=new_id("smp"),
        product_id=revision.product_id,
        revision_id=revision.id,
        revision_number=revision.number,
        state=SampleState.PREPARING,
        basis=basis_of(roles, holds_persons=holds_persons),
        roles=roles,
        holds_persons=holds_persons,
        scan=None,
        built=None,
        refusal=None,
        engine=ENGINE,
        created_at=tx.now(),
        updated_at=tx.now(),
    )


def _is_wanted(sample: Sample, basis: str) -> bool:
    return sample.state is SampleState.PREPARING and sample.basis == basis


def _want(tx: Transaction, sample: Sample) -> None:
    tx.emit(SAMPLE_WANTED, {**_ids(sample), "basis": sample.basis})


def _ids(sample: Sample) -> dict[str, str]:
    return {"product_id": sample.product_id, "revision_id": sample.revision_id}


def _leaf(
    tx: Transaction, actor: Actor, action: str, sample: Sample, details: Mapping[str, Any]
) -> None:
    subject = audit.Subject("sample", sample.id)
    audit.record(tx, actor, action, subject, {**_ids(sample), **details})
