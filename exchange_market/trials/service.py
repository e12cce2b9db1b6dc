"""Looking at samples, deciding about them, and asking questions of them."""

from collections.abc import Sequence

from exchange_market.catalog import service as catalog
from exchange_market.catalog.product import Product
from exchange_market.catalog.products import is_insider
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trials import store
from exchange_market.trials.errors import (
    RejectionReasonRequired,
    SampleChanged,
    SampleNotApproved,
    SampleNotFound,
)
from exchange_market.trials.policy import is_as_careful, roles_of
from exchange_market.trials.preparing import decide_sample, is_outdated
from exchange_market.trials.query import SandboxQuery
from exchange_market.trials.sample import Sample, SampleAction, SampleState


async def sample_for(reading: Reading, viewer: Principal | None, product_id: str) -> Sample:
    """The sample that `viewer` may see.

    The provider and administrators see that of the newest revision, whatever its state; everybody
    else the newest approved one of a published listing. Raises ProductNotFound or SampleNotFound.
    """
    product = await catalog.product_for(reading, viewer, product_id)
    if is_insider(viewer, product):
        sample = await store.newest_sample(reading, product_id)
    else:
        sample = await _approved(reading, product)
    if sample is None:
        raise SampleNotFound(product_id=product_id)
    return sample


async def approved_sample_for(
    reading: Reading, viewer: Principal | None, product_id: str
) -> Sample:
    """The newest approved sample, which is the only one that may be queried.

    Raises ProductNotFound, SampleNotFound or, to the provider and administrators,
    SampleNotApproved.
    """
    product = await catalog.product_for(reading, viewer, product_id)
    sample = await _approved(reading, product)
    if sample is not None:
        return sample
    newest = await store.newest_sample(reading, product_id)
    if newest is not None and is_insider(viewer, product):
        raise SampleNotApproved(state=newest.state.value)
    raise SampleNotFound(product_id=product_id)


async def decide_on_sample(  # noqa: PLR0913 - the decision and what it is about
    tx: Transaction,
    principal: Principal,
    product_id: str,
    action: SampleAction,
    reason: str = "",
    *,
    sha256: str | None = None,
) -> Sample:
    """Approve or reject the sample of the newest revision, as somebody of its provider.

    `sha256` names the sample file that was looked at. Raises ProductNotFound, SampleNotFound,
    SampleActionRefused, RejectionReasonRequired, or SampleChanged when it is not the present one.
    """
    await catalog.own_product(tx, principal, product_id)
    newest = await store.newest_sample(tx, product_id)
    sample = None if newest is None else await store.lock_sample(tx, newest.revision_id)
    if sample is None:
        raise SampleNotFound(product_id=product_id)
    if sha256 is not None and (sample.built is None or sample.built.sha256 != sha256):
        raise SampleChanged(field="sha256")
    if action is SampleAction.APPROVE and await is_outdated(tx, sample):
        raise SampleChanged
    if action is SampleAction.REJECT and not reason.strip():
        raise RejectionReasonRequired(field="reason")
    return await decide_sample(tx, principal, sample, action, reason.strip())


async def queries_for(
    reading: Reading, principal: Principal, product_id: str, *, before: str | None, limit: int
) -> Sequence[SandboxQuery]:
    """The queries of the caller's organisation, newest first. Raises ProductNotFound."""
    await catalog.product_for(reading, principal, product_id)
    return await store.queries_of(
        reading, principal.organisation_id, product_id, before=before, limit=limit
    )


async def _approved(reading: Reading, product: Product) -> Sample | None:
    """The newest approved sample, unless it shows more than the roles of today allow.

    The roles may have been raised a moment ago, or only on a newer revision whose own sample is
    still in the making; an older sample must not show what was just protected.
    """
    sample = await store.newest_sample(reading, product.id, SampleState.APPROVED)
    if sample is None or (product.holds_persons and not sample.holds_persons):
        return None
    latest = await catalog.latest_ready_revision(reading, product.id)
    for revision_id in {sample.revision_id, latest.id}:
        asked = await catalog.columns_of(reading, revision_id)
        judged = [column for column in asked if column.role is not None]
        if not is_as_careful(sample.roles, roles_of(judged)):
            return None
    return sample
