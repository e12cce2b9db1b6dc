"""Contracts seen from above: counts by state, and the keys of many contracts at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from contracts.lifecycle import State
from exchange_market.agreements.rows import ApiKeyRow, ContractRow
from exchange_market.persistence.transaction import Reading


@dataclass(frozen=True, slots=True)
class KeyLife:
    """Who made an API key and when it opens its contract; nothing of the key itself."""

    id: str
    contract_id: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


async def count_contracts(reading: Reading) -> dict[State, int]:
    """How many contracts stand in each state."""
    query = select(ContractRow.state, func.count()).group_by(col(ContractRow.state))
    counted = {State(state): count for state, count in await reading.session.execute(query)}
    return {state: counted.get(state, 0) for state in State}


async def keys_of_contracts(
    reading: Reading, contract_ids: Collection[str], *, limit: int
) -> tuple[KeyLife, ...]:
    """Keys of several contracts, oldest first."""
    query = select(ApiKeyRow).where(col(ApiKeyRow.contract_id).in_(contract_ids))
    rows = await reading.session.scalars(query.order_by(col(ApiKeyRow.id)).limit(limit))
    return tuple(
        KeyLife(
            id=row.id,
            contract_id=row.contract_id,
            created_by=row.created_by,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
        )
        for row in rows
    )
