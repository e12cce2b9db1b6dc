"""The job of appraisals: measuring a revision when it is ready or its roles changed."""

from collections.abc import Mapping
from typing import Any

import anyio.to_thread

from exchange_market.appraisals.measurement import measure
from exchange_market.appraisals.quality import plan_measurement
from exchange_market.appraisals.quality_reports import measurable, record_quality
from exchange_market.catalog.service import columns_of
from exchange_market.persistence.transaction import Database
from exchange_market.storage.objects import ObjectStore


async def profile_revision(
    database: Database, objects: ObjectStore, payload: Mapping[str, Any]
) -> None:
    """Measure the revision that an event names; nothing happens when it is not ready any more.

    For the events `catalog.revision_ready` and `catalog.column_roles_changed`: what may be
    published depends on the roles, and columns that became free get a profile. Running it again is
    harmless.
    """
    async with database.read() as reading:
        found = await measurable(reading, str(payload["revision_id"]))
        if found is None:
            return
        product, revision = found
        plan = plan_measurement(product, revision, await columns_of(reading, revision.id))
    if revision.parquet_key is None:
        return
    parquet = await objects.as_file(revision.parquet_key)
    measured = await anyio.to_thread.run_sync(measure, parquet, objects.scratch(), plan)
    async with database.write() as tx:
        await record_quality(tx, revision, measured)
