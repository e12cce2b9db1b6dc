"""Recomputing what metering keeps: quotas from usage events and reservations, receipts from
bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import col

from contracts.canonical import bytes_digest, parse_canonical
from contracts.receipts import Receipt
from contracts.records import from_json
from exchange_market.metering.rows import (
    QuotaRow,
    ReceiptCounterRow,
    ReservationRow,
    UsageEventRow,
)
from exchange_market.persistence.transaction import Database, Reading
from pricing.plans import Meter

_BATCH = 1_000
_OPEN = "open"
_UNITS = {Meter.ROWS: "rows", Meter.BYTES: "body_bytes", Meter.CALLS: "calls"}


@dataclass(frozen=True, slots=True)
class Findings:
    """How many things were looked at, and what is wrong with some of them."""

    checked: int
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Place:
    contract_id: str
    sequence: int
    hash: str | None


@dataclass(frozen=True, slots=True)
class _QuotaAccount:
    """Used and reserved units of a quota, as kept and as recomputed."""

    contract_id: str
    meter: Meter
    kept: tuple[int, int]
    recomputed: tuple[int, int]

    @property
    def agrees(self) -> bool:
        """Whether both are the same."""
        return self.kept == self.recomputed


async def verify_quotas(database: Database) -> Findings:
    """Compare each quota with the sums of its usage events and open reservations."""
    checked, faults = 0, list[str]()
    for meter in _UNITS:
        after = ""
        while True:
            async with database.read() as reading:
                kept = await _kept_and_recomputed(reading, meter, after)
            checked += len(kept)
            faults += [_quota_fault(quota) for quota in kept if not quota.agrees]
            if len(kept) < _BATCH:
                break
            after = kept[-1].contract_id
    return Findings(checked, faults)


async def verify_receipts(database: Database) -> Findings:
    """Recompute the hash of every receipt and follow the chain of each contract to its counter."""
    checked, faults = 0, list[str]()
    place = _Place("", 0, None)
    while True:
        async with database.read() as reading:
            rows = await _receipts_behind(reading, place)
            for row in rows:
                faults += _faults_of(row, place)
                place = _Place(row.contract_id, row.sequence, row.receipt_hash)
        checked += len(rows)
        if len(rows) < _BATCH:
            break
    async with database.read() as reading:
        faults += await _wrong_counters(reading)
    return Findings(checked, faults)


def _faults_of(row: UsageEventRow, before: _Place) -> list[str]:
    name = f"{row.contract_id} receipt {row.sequence}"
    is_first = row.contract_id != before.contract_id
    if row.sequence != (1 if is_first else before.sequence + 1):
        return [f"{name}: the one before is missing"]
    if bytes_digest(row.receipt) != row.receipt_hash:
        return [f"{name}: its bytes do not have its hash"]
    receipt = from_json(Receipt, parse_canonical(row.receipt))
    if receipt.previous != (None if is_first else before.hash):
        return [f"{name}: it names another predecessor"]
    if (receipt.rows, receipt.body_bytes) != (row.rows, row.body_bytes):
        return [f"{name}: it states other amounts than the usage event"]
    return []


async def _receipts_behind(reading: Reading, place: _Place) -> Sequence[UsageEventRow]:
    contract_id, sequence = col(UsageEventRow.contract_id), col(UsageEventRow.sequence)
    behind = (contract_id > place.contract_id) | (
        (contract_id == place.contract_id) & (sequence > place.sequence)
    )
    query = select(UsageEventRow).where(behind).order_by(contract_id, sequence).limit(_BATCH)
    return (await reading.session.scalars(query)).all()


async def _wrong_counters(reading: Reading) -> list[str]:
    last = func.coalesce(func.max(UsageEventRow.sequence), 0)
    query = (
        select(col(ReceiptCounterRow.contract_id))
        .outerjoin(
            UsageEventRow, col(UsageEventRow.contract_id) == col(ReceiptCounterRow.contract_id)
        )
        .group_by(col(ReceiptCounterRow.contract_id), col(ReceiptCounterRow.last_sequence))
        .having(last != col(ReceiptCounterRow.last_sequence))
        .limit(_BATCH)
    )
    return [
        f"{contract_id}: receipts are missing at the end"
        for contract_id in await reading.session.scalars(query)
    ]


async def _kept_and_recomputed(
    reading: Reading, meter: Meter, after: str
) -> Sequence[_QuotaAccount]:
    # One statement, so that a delivery which ends meanwhile is seen everywhere or nowhere.
    contract_id = col(QuotaRow.contract_id)
    used = _sum_of(UsageEventRow, meter).where(col(UsageEventRow.contract_id) == contract_id)
    reserved = _sum_of(ReservationRow, meter).where(
        col(ReservationRow.contract_id) == contract_id, col(ReservationRow.state) == _OPEN
    )
    query = (
        select(
            contract_id,
            col(QuotaRow.used),
            col(QuotaRow.reserved),
            used.scalar_subquery(),
            reserved.scalar_subquery(),
        )
        .where(col(QuotaRow.meter) == meter.value, contract_id > after)
        .order_by(contract_id)
        .limit(_BATCH)
    )
    return [
        _QuotaAccount(row[0], meter, (row[1], row[2]), (int(row[3]), int(row[4])))
        for row in await reading.session.execute(query)
    ]


def _sum_of(table: type[UsageEventRow] | type[ReservationRow], meter: Meter) -> Select[tuple[Any]]:
    return select(func.coalesce(func.sum(getattr(table, _UNITS[meter])), 0))


def _quota_fault(quota: _QuotaAccount) -> str:
    return (
        f"{quota.contract_id} {quota.meter.value}: used and reserved are {quota.kept}, "
        f"recomputed {quota.recomputed}"
    )
