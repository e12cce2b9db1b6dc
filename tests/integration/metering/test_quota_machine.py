"""Quotas and receipts against an independent model, and signing that is cut off half way."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.lifecycle import State
from contracts.receipts import ArtefactKind, DeliveryStatus
from contracts.terms import Operation
from exchange_market.agreements.contract import Contract
from exchange_market.kernel.ids import new_id
from exchange_market.metering import service
from exchange_market.metering.errors import QuotaExhausted
from exchange_market.metering.quota import (
    Amounts,
    Reservation,
    count_open,
    extend,
    quotas_of,
    release,
    release_expired,
    reserve,
    reserve_within,
    widen,
)
from exchange_market.metering.service import (
    Delivery,
    receipts_of,
    settle,
    sign_waiting_receipts,
    usage_of,
)
from exchange_market.metering.verification import verify_quotas, verify_receipts
from exchange_market.persistence.transaction import Database
from pricing.plans import Meter
from tests.support.clock import FrozenClock
from tests.support.database import open_database
from tests.support.market import open_market

LIMITS = {Meter.ROWS: 100, Meter.CALLS: 6}
amounts = st.integers(0, 60)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), amounts),
        st.tuples(st.just("settle"), amounts),
        st.tuples(st.just("release"), amounts),
        st.tuples(st.just("expire"), amounts),
    ),
    max_size=20,
)


@given(steps)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_quotas_equal_an_independent_model(database_url: str, plan: list[tuple[str, int]]) -> None:
    asyncio.run(_compare(database_url, plan))


async def _compare(url: str, plan: list[tuple[str, int]]) -> None:
    clock = FrozenClock()
    async with open_database(url, clock) as database:
        model = _Model(database, clock, contract_of(new_id("con")))
        for what, number in plan:
            if what == "reserve":
                await model.reserve(number)
            elif what == "expire":
                await model.expire()
            elif model.running:
                await model.close(what, number)
        await model.agrees()


class _Model:
    """What the quotas of one contract should say, kept beside the real ones."""

    def __init__(self, database: Database, clock: FrozenClock, contract: Contract) -> None:
        self.database, self.clock, self.contract = database, clock, contract
        self.running: list[Reservation] = []
        self.used_rows = self.used_calls = 0

    @property
    def held_rows(self) -> int:
        return sum(reservation.amounts.rows for reservation in self.running)

    async def reserve(self, rows: int) -> None:
        fits = (
            self.used_rows + self.held_rows + rows <= LIMITS[Meter.ROWS]
            and self.used_calls + len(self.running) + 1 <= LIMITS[Meter.CALLS]
        )
        try:
            async with self.database.write() as tx:
                reserved = await reserve(tx, self.contract, Amounts(rows, 10 * rows))
        except QuotaExhausted:
            assert not fits
        else:
            assert fits
            self.running.append(reserved)

    async def expire(self) -> None:
        self.clock.forward(minutes=16)
        async with self.database.write() as tx:
            assert await release_expired(tx) == len(self.running)
        for gone in self.running:
            async with self.database.write() as tx:
                assert not await extend(tx, gone)
            await self._is_closed(gone)
        self.running.clear()

    async def close(self, how: str, number: int) -> None:
        reservation = self.running.pop(number % len(self.running))
        async with self.database.write() as tx:
            if how == "release":
                assert await release(tx, reservation)
            else:
                sent = Amounts(min(number, reservation.amounts.rows), 0)
                assert await settle(tx, self.contract, reservation, delivery(sent)) is not None
                self.used_rows, self.used_calls = self.used_rows + sent.rows, self.used_calls + 1
        await self._is_closed(reservation)

    async def agrees(self) -> None:
        async with self.database.read() as reading:
            assert await count_open(reading, self.contract.id) == len(self.running)
            quotas = await quotas_of(reading, self.contract.id)
            usage = await usage_of(reading, self.contract.id)
        expected = {
            Meter.ROWS: (self.used_rows, self.held_rows),
            Meter.CALLS: (self.used_calls, len(self.running)),
        }
        assert all(expected[quota.meter] == (quota.used, quota.reserved) for quota in quotas)
        assert (usage.rows, usage.events) == (self.used_rows, self.used_calls)
        assert (await verify_quotas(self.database)).faults == []
        assert (await verify_receipts(self.database)).faults == []
        for reservation in self.running:  # the next example works on the same database
            async with self.database.write() as tx:
                assert await release(tx, reservation)

    async def _is_closed(self, reservation: Reservation) -> None:
        async with self.database.write() as tx:
            nothing = delivery(Amounts(0, 0))
            assert await settle(tx, self.contract, reservation, nothing) is None


def contract_of(contract_id: str) -> Contract:
    """An active contract with quotas of rows and calls."""
    return Contract(
        id=contract_id,
        product_id="prd_1",
        provider_id="org_1",
        buyer_id="org_2",
        state=State.ACTIVE,
        document=b"{}",
        document_digest="sha256:" + "0" * 64,
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        ends_at=datetime(2027, 1, 1, tzinfo=UTC),
        operations=("rows",),
        columns=("id",),
        max_rows=LIMITS[Meter.ROWS],
        max_bytes=None,
        max_calls=LIMITS[Meter.CALLS],
        plan={},
        counted={},
        currency="CNY",
        max_charge_micro=0,
        is_paid=True,
        revision=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def delivery(sent: Amounts) -> Delivery:
    """What was sent, with everything a receipt says besides."""
    clock = FrozenClock()
    return Delivery(
        key_id="key_1",
        revision=1,
        artefact=ArtefactKind.REVISION,
        artefact_digest="sha256:" + "1" * 64,
        operation=Operation.ROWS,
        request_digest="hmac-sha256:" + "2" * 64,
        started_at=clock.now(),
        sent=sent,
        content_digest="sha256:" + "3" * 64,
        status=DeliveryStatus.COMPLETE,
    )


async def test_more_than_was_reserved_is_never_counted(database_url: str) -> None:
    async with open_database(database_url, FrozenClock()) as database:
        contract = contract_of(new_id("con"))
        async with database.write() as tx:
            reservation = await reserve(tx, contract, Amounts(5, 50))
        for sent in (Amounts(6, 50), Amounts(5, 51), Amounts(5, 50, calls=2)):
            with pytest.raises(ValueError, match="reserved"):
                async with database.write() as tx:
                    await settle(tx, contract, reservation, delivery(sent))
        async with database.write() as tx:
            assert await settle(tx, contract, reservation, delivery(Amounts(5, 50))) is not None


async def test_first_deliveries_at_once_get_one_place_each(database_url: str) -> None:
    async with open_database(database_url, FrozenClock()) as database:
        contract = contract_of(new_id("con"))

        async def one() -> None:
            async with database.write() as tx:
                reservation = await reserve(tx, contract, Amounts(1, 1))
            async with database.write() as tx:
                assert await settle(tx, contract, reservation, delivery(Amounts(1, 1)))

        await asyncio.gather(*(one() for _ in range(6)))
        async with database.read() as reading:
            receipts = await receipts_of(reading, contract.id, after=0, limit=100)
        assert [issued.sequence for issued in receipts] == [1, 2, 3, 4, 5, 6]
        hashes = [None, *(issued.receipt_hash for issued in receipts)]
        assert [issued.receipt.previous for issued in receipts] == hashes[:-1]
        assert (await verify_receipts(database)).faults == []


async def test_signing_cut_off_before_storing_is_done_again(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_market(database_url, tmp_path) as market:
        contract = await market.paid_contract(await market.published())
        key_id = await market.key(contract)
        for rows in (1, 2, 3):
            await market.deliver(contract, key_id, rows=rows, size=10)
        database: Database = market.database
        store = service._store_batch  # pyright: ignore[reportPrivateUsage]

        async def cut_off(*arguments: Any, **more: Any) -> int:
            await store(*arguments, **more)
            raise ConnectionError("the process dies before the commit")

        with monkeypatch.context() as patched:
            patched.setattr(service, "_store_batch", cut_off)
            with pytest.raises(ConnectionError):
                await sign_waiting_receipts(database, market.keyring)
        async with database.read() as reading:
            assert await service.count_unsigned(reading, contract.id) == 3

        signed = await asyncio.gather(
            *(sign_waiting_receipts(database, market.keyring) for _ in range(3))
        )

        assert sorted(signed) == [0, 0, 3]
        assert await sign_waiting_receipts(database, market.keyring) == 0
        async with database.read() as reading:
            receipts = await receipts_of(reading, contract.id, after=0, limit=9)
        assert len({issued.signed.batch for issued in receipts if issued.signed}) == 1


async def test_a_wider_reservation_takes_what_is_left_and_no_more(database_url: str) -> None:
    async with open_database(database_url, FrozenClock()) as database:
        limited = replace(contract_of(new_id("con")), max_bytes=1_000)
        unlimited = contract_of(new_id("con"))
        for contract, wide in ((limited, 1_000), (unlimited, 5_000)):
            async with database.write() as tx:
                reservation = await reserve(tx, contract, Amounts(5, 100))
                reservation = await widen(tx, reservation, 5_000)
            assert reservation.amounts == Amounts(5, wide)
            assert (await verify_quotas(database)).faults == []
            async with database.write() as tx:
                assert (await widen(tx, reservation, 5_000)).amounts == Amounts(5, wide)
                assert await settle(tx, contract, reservation, delivery(Amounts(5, wide)))
            assert (await verify_quotas(database)).faults == []


async def test_what_is_left_is_granted_or_waited_for_or_refused(database_url: str) -> None:
    async with open_database(database_url, FrozenClock()) as database:
        contract = replace(contract_of(new_id("con")), max_bytes=1_000)
        least, most = Amounts(1, 50), Amounts(60, 800)
        async with database.write() as tx:
            first = await reserve_within(tx, contract, least, most)
            assert await reserve_within(tx, contract, least, most, may_wait=True) is None
            second = await reserve_within(tx, contract, least, most)
        assert (first.amounts, second.amounts) == (most, Amounts(40, 200))
        with pytest.raises(QuotaExhausted) as held:
            async with database.write() as tx:
                await reserve_within(tx, contract, least, most)
        assert held.value.params == {"meter": "rows", "remaining": 0, "limit": 100}

        async with database.write() as tx:
            assert await settle(tx, contract, first, delivery(Amounts(1, 800)))
            assert await settle(tx, contract, second, delivery(Amounts(1, 160)))
        # What is used does not come back: there is nothing to wait for.
        with pytest.raises(QuotaExhausted) as used:
            async with database.write() as tx:
                await reserve_within(tx, contract, least, most, may_wait=True)
        assert used.value.params == {"meter": "bytes", "remaining": 40, "limit": 1_000}
        assert (await verify_quotas(database)).faults == []
