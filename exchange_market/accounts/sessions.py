"""Opening, keeping and ending sessions.

A session is a row. An access token names it for a few minutes; a refresh token, good once, gets the
next pair. Whoever steals a refresh token and uses it makes the theft visible: the second use of a
token ends the session (RFC 9700, section 4.14.2).
"""

import hashlib
import hmac
import secrets as randomness
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange_market.accounts import lockout, session_store, store
from exchange_market.accounts.access_tokens import AccessClaims, AccessTokens
from exchange_market.accounts.attempts import ACCOUNT_POLICY, ADDRESS_POLICY, Subjects
from exchange_market.accounts.errors import (
    CodeRefused,
    CodeRequired,
    CodeUsed,
    CredentialsRefused,
    OrganisationSuspended,
    RefreshTokenRefused,
    RefreshTokenReused,
    SessionEnded,
    UserSuspended,
)
from exchange_market.accounts.newcomers import Newcomers
from exchange_market.accounts.organisation import OrganisationState
from exchange_market.accounts.passwords import Passwords
from exchange_market.accounts.second_factor import SecondFactor
from exchange_market.accounts.session import Session, Standing
from exchange_market.accounts.user import Login, UserState, email_key
from exchange_market.kernel.errors import ExchangeError
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.secrets import Secrets
from exchange_market.kernel.settings import Settings
from exchange_market.persistence.transaction import Database, Transaction
from exchange_market.trust import audit
from exchange_market.trust.keyring import Keyring

_TOKEN_BYTES = 32
_TOKEN_PREFIX = "exr_"  # noqa: S105
_KEPT_AFTER_EXPIRY = timedelta(days=30)
_SWEEP_ROWS = 500


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody shows to sign in, and from which network address."""

    email: str
    password: str
    code: str | None
    address: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session with the tokens to use it; the tokens are shown once and stored nowhere."""

    principal: Principal
    access_token: str
    access_token_seconds: int
    refresh_token: str
    expires_at: datetime


class Sessions:
    """The sessions of one exchange. Its methods open their own transactions."""

    def __init__(
        self, database: Database, keyring: Keyring, secrets: Secrets, settings: Settings
    ) -> None:
        self.passwords = Passwords()
        self.second_factor = SecondFactor(secrets, settings.operator_name)
        self._database = database
        self._subjects = Subjects(secrets.derive("attempts"))
        self.newcomers = Newcomers(database, self.passwords, self._subjects, secrets)
        self._refresh_secret = secrets.derive("refresh-tokens")
        self._access_seconds = settings.access_token_seconds
        self._lifetime = timedelta(days=settings.refresh_token_days)
        self._tokens = AccessTokens(keyring, settings.url, timedelta(seconds=self._access_seconds))

    async def authenticate(self, token: str) -> Principal:
        """Who is behind an access token, with the rights of this moment.

        Raises AccessTokenRefused, or SessionEnded once the session, the person or the organisation
        is not in force any more.
        """
        now = self._database.clock.now()
        claims = await self._tokens.verify(token, now)
        async with self._database.read() as reading:
            standing = await session_store.find_standing(reading, claims.session_id)
        if standing is None or standing.user.id != claims.user_id or not standing.is_live(now):
            raise SessionEnded
        return standing.principal()

    async def sign_in(self, credentials: Credentials) -> OpenSession:
        """Open a session.

        Raises CredentialsRefused, CodeRequired, CodeUsed, TooManyAttempts, UserSuspended,
        OrganisationSuspended or SignInBusy.
        """
        # The lock is looked at and the failure counted within one turn, so that a burst of parallel
        # guesses overshoots the limit by no more than the few turns there are.
        async with self.passwords.turn():
            async with self._database.read() as reading:
                await lockout.refuse_locked(reading, *self._counters(credentials))
                login = await store.find_login(reading, credentials.email)
            stored = None if login is None else login.password_hash
            is_right = await self.passwords.matches(stored, credentials.password)
            if login is None or not is_right:
                raise await self._count_failure(credentials)
            try:
                async with self._database.write() as tx:
                    standing, refresh_token = await self._open(tx, login, credentials)
            except CodeUsed:
                raise  # a right code that came a second time is no guess
            except CodeRefused:
                raise await self._count_failure(credentials) from None
        return await self._with_tokens(standing, refresh_token)

    async def confirm_password(self, principal: Principal, password: str, address: str) -> str:
        """The stored hash of the caller's own password, once shown; failures count as at sign-in.

        Raises CredentialsRefused or TooManyAttempts.
        """
        async with self._database.read() as reading:
            user = await store.find_user(reading, principal.organisation_id, principal.user_id)
        if user is None:
            raise SessionEnded
        credentials = Credentials(user.email, password, None, address)
        async with self.passwords.turn():
            async with self._database.read() as reading:
                await lockout.refuse_locked(reading, *self._counters(credentials))
                login = await store.find_login(reading, user.email)
            if login is None or not await self.passwords.matches(login.password_hash, password):
                raise await self._count_failure(credentials)
        return login.password_hash

    async def refresh(self, refresh_token: str) -> OpenSession:
        """The next pair of tokens.

        Raises RefreshTokenRefused, RefreshTokenReused or SessionEnded.
        """
        async with self._database.write() as tx:
            outcome = await self._rotate(tx, self._digest(refresh_token))
        # Raised only now, because a reuse has to be committed: it ended the session.
        if isinstance(outcome, ExchangeError):
            raise outcome
        return await self._with_tokens(*outcome)

    async def _open(
        self, tx: Transaction, seen: Login, credentials: Credentials
    ) -> tuple[Standing, str]:
        login = await store.lock_login(tx, seen.user_id)
        if login is None or login.password_hash != seen.password_hash:
            raise CredentialsRefused
        if login.totp_secret is not None:
            if credentials.code is None:
                raise CodeRequired(field="code")
            await self.second_factor.accept_at_sign_in(tx, login, credentials.code)
        session = Session(
            id=new_id("ses"),
            user_id=login.user_id,
            organisation_id=login.organisation_id,
            second_factor=login.totp_secret is not None,
            created_at=tx.now(),
            expires_at=tx.now() + self._lifetime,
            ended_at=None,
        )
        await session_store.insert_session(tx, session)
        standing = await session_store.find_standing(tx, session.id)
        if standing is None:
            raise SessionEnded
        _refuse_suspended(standing)
        await session_store.delete_attempts(tx, self._subjects.account(email_key(login.email)))
        refresh_token = await self._issue_refresh_token(tx, session.id)
        audit.record(
            tx,
            standing.principal(),
            "accounts.session_opened",
            audit.Subject("session", session.id),
            {"second_factor": session.second_factor},
        )
        return standing, refresh_token

    async def _rotate(self, tx: Transaction, digest: str) -> tuple[Standing, str] | ExchangeError:
        session_id = await session_store.spend_refresh_token(tx, digest)
        if session_id is None:
            return await self._end_if_reused(tx, digest)
        standing = await session_store.find_standing(tx, session_id)
        if standing is None or not standing.is_live(tx.now()):
            return SessionEnded()
        return standing, await self._issue_refresh_token(tx, session_id)

    async def _end_if_reused(self, tx: Transaction, digest: str) -> ExchangeError:
        session_id = await session_store.session_of_refresh_token(tx, digest)
        if session_id is None:
            return RefreshTokenRefused(field="refresh_token")
        standing = await session_store.find_standing(tx, session_id)
        ended = await session_store.end_session(tx, session_id, "refresh_token_reused")
        if standing is not None and ended:
            audit.record(
                tx,
                standing.principal(),
                "accounts.refresh_token_reused",
                audit.Subject("session", session_id),
            )
        return RefreshTokenReused(field="refresh_token")

    async def _with_tokens(self, standing: Standing, refresh_token: str) -> OpenSession:
        claims = AccessClaims(standing.user.id, standing.session.id)
        return OpenSession(
            principal=standing.principal(),
            access_token=await self._tokens.issue(claims, self._database.clock.now()),
            access_token_seconds=self._access_seconds,
            refresh_token=refresh_token,
            expires_at=standing.session.expires_at,
        )

    async def _issue_refresh_token(self, tx: Transaction, session_id: str) -> str:
        token = _TOKEN_PREFIX + randomness.token_urlsafe(_TOKEN_BYTES)
        await session_store.insert_refresh_token(tx, session_id, self._digest(token))
        return token

    async def _count_failure(self, credentials: Credentials) -> CredentialsRefused:
        account, address = self._counters(credentials)
        async with self._database.write() as tx:
            await lockout.count_failure(tx, account, ACCOUNT_POLICY)
            await lockout.count_failure(tx, address, ADDRESS_POLICY)
        return CredentialsRefused()

    def _counters(self, credentials: Credentials) -> tuple[str, str]:
        return (
            self._subjects.account(email_key(credentials.email)),
            self._subjects.address(credentials.address),
        )

    def _digest(self, token: str) -> str:
        return hmac.new(self._refresh_secret, token.encode(), hashlib.sha256).hexdigest()


async def end_session(tx: Transaction, principal: Principal) -> None:
    """Sign out: the session is over with this commit."""
    await session_store.end_session(tx, principal.session_id, "signed_out")
    audit.record(
        tx, principal, "accounts.session_ended", audit.Subject("session", principal.session_id)
    )


async def forget_old_sessions(tx: Transaction) -> int:
    """Delete sessions that expired a month ago, and idle failure counters; counts the sessions."""
    await lockout.forget_old_failures(tx)
    return await session_store.delete_sessions(tx, tx.now() - _KEPT_AFTER_EXPIRY, _SWEEP_ROWS)


def _refuse_suspended(standing: Standing) -> None:
    if standing.user.state is not UserState.ACTIVE:
        raise UserSuspended
    if standing.organisation.state is OrganisationState.SUSPENDED:
        raise OrganisationSuspended
