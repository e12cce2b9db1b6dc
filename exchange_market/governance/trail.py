"""Reading the audit trail: administrators all of it, organisations what their own people did."""

from collections.abc import Sequence
from dataclasses import replace

from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading
from exchange_market.trust.audit import AuditFilter, AuditLeaf, list_leaves

_END = 2**62
"""Behind every sequence number; a chain never gets there."""


async def newest_leaves(
    reading: Reading, wanted: AuditFilter, *, before: int | None, limit: int
) -> Sequence[AuditLeaf]:
    """Placed leaves, newest first, from below the sequence number `before`."""
    place = _END if before is None else before
    return await list_leaves(reading, wanted, after=place, limit=limit, newest_first=True)


async def own_leaves(
    reading: Reading, principal: Principal, wanted: AuditFilter, *, before: int | None, limit: int
) -> Sequence[AuditLeaf]:
    """What people of the principal's organisation did, newest first."""
    own = replace(wanted, organisation_id=principal.organisation_id)
    return await newest_leaves(reading, own, before=before, limit=limit)
