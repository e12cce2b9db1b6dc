"""API keys on the hot path: looked up once, then kept in memory until something changes.

Each web process polls the access epoch every 250 ms. The epoch grows whenever a key is revoked or a
contract stops, so what is kept in memory is at most that old; a process that cannot poll stops
trusting its memory after a second.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog

from contracts.access import AccessRule, compile_contract
from contracts.api_keys import fingerprint
from contracts.document import parse_document
from contracts.lifecycle import State
from contracts.terms import Operation
from exchange_market.agreements.contract import Contract
from exchange_market.agreements.keys import access_epoch, grant_of, read_key
from exchange_market.delivery.columns import about_columns
from exchange_market.delivery.errors import ContractStopped, KeyOfAnotherContract, OutsideContract
from exchange_market.persistence.transaction import Database

log = structlog.get_logger()
_POLL_SECONDS = 0.25
_TRUST_SECONDS = 1.0
_KEPT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Grant:
    """An API key with its contract and the compiled rule, as they were at an epoch."""

    key_id: str
    expires_at: datetime
    contract: Contract
    rule: AccessRule
    epoch: int


class Credentials:
    """Finds the grant of a presented key."""

    def __init__(self, database: Database, pepper: bytes) -> None:
        self._database = database
        self._pepper = pepper
        self._kept: OrderedDict[bytes, Grant] = OrderedDict()
        self._epoch = -1
        self._polled_at = float("-inf")

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None]:
        """Poll the access epoch as long as the block runs."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def grant(self, key: str) -> Grant:
        """The grant of a key; raises KeyRefused when it is malformed, unknown, revoked or
        expired."""
        read_key(key)  # before anything is asked of the database
        print_of_key = fingerprint(key, self._pepper)
        kept = self._kept.get(print_of_key)
        is_open = kept is not None and self._database.clock.now() < kept.expires_at
        if kept is not None and is_open and self.is_current(kept):
            self._kept.move_to_end(print_of_key)
            return kept
        grant = await self._load(key)
        self._kept[print_of_key] = grant
        while len(self._kept) > _KEPT_MAX:
            self._kept.popitem(last=False)
        return grant

    def is_current(self, grant: Grant) -> bool:
        """Whether nothing was revoked or stopped since the grant was read, as far as known."""
        fresh = asyncio.get_running_loop().time() - self._polled_at < _TRUST_SECONDS
        return fresh and grant.epoch == self._epoch

    async def still_allows(self, grant: Grant, key: str, operation: Operation) -> bool:
        """Whether a running delivery may go on: between chunks, cheap while nothing changes."""
        now = self._database.clock.now()
        if now >= grant.rule.ends_at or now >= grant.expires_at:
            return False
        if self.is_current(grant):
            return True
        try:
            admit(await self.grant(key), grant.contract.product_id, operation, {}, now)
        except Exception:  # noqa: BLE001 - whatever the reason, it no longer allows it
            return False
        return True

    async def _load(self, key: str) -> Grant:
        async with self._database.read() as reading:
            # The epoch first: a change between the two reads then makes the grant look old, not
            # new.
            epoch = await access_epoch(reading)
            found = await grant_of(reading, key, self._pepper)
        contract = found.contract
        if contract.document is None:
            raise ContractStopped(state=contract.state.value, is_paid=contract.is_paid)
        rule = compile_contract(parse_document(contract.document))
        return Grant(found.key_id, found.expires_at, contract, rule, epoch)

    async def _watch(self) -> None:
        while True:
            try:
                asked_at = asyncio.get_running_loop().time()
                async with self._database.read() as reading:
                    self._epoch = await access_epoch(reading)
                self._polled_at = asked_at
            except Exception:
                log.warning("access_epoch.poll_failed", exc_info=True)
            await asyncio.sleep(_POLL_SECONDS)


def admit(
    grant: Grant,
    product_id: str,
    operation: Operation,
    columns: Mapping[str, Sequence[str]],
    now: datetime,
) -> None:
    """Let a request pass or raise: KeyOfAnotherContract, ContractStopped, OutsideContract.

    `columns` are all that the request touches, also by a filter or an order, by the query parameter
    that names them.
    """
    contract = grant.contract
    if contract.product_id != product_id:
        raise KeyOfAnotherContract(product_id=product_id)
    if contract.state is not State.ACTIVE or not contract.is_paid:
        raise ContractStopped(state=contract.state.value, is_paid=contract.is_paid)
    for field, asked in columns.items() or ((None, ()),):
        decision = grant.rule.decide(now, operation, asked)
        if not decision.allowed:
            raise OutsideContract(
                reason=decision.reason.value,
                clause_id=decision.clause_id,
                **about_columns(field, asked, grant.rule.columns),
            )
