"""All SQL of sessions, refresh tokens, one-time codes and failure counters."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from exchange_market.accounts.attempts import Attempts
from exchange_market.accounts.rows import (
    AttemptRow,
    OrganisationRow,
    RefreshTokenRow,
    SessionRow,
    UserRow,
)
from exchange_market.accounts.session import Session, Standing
from exchange_market.accounts.store import to_organisation, to_user
from exchange_market.persistence.transaction import Reading, Transaction


async def insert_session(tx: Transaction, session: Session) -> None:
    """Keep a new session."""
    tx.session.add(
        SessionRow(
            id=session.id,
            user_id=session.user_id,
            organisation_id=session.organisation_id,
            second_factor=session.second_factor,
            created_at=session.created_at,
            expires_at=session.expires_at,
        )
    )
    await tx.session.flush()


async def find_standing(reading: Reading, session_id: str) -> Standing | None:
    """A session with its person and organisation, in one query."""
    found = await reading.session.execute(
        select(SessionRow, UserRow, OrganisationRow)
        .join(UserRow, col(UserRow.id) == col(SessionRow.user_id))
        .join(OrganisationRow, col(OrganisationRow.id) == col(UserRow.organisation_id))
        .where(col(SessionRow.id) == session_id)
    )
    if (row := found.one_or_none()) is None:
        return None
    session, user, organisation = row
    return Standing(_to_session(session), to_user(user), to_organisation(organisation))


async def add_second_factor(tx: Transaction, session_id: str) -> None:
    """Note that a one-time code was shown in this session."""
    await tx.session.execute(
        update(SessionRow).where(col(SessionRow.id) == session_id).values(second_factor=True)
    )


async def end_session(tx: Transaction, session_id: str, reason: str) -> int:
    """End one session; returns 0 when it had ended before."""
    return await _end(tx, col(SessionRow.id) == session_id, reason)


async def end_sessions_of_user(
    tx: Transaction, user_id: str, reason: str, *, but: str | None = None
) -> int:
    """End a person's sessions, except `but`; returns how many ended."""
    whose = col(SessionRow.user_id) == user_id
    return await _end(tx, whose if but is None else whose & (col(SessionRow.id) != but), reason)


async def end_sessions_of_organisation(tx: Transaction, organisation_id: str, reason: str) -> int:
    """End all sessions of an organisation; returns how many ended."""
    return await _end(tx, col(SessionRow.organisation_id) == organisation_id, reason)


async def _end(tx: Transaction, which: ColumnElement[bool], reason: str) -> int:
    ended = await tx.session.execute(
        update(SessionRow)
        .where(which, col(SessionRow.ended_at).is_(None))
        .values(ended_at=tx.now(), end_reason=reason)
        .returning(col(SessionRow.id))
    )
    return len(ended.all())


async def insert_refresh_token(tx: Transaction, session_id: str, token_hash: str) -> None:
    """Keep the hash of a refresh token."""
    tx.session.add(
        RefreshTokenRow(token_hash=token_hash, session_id=session_id, issued_at=tx.now())
    )
    await tx.session.flush()


async def spend_refresh_token(tx: Transaction, token_hash: str) -> str | None:
    """Take a refresh token, once; its session, or None when unknown or spent before."""
    return await tx.session.scalar(
        update(RefreshTokenRow)
        .where(
            col(RefreshTokenRow.token_hash) == token_hash, col(RefreshTokenRow.spent_at).is_(None)
        )
        .values(spent_at=tx.now())
        .returning(col(RefreshTokenRow.session_id))
    )


async def session_of_refresh_token(reading: Reading, token_hash: str) -> str | None:
    """The session that a refresh token, spent or not, was issued in."""
    return await reading.session.scalar(
        select(RefreshTokenRow.session_id).where(col(RefreshTokenRow.token_hash) == token_hash)
    )


async def delete_sessions(tx: Transaction, expired_before: datetime, limit: int) -> int:
    """Forget up to `limit` sessions that expired long ago, with their tokens; returns how many."""
    old = list(
        await tx.session.scalars(
            select(SessionRow.id)
            .where(col(SessionRow.expires_at) < expired_before)
            .order_by(col(SessionRow.expires_at))
            .limit(limit)
        )
    )
    await tx.session.execute(
        delete(RefreshTokenRow).where(col(RefreshTokenRow.session_id).in_(old))
    )
    await tx.session.execute(delete(SessionRow).where(col(SessionRow.id).in_(old)))
    return len(old)


async def find_attempts(reading: Reading, subject: str) -> Attempts | None:
    """The failures counted for a subject."""
    row = await reading.session.get(AttemptRow, subject)
    return None if row is None else _to_attempts(row)


async def lock_attempts(tx: Transaction, subject: str) -> Attempts | None:
    """The failures of a subject, kept from other writers; None when this is the first."""
    query = select(AttemptRow).where(col(AttemptRow.subject) == subject).with_for_update()
    row = await tx.session.scalar(query.execution_options(populate_existing=True))
    return None if row is None else _to_attempts(row)


async def insert_attempts(tx: Transaction, subject: str, attempts: Attempts) -> bool:
    """Store the first failure of a subject; False when somebody else stored it a moment earlier."""
    row = AttemptRow(
        subject=subject,
        failures=attempts.failures,
        locks=attempts.locks,
        counted_since=attempts.counted_since,
        locked_until=attempts.locked_until,
        updated_at=tx.now(),
    )
    try:
        async with tx.session.begin_nested():
            tx.session.add(row)
    except IntegrityError:
        return False
    return True


async def update_attempts(tx: Transaction, subject: str, attempts: Attempts) -> None:
    """Store the failures of a subject that `lock_attempts` found."""
    await tx.session.execute(
        update(AttemptRow)
        .where(col(AttemptRow.subject) == subject)
        .values(
            failures=attempts.failures,
            locks=attempts.locks,
            counted_since=attempts.counted_since,
            locked_until=attempts.locked_until,
            updated_at=tx.now(),
        )
    )


async def delete_attempts(tx: Transaction, subject: str) -> None:
    """Forget the failures of a subject."""
    await tx.session.execute(delete(AttemptRow).where(col(AttemptRow.subject) == subject))


async def delete_old_attempts(tx: Transaction, untouched_since: datetime) -> None:
    """Forget counters that mean nothing any more."""
    await tx.session.execute(delete(AttemptRow).where(col(AttemptRow.updated_at) < untouched_since))


async def set_totp_candidate(tx: Transaction, user_id: str, sealed: bytes) -> None:
    """Keep a one-time secret that is not confirmed yet."""
    await tx.session.execute(
        update(UserRow).where(col(UserRow.id) == user_id).values(totp_candidate=sealed)
    )


async def set_totp_secret(tx: Transaction, user_id: str, sealed: bytes) -> None:
    """Make a one-time secret the one in force."""
    await tx.session.execute(
        update(UserRow)
        .where(col(UserRow.id) == user_id)
        .values(totp_secret=sealed, totp_candidate=None, totp_last_step=0)
    )


async def spend_totp_step(tx: Transaction, user_id: str, step: int) -> bool:
    """Take a time step, once; False when it or a later one was taken before."""
    taken = await tx.session.execute(
        update(UserRow)
        .where(col(UserRow.id) == user_id, col(UserRow.totp_last_step) < step)
        .values(totp_last_step=step)
        .returning(col(UserRow.id))
    )
    return taken.first() is not None


def _to_session(row: SessionRow) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        organisation_id=row.organisation_id,
        second_factor=row.second_factor,
        created_at=row.created_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )


def _to_attempts(row: AttemptRow) -> Attempts:
    return Attempts(row.failures, row.locks, row.counted_since, row.locked_until)
