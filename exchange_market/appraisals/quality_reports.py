"""Quality reports: keeping what was measured, and showing it to those who may see it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from exchange_market.appraisals import store
from exchange_market.appraisals.errors import QualityReportNotFound
from exchange_market.appraisals.quality import (
    Measured,
    QualityPlan,
    QualityRecord,
    full_report,
    hidden_columns,
    plan_measurement,
    public_report,
    quality_fact,
)
from exchange_market.catalog.product import FactKind, Product, Revision
from exchange_market.catalog.products import is_insider
from exchange_market.catalog.service import (
    columns_of,
    find_product,
    find_revision,
    product_for,
    put_fact,
    revision_for,
)
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal, Service
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust import audit

PROFILER = Service("profiler")
"""Who measures revisions."""


@dataclass(frozen=True, slots=True)
class ShownQuality:
    """A report as somebody may see it: in full, or thinned for strangers."""

    record: QualityRecord
    revision_number: int
    is_full: bool
    document: Any
    profiles: Sequence[Any]


async def measurable(reading: Reading, revision_id: str) -> tuple[Product, Revision] | None:
    """A ready revision with its product; None when there is nothing to measure."""
    revision = await find_revision(reading, revision_id)
    if revision is None or not revision.is_ready:
        return None
    product = await find_product(reading, revision.product_id)
    return None if product is None else (product, revision)


async def plan_for(reading: Reading, product: Product, revision: Revision) -> QualityPlan:
    """What to measure of a revision now."""
    columns = await columns_of(reading, revision.id)
    asked_for = await store.newest_quality_rules(reading, product.id)
    return plan_measurement(product, revision, columns, asked_for)


async def record_quality(
    tx: Transaction, revision: Revision, measured: Measured
) -> QualityRecord | None:
    """Keep the report of a revision and tell the listing what strangers may know of it.

    Doing it again with the same figures changes nothing. What is public follows the column roles of
    this moment, not of the moment when the measuring began. None, and nothing kept, when the
    provider set other rules since then.
    """
    rules = await store.newest_quality_rules(tx, revision.product_id)
    if measured.plan.rules_version != (0 if rules is None else rules.version):
        return None
    before = await store.quality_of_revision(tx, revision.id)
    hidden = hidden_columns(await columns_of(tx, revision.id))
    record = QualityRecord(
        id=new_id("qua") if before is None else before.id,
        product_id=revision.product_id,
        revision_id=revision.id,
        report=full_report(measured),
        public_report=public_report(measured.report, hidden),
        profiles=[profile for profile in measured.profiles if profile["name"] not in hidden],
        engine_versions=dict(measured.engine_versions),
        rows=measured.rows,
        measured_at=tx.now(),
        rules_version=measured.plan.rules_version,
        suggestions=list(measured.suggestions),
    )
    if before is not None and _says_the_same(before, record):
        return before
    await store.save_quality(tx, record)
    await put_fact(tx, record.product_id, revision.id, FactKind.QUALITY, quality_fact(record))
    audit.record(
        tx,
        PROFILER,
        "appraisals.quality_measured",
        audit.Subject("revision", revision.id),
        {
            "quality_report_id": record.id,
            "total": record.public_report["total"],
            "rules_version": record.rules_version,
        },
    )
    payload = {"product_id": record.product_id, "revision_id": revision.id}
    tx.emit("appraisals.quality_measured", payload | {"quality_report_id": record.id})
    return record


async def quality_report_for(
    reading: Reading, viewer: Principal | None, product_id: str, number: int
) -> ShownQuality:
    """The report of a revision: in full for the provider and administrators, thinned for strangers.

    Raises ProductNotFound, RevisionNotFound or QualityReportNotFound.
    """
    product = await product_for(reading, viewer, product_id)
    revision = await revision_for(reading, viewer, product_id, number)
    record = await store.quality_of_revision(reading, revision.id)
    if record is None:
        raise QualityReportNotFound(revision=number)
    is_full = is_insider(viewer, product)
    hidden = hidden_columns(await columns_of(reading, revision.id))
    profiles = [profile for profile in record.profiles if profile["name"] not in hidden]
    document = record.report if is_full else record.public_report
    return ShownQuality(record, number, is_full, document, profiles)


def _says_the_same(one: QualityRecord, other: QualityRecord) -> bool:
    return _comparable(one) == _comparable(other)


def _comparable(record: QualityRecord) -> QualityRecord:
    return replace(
        record,
        profiles=list(record.profiles),
        suggestions=list(record.suggestions),
        measured_at=datetime.min.replace(tzinfo=UTC),
    )
