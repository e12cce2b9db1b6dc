"""The accounting disclosure of a valued data resource, filled with what the exchange knows."""

from typing import Any

from exchange_market.accounts.service import get_organisation
from exchange_market.appraisals import store
from exchange_market.appraisals.errors import ValuationNotFound
from exchange_market.appraisals.price_plans import refused
from exchange_market.appraisals.valuations import valuation_for
from exchange_market.catalog.product import Product, Revision
from exchange_market.catalog.service import columns_of, find_product, find_revision
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading
from pricing.disclosure import (
    ResourceFacts,
    answers_from_json,
    disclosure_to_json,
    statements_from_json,
)
from pricing.document import Document
from pricing.errors import PricingError


async def disclosure_of(
    reading: Reading,
    viewer: Principal,
    valuation_id: str,
    answers: object,
    statements: object,
) -> dict[str, Any]:
    """The disclosure document of a valuation, for its provider and administrators.

    `answers` are those to the questions of the classification, `statements` fill the fields that
    only the enterprise knows. Raises ValuationNotFound or DocumentRefused.
    """
    valuation, is_full = await valuation_for(reading, viewer, valuation_id)
    product = await find_product(reading, valuation.product_id)
    revision = await find_revision(reading, valuation.revision_id)
    if not is_full or product is None or revision is None:
        raise ValuationNotFound(valuation=valuation_id)
    try:
        answered = answers_from_json(Document(answers, "answers"))
        stated = statements_from_json(Document(statements, "statements"))
    except PricingError as error:
        raise refused(error) from error
    facts = await _facts(reading, product, revision, stated)
    return disclosure_to_json(valuation.result, facts, answered)


async def _facts(
    reading: Reading, product: Product, revision: Revision, statements: dict[str, str]
) -> ResourceFacts:
    provider = await get_organisation(reading, product.organisation_id)
    quality = await store.quality_of_revision(reading, revision.id)
    columns = len(await columns_of(reading, revision.id))
    frequency = "" if product.update_frequency is None else product.update_frequency.value
    return ResourceFacts(
        name=" / ".join(filter(None, (product.title_zh, product.title_en))),
        raw_data_type=f"{product.subject.zh} / {product.subject.en}",
        scale=f"{revision.rows or 0} x {columns}",
        source=product.source_statement,
        ownership=f"{provider.name_zh} ({provider.identifier}); {product.lawful_basis}".rstrip(
            "; "
        ),
        quality="" if quality is None else str(quality.report["total"] or ""),
        upkeep=frequency,
        licence_limits=product.licence_terms,
        statements=statements,
    )
