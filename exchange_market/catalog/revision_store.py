"""Every query on revisions and the dictionaries of their columns; row <-> domain value."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from exchange_market.catalog.revision import (
    Column,
    ColumnRole,
    Revision,
    RevisionFailure,
    RevisionState,
)
from exchange_market.catalog.rows import ColumnRow, RevisionRow
from exchange_market.catalog.vocabulary import FileFormat
from exchange_market.persistence.transaction import Reading, Transaction


async def find_revision(reading: Reading, revision_id: str) -> Revision | None:
    """The revision with this id."""
    row = await reading.session.get(RevisionRow, revision_id)
    return None if row is None else _row_to_revision(row)


async def lock_revision(tx: Transaction, revision_id: str) -> Revision | None:
    """The revision, held against other writers until the transaction ends."""
    query = select(RevisionRow).where(col(RevisionRow.id) == revision_id)
    row = await tx.session.scalar(query.with_for_update().execution_options(populate_existing=True))
    return None if row is None else _row_to_revision(row)


async def numbered_revision(reading: Reading, product_id: str, number: int) -> Revision | None:
    """The revision of a product with this number."""
    return await _first(
        reading,
        select(RevisionRow).where(
            col(RevisionRow.product_id) == product_id, col(RevisionRow.number) == number
        ),
    )


async def latest_revision(
    reading: Reading, product_id: str, state: RevisionState
) -> Revision | None:
    """The revision with the highest number among those in `state`."""
    query = select(RevisionRow).where(
        col(RevisionRow.product_id) == product_id, col(RevisionRow.state) == state.value
    )
    return await _first(reading, query.order_by(col(RevisionRow.number).desc()))


async def revision_of_upload(
    reading: Reading, product_id: str, created_by: str, upload_key: str
) -> Revision | None:
    """The revision that this person sent under this idempotency key."""
    query = select(RevisionRow).where(
        col(RevisionRow.product_id) == product_id,
        col(RevisionRow.created_by) == created_by,
        col(RevisionRow.upload_key) == upload_key,
    )
    return await _first(reading, query)


async def revisions_of(
    reading: Reading,
    product_id: str,
    states: Sequence[RevisionState],
    *,
    before: int | None,
    limit: int,
) -> Sequence[Revision]:
    """The revisions of a product in these states, newest first, from below the number `before`."""
    query = select(RevisionRow).where(
        col(RevisionRow.product_id) == product_id,
        col(RevisionRow.state).in_([state.value for state in states]),
    )
    if before is not None:
        query = query.where(col(RevisionRow.number) < before)
    rows = await reading.session.scalars(
        query.order_by(col(RevisionRow.number).desc()).limit(limit)
    )
    return [_row_to_revision(row) for row in rows]


async def stale_receiving(
    reading: Reading, not_touched_since: datetime, limit: int
) -> Sequence[Revision]:
    """Uploads that made no progress since an instant, longest silent first."""
    query = (
        select(RevisionRow)
        .where(
            col(RevisionRow.state) == RevisionState.RECEIVING.value,
            col(RevisionRow.updated_at) < not_touched_since,
        )
        .order_by(col(RevisionRow.updated_at))
        .limit(limit)
    )
    return [_row_to_revision(row) for row in await reading.session.scalars(query)]


async def next_number(tx: Transaction, product_id: str) -> int:
    """The number of the next revision; race-free only while the product is locked."""
    query = select(func.max(RevisionRow.number)).where(col(RevisionRow.product_id) == product_id)
    return (await tx.session.scalar(query) or 0) + 1


async def add_revision(tx: Transaction, revision: Revision, upload_key: str | None) -> None:
    """Insert a new revision."""
    tx.session.add(RevisionRow(**_columns(revision), upload_key=upload_key))
    await tx.session.flush()


async def save_revision(tx: Transaction, revision: Revision) -> None:
    """Write back a revision that was read and locked in this transaction."""
    await tx.session.execute(
        update(RevisionRow).where(col(RevisionRow.id) == revision.id).values(**_columns(revision))
    )


async def delete_revision(tx: Transaction, revision_id: str) -> None:
    """Remove the row of an upload that was refused."""
    await tx.session.execute(delete(RevisionRow).where(col(RevisionRow.id) == revision_id))


async def free_upload_key(tx: Transaction, revision_id: str) -> None:
    """Let the sender use the idempotency key of an upload that never arrived again."""
    await tx.session.execute(
        update(RevisionRow).where(col(RevisionRow.id) == revision_id).values(upload_key=None)
    )


async def keep_commitment_secret(tx: Transaction, revision_id: str, sealed: bytes) -> None:
    """Store the sealed secret of the revision's commitment."""
    await tx.session.execute(
        update(RevisionRow)
        .where(col(RevisionRow.id) == revision_id)
        .values(sealed_commitment_secret=sealed)
    )


async def sealed_commitment_secret_of(reading: Reading, revision_id: str) -> bytes | None:
    """The sealed secret of the revision's commitment, if it has one and was not erased."""
    query = select(RevisionRow.sealed_commitment_secret).where(col(RevisionRow.id) == revision_id)
    return await reading.session.scalar(query)


async def columns_of(reading: Reading, revision_id: str) -> tuple[Column, ...]:
    """The dictionary of a revision, by position."""
    query = (
        select(ColumnRow)
        .where(col(ColumnRow.revision_id) == revision_id)
        .order_by(col(ColumnRow.position))
    )
    rows = await reading.session.scalars(query.execution_options(populate_existing=True))
    return tuple(_row_to_column(row) for row in rows)


async def add_columns(tx: Transaction, revision_id: str, columns: Sequence[Column]) -> None:
    """Write the dictionary of a revision that has none yet."""
    for column in columns:
        role = None if column.role is None else column.role.value
        members: dict[str, Any] = asdict(column) | {"role": role}
        tx.session.add(ColumnRow(revision_id=revision_id, **members))
    await tx.session.flush()


async def save_columns(tx: Transaction, revision_id: str, columns: Sequence[Column]) -> None:
    """Write back meanings and roles of columns that exist."""
    for column in columns:
        row = await tx.session.get_one(ColumnRow, (revision_id, column.position))
        row.meaning_zh, row.meaning_en = column.meaning_zh, column.meaning_en
        row.role = None if column.role is None else column.role.value
    await tx.session.flush()


async def _first(reading: Reading, query: Any) -> Revision | None:
    row = await reading.session.scalar(query.limit(1).execution_options(populate_existing=True))
    return None if row is None else _row_to_revision(row)


def _row_to_revision(row: RevisionRow) -> Revision:
    values = {field.name: getattr(row, field.name) for field in fields(Revision)}
    values |= {
        "state": RevisionState(row.state),
        "file_format": FileFormat(row.file_format),
        "failure": None if row.failure is None else RevisionFailure(**row.failure),
    }
    return Revision(**values)


def _columns(revision: Revision) -> dict[str, Any]:
    return asdict(revision) | {
        "state": revision.state.value,
        "file_format": revision.file_format.value,
        "failure": None if revision.failure is None else asdict(revision.failure),
    }


def _row_to_column(row: ColumnRow) -> Column:
    return Column(
        name=row.name,
        position=row.position,
        type=row.type,
        meaning_zh=row.meaning_zh,
        meaning_en=row.meaning_en,
        role=None if row.role is None else ColumnRole(row.role),
        is_key=row.is_key,
    )
