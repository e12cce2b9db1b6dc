"""Hard quotas: reserve before the first byte, settle after the last; never an overshoot.

Every change is one conditional UPDATE, so it holds under any concurrency on either database:

    used + reserved + wanted <= limit      or the delivery is refused
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import overload

from sqlalchemy import func, update
from sqlmodel import col, select

from exchange_market.agreements.contract import Contract
from exchange_market.kernel.ids import new_id
from exchange_market.metering.errors import QuotaExhausted
from exchange_market.metering.rows import QuotaRow, ReservationRow
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.persistence.upsert import insert_into
from pricing.plans import Meter

RESERVATION_LASTS = timedelta(minutes=15)
_SWEEP_ROWS = 200
_OPEN, _SETTLED, _RELEASED = "open", "settled", "released"


@dataclass(frozen=True, slots=True)
class Amounts:
    """Units of every meter: rows, body bytes and calls."""

    rows: int
    body_bytes: int
    calls: int = 1

    def by_meter(self) -> Mapping[Meter, int]:
        """The same, keyed by the meter of price plans and quotas."""
        return {Meter.ROWS: self.rows, Meter.BYTES: self.body_bytes, Meter.CALLS: self.calls}

    @classmethod
    def of(cls, units: Mapping[Meter, int]) -> "Amounts":
        """Amounts from units by meter."""
        return cls(units[Meter.ROWS], units[Meter.BYTES], units[Meter.CALLS])


@dataclass(frozen=True, slots=True)
class Reservation:
    """Units set aside for one delivery."""

    id: str
    contract_id: str
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Quota:
    """One meter's quota."""

    meter: Meter
    limit_units: int
    used: int
    reserved: int

    @property
    def remaining(self) -> int:
        """Units that are neither used nor reserved."""
        return self.unused - self.reserved

    @property
    def unused(self) -> int:
        """Units that are not used, whether reserved or not."""
        return self.limit_units - self.used


async def reserve(tx: Transaction, contract: Contract, amounts: Amounts) -> Reservation:
    """Set units aside for a delivery; raises QuotaExhausted, with nothing set aside."""
    await _open_quotas(tx, contract)
    for meter in _limits(contract):
        wanted = amounts.by_meter()[meter]
        if not await _move(tx, contract.id, meter, reserved=wanted, used=0, limited=True):
            quotas = {quota.meter: quota for quota in await quotas_of(tx, contract.id)}
            raise _exhausted(quotas[meter])
    row = ReservationRow(
        id=new_id("rsv"),
        contract_id=contract.id,
        rows=amounts.rows,
        body_bytes=amounts.body_bytes,
        calls=amounts.calls,
        state=_OPEN,
        created_at=tx.now(),
        expires_at=tx.now() + RESERVATION_LASTS,
    )
    tx.session.add(row)
    await tx.session.flush()
    return Reservation(row.id, contract.id, amounts)


@overload
async def reserve_within(
    tx: Transaction, contract: Contract, least: Amounts, most: Amounts
) -> Reservation: ...


@overload
async def reserve_within(
    tx: Transaction, contract: Contract, least: Amounts, most: Amounts, *, may_wait: bool
) -> Reservation | None: ...


async def reserve_within(
    tx: Transaction, contract: Contract, least: Amounts, most: Amounts, *, may_wait: bool = False
) -> Reservation | None:
    """Set aside what is left of every meter, up to `most`; raises QuotaExhausted below `least`.

    With `may_wait` None, and nothing set aside, when running deliveries hold some of it: what they
    do not use comes back when they end. The answer depends on the amounts and the quotas alone.
    """
    await _open_quotas(tx, contract)
    granted = dict(most.by_meter())
    for meter, limit in _limits(contract).items():
        quota = await _locked(tx, contract.id, meter) or Quota(meter, limit, 0, 0)
        required, wanted = least.by_meter()[meter], min(granted[meter], quota.unused)
        if wanted < required:
            raise _exhausted(quota)
        if may_wait and quota.remaining < wanted:
            return None
        if quota.remaining < required:
            raise _exhausted(quota)
        granted[meter] = min(wanted, quota.remaining)
    return await reserve(tx, contract, Amounts.of(granted))


async def widen(tx: Transaction, reservation: Reservation, body_bytes: int) -> Reservation:
    """Set aside more bytes for a delivery: what is left, until it holds `body_bytes`.

    Refuses nothing: where no more is left the reservation stays as it is.
    """
    of_delivery = col(ReservationRow.id) == reservation.id, col(ReservationRow.state) == _OPEN
    held = await tx.session.scalar(
        select(ReservationRow.body_bytes).where(*of_delivery).with_for_update()
    )
    more = 0 if held is None else body_bytes - held
    quota = await _locked(tx, reservation.contract_id, Meter.BYTES)
    if quota is not None:
        more = min(more, quota.remaining)
        await _move(tx, reservation.contract_id, Meter.BYTES, reserved=more, used=0, limited=False)
    wider = replace(reservation.amounts, body_bytes=reservation.amounts.body_bytes + more)
    await tx.session.execute(
        update(ReservationRow).where(*of_delivery).values(body_bytes=wider.body_bytes)
    )
    return replace(reservation, amounts=wider)


async def extend(tx: Transaction, reservation: Reservation) -> bool:
    """Keep a long delivery's reservation from expiring; False when it is gone already."""
    kept = await tx.session.scalar(
        update(ReservationRow)
        .where(col(ReservationRow.id) == reservation.id, col(ReservationRow.state) == _OPEN)
        .values(expires_at=tx.now() + RESERVATION_LASTS)
        .returning(col(ReservationRow.id))
    )
    return kept is not None


async def consume(tx: Transaction, reservation: Reservation, used: Amounts) -> bool:
    """Turn a reservation into use; the rest is free again. False when it was closed before.

    Raises ValueError when more was used than reserved: nothing beyond a reservation is ever counted
    or billed.
    """
    units = used.by_meter()
    if any(units[meter] > reserved for meter, reserved in reservation.amounts.by_meter().items()):
        raise ValueError("a delivery cannot use more than was reserved for it")
    if not await _close(tx, reservation.id, _SETTLED):
        return False
    for meter, reserved in reservation.amounts.by_meter().items():
        await _move(
            tx, reservation.contract_id, meter, reserved=-reserved, used=units[meter], limited=False
        )
    return True


async def release(tx: Transaction, reservation: Reservation) -> bool:
    """Free a reservation of which nothing was sent. False when it was closed before."""
    if not await _close(tx, reservation.id, _RELEASED):
        return False
    for meter, reserved in reservation.amounts.by_meter().items():
        await _move(tx, reservation.contract_id, meter, reserved=-reserved, used=0, limited=False)
    return True


async def release_expired(tx: Transaction) -> int:
    """Free reservations whose delivery never came back (a crash): in the buyer's favour."""
    # All reservations before any quota, and none that a settlement holds: a settlement locks its
    # reservation, then the quotas, and the two must never wait for each other.
    rows = await tx.session.scalars(
        select(ReservationRow)
        .where(col(ReservationRow.state) == _OPEN, col(ReservationRow.expires_at) < tx.now())
        .order_by(col(ReservationRow.expires_at))
        .limit(_SWEEP_ROWS)
        .with_for_update(skip_locked=True)
    )
    expired = [
        Reservation(row.id, row.contract_id, Amounts(row.rows, row.body_bytes, row.calls))
        for row in rows
    ]
    for reservation in expired:
        await release(tx, reservation)
    return len(expired)


async def quotas_of(reading: Reading, contract_id: str) -> Sequence[Quota]:
    """The quotas of a contract; empty before its first delivery and when it has no limits."""
    rows = await reading.session.scalars(
        select(QuotaRow)
        .where(col(QuotaRow.contract_id) == contract_id)
        .order_by(col(QuotaRow.meter))
    )
    return [Quota(Meter(row.meter), row.limit_units, row.used, row.reserved) for row in rows]


async def count_open(reading: Reading, contract_id: str) -> int:
    """How many deliveries of a contract are running, or broke off and wait to expire."""
    query = select(func.count()).select_from(ReservationRow)
    is_open = col(ReservationRow.state) == _OPEN
    return (
        await reading.session.scalar(
            query.where(col(ReservationRow.contract_id) == contract_id, is_open)
        )
        or 0
    )


def _limits(contract: Contract) -> dict[Meter, int]:
    limits = {
        Meter.ROWS: contract.max_rows,
        Meter.BYTES: contract.max_bytes,
        Meter.CALLS: contract.max_calls,
    }
    return {meter: limit for meter, limit in limits.items() if limit is not None}


async def _open_quotas(tx: Transaction, contract: Contract) -> None:
    for meter, limit in _limits(contract).items():
        await tx.session.execute(
            insert_into(tx, QuotaRow)
            .values(
                contract_id=contract.id, meter=meter.value, limit_units=limit, used=0, reserved=0
            )
            .on_conflict_do_nothing()
        )


async def _locked(tx: Transaction, contract_id: str, meter: Meter) -> Quota | None:
    row = await tx.session.scalar(
        select(QuotaRow)
        .where(col(QuotaRow.contract_id) == contract_id, col(QuotaRow.meter) == meter.value)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return None if row is None else Quota(meter, row.limit_units, row.used, row.reserved)


async def _move(  # noqa: PLR0913 - one conditional UPDATE, told completely
    tx: Transaction, contract_id: str, meter: Meter, *, reserved: int, used: int, limited: bool
) -> bool:
    statement = update(QuotaRow).where(
        col(QuotaRow.contract_id) == contract_id, col(QuotaRow.meter) == meter.value
    )
    if limited:
        taken = col(QuotaRow.used) + col(QuotaRow.reserved) + reserved
        statement = statement.where(taken <= col(QuotaRow.limit_units))
    moved = await tx.session.scalar(
        statement.values(reserved=col(QuotaRow.reserved) + reserved, used=col(QuotaRow.used) + used)
        .returning(col(QuotaRow.meter))
        .execution_options(synchronize_session=False)
    )
    return moved is not None


async def _close(tx: Transaction, reservation_id: str, state: str) -> bool:
    closed = await tx.session.scalar(
        update(ReservationRow)
        .where(col(ReservationRow.id) == reservation_id, col(ReservationRow.state) == _OPEN)
        .values(state=state)
        .returning(col(ReservationRow.id))
        .execution_options(synchronize_session=False)
    )
    return closed is not None


def _exhausted(quota: Quota) -> QuotaExhausted:
    # What was wanted is not told: it would count the rows that a filter finds, free of charge.
    return QuotaExhausted(
        meter=quota.meter.value, remaining=quota.remaining, limit=quota.limit_units
    )
