"""Evidence bundles: a contract with its signatures, receipts, audit leaves and keys, in one zip.

What comes out verifies with `python -m contracts verify`, without the exchange.
"""

import asyncio
from collections.abc import Sequence

import jwt

from contracts.audit_chain import ChainedLeaf
from contracts.bundle import Evidence, sealed_by, write_bundle
from contracts.canonical import JsonObject
from contracts.document import parse_document
from contracts.receipts import SignedReceipt
from exchange_market.agreements.contract import Contract
from exchange_market.agreements.overview import keys_of_contracts
from exchange_market.agreements.service import contract_signatures, get_contract
from exchange_market.governance.errors import (
    ContractNotSigned,
    EvidenceTooLarge,
    ReceiptsWaiting,
)
from exchange_market.governance.public_keys import public_keys
from exchange_market.kernel.principal import Principal
from exchange_market.metering.service import count_unsigned, receipts_of, usage_of
from exchange_market.persistence.transaction import Database, Reading
from exchange_market.settlement.invoices import invoices_of_contracts
from exchange_market.trust import audit
from exchange_market.trust.extracts import extract
from exchange_market.trust.keyring import CONTRACTS, Keyring

RECEIPTS_MAX = 100_000
LEAVES_MAX = 10_000
_KEYS_MAX = 1_000
_INVOICES_MAX = 1_000
_BATCH = 1_000
_SIGNATURES = 3
_RETRY_AFTER_SECONDS = 1


async def write_evidence(
    database: Database, keyring: Keyring, viewer: Principal, contract_id: str
) -> bytes:
    """The zip of a contract, for its parties and administrators.

    Raises ContractNotFound, ContractNotSigned, ReceiptsWaiting (ask again in a second) or
    EvidenceTooLarge.
    """
    async with database.read() as reading:
        contract = await get_contract(reading, viewer, contract_id)
        document, signatures = await _signed_document(reading, contract)
        await _refuse_unfinished(reading, contract)
        receipts = await _receipts(reading, contract)
        leaves = await _leaves(reading, contract)
        published = await public_keys(reading)
    seal = await keyring.signing_key(CONTRACTS)
    signers = _signers(document, receipts) | {seal.kid}
    evidence = Evidence(
        contract=document,
        signatures=signatures,
        receipts=tuple(receipts),
        audit=leaves,
        keys={"keys": [key for key in published if key["kid"] in signers]},
    )
    sealed = sealed_by(seal.private_key, signed_at=database.clock.now())
    return await asyncio.to_thread(write_bundle, evidence, sealed)


async def _signed_document(reading: Reading, contract: Contract) -> tuple[bytes, JsonObject]:
    signatures = await contract_signatures(reading, contract.id) or {}
    entries = signatures.get("signatures")
    is_signed = isinstance(entries, list) and len(entries) == _SIGNATURES
    if contract.document is None or not is_signed:
        raise ContractNotSigned(state=contract.state.value)
    return contract.document, signatures


async def _refuse_unfinished(reading: Reading, contract: Contract) -> None:
    usage = await usage_of(reading, contract.id)
    if usage.events > RECEIPTS_MAX:
        raise EvidenceTooLarge(what="receipts", limit=RECEIPTS_MAX)
    waiting = await count_unsigned(reading, contract.id)
    if waiting:
        raise ReceiptsWaiting(waiting=waiting, retry_after_seconds=_RETRY_AFTER_SECONDS)


async def _receipts(reading: Reading, contract: Contract) -> list[SignedReceipt]:
    found: list[SignedReceipt] = []
    after = 0
    while len(found) <= RECEIPTS_MAX:
        page = await receipts_of(reading, contract.id, after=after, limit=_BATCH)
        unsigned = sum(issued.signed is None for issued in page)
        if unsigned:
            raise ReceiptsWaiting(waiting=unsigned, retry_after_seconds=_RETRY_AFTER_SECONDS)
        found += [issued.signed for issued in page if issued.signed is not None]
        if len(page) < _BATCH:
            return found
        after = page[-1].sequence
    raise EvidenceTooLarge(what="receipts", limit=RECEIPTS_MAX)


async def _leaves(reading: Reading, contract: Contract) -> tuple[ChainedLeaf, ...]:
    keys = await keys_of_contracts(reading, [contract.id], limit=_KEYS_MAX)
    invoices = await invoices_of_contracts(reading, [contract.id], limit=_INVOICES_MAX)
    subjects = [
        audit.Subject("contract", contract.id),
        *(audit.Subject("api_key", key.id) for key in keys),
        *(audit.Subject("invoice", invoice.id) for invoice in invoices),
    ]
    leaves = await extract(reading, subjects, limit=LEAVES_MAX + 1)
    if len(leaves) > LEAVES_MAX:
        raise EvidenceTooLarge(what="audit leaves", limit=LEAVES_MAX)
    return leaves


def _signers(document: bytes, receipts: Sequence[SignedReceipt]) -> set[str]:
    parties = {party.kid for party in parse_document(document).parties}
    batches = {receipt.batch for receipt in receipts}
    return parties | {str(jwt.get_unverified_header(batch)["kid"]) for batch in batches}
