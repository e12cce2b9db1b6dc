"""Usage events and receipts: each settled delivery adds exactly one of both."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import col, select

from contracts.canonical import JsonObject, parse_canonical
from contracts.receipts import (
    ArtefactKind,
    DeliveryStatus,
    Receipt,
    SignedReceipt,
    receipt_bytes,
    receipt_hash,
    sign_batch,
)
from contracts.records import from_json, to_json
from contracts.terms import Operation
from exchange_market.agreements.contract import Contract
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Service
from exchange_market.metering.quota import Amounts, Reservation, consume
from exchange_market.metering.rows import ReceiptBatchRow, ReceiptCounterRow, UsageEventRow
from exchange_market.persistence.transaction import Database, Reading, Transaction
from exchange_market.persistence.upsert import insert_into
from exchange_market.trust import audit
from exchange_market.trust.keyring import RECEIPTS, Keyring

_BATCH_RECEIPTS_MAX = 1_000
_METERING = Service("metering")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one delivery was: from which artefact, asked for by which key, and what was sent.

    Digests are `sha256:…` (content, artefact) and `hmac-sha256:…` (request).
    """

    key_id: str
    revision: int
    artefact: ArtefactKind
    artefact_digest: str
    operation: Operation
    request_digest: str
    started_at: datetime
    sent: Amounts
    content_digest: str
    status: DeliveryStatus


@dataclass(frozen=True, slots=True)
class ContractUsage:
    """Totals over all usage events of a contract."""

    events: int
    rows: int
    body_bytes: int
    calls: int
    last_receipt_hash: str | None

    def to_json(self) -> JsonObject:
        """Plain JSON for invoices."""
        return {
            "events": self.events,
            "rows": self.rows,
            "bytes": self.body_bytes,
            "calls": self.calls,
            "last_receipt_hash": self.last_receipt_hash,
        }


@dataclass(frozen=True, slots=True)
class IssuedReceipt:
    """A receipt as the exchange keeps it; `signed` is None until its batch was signed."""

    sequence: int
    receipt: Receipt
    receipt_hash: str
    signed: SignedReceipt | None


async def settle(
    tx: Transaction, contract: Contract, reservation: Reservation, delivery: Delivery
) -> Receipt | None:
    """Count a delivery and write its receipt; None when its reservation was closed before.

    Receipts of a contract form a chain; the counter row is locked by its own UPDATE, so two
    deliveries that end together still get one number each. The receipt's id is that of the
    reservation but for its prefix, so a delivery can name its receipt before it is written.
    """
    if not await consume(tx, reservation, delivery.sent):
        return None
    sequence, previous = await _next_place(tx, contract.id)
    receipt = Receipt(
        receipt_id=receipt_id(reservation),
        contract_id=contract.urn,
        contract_digest=contract.document_digest or "",
        sequence=sequence,
        key_id=delivery.key_id,
        product_id=contract.product_id,
        revision=delivery.revision,
        artefact=delivery.artefact,
        artefact_digest=delivery.artefact_digest,
        operation=delivery.operation,
        request_digest=delivery.request_digest,
        started_at=delivery.started_at,
        finished_at=max(tx.now(), delivery.started_at),
        rows=delivery.sent.rows,
        body_bytes=delivery.sent.body_bytes,
        content_digest=delivery.content_digest,
        status=delivery.status,
        previous=previous,
    )
    digest = receipt_hash(receipt)
    await tx.session.execute(
        update(ReceiptCounterRow)
        .where(col(ReceiptCounterRow.contract_id) == contract.id)
        .values(last_hash=digest)
    )
    tx.session.add(_event_row(reservation, delivery, receipt, digest))
    await tx.session.flush()
    return receipt


def receipt_id(reservation: Reservation) -> str:
    """The id that the receipt of a reserved delivery will have."""
    return f"rcp_{reservation.id.partition('_')[2]}"


async def usage_of(reading: Reading, contract_id: str) -> ContractUsage:
    """Totals over the usage events of a contract."""
    # One statement, so that totals and hash are of the same events while others are added.
    last = (
        select(UsageEventRow.receipt_hash)
        .where(col(UsageEventRow.contract_id) == contract_id)
        .order_by(col(UsageEventRow.sequence).desc())
        .limit(1)
        .scalar_subquery()
    )
    events, rows, body_bytes, calls, last_hash = (
        await reading.session.execute(
            select(
                func.count(),
                func.coalesce(func.sum(UsageEventRow.rows), 0),
                func.coalesce(func.sum(UsageEventRow.body_bytes), 0),
                func.coalesce(func.sum(UsageEventRow.calls), 0),
            )
            .where(col(UsageEventRow.contract_id) == contract_id)
            .add_columns(last)
        )
    ).one()
    return ContractUsage(int(events), int(rows), int(body_bytes), int(calls), last_hash)


async def receipts_of(
    reading: Reading, contract_id: str, *, after: int, limit: int
) -> Sequence[IssuedReceipt]:
    """Receipts of a contract in order, from behind sequence number `after`."""
    rows = await reading.session.scalars(
        select(UsageEventRow)
        .where(col(UsageEventRow.contract_id) == contract_id, col(UsageEventRow.sequence) > after)
        .order_by(col(UsageEventRow.sequence))
        .limit(limit)
    )
    return [_issued(row) for row in rows]


async def count_unsigned(reading: Reading, contract_id: str | None = None) -> int:
    """How many receipts wait for their batch signature."""
    query = (
        select(func.count()).select_from(UsageEventRow).where(col(UsageEventRow.batch_id).is_(None))
    )
    if contract_id is not None:
        query = query.where(col(UsageEventRow.contract_id) == contract_id)
    return await reading.session.scalar(query) or 0


async def sign_waiting_receipts(database: Database, keyring: Keyring) -> int:
    """Sign the receipts that have no signature yet, in one batch; returns how many."""
    async with database.read() as reading:
        waiting = [
            (row.id, _receipt(row.receipt))
            for row in await reading.session.scalars(
                select(UsageEventRow)
                .where(col(UsageEventRow.batch_id).is_(None))
                .order_by(col(UsageEventRow.id))
                .limit(_BATCH_RECEIPTS_MAX)
            )
        ]
    if not waiting:
        return 0
    key = await keyring.signing_key(RECEIPTS)
    signed_at = database.clock.now()
    signed = await asyncio.to_thread(
        sign_batch,
        [receipt for _, receipt in waiting],
        key.private_key,
        kid=key.kid,
        signed_at=signed_at,
    )
    by_event = {event_id: entry for (event_id, _), entry in zip(waiting, signed, strict=True)}
    async with database.write() as tx:
        return await _store_batch(tx, by_event, kid=key.kid, signed_at=signed_at)


async def _store_batch(
    tx: Transaction, signed: Mapping[str, SignedReceipt], *, kid: str, signed_at: datetime
) -> int:
    """Attach signatures to those events that still have none; returns how many those were."""
    waiting = list(
        await tx.session.scalars(
            select(UsageEventRow.id)
            .where(col(UsageEventRow.id).in_(signed), col(UsageEventRow.batch_id).is_(None))
            .order_by(col(UsageEventRow.id))
            .with_for_update()
        )
    )
    if not waiting:  # another worker signed the same receipts a moment earlier
        return 0
    batch = ReceiptBatchRow(id=new_id("bat"), receipts=len(waiting), signed_at=signed_at)
    tx.session.add(batch)
    await tx.session.flush()
    for event_id in waiting:
        await tx.session.execute(
            update(UsageEventRow)
            .where(col(UsageEventRow.id) == event_id)
            .values(batch_id=batch.id, signed_receipt=to_json(signed[event_id]))
            .execution_options(synchronize_session=False)
        )
    audit.record(
        tx,
        _METERING,
        "metering.receipts_signed",
        audit.Subject("receipt_batch", batch.id),
        {"receipts": len(waiting), "kid": kid},
    )
    return len(waiting)


async def _next_place(tx: Transaction, contract_id: str) -> tuple[int, str | None]:
    """The next sequence number and the hash of the receipt before; locks the contract's counter."""
    # Of two first deliveries at once, the second waits here for the first.
    await tx.session.execute(
        insert_into(tx, ReceiptCounterRow)
        .values(contract_id=contract_id, last_sequence=0, last_hash="")
        .on_conflict_do_nothing()
    )
    sequence, previous = (
        await tx.session.execute(
            update(ReceiptCounterRow)
            .where(col(ReceiptCounterRow.contract_id) == contract_id)
            .values(last_sequence=col(ReceiptCounterRow.last_sequence) + 1)
            .returning(col(ReceiptCounterRow.last_sequence), col(ReceiptCounterRow.last_hash))
            .execution_options(synchronize_session=False)
        )
    ).one()
    return sequence, previous or None


def _event_row(
    reservation: Reservation, delivery: Delivery, receipt: Receipt, digest: str
) -> UsageEventRow:
    return UsageEventRow(
        id=new_id("use"),
        reservation_id=reservation.id,
        contract_id=reservation.contract_id,
        sequence=receipt.sequence,
        key_id=receipt.key_id,
        product_id=receipt.product_id,
        operation=receipt.operation.value,
        rows=receipt.rows,
        body_bytes=receipt.body_bytes,
        calls=delivery.sent.calls,
        finished_at=receipt.finished_at,
        receipt=receipt_bytes(receipt),
        receipt_hash=digest,
    )


def _issued(row: UsageEventRow) -> IssuedReceipt:
    signed = None if row.signed_receipt is None else from_json(SignedReceipt, row.signed_receipt)
    return IssuedReceipt(row.sequence, _receipt(row.receipt), row.receipt_hash, signed)


def _receipt(raw: bytes) -> Receipt:
    return from_json(Receipt, parse_canonical(raw))
