"""Contracts for other slices and for their parties: finding, pausing, ending, expiring."""

from collections.abc import Sequence

from contracts.canonical import JsonObject
from contracts.lifecycle import Event, Side
from exchange_market.agreements.contract import Contract
from exchange_market.agreements.errors import ContractNotFound, OwnContract
from exchange_market.agreements.moves import locked_contract, move, side_of
from exchange_market.agreements.rows import ContractRow
from exchange_market.agreements.store import ContractStore, Offer, row_to_contract, signatures_of
from exchange_market.kernel.principal import Actor, Principal, Service
from exchange_market.persistence.transaction import Reading, Transaction

_CLOCK = Service("clock")
_SUSPENSION = Service("suspension")


async def find_contract(reading: Reading, contract_id: str) -> Contract | None:
    """A contract, for the exchange's own use."""
    row = await ContractStore(reading).row(contract_id)
    return None if row is None else row_to_contract(row)


async def get_contract(reading: Reading, principal: Principal, contract_id: str) -> Contract:
    """A contract for one of its parties or an administrator; others get ContractNotFound."""
    contract = await find_contract(reading, contract_id)
    if contract is None or not (
        contract.is_party(principal.organisation_id) or principal.is_administrator
    ):
        raise ContractNotFound(contract_id=contract_id)
    return contract


async def list_contracts(  # noqa: PLR0913 - the filters of a list
    reading: Reading,
    organisation_id: str | None,
    *,
    product_id: str | None = None,
    state: str | None = None,
    before: str | None = None,
    limit: int,
) -> Sequence[Contract]:
    """Contracts, newest first, in which the organisation is a party (None: all)."""
    rows = await ContractStore(reading).of_organisation(
        organisation_id, product_id=product_id, state=state, before=before, limit=limit
    )
    return [row_to_contract(row) for row in rows]


async def hold_contract(tx: Transaction, contract_id: str) -> Contract:
    """A contract that nobody else changes, pays or bills until the transaction ends.

    Raises ContractNotFound.
    """
    row = await ContractStore(tx).locked(contract_id)
    if row is None:
        raise ContractNotFound(contract_id=contract_id)
    return row_to_contract(row)


async def offers_of(
    reading: Reading, principal: Principal, contract_id: str, *, since: int, limit: int
) -> Sequence[Offer]:
    """The history of a negotiation from offer number `since` on."""
    await get_contract(reading, principal, contract_id)
    return await ContractStore(reading).offers(contract_id, since=since, limit=limit)


async def contract_signatures(reading: Reading, contract_id: str) -> JsonObject | None:
    """The signatures so far, as a general JWS without payload checks; None before the first."""
    row = await ContractStore(reading).row(contract_id)
    return None if row is None else signatures_of(row)


async def mark_paid(tx: Transaction, actor: Actor, contract_id: str) -> Contract:
    """Record that the contract's charge was set aside; keys may be issued from now on."""
    del actor  # the settlement slice records who paid
    row = await ContractStore(tx).locked(contract_id)
    if row is None:
        raise ContractNotFound(contract_id=contract_id)
    row.is_paid, row.updated_at = True, tx.now()
    await tx.session.flush()
    return row_to_contract(row)


async def suspend(tx: Transaction, principal: Principal, contract_id: str, reason: str) -> Contract:
    """Stop delivery for now; only the exchange lets it run again."""
    row = await locked_contract(tx, principal, contract_id)
    await move(tx, principal, row, Event.SUSPEND, side_of(row, principal))
    row.reason = reason
    await tx.session.flush()
    return row_to_contract(row)


async def decide(
    tx: Transaction, administrator: Principal, contract_id: str, event: Event, reason: str
) -> Contract:
    """The exchange suspends, resumes, resolves or terminates a contract of others."""
    row = await ContractStore(tx).locked(contract_id)
    if row is None:
        raise ContractNotFound(contract_id=contract_id)
    if administrator.organisation_id in (row.buyer_id, row.provider_id):
        raise OwnContract
    await move(tx, administrator, row, event, Side.EXCHANGE)
    row.reason = reason
    await tx.session.flush()
    return row_to_contract(row)


async def count_overdue(reading: Reading) -> int:
    """How many contracts and negotiations wait for `expire_contracts`, as far as it looks."""
    return len(await ContractStore(reading).overdue_ids(reading.now()))


async def expire_contracts(tx: Transaction) -> int:
    """End contracts whose period is over and negotiations whose deadline passed; returns how
    many."""
    overdue = await ContractStore(tx).overdue(tx.now())
    for row in overdue:
        await move(tx, _CLOCK, row, Event.EXPIRE, Side.CLOCK)
    return len(overdue)


async def suspend_contracts_of(tx: Transaction, organisation_id: str) -> int:
    """Stop every running contract of a suspended organisation; returns how many were running."""
    running = await ContractStore(tx).running(organisation_id=organisation_id)
    return await _suspend_all(tx, running, "organisation suspended")


async def suspend_contracts_about(tx: Transaction, product_id: str) -> int:
    """Stop every running contract about a product whose listing the exchange suspended."""
    running = await ContractStore(tx).running(product_id=product_id)
    return await _suspend_all(tx, running, "listing suspended")


async def _suspend_all(tx: Transaction, running: Sequence[ContractRow], reason: str) -> int:
    for row in running:
        await move(tx, _SUSPENSION, row, Event.SUSPEND, Side.EXCHANGE)
        row.reason = reason
    await tx.session.flush()
    return len(running)
