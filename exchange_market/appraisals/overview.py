"""Valuations seen from above: how many stand in each state."""

from sqlalchemy import func
from sqlmodel import col, select

from exchange_market.appraisals.rows import ValuationRow
from exchange_market.appraisals.valuation import ValuationState
from exchange_market.persistence.transaction import Reading


async def count_valuations(reading: Reading) -> dict[ValuationState, int]:
    """How many valuations stand in each state."""
    query = select(ValuationRow.state, func.count()).group_by(col(ValuationRow.state))
    counted = {ValuationState(state): n for state, n in await reading.session.execute(query)}
    return {state: counted.get(state, 0) for state in ValuationState}
