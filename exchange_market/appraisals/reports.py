"""Gathering what a valuation report is made of, as much of it as the reader may know."""

from contracts.signing import unverified_header
from exchange_market.accounts.service import get_organisation
from exchange_market.appraisals import store
from exchange_market.appraisals.errors import ValuationNotFound
from exchange_market.appraisals.quality import QualityRecord
from exchange_market.appraisals.report.material import (
    Material,
    MeasuredQuality,
    ValuedProduct,
    read_quality,
)
from exchange_market.appraisals.report.result_view import read_result
from exchange_market.appraisals.valuation import AppraisedValue, public_valuation
from exchange_market.appraisals.valuations import valuation_for
from exchange_market.catalog.product import Product, Revision
from exchange_market.catalog.service import columns_of, find_product, find_revision
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading


async def report_material(
    reading: Reading, viewer: Principal | None, valuation_id: str, operator_name: str
) -> Material:
    """The material of a report: all of it for the provider and administrators.

    Of an approved valuation strangers get what its public page shows, and no more goes into the
    material. Raises ValuationNotFound.
    """
    valuation, is_full = await valuation_for(reading, viewer, valuation_id)
    product = await find_product(reading, valuation.product_id)
    revision = await find_revision(reading, valuation.revision_id)
    if product is None or revision is None:
        raise ValuationNotFound(valuation=valuation_id)
    quality = await store.quality_of_revision(reading, revision.id)
    shown = valuation.result if is_full else public_valuation(valuation)
    return Material(
        is_full=is_full,
        valuation_id=valuation.id,
        version=valuation.version,
        state=valuation.state.value,
        proposed_at=valuation.proposed_at,
        decided_at=valuation.decided_at,
        proposed_by=valuation.proposed_by if is_full else "",
        decided_by=(valuation.decided_by or "") if is_full else "",
        decision_reason=(valuation.reason or "") if is_full else "",
        key_id=_key_id(valuation) if is_full else "",
        operator_name=operator_name,
        result=read_result(shown),
        product=await _product(reading, product, revision),
        quality=None if quality is None else _quality(quality, is_full=is_full),
    )


async def _product(reading: Reading, product: Product, revision: Revision) -> ValuedProduct:
    provider = await get_organisation(reading, product.organisation_id)
    frequency = product.update_frequency
    return ValuedProduct(
        id=product.id,
        title_zh=product.title_zh,
        title_en=product.title_en,
        description_zh=product.description_zh,
        description_en=product.description_en,
        subject_zh=product.subject.zh,
        subject_en=product.subject.en,
        provider_zh=provider.name_zh,
        provider_en=provider.name_en,
        provider_identifier=provider.identifier,
        spatial=product.spatial,
        temporal_start=product.temporal_start,
        temporal_end=product.temporal_end,
        granularity=product.granularity,
        update_frequency="" if frequency is None else frequency.value,
        licence_terms=product.licence_terms,
        source_statement=product.source_statement,
        revision=revision.number,
        rows=revision.rows,
        columns=len(await columns_of(reading, revision.id)),
    )


def _quality(record: QualityRecord, *, is_full: bool) -> MeasuredQuality:
    document = record.report if is_full else record.public_report
    return read_quality(record.id, record.measured_at, document)


def _key_id(valuation: AppraisedValue) -> str:
    return str(unverified_header({"protected": valuation.signature.partition(".")[0]})["kid"])
