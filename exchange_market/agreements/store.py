"""All SQL of contracts, offers and API keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, update
from sqlmodel import col, select

from contracts.canonical import JsonObject
from contracts.lifecycle import State
from exchange_market.agreements.contract import Contract
from exchange_market.agreements.proposal import Proposal, counted_by_terms, proposal_from_json
from exchange_market.agreements.rows import AccessEpochRow, ApiKeyRow, ContractRow, OfferRow
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.persistence.upsert import insert_into

_DELIVERABLE = (State.ACTIVE.value, State.SUSPENDED.value, State.DISPUTED.value)
_NEGOTIATED = tuple(
    state.value
    for state in (State.REQUESTED, State.OFFERED, State.ACCEPTED, State.AGREED, State.VERIFIED)
)
_SWEEP_ROWS = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """One step of a negotiation."""

    number: int
    side: str
    proposal: Proposal
    max_charge_micro: int
    note: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What may be known about an API key."""

    id: str
    contract_id: str
    prefix: str
    hint: str
    label: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class ContractStore:
    """Contracts and offers."""

    def __init__(self, reading: Reading) -> None:
        self._session = reading.session

    def add(self, row: ContractRow | OfferRow) -> None:
        """Add a row."""
        self._session.add(row)

    async def flush(self) -> None:
        """Send what was added or changed."""
        await self._session.flush()

    async def locked(self, contract_id: str) -> ContractRow | None:
        """The row for a change; concurrent changes of the same contract wait."""
        return await self._session.scalar(
            select(ContractRow).where(col(ContractRow.id) == contract_id).with_for_update()
        )

    async def row(self, contract_id: str) -> ContractRow | None:
        """The row for reading."""
        return await self._session.scalar(
            select(ContractRow).where(col(ContractRow.id) == contract_id)
        )

    async def of_organisation(
        self,
        organisation_id: str | None,
        *,
        product_id: str | None,
        state: str | None,
        before: str | None,
        limit: int,
    ) -> Sequence[ContractRow]:
        """Contracts, newest first, in which the organisation is a party (None: all)."""
        query = select(ContractRow).order_by(col(ContractRow.id).desc()).limit(limit)
        if organisation_id is not None:
            query = query.where(
                (col(ContractRow.buyer_id) == organisation_id)
                | (col(ContractRow.provider_id) == organisation_id)
            )
        if product_id is not None:
            query = query.where(col(ContractRow.product_id) == product_id)
        if state is not None:
            query = query.where(col(ContractRow.state) == state)
        if before is not None:
            query = query.where(col(ContractRow.id) < before)
        return (await self._session.scalars(query)).all()

    async def overdue(self, now: datetime) -> Sequence[ContractRow]:
        """Contracts whose period or whose negotiation's deadline has passed, locked."""
        rows = await self._session.scalars(
            select(ContractRow)
            .where(_is_overdue(now))
            .order_by(col(ContractRow.id))
            .limit(_SWEEP_ROWS)
            .with_for_update(skip_locked=True)
        )
        return rows.all()

    async def overdue_ids(self, now: datetime) -> Sequence[str]:
        """The ids of some of them, without locking."""
        query = select(ContractRow.id).where(_is_overdue(now)).limit(_SWEEP_ROWS)
        return (await self._session.scalars(query)).all()

    async def running(
        self, *, organisation_id: str | None = None, product_id: str | None = None
    ) -> Sequence[ContractRow]:
        """The active contracts of an organisation or about a product, locked for a change."""
        concerned = (
            (col(ContractRow.buyer_id) == organisation_id)
            | (col(ContractRow.provider_id) == organisation_id)
            | (col(ContractRow.product_id) == product_id)
        )
        rows = await self._session.scalars(
            select(ContractRow)
            .where(concerned, col(ContractRow.state) == State.ACTIVE.value)
            .order_by(col(ContractRow.id))
            .with_for_update()
        )
        return rows.all()

    async def offers(self, contract_id: str, *, since: int, limit: int) -> Sequence[Offer]:
        """The history of a negotiation from offer number `since` on."""
        rows = await self._session.scalars(
            select(OfferRow)
            .where(col(OfferRow.contract_id) == contract_id, col(OfferRow.number) >= since)
            .order_by(col(OfferRow.number))
            .limit(limit)
        )
        return [
            Offer(
                number=row.number,
                side=row.side,
                proposal=proposal_from_json(row.terms),
                max_charge_micro=row.max_charge_micro,
                note=row.note,
                made_by=row.made_by,
                made_at=row.made_at,
            )
            for row in rows
        ]


class KeyStore:
    """API keys and the access epoch."""

    def __init__(self, reading: Reading) -> None:
        self._session = reading.session

    async def add(self, row: ApiKeyRow) -> None:
        """Add a key."""
        self._session.add(row)
        await self._session.flush()

    async def by_fingerprint(self, fingerprint: str) -> tuple[ApiKey, ContractRow] | None:
        """A key and its contract."""
        found = (
            await self._session.execute(
                select(ApiKeyRow, ContractRow)
                .join(ContractRow, col(ContractRow.id) == col(ApiKeyRow.contract_id))
                .where(col(ApiKeyRow.fingerprint) == fingerprint)
            )
        ).first()
        return None if found is None else (_key(found[0]), found[1])

    async def by_id(self, key_id: str) -> tuple[ApiKey, ContractRow] | None:
        """A key and its contract."""
        found = (
            await self._session.execute(
                select(ApiKeyRow, ContractRow)
                .join(ContractRow, col(ContractRow.id) == col(ApiKeyRow.contract_id))
                .where(col(ApiKeyRow.id) == key_id)
            )
        ).first()
        return None if found is None else (_key(found[0]), found[1])

    async def shared(self, key_id: str) -> tuple[ApiKey, ContractRow] | None:
        """A key and its contract, which nobody changes until the transaction ends."""
        found = (
            await self._session.execute(
                select(ApiKeyRow, ContractRow)
                .join(ContractRow, col(ContractRow.id) == col(ApiKeyRow.contract_id))
                .where(col(ApiKeyRow.id) == key_id)
                .with_for_update(read=True)
            )
        ).first()
        return None if found is None else (_key(found[0]), found[1])

    async def of_contract(
        self, contract_id: str, *, before: str | None, limit: int
    ) -> Sequence[ApiKey]:
        """Keys of a contract, newest first, from below the id `before`."""
        query = select(ApiKeyRow).where(col(ApiKeyRow.contract_id) == contract_id)
        if before is not None:
            query = query.where(col(ApiKeyRow.id) < before)
        rows = await self._session.scalars(query.order_by(col(ApiKeyRow.id).desc()).limit(limit))
        return [_key(row) for row in rows]

    async def count_active(self, contract_id: str, now: datetime) -> int:
        """How many keys of a contract still open it."""
        query = select(func.count()).select_from(ApiKeyRow)
        return (
            await self._session.scalar(
                query.where(
                    col(ApiKeyRow.contract_id) == contract_id,
                    col(ApiKeyRow.revoked_at).is_(None),
                    col(ApiKeyRow.expires_at) > now,
                )
            )
            or 0
        )

    async def revoke(self, key_id: str, now: datetime) -> bool:
        """Mark a key revoked; False when it was already."""
        revoked = await self._session.scalar(
            update(ApiKeyRow)
            .where(col(ApiKeyRow.id) == key_id, col(ApiKeyRow.revoked_at).is_(None))
            .values(revoked_at=now)
            .returning(col(ApiKeyRow.id))
            .execution_options(synchronize_session=False)
        )
        return revoked is not None

    async def epoch(self) -> int:
        """The present access epoch."""
        return await self._session.scalar(select(AccessEpochRow.epoch)) or 0


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    ended = col(ContractRow.state).in_(_DELIVERABLE) & (col(ContractRow.ends_at) <= now)
    lapsed = col(ContractRow.state).in_(_NEGOTIATED) & (col(ContractRow.deadline_at) <= now)
    return ended | lapsed


async def next_epoch(tx: Transaction) -> None:
    """Tell every delivery process that something allowed has ended; they look within 250 ms."""
    await tx.session.execute(
        insert_into(tx, AccessEpochRow)
        .values(id=1, epoch=1)
        .on_conflict_do_update(index_elements=["id"], set_={"epoch": col(AccessEpochRow.epoch) + 1})
    )


def row_to_contract(row: ContractRow) -> Contract:
    """The contract in a row."""
    proposal = proposal_from_json(row.terms)
    return Contract(
        id=row.id,
        product_id=row.product_id,
        provider_id=row.provider_id,
        buyer_id=row.buyer_id,
        state=State(row.state),
        document=row.document,
        document_digest=row.document_digest,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        operations=tuple(operation.value for operation in proposal.limits.operations),
        columns=proposal.limits.columns,
        max_rows=proposal.limits.max_rows,
        max_bytes=proposal.limits.max_bytes,
        max_calls=proposal.limits.max_calls,
        plan=proposal.plan,
        counted=counted_by_terms(proposal),
        currency=row.currency,
        max_charge_micro=row.max_charge_micro,
        is_paid=row.is_paid,
        revision=proposal.revision,
        created_at=row.created_at,
    )


def signatures_of(row: ContractRow) -> JsonObject | None:
    """The signatures of a contract as general JWS JSON."""
    return row.signatures


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        contract_id=row.contract_id,
        prefix=row.prefix,
        hint=row.hint,
        label=row.label,
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
