"""One-time codes as a second factor (TOTP, RFC 6238), each good once.

The shared secret is stored encrypted (AES-256-GCM, NIST SP 800-38D) with the person's id as
associated data, so it cannot be moved to another account. A code of the step before or after is
accepted: clocks of telephones differ (RFC 6238, section 5.2).
"""

import hmac
from dataclasses import dataclass
from datetime import datetime

import pyotp
from pyotp.totp import TOTP

from exchange_market.accounts import lockout, session_store, store
from exchange_market.accounts.attempts import ACCOUNT_POLICY, Subjects
from exchange_market.accounts.errors import (
    CodeRefused,
    CodeUsed,
    SecondFactorEnrolled,
    SecondFactorNotEnrolled,
    UserNotFound,
)
from exchange_market.accounts.user import Login
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.secrets import Secrets
from exchange_market.persistence.transaction import Transaction
from exchange_market.trust import audit

_STEP_SECONDS = 30
_STEPS_AROUND = (0, -1, 1)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator needs; shown once."""

    secret: str
    otpauth_uri: str


class SecondFactor:
    """Sets up, confirms and checks one-time codes, inside the caller's transactions."""

    def __init__(self, secrets: Secrets, issuer: str) -> None:
        self._sealer = secrets.sealer("totp")
        self._subjects = Subjects(secrets.derive("attempts"))
        self._issuer = issuer

    async def enrol(self, tx: Transaction, principal: Principal, code: str | None) -> Enrolment:
        """A fresh secret, in force once confirmed; replacing one takes a code of the old one."""
        login = await self._locked(tx, principal.user_id)
        if login.totp_secret is not None:
            if code is None:
                raise SecondFactorEnrolled(field="code")
            await self._refuse_locked(tx, login.user_id)
            await self._spend_code(tx, login, login.totp_secret, code)
        secret = pyotp.random_base32()
        await session_store.set_totp_candidate(
            tx, login.user_id, self._sealer.seal(secret.encode(), login.user_id)
        )
        _record(tx, principal, "accounts.second_factor_offered")
        return self._enrolment(secret, login.email)

    async def confirm(self, tx: Transaction, principal: Principal, code: str) -> None:
        """Put the new secret in force; the session in which this happens has its second factor.

        Raises CodeRefused or SecondFactorNotEnrolled.
        """
        login = await self._locked(tx, principal.user_id)
        if login.totp_candidate is None:
            raise SecondFactorNotEnrolled
        await self._refuse_locked(tx, login.user_id)
        step = self._matching_step(login.user_id, login.totp_candidate, code, tx.now())
        if step is None:
            raise CodeRefused(field="code")
        await session_store.set_totp_secret(tx, login.user_id, login.totp_candidate)
        await session_store.spend_totp_step(tx, login.user_id, step)
        await session_store.add_second_factor(tx, principal.session_id)
        await session_store.end_sessions_of_user(
            tx, login.user_id, "second_factor_changed", but=principal.session_id
        )
        _record(tx, principal, "accounts.second_factor_confirmed")

    async def verify_code(self, tx: Transaction, principal: Principal, code: str) -> None:
        """Accept a fresh code for something that deserves one, such as a signature.

        Raises CodeRefused, CodeUsed, TooManyAttempts or SecondFactorNotEnrolled. A refusal undoes
        the transaction; `count_refused_code` then counts it.
        """
        login = await self._locked(tx, principal.user_id)
        if login.totp_secret is None:
            raise SecondFactorNotEnrolled
        await self._refuse_locked(tx, login.user_id)
        await self._spend_code(tx, login, login.totp_secret, code)
        await session_store.delete_attempts(tx, self._subjects.code(login.user_id))

    async def accept_at_sign_in(self, tx: Transaction, login: Login, code: str) -> None:
        """Accept a code at sign-in, where failures are counted with those of the password."""
        if login.totp_secret is None:
            raise SecondFactorNotEnrolled
        await self._spend_code(tx, login, login.totp_secret, code)

    async def count_refused_code(self, tx: Transaction, user_id: str) -> None:
        """Count a wrong code inside a session; the fifth locks this person's codes for a while."""
        await lockout.count_failure(tx, self._subjects.code(user_id), ACCOUNT_POLICY)

    async def impose(self, tx: Transaction, user_id: str, email: str) -> Enrolment:
        """A secret in force at once, for the first administrator, who is handed it."""
        secret = pyotp.random_base32()
        await session_store.set_totp_secret(
            tx, user_id, self._sealer.seal(secret.encode(), user_id)
        )
        return self._enrolment(secret, email)

    async def _locked(self, tx: Transaction, user_id: str) -> Login:
        login = await store.lock_login(tx, user_id)
        if login is None:
            raise UserNotFound
        return login

    async def _refuse_locked(self, tx: Transaction, user_id: str) -> None:
        await lockout.refuse_locked(tx, self._subjects.code(user_id))

    async def _spend_code(self, tx: Transaction, login: Login, sealed: bytes, code: str) -> None:
        step = self._matching_step(login.user_id, sealed, code, tx.now())
        if step is None:
            raise CodeRefused(field="code")
        if not await session_store.spend_totp_step(tx, login.user_id, step):
            raise CodeUsed(field="code")

    def _matching_step(self, user_id: str, sealed: bytes, code: str, now: datetime) -> int | None:
        totp = TOTP(self._sealer.unseal(sealed, user_id).decode(), interval=_STEP_SECONDS)
        present = int(now.timestamp()) // _STEP_SECONDS
        steps = [present + away for away in _STEPS_AROUND]
        matching = [
            step
            for step in steps
            if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
        ]
        return matching[0] if matching else None

    def _enrolment(self, secret: str, email: str) -> Enrolment:
        uri = TOTP(secret).provisioning_uri(name=email, issuer_name=self._issuer)
        return Enrolment(secret, uri)


def _record(tx: Transaction, principal: Principal, action: str) -> None:
    audit.record(tx, principal, action, audit.Subject("user", principal.user_id))
