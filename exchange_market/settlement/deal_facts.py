"""The job that tells appraisals what a contract was paid, after each settled invoice."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

from contracts.terms import Operation
from exchange_market.accounts.service import get_organisation
from exchange_market.agreements.contract import Contract
from exchange_market.agreements.service import hold_contract
from exchange_market.appraisals.service import (
    DealFact,
    age_days,
    price_of_everything,
    quality_total,
    record_deal,
)
from exchange_market.catalog.product import Revision
from exchange_market.catalog.service import find_product, get_revision, latest_ready_revision
from exchange_market.kernel.secrets import Secrets
from exchange_market.metering.service import usage_of
from exchange_market.persistence.transaction import Database, Transaction
from exchange_market.settlement.invoices import is_fully_billed, settled_charge

DIGEST_LENGTH: Final = 32
"""Hexadecimal digits of a keyed digest: 128 bits."""


async def tell_deal(database: Database, secrets: Secrets, payload: Mapping[str, Any]) -> None:
    """Record the contract of a settled invoice as a deal. Running it again is harmless."""
    key = secrets.derive("deals")
    async with database.write() as tx:
        contract = await hold_contract(tx, str(payload["contract_id"]))
        await record_deal(tx, await _fact(tx, contract, key))


async def _fact(tx: Transaction, contract: Contract, key: bytes) -> DealFact:
    product = await find_product(tx, contract.product_id)
    if product is None:  # pragma: no cover - a product with a contract is never removed
        raise AssertionError(contract.product_id)
    revision = await _revision(tx, contract)
    price_micro, settled_at = await settled_charge(tx, contract.id)
    usage = await usage_of(tx, contract.id)
    # Nothing more can be billed: the end was reached, or the whole charge was.
    is_final = price_micro == contract.max_charge_micro or await is_fully_billed(tx, contract)
    settled_on = (tx.now() if settled_at is None else settled_at).date()
    return DealFact(
        contract_id=contract.id,
        deal_id=f"deal_{_digest(key, contract.id)}",
        product_id=contract.product_id,
        revision_id=revision.id,
        provider_id=contract.provider_id,
        buyer_id=contract.buyer_id,
        provider_digest=await _entity(tx, key, contract.provider_id),
        buyer_digest=await _entity(tx, key, contract.buyer_id),
        currency=contract.currency,
        price_micro=price_micro,
        whole_micro=price_of_everything(contract.plan, revision).amount_micro,
        opened_at=contract.created_at,
        settled_at=settled_at if is_final else None,
        term_days=max(1, (contract.ends_at - contract.starts_at).days),
        licence="file" if Operation.FILE.value in contract.operations else "rows",
        subject=product.subject.value,
        rows=usage.rows,
        quality=await quality_total(tx, revision.id),
        age_days=age_days(product, revision, settled_on),
        recorded_at=tx.now(),
    )


async def _revision(tx: Transaction, contract: Contract) -> Revision:
    """The revision that the contract fixed, else the latest one."""
    if contract.revision is not None:
        return await get_revision(tx, contract.product_id, contract.revision)
    return await latest_ready_revision(tx, contract.product_id)


async def _entity(tx: Transaction, key: bytes, organisation_id: str) -> str:
    """A keyed digest of the legal entity: codes are few enough to be tried one by one."""
    organisation = await get_organisation(tx, organisation_id)
    scheme, country = organisation.identifier_scheme, organisation.country
    return _digest(key, f"{scheme}:{country}:{organisation.identifier}")


def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:DIGEST_LENGTH]
