"""One move of a contract: the transition table decides, the row changes, the move is recorded."""

from contracts.errors import IllegalTransition
from contracts.lifecycle import Event, Side, State, next_state, permitted
from exchange_market.agreements.errors import ContractNotFound, MoveNotAllowed
from exchange_market.agreements.rows import ContractRow
from exchange_market.agreements.store import ContractStore, next_epoch
from exchange_market.kernel.principal import Actor, Principal
from exchange_market.persistence.transaction import Transaction
from exchange_market.trust import audit

_CHANGES_ACCESS = frozenset(
    {State.ACTIVE, State.SUSPENDED, State.DISPUTED, State.EXPIRED, State.TERMINATED}
)


async def locked_contract(tx: Transaction, principal: Principal, contract_id: str) -> ContractRow:
    """The contract's row for a change by one of its parties; strangers learn nothing."""
    row = await ContractStore(tx).locked(contract_id)
    if row is None or principal.organisation_id not in (row.buyer_id, row.provider_id):
        raise ContractNotFound(contract_id=contract_id)
    return row


def side_of(row: ContractRow, principal: Principal) -> Side:
    """On which side of the contract the principal's organisation stands."""
    return Side.BUYER if principal.organisation_id == row.buyer_id else Side.PROVIDER


def require_move(row: ContractRow, event: Event, side: Side) -> State:
    """Where the move would lead; raises MoveNotAllowed."""
    before = State(row.state)
    try:
        return next_state(before, event, side)
    except IllegalTransition:
        possible = ", ".join(permitted(before, side)) or "-"
        raise MoveNotAllowed(
            side=side.value, event=event.value, state=before.value, possible=possible
        ) from None


async def move(
    tx: Transaction, actor: Actor, row: ContractRow, event: Event, side: Side, **details: object
) -> None:
    """Make a move or raise MoveNotAllowed; records it, announces it, and ends access if need be."""
    before, after = State(row.state), require_move(row, event, side)
    row.state, row.updated_at = after.value, tx.now()
    await tx.session.flush()
    audit.record(
        tx,
        actor,
        f"agreements.{event.value}",
        audit.Subject("contract", row.id),
        {"side": side.value, "from": before.value, "to": after.value, **details},
    )
    tx.emit(f"agreements.{after.value}", {"contract_id": row.id})
    if after in _CHANGES_ACCESS:
        await next_epoch(tx)
