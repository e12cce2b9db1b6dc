"""The job of appraisals: measuring a revision when it is ready, or its roles or rules changed."""

from collections.abc import Mapping
from typing import Any, Final

import anyio.to_thread

from exchange_market.appraisals.measurement import measure
from exchange_market.appraisals.quality_reports import measurable, plan_for, record_quality
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectStore

_TRIES: Final = 3


async def profile_revision(
    database: Database, objects: ObjectStore, payload: Mapping[str, Any]
) -> None:
    """Measure the revision that an event names; nothing happens when it is not ready any more.

    For the events `catalog.revision_ready`, `catalog.column_roles_changed` and
    `appraisals.quality_rules_set`: what may be published depends on the roles, columns that became
    free get a profile, and the provider's rules are part of what is measured. Running it again is
    harmless.
    """
    for _ in range(_TRIES):
        async with database.read() as reading:
            found = await measurable(reading, str(payload["revision_id"]))
            if found is None:
                return
            product, revision = found
            plan = await plan_for(reading, product, revision)
        if revision.parquet_key is None:
            return
        parquet = await objects.as_file(revision.parquet_key)
        measured = await anyio.to_thread.run_sync(measure, parquet, objects.scratch(), plan)
        async with database.write() as tx:
            if await record_quality(tx, revision, measured) is not None:
                return
    # The job is tried again: a report of outdated rules and roles must not stay.
    raise RuntimeError(f"the quality rules changed {_TRIES} times while they were measured")
