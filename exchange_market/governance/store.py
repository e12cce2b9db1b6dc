"""All SQL of governance's own tables."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from exchange_market.governance.request import RawRowsRequest, RequestState
from exchange_market.governance.rows import BreakGlassRow, ReviewVoteRow
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.persistence.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Vote:
    """The first approval of a listing of important data; `basis` is the digest of what was seen."""

    product_id: str
    basis: str
    administrator_id: str
    reason: str
    voted_at: datetime


async def place_vote(tx: Transaction, vote: Vote) -> Vote:
    """The standing first approval on this basis: this one, unless somebody else was earlier.

    Of two at the same moment the later waits for the earlier's commit and then gets its vote.
    """
    await tx.session.execute(
        insert_into(tx, ReviewVoteRow).values(**asdict(vote)).on_conflict_do_nothing()
    )
    row = await tx.session.scalar(
        select(ReviewVoteRow).where(
            col(ReviewVoteRow.product_id) == vote.product_id, col(ReviewVoteRow.basis) == vote.basis
        )
    )
    return vote if row is None else Vote(**row.model_dump())


async def votes_on(reading: Reading, product_ids: Collection[str]) -> dict[str, Sequence[Vote]]:
    """The first approvals of these products, on whatever basis."""
    rows = await reading.session.scalars(
        select(ReviewVoteRow)
        .where(col(ReviewVoteRow.product_id).in_(product_ids))
        .order_by(col(ReviewVoteRow.voted_at), col(ReviewVoteRow.basis))
    )
    votes: dict[str, list[Vote]] = {product_id: [] for product_id in product_ids}
    for row in rows:
        votes[row.product_id].append(Vote(**row.model_dump()))
    return dict(votes)


async def add_request(tx: Transaction, request: RawRowsRequest) -> None:
    """Keep a new request."""
    tx.session.add(BreakGlassRow(**_columns(request)))
    await tx.session.flush()


async def lock_request(tx: Transaction, request_id: str) -> RawRowsRequest | None:
    """A request, held against other writers until the transaction ends."""
    query = select(BreakGlassRow).where(col(BreakGlassRow.id) == request_id).with_for_update()
    row = await tx.session.scalar(query.execution_options(populate_existing=True))
    return None if row is None else _request(row)


async def save_request(tx: Transaction, request: RawRowsRequest) -> None:
    """Write back a request that was locked in this transaction."""
    row = await tx.session.get_one(BreakGlassRow, request.id)
    for name, value in _columns(request).items():
        setattr(row, name, value)
    await tx.session.flush()


async def requests_about(
    reading: Reading, product_id: str | None, *, before: str | None, limit: int
) -> Sequence[RawRowsRequest]:
    """Requests, newest first, about a product (None: about all)."""
    query = select(BreakGlassRow).order_by(col(BreakGlassRow.id).desc()).limit(limit)
    if product_id is not None:
        query = query.where(col(BreakGlassRow.product_id) == product_id)
    if before is not None:
        query = query.where(col(BreakGlassRow.id) < before)
    return [_request(row) for row in await reading.session.scalars(query)]


def _columns(request: RawRowsRequest) -> dict[str, Any]:
    return asdict(request) | {"state": request.state.value, "columns": list(request.columns)}


def _request(row: BreakGlassRow) -> RawRowsRequest:
    members: dict[str, Any] = row.model_dump()
    members |= {"state": RequestState(row.state), "columns": tuple(row.columns)}
    return RawRowsRequest(**members)
